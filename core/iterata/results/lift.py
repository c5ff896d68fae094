"""`results/lift.json`: the bounds of what a project can win and lose."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from iterata.results.parts import Estimate, Interval, Kpi, Number, Provenance, Result, Sample, Scale


class GoodModel(Result):
    """What a good model usually comes to, by a rule of thumb: a quick estimate, and no promise."""

    kpi: Number
    gain: Number
    """Over the status quo, in utility; negative where today is better than a good model usually is."""
    captured_share: Number | None
    """Of the potential lift; none without headroom."""


class BreakEven(Result):
    """What the project must win to repay its cost."""

    project_cost: Number
    currency: str
    potential_value: Number
    """The whole potential lift in money, for one period."""
    payback_periods: Number = 1.0
    """Within how many periods the cost is to come back."""
    captured_share: Number | None
    """The share of the potential that brings it back by then; none where there is no potential."""
    periods_with_good_model: Number | None = None
    """How many periods a good model usually takes; none where it is no better than today."""
    on: date | None = None
    """The day by which it has, where the calendar is known."""


class SplitTest(Result):
    """The A/B test that would find the gain of a good model."""

    rows_per_arm: int
    alpha: Number
    power: Number
    periods: Number
    """How long both arms take, where all rows take part."""
    days: Number | None


class DepthPoint(Result):
    """The KPI if another share of the rows were contacted."""

    depth: Number
    """The share of the rows, from 0 to 1."""
    random: Number
    status_quo: Number
    perfect: Number


class Assumption(Result):
    """A number that was assumed rather than measured."""

    name: str
    """Where it is written below `assumptions`, such as `status_quo.capture`."""
    low: Number
    likely: Number
    high: Number
    distribution: Literal["fixed", "uniform", "PERT"]


class Sensitivity(Result):
    """What one uncertain assumption does to the potential lift."""

    name: str
    at_low: Number | None
    """The potential lift at its low end, the others as is likely; none where that cannot be."""
    at_high: Number | None
    variance: Number
    """The share of the potential lift's variance that it explains alone, from 0 to 1."""


class Assumed(Result):
    """What figures rest on that come from assumptions instead of data."""

    inputs: list[Assumption]
    """Every number the figures depend on, in the order of the document."""
    sensitivity: list[Sensitivity]
    """The uncertain ones among them, the one that matters most first."""
    dropped: Number
    """The share of draws that was left out because its numbers cannot be true together."""
    dropped_because: str = ""
    """What most of these would have meant, in words."""
    do_nothing: Estimate
    treat_all: Estimate | None
    captured_share: Estimate | None
    """The break-even with its interval; none where too often there is no potential."""


class LiftResult(Result):
    """`results/lift.json`: the bounds of what a project can win and lose."""

    kind: Literal["lift"] = "lift"
    schema_version: Literal[1] = 1
    spec_digest: str = ""
    """The digest of the `lift:` that was computed; empty where there is no assessment, as in notebooks."""
    kpi: Kpi
    sample: Sample | None
    """The rows behind the figures; none where they come from assumptions."""
    assumed: Assumed | None = None
    """What is assumed; none where the figures come from data."""
    scale: Scale
    potential_lift: Estimate
    """From the status quo up to the perfect model, in utility (positive is better)."""
    risk: Estimate
    """From random up to the status quo, in utility; negative where the status quo is worse than random."""
    position: Estimate | None
    """Where the status quo stands between random (0) and perfect (1); none without headroom."""
    good_model: GoodModel | None = None
    """What a rule of thumb expects of a good model; none for KPIs it says nothing about."""
    break_even: BreakEven | None
    split_test: SplitTest | None = None
    by_depth: list[DepthPoint] = Field(default_factory=list)
    """The bounds at other depths, where the KPI has a budget."""
    interval: Interval
    seed: int
    provenance: Provenance

    notebook_renderer: ClassVar[Callable[[LiftResult], str] | None] = None
    """Renders the result as Markdown in a notebook; `iterata.lift` sets it: results do not know pages."""

    def _repr_markdown_(self) -> str | None:
        """Markdown for a notebook; None, which IPython takes for "not available", without a renderer."""
        renderer = type(self).notebook_renderer
        return renderer(self) if renderer else None
