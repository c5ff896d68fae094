"""The parts that results of all kinds share."""

from __future__ import annotations

from math import isclose
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from iterata.documents.models.enums import Direction

SIGNIFICANT_DIGITS = 7


def _round(value: object) -> object:
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if isinstance(value, float) else value


RoundedFloat = Annotated[float, BeforeValidator(_round)]
"""A finite number with seven significant digits: processors differ in the digits after those."""


def is_empty(value: object) -> bool:
    """Whether an optional field says nothing, so that it is left out of the file.

    Fields that a version adds are left out like this, so that the files of other results stay as they are.
    """
    return value is None or value in ("", [], {})


class ResultPart(BaseModel):
    """A part of a result file: immutable, without unknown keys, without infinite numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


class Estimate(ResultPart):
    """A figure with its 95 % interval, in the unit of the KPI and scaled to the period."""

    value: RoundedFloat
    low: RoundedFloat | None = None
    """The lower end of the interval; None if there is too little data to give an interval."""
    high: RoundedFloat | None = None
    """The upper end of the interval; None if there is none."""

    @model_validator(mode="after")
    def _two_ends(self) -> Self:
        if (self.low is None) != (self.high is None):
            raise ValueError("an interval has two ends")
        return self

    @property
    def interval(self) -> tuple[float, float] | None:
        """Both ends of the interval; None if there is too little data to give one."""
        return None if self.low is None or self.high is None else (self.low, self.high)

    @property
    def negative(self) -> Estimate:
        """The figure times -1."""
        if self.low is None or self.high is None:
            return Estimate(value=-self.value)
        return Estimate(value=-self.value, low=-self.high, high=-self.low)

    def on_top_of(self, start: float, sign: float) -> Estimate:
        """The figure times `sign` (1 or -1), added to `start`."""
        signed = self if sign > 0 else self.negative
        ends = signed.interval
        if ends is None:
            return Estimate(value=start + signed.value)
        return Estimate(value=start + signed.value, low=start + ends[0], high=start + ends[1])

    @property
    def extent(self) -> tuple[float, ...]:
        """The figure and, if there is an interval, its ends."""
        return (self.value, *(self.interval or ()))


class Identified(ResultPart):
    """A figure that no experiment can tell exactly, because nobody is seen both treated and untreated.

    Data of any size leave an interval of identification, from `lower` to `upper`. Each end is an estimate of
    its own, whose interval is the one of chance.
    """

    lower: Estimate
    upper: Estimate

    def turned(self, sign: float) -> Identified:
        """The same in another sign, with its ends in order."""
        return self if sign > 0 else Identified(lower=self.upper.negative, upper=self.lower.negative)

    @property
    def point(self) -> Estimate | None:
        """The figure if both ends are the same, as for a small budget; None if they differ."""
        low, high = self.lower, self.upper
        if not isclose(low.value, high.value, rel_tol=1e-9, abs_tol=1e-12):
            return None
        return low.model_copy(update={"high": high.high})

    @property
    def widened(self) -> tuple[float, float] | None:
        """The interval that holds the identification and chance; None if chance is not known at an end."""
        if self.lower.low is None or self.upper.high is None:
            return None
        return self.lower.low, self.upper.high


AMOUNTS = frozenset({"targeting", "uplift", "outcome_value", "class_value", "forecast_cost"})
"""The kinds of KPI that add up over the rows of a period; the others are rates or means."""


class Kpi(ResultPart):
    """The KPI that the figures measure."""

    name: str
    kind: str
    unit: str
    direction: Direction
    period: str = ""
    """The period that figures are scaled to (`mailing`); empty for the rows of the data."""
    period_rows: int
    """How many rows the figures are for."""
    budget: RoundedFloat | None = None
    """The share of rows acted upon; None if the KPI has no budget."""

    @property
    def scaled_unit(self) -> str:
        """The unit of the figures: `policies per mailing`, or `policies` without a period."""
        return f"{self.unit} per {self.period}" if self.period else self.unit

    @property
    def identity(self) -> tuple[str, str, str, Direction]:
        """What makes it this KPI, whatever rows or period its figures are for."""
        return self.name, self.kind, self.unit, self.direction

    def comparable_with(self, other: Kpi) -> bool:
        """Whether both are the same KPI, so that shares of the potential lift can be compared."""
        return self.identity == other.identity

    def on_same_scale_as(self, other: Kpi) -> bool:
        """Whether both are the same KPI for the same number of rows, so that figures can be subtracted."""
        return self.comparable_with(other) and self.period_rows == other.period_rows


class SampleWeights(ResultPart):
    """How the rows of a sample that is not a random one are weighted."""

    column: str | None = None
    """The column of each row's weight; None if all rows of an outcome count alike."""
    base_rate: RoundedFloat | None = None
    """The share of positives in the population; None if it is that of the weighted rows."""


