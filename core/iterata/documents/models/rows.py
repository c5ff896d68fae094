"""How documents describe rows of data: their source, their target and the status quo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import ConfigDict, Field, model_validator

from iterata.documents.models.base import DataPath, Name, Part, Text, exactly_one_of
from iterata.documents.models.columns import COLUMNS, ColumnKind, ColumnSpec, kind_of
from iterata.documents.models.enums import OutcomeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

TargetValue = str | int | float | bool
"""A value of the target, as it is written in the table."""

TargetValues = Annotated[list[TargetValue], Field(min_length=1)]
"""Several values that mean the same."""

POSITIVE = "The target's value that counts as positive; a list if it is written in several ways."
NEGATIVE = (
    "The target's values that count as negative: one, a list, or `*` for all others. It is needed if a "
    "yes / no target has more than two values."
)


class StatusQuo(Part):
    """The current practice as a prediction for the same rows: a column, a rule over columns, or a constant.

    If no predictions were recorded, the value of the KPI that it reaches.
    """

    column: Name | None = Field(None, description="The column of today's scores or decisions.")
    rule: Text | None = Field(
        None,
        description="An expression over columns, such as `income * 2 + (age > 40)` or "
        '`contains(comment, "refund")`; the highest value comes first.',
    )
    constant: float | Text | None = Field(
        None, description="Instead: the same score, decision, forecast or class for all rows."
    )
    value: float | None = Field(
        None, description="Instead, for the expected lift only: the value of the KPI in the period."
    )
    stop_below: float | None = Field(
        None,
        description="The lowest score that is acted upon, if today's practice stops before the budget is "
        "spent; only for a KPI of kind targeting or uplift whose spend is optional. With `constant: 0` and "
        "`stop_below: 1` nobody is acted upon.",
    )
    label: Name = Field("status quo", description="The name in tables, such as today's mailing rule.")

    @model_validator(mode="after")
    def _one_source(self) -> StatusQuo:
        sources = (self.column, self.rule, self.constant, self.value)
        if sum(source is not None for source in sources) != 1:
            raise ValueError("the status quo needs exactly one of column, rule, constant and value")
        if self.stop_below is not None and self.value is not None:
            raise ValueError("stop_below needs scores: a column, a rule or a constant")
        return self


class Weights(Part):
    """Sample weights, if the table is not a random sample of the population."""

    column: Name | None = Field(None, description="The column of each row's weight.")
    base_rate: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="The share of positives in the population, if it differs from the table's.",
    )

    @model_validator(mode="after")
    def _column_or_base_rate(self) -> Weights:
        if self.column is None and self.base_rate is None:
            raise ValueError("weights need a column, a base_rate or both")
        return self


class Treated(Part):
    """Who was treated in a past campaign in which chance decided.

    It is the assignment: who was meant to be treated, not who was reached, opened or bought.
    """

    column: Name = Field(description="The column that says to whom chance assigned the treatment.")
    value: TargetValue | TargetValues = Field(
        1, description="The column's value that means treated; a list if it is written in several ways."
    )
    control: TargetValue | TargetValues | None = Field(
        None,
        description="The values that mean not treated: one, a list, or `*` for all others. It is needed if "
        "the column has more than two values.",
    )
    probability: float | Name | None = Field(
        None,
        description="The probability of treatment by design, between 0 and 1; the name of its column if it "
        "varied between rows. Leave it out only if it is not known: the sample ratio is then not checked.",
    )
    on: Name | None = Field(
        None, description="The column of the day of the assignment, in ISO 8601; optional."
    )
    outcome_on: Name | None = Field(
        None,
        description="The column of the day on which the outcome was measured; with `on`, an outcome before "
        "the treatment is refused.",
    )

    @model_validator(mode="after")
    def _by_chance(self) -> Treated:
        if isinstance(self.probability, float) and not 0 < self.probability < 1:
            raise ValueError(
                f"probability must be between 0 and 1, not {self.probability:g}: a campaign without "
                "untreated or without treated rows shows no effect"
            )
        if (self.on is None) != (self.outcome_on is None):
            raise ValueError("`on` and `outcome_on` are compared with each other: give both or neither")
        return self

    @property
    def probability_column(self) -> str | None:
        """The column of the probability; None if it is one number, or not declared."""
        return self.probability if isinstance(self.probability, str) else None

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that it names: none of them is known when a model decides."""
        named = (self.column, self.probability_column, self.on, self.outcome_on)
        return tuple(name for name in named if name is not None)


