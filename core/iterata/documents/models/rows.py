"""How documents describe rows of data: where they are, what happened, and what is done with them today."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field, model_validator

from iterata.documents.models.base import Name, Part, RepoPath, Text


class StatusQuo(Part):
    """What is done today, as a prediction over the same rows: a column, a rule over columns, or a constant.

    Or, where nobody kept such a record, what it is known to come to.
    """

    column: Name | None = Field(None, description="The column that holds today's score or decision.")
    rule: Text | None = Field(
        None,
        description="An expression over columns, such as `income * 2 + (age > 40)`; highest first.",
    )
    constant: float | None = Field(None, description="Instead: the same score, decision or forecast for all.")
    value: float | None = Field(
        None, description="Instead, for the expected lift only: the KPI as it is known, for the period."
    )
    label: Name = Field("status quo", description="What to call it in tables, such as today's mailing rule.")

    @model_validator(mode="after")
    def _one_source(self) -> StatusQuo:
        given = [each is not None for each in (self.column, self.rule, self.constant, self.value)]
        if sum(given) != 1:
            raise ValueError("the status quo needs one of column, rule, constant and value, and not more")
        return self


class Weights(Part):
    """What rows count for, where the table is no fair sample of what the figures are about."""

    column: Name | None = Field(None, description="The column of what each row counts for.")
    base_rate: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="The true share of positives, where the table holds more of them, or fewer.",
    )

    @model_validator(mode="after")
    def _says_something(self) -> Weights:
        if self.column is None and self.base_rate is None:
            raise ValueError("weights need a column, a base_rate or both")
        return self


def _written(key: str) -> dict[str, Any]:
    return {"required": [key], "properties": {key: {"type": "string"}}}


class Place(Part):
    """Where rows of data are: in a file, or in what a query gives."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [_written("source"), _written("query")]})

    source: RepoPath | None = Field(
        None, description="A CSV or Parquet file, relative to the project's folder."
    )
    query: Text | None = Field(
        None,
        description="Instead: one SELECT, of the database, or of files such as "
        "`SELECT * FROM 'data/calls.parquet'`.",
    )
    database: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")] | None = Field(
        None,
        description="The environment variable that holds the URL of the query's database, as SQLAlchemy "
        "writes it; leave it out to ask files.",
    )
    made_by: Text | None = Field(None, description="The command that makes the file, for whoever lacks it.")

    @model_validator(mode="after")
    def _one_place(self) -> Place:
        if (self.source is None) == (self.query is None):
            raise ValueError("rows come from either source or query, and not both")
        if self.database is not None and self.query is None:
            raise ValueError("a database needs a query")
        return self


class Rows(Place):
    """Rows of data with a target."""

    target: Name = Field(description="The column that holds what really happened.")
    positive: str | int | float | bool = Field(1, description="The target's value that counts as positive.")
    unit_id: Name | None = Field(
        None,
        description="The column naming the independent unit (user, account); leave out if each row is one.",
    )
    weights: Weights | None = Field(
        None, description="What rows count for, where the table is no fair sample."
    )


class LiftData(Rows):
    """Labelled rows and what is done with them today."""

    status_quo: StatusQuo = Field(description="What is done today.")
