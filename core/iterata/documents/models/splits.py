"""How a plan keeps the rows a model is judged on apart from those it learns from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from iterata.documents.models.base import Name, Part, Seed, Text


class StratifiedFolds(Part):
    """Repeated stratified cross-validation: every row is predicted by models that never saw it."""

    kind: Literal["stratified_folds"] = Field(description="Stratified k-fold cross-validation.")
    folds: int = Field(5, ge=2, le=50, description="How many folds.")
    repeats: int = Field(1, ge=1, le=50, description="How often the folds are drawn anew.")
    seed: Seed = Field(0, description="Makes the folds repeatable.")


class GroupFolds(Part):
    """Repeated cross-validation over whole groups: is what was learned true of groups never seen?"""

    kind: Literal["group_folds"] = Field(description="Folds of whole groups, or of single rows.")
    column: Name | None = Field(
        None, description="The column whose values stay together; the data's unit_id unless given."
    )
    folds: int = Field(5, ge=2, le=50, description="How many folds.")
    repeats: int = Field(1, ge=1, le=50, description="How often the folds are drawn anew.")
    seed: Seed = Field(0, description="Makes the folds repeatable.")


class TimeOrdered(Part):
    """Expanding windows: learn from everything before a moment, predict what comes after it."""

    kind: Literal["time_ordered"] = Field(description="Windows that only ever learn from the past.")
    column: Name = Field(description="When a row was: a column of numbers, or of dates as in ISO 8601.")
    folds: int = Field(5, ge=1, le=50, description="Into how many windows the predicted rows fall.")
    learn_first: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="The share of rows, the earliest, only to learn from; 1 / (folds + 1) unless given.",
    )
    gap: float = Field(
        0,
        ge=0,
        description="How long labels take to be known, in days or in the column's unit: nothing is learned "
        "from rows so shortly before a window.",
    )


class HoldOut(Part):
    """One part of the rows to predict, the other to learn from."""

    kind: Literal["hold_out"] = Field(description="One division of the rows.")
    share: float | None = Field(
        None, gt=0, lt=1, description="The share of rows to predict, drawn by chance."
    )
    rows: Text | None = Field(
        None,
        description='Instead: an expression that holds for the rows to predict, as `part == "test"`.',
    )
    seed: Seed = Field(0, description="Makes the draw repeatable.")

    @model_validator(mode="after")
    def _one_way(self) -> HoldOut:
        if (self.share is None) == (self.rows is None):
            raise ValueError("a hold-out needs either share or rows, and not both")
        return self


Split = Annotated[StratifiedFolds | GroupFolds | TimeOrdered | HoldOut, Field(discriminator="kind")]
"""Any of them, told apart by `kind`."""
