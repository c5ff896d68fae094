"""How documents describe rows of data: where they are, what happened, and what is done with them today."""

from __future__ import annotations

from pydantic import Field, model_validator

from iterata.documents.base import Name, Part, RepoPath, Text


class StatusQuo(Part):
    """What is done today, as a prediction over the same rows: a column, or a rule over columns."""

    column: Name | None = Field(None, description="The column that holds today's score or decision.")
    rule: Text | None = Field(
        None,
        description="An expression over columns, such as `income * 2 + (age > 40)`; highest first.",
    )
    label: Name = Field("status quo", description="What to call it in tables, such as today's mailing rule.")

    @model_validator(mode="after")
    def _one_source(self) -> StatusQuo:
        if (self.column is None) == (self.rule is None):
            raise ValueError("the status quo needs either column or rule, and not both")
        return self


class Rows(Part):
    """Rows of data with a target."""

    source: RepoPath = Field(description="A CSV or Parquet file, relative to the project's folder.")
    made_by: Text | None = Field(None, description="The command that makes the file, for whoever lacks it.")
    target: Name = Field(description="The column that holds what really happened.")
    positive: str | int | float | bool = Field(1, description="The target's value that counts as positive.")
    unit_id: Name | None = Field(
        None,
        description="The column naming the independent unit (user, account); leave out if each row is one.",
    )


class LiftData(Rows):
    """Labelled rows and what is done with them today."""

    status_quo: StatusQuo = Field(description="What is done today.")
