"""What results are made of, whatever they are results of."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from iterata.documents.models.enums import Direction

SIGNIFICANT_DIGITS = 7


def _round(value: Any) -> Any:
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if isinstance(value, float) else value


Number = Annotated[float, BeforeValidator(_round)]
"""A finite number with seven significant digits: enough to read, too few to show a processor's rounding."""


class Result(BaseModel):
    """A part of a result file: nothing unknown, nothing infinite, never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


class Estimate(Result):
    """A figure with its interval, in the KPI's unit and scaled to the period."""

    value: Number
    low: Number
    high: Number


class Kpi(Result):
    """What the figures are figures of."""

    name: str
    kind: str
    unit: str
    direction: Direction
    period: str = ""
    """What the figures are scaled to (`mailing`), or empty for the rows at hand."""
    period_rows: int
    """How many rows the figures stand for."""
    budget: Number | None = None
    """The share of units acted upon, where the KPI has a budget."""

    @property
    def scaled_unit(self) -> str:
        """What figures are counted in: `policies per mailing`, or `policies` alone."""
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


class Sample(Result):
    """The rows the figures were computed from."""

    source: str
    rows: int
    units: int
    positives: int | None
    """How many outcomes are positive; none where they are not yes or no."""


class Random(Result):
    """What an uninformed choice gives: its expectation, and how far a single draw strays from it."""

    expectation: Estimate
    sd_of_one_draw: Number | None
    meaning: str
    """Which of the random models it is, in words: `20 % of the rows, drawn blindly`."""


class Scale(Result):
    """The three imagined models on one scale; every figure is in the KPI's unit."""

    random: Random
    status_quo: Estimate
    status_quo_label: str
    perfect: Estimate
    do_nothing: Number | None = None
    """Acting on nobody; absent where the KPI is not of actions."""
    treat_all: Number | None = None
    """Acting on everybody; absent where a forced budget forbids it, or the KPI is not of actions."""


class Interval(Result):
    """How the intervals were made: from resamples of rows, or from draws of assumptions."""

    confidence: Number = 0.95
    resamples: int
    """How many resamples, or draws that could be; 0 where every assumption is one number."""
    unit: str
    """What was resampled: `row`, or the name of the unit's column; `draw` where assumptions were drawn."""


class Provenance(Result):
    """Where a result came from. Not part of what it says."""

    commit: str | None
    """The commit the working tree stood on, or none outside Git."""
    dirty: bool
    """Whether tracked files differed from that commit."""
    data: dict[str, str]
    """Digest of every data file that was read, by path."""
    packages: dict[str, str]
    python: str
    engine: str = "local"
    seconds: dict[str, Number] = Field(default_factory=dict)
    """Wall-clock time by step or variant."""