TREATED = "Who was treated, if chance decided it in a past campaign; a KPI of kind uplift needs it."


class Blocks(Part):
    """Blocks of consecutive time, whose rows depend on each other."""

    column: Name = Field(description="The column of each row's time: numbers, or dates in ISO 8601.")
    length: float = Field(gt=0, description="How long a block is, in days or in the column's unit.")


class RowSource(Part):
    """The source of rows: a file or a query."""

    model_config = ConfigDict(json_schema_extra=exactly_one_of(source="string", query="string"))

    source: DataPath | None = Field(
        None,
        description="A CSV file (also `.csv.gz` or `.csv.zst`), a Parquet file or a folder of Parquet files, "
        "relative to the project's folder.",
    )
    query: Text | None = Field(
        None,
        description="Instead: one SELECT statement on a database, or on files such as "
        "`SELECT * FROM 'data/calls.parquet'`.",
    )
    database: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")] | None = Field(
        None,
        description="The environment variable with the SQLAlchemy URL of the query's database; leave it "
        "out to query files.",
    )
    made_by: Text | None = Field(None, description="The command that creates the file.")
    columns: dict[Name, ColumnSpec] = Field(default_factory=dict, description=COLUMNS)
    known_after: list[Name] = Field(
        default_factory=list,
        description="Columns that are known only after the decision; they are never features.",
    )

    blocks: Blocks | None = Field(
        None,
        description="Instead of a `unit_id`: blocks of time that are resampled as a whole, because a row "
        "resembles the rows before it, such as `{column: day, length: 14}`.",
    )

    @model_validator(mode="after")
    def _source_or_query(self) -> RowSource:
        if (self.source is None) == (self.query is None):
            raise ValueError("give either source or query, and not both")
        if self.database is not None and self.query is None:
            raise ValueError("a database needs a query")
        return self

    @property
    def known_afterwards(self) -> frozenset[str]:
        """All columns that are known only after the decision, however they are declared."""
        declared = {name for name, spec in self.columns.items() if kind_of(spec) is ColumnKind.KNOWN_AFTER}
        return frozenset(declared | set(self.known_after))


class Rows(RowSource):
    """Rows of data with a target."""

    target: Name = Field(description="The column of the true outcomes.")
    positive: TargetValue | TargetValues = Field(1, description=POSITIVE)
    negative: TargetValue | TargetValues | None = Field(None, description=NEGATIVE)
    unit_id: Name | None = Field(
        None,
        description="The column of the independent unit (user, account); leave it out if each row is one.",
    )
    weights: Weights | None = Field(None, description="Sample weights, if the table is not a random sample.")
    treated: Treated | None = Field(None, description=TREATED)


class LiftData(Rows):
    """Labelled rows with the status quo."""

    status_quo: StatusQuo = Field(description="The current practice for these rows.")


class UnfitForTarget(NamedTuple):
    """What does not fit the kind of the target."""

    path: tuple[str | int, ...]
    """Keys below the description of the rows."""
    message: str


NOT_YES_NO = {
    OutcomeKind.CLASSES: "has several classes",
    OutcomeKind.NUMBER: "measures a number",
}
"""The kinds of targets that have no positive value, in words that follow "the KPI"."""


def unfit_for(outcome: OutcomeKind, data: LiftData) -> Iterator[UnfitForTarget]:
    """What the description of rows says that the kind of their target has no use for."""
    constant = data.status_quo.constant
    if outcome is not OutcomeKind.CLASSES and isinstance(constant, str):
        yield UnfitForTarget(("status_quo", "constant"), f"must be a number for this KPI, not {constant}")
    measured = NOT_YES_NO.get(outcome)
    for key in ("positive", "negative") if measured else ():
        if key in data.model_fields_set and getattr(data, key) is not None:
            yield UnfitForTarget((key,), f"is for yes / no targets; remove it: the KPI {measured}")