class Sample(ResultPart):
    """The rows that the figures were computed from. Rows are counted, never weighted."""

    source: str
    rows: int
    units: int
    positives: int | None
    """How many targets are positive; None if the target is not binary."""
    weights: SampleWeights | None = None
    """How figures weight these rows; None if every row counts for 1."""


class RandomModel(ResultPart):
    """The random model: the KPI's expectation under a blind choice, and the spread of a single choice."""

    expectation: Estimate
    sd_of_one_draw: RoundedFloat | None
    """The standard deviation of the KPI of a single blind choice."""
    meaning: str
    """What it chooses, in words: `20 % of the rows, drawn blindly`."""


class Contacts(ResultPart):
    """Which share of the rows is contacted, if a part of the budget may be left."""

    budget: RoundedFloat
    """The share that may be contacted."""
    status_quo: RoundedFloat | None
    """None if only the KPI of the status quo is known."""
    perfect: RoundedFloat

    @property
    def only_perfect_stops(self) -> bool:
        """Whether only the perfect model leaves a part of the budget."""
        return self.perfect < self.budget == self.status_quo


class ConstantAnswer(ResultPart):
    """The same answer to every row."""

    answer: str
    value: RoundedFloat
    """Its KPI."""


class Scale(ResultPart):
    """The reference models on one scale, in the unit of the KPI."""

    random: RandomModel
    status_quo: Estimate
    status_quo_label: str
    perfect: Estimate
    do_nothing: RoundedFloat | None = None
    """The KPI without any action; None if the KPI does not score actions."""
    treat_all: RoundedFloat | None = None
    """The KPI of acting on every row; None if the budget is forced or the KPI does not score actions."""
    contacts: Contacts | None = None
    """None if the KPI has no budget, or all of it is spent in any case."""
    best_constant: ConstantAnswer | None = None
    """The best answer to give to every row; None if the KPI does not score answers of several classes."""
    perfect_identified: Identified | None = None
    """The ends of perfect, where it is not known row by row; `perfect` is then the upper one."""


class IntervalMethod(ResultPart):
    """How the intervals were computed: from resamples of rows, or from draws of assumptions."""

    confidence: RoundedFloat = 0.95
    resamples: int
    """The number of resamples or of consistent draws; 0 if every assumption is a single number."""
    unit: str
    """What was resampled: `row`, the name of the unit's column, or `draw` for draws of assumptions."""


class Provenance(ResultPart):
    """Where a result comes from; not part of its content when results are compared."""

    commit: str | None
    """The commit that was checked out; None outside Git."""
    dirty: bool
    """Whether files that the result depends on differed from that commit."""
    data: dict[str, str]
    """The digest of every data file that was read, by its path."""
    code: dict[str, str] | None = None
    """The digest of every file of the repository that was imported, or that a program read, by its path; None
    in a result of an earlier version, which did not record them."""
    packages: dict[str, str]
    python: str
    engine: str = "local"
    seconds: dict[str, RoundedFloat] = Field(default_factory=dict)
    """Wall-clock time by step or variant."""

    @property
    def author(self) -> str:
        """The version of iterata that wrote the result; empty if it is not recorded."""
        return self.packages.get("iterata", "")
