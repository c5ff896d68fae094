"""How a plan splits rows into those that models learn from and those they predict."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from iterata.documents.models.base import Name, Part, Seed, Text


class StratifiedFolds(Part):
    """Repeated stratified cross-validation: each row is predicted by models that were not trained on it."""

    kind: Literal["stratified_folds"] = Field(description="Stratified k-fold cross-validation.")
    folds: int = Field(5, ge=2, le=50, description="The number of folds.")
    repeats: int = Field(1, ge=1, le=50, description="How many times the folds are drawn.")
    seed: Seed = Field(0, description="Makes the folds reproducible.")


class GroupFolds(Part):
    """Repeated cross-validation over whole groups: does the model generalize to new groups?"""

    kind: Literal["group_folds"] = Field(description="Folds of whole groups, or of single rows.")
    column: Name | None = Field(None, description="The column of the groups; by default the data's unit_id.")
    folds: int = Field(5, ge=2, le=50, description="The number of folds.")
    repeats: int = Field(1, ge=1, le=50, description="How many times the folds are drawn.")
    seed: Seed = Field(0, description="Makes the folds reproducible.")


class TimeOrdered(Part):
    """Expanding windows: learn from all rows before a time, and predict the rows after it."""

    kind: Literal["time_ordered"] = Field(description="Windows that learn only from the past.")
    column: Name = Field(description="The column of each row's time: numbers, or dates in ISO 8601.")
    folds: int = Field(5, ge=1, le=50, description="The number of windows to predict.")
    learn_first: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="The share of the earliest rows that are only learned from; by default 1 / (folds + 1).",
    )
    gap: float = Field(
        0,
        ge=0,
        description="How long it takes until a label is known, in days or in the column's unit: a window "
        "does not learn from rows that close before it.",
    )
    block: float | None = Field(
        None,
        gt=0,
        description="How long the blocks of time are that intervals resample, in days or in the column's "
        "unit; by default the data's unit_id or blocks, else as many consecutive times as there are blocks.",
    )


class HoldOut(Part):
    """A single split: models learn from one part of the rows and predict the other."""

    kind: Literal["hold_out"] = Field(description="A single split of the rows.")
    share: float | None = Field(
        None, gt=0, lt=1, description="The share of rows to predict, drawn at random."
    )
    rows: Text | None = Field(
        None,
        description='Instead: an expression that is true for the rows to predict, such as `part == "test"`.',
    )
    seed: Seed = Field(0, description="Makes the draw reproducible.")

    @model_validator(mode="after")
    def _one_way(self) -> HoldOut:
        if (self.share is None) == (self.rows is None):
            raise ValueError("a hold-out needs either share or rows, and not both")
        return self


Split = Annotated[StratifiedFolds | GroupFolds | TimeOrdered | HoldOut, Field(discriminator="kind")]
"""A split of any kind; `kind` selects the model."""


def column_of(split: Split) -> str | None:
    """The column whose values divide the rows, if the split names one."""
    return split.column if isinstance(split, GroupFolds | TimeOrdered) else None


def describe_split(split: Split, unit: str | None) -> str:
    """A split as pages name it, beginning with a number or a noun.

    Args:
        split: the split.
        unit: the column that names the units, which are never divided; None if each row is one.

    >>> describe_split(StratifiedFolds(kind="stratified_folds", repeats=2), None)
    '5 stratified folds, 2 times'
    """
    whole = "" if unit is None else f" of whole units ({column_of(split) or unit})"
    match split:
        case StratifiedFolds():
            return f"{split.folds} stratified folds{whole}{_times(split.repeats)}"
        case GroupFolds():
            return f"{split.folds} folds{whole}{_times(split.repeats)}"
        case TimeOrdered():
            gap = f", {split.gap:g} before each of them left out" if split.gap else ""
            windows = "1 window" if split.folds == 1 else f"{split.folds} windows"
            return f"{windows} in the order of {split.column}, each predicted from what was before it{gap}"
        case HoldOut():
            part = f"{split.share:.0%} of the rows" if split.share else f"the rows where {split.rows}"
            return f"a hold-out of {part}{whole if split.share else ''}"


def _times(repeats: int) -> str:
    return f", {repeats} times" if repeats > 1 else ""
