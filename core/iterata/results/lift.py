"""`results/lift.json`: the expected lift, which bounds what a project can win and lose."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from math import ceil
from typing import ClassVar, Literal

from pydantic import Field

from iterata.results.classes import ConfusionTable
from iterata.results.parts import (
    Estimate,
    Identified,
    IntervalMethod,
    Kpi,
    Provenance,
    ResultPart,
    RoundedFloat,
    Sample,
    Scale,
    is_empty,
)
from iterata.results.uplift import Balance, UpliftAnalysis, UpliftCurve


class NoGoodModel(StrEnum):
    """Why the rule of thumb says nothing about a good model."""

    FREQUENT_POSITIVES = "frequent_positives"
    """The rule was found on rare positives."""
    SMALL_BUDGET = "small_budget"
    """The budget is so small that the rule would expect mostly hits."""
    NEGATIVES_SOUGHT = "negatives_sought"
    """Acting on a positive row is not worth more than acting on a negative one."""


class GoodModel(ResultPart):
    """What a good model usually reaches, by a rule of thumb: a quick estimate, not a promise."""

    kpi: RoundedFloat
    gain: RoundedFloat
    """Above the status quo, in utility; negative if the status quo is better than a good model usually is."""
    captured_share: RoundedFloat | None
    """Of the potential lift; None without headroom."""


class BreakEven(ResultPart):
    """What the project must win to repay its cost."""

    project_cost: RoundedFloat
    currency: str
    potential_value: RoundedFloat
    """The potential lift in money, for one period."""
    payback_periods: RoundedFloat = 1.0
    """Within how many periods the cost must be repaid."""
    captured_share: RoundedFloat | None
    """The share of the potential lift that repays it by then; None without any potential."""
    periods_with_good_model: RoundedFloat | None = None
    """How many periods a good model usually takes; None if it is no better than the status quo."""
    on: date | None = None
    """The day by which a good model has repaid the cost; None if the period has no dates."""


class SplitTest(ResultPart):
    """The A/B test that detects the gain of a good model."""

    rows_per_arm: int
    alpha: RoundedFloat
    power: RoundedFloat
    periods: RoundedFloat
    """How many periods both arms take if all rows take part."""
    days: RoundedFloat | None
    detected_gain: RoundedFloat | None = None
    """The gain that it detects, in utility; None for the gain of a good model."""
    potential_share: RoundedFloat | None = Field(None, exclude_if=is_empty)
    """The share of the potential lift that it detects; None if the gain is that of a good model, or another
    one, such as the one that repays the cost."""

    @property
    def whole_weeks(self) -> int | None:
        """The days in whole weeks, so that every weekday counts alike; None if the period has no length."""
        return None if self.days is None else max(ceil(self.days / 7 - 1e-9), 1) * 7


class DepthPoint(ResultPart):
    """The KPI at another budget."""

    depth: RoundedFloat
    """The share of rows acted upon, from 0 to 1."""
    random: RoundedFloat
    status_quo: RoundedFloat
    perfect: RoundedFloat
    perfect_lower: RoundedFloat | None = None
    """The lower end of perfect, where it is not known row by row."""


class Assumption(ResultPart):
    """A number that was assumed rather than measured."""

    name: str
    """Its key below `assumptions`, such as `status_quo.capture`."""
    low: RoundedFloat
    likely: RoundedFloat
    high: RoundedFloat
    distribution: Literal["fixed", "uniform", "PERT"]


class Sensitivity(ResultPart):
    """How much one uncertain assumption moves the potential lift."""

    name: str
    at_low: RoundedFloat | None
    """The potential lift at its low end and the likely values of the others; None if these contradict."""
    at_high: RoundedFloat | None
    """The same at its high end."""
    variance: RoundedFloat
    """The share of the potential lift's variance that it explains alone (first-order Sobol index), 0 to 1."""
    standard_error: RoundedFloat | None = None
    """Of that share, because it is estimated from draws."""


class AssumptionAnalysis(ResultPart):
    """The assumptions behind figures that do not come from data."""

    inputs: list[Assumption]
    """Every number that the figures depend on, in the order of the document."""
    sensitivity: list[Sensitivity]
    """The uncertain ones, by decreasing influence."""
    dropped: RoundedFloat
    """The share of draws that were left out because their numbers contradict each other."""
    dropped_because: str = ""
    """The most frequent contradiction, in words."""
    do_nothing: Estimate | None = None
    """None if the KPI does not score actions."""
    treat_all: Estimate | None
    captured_share: Estimate | None
    """The break-even share with its interval; None if too many draws have no potential."""


class KpiOverrideRecord(ResultPart):
    """A value of the assessment's KPI that differs from the requirements', both in words."""

    name: str
    """What differs: `KPI's unit`."""
    requirements: str
    assessment: str


class LiftResult(ResultPart):
    """`results/lift.json`: the expected lift, which bounds what a project can win and lose."""

    kind: Literal["lift"] = "lift"
    schema_version: Literal[1] = 1
    spec_digest: str = ""
    """The digest of the assessment's `lift:` block; empty without an assessment, as in a notebook."""
    kpi: Kpi
    overrides: list[KpiOverrideRecord] = Field(default_factory=list)
    """Where the KPI differs from the one of the requirements."""
    override_reason: str = ""
    """Why it does."""
    sample: Sample | None
    """The rows behind the figures; None if these come from assumptions."""
    assumed: AssumptionAnalysis | None = None
    """The assumptions behind the figures; None if these come from data."""
    scale: Scale
    potential_lift: Estimate
    """The perfect model minus the status quo, in utility (positive is better)."""
    risk: Estimate
    """The status quo minus random, in utility; negative if the status quo is worse than random."""
    position: Estimate | None
    """The position of the status quo between random (0) and perfect (1); None if these are equal."""
    good_model: GoodModel | None = None
    """What a rule of thumb expects of a good model; None for KPIs that it does not cover."""
    no_good_model: NoGoodModel | None = None
    """Why it expects nothing, for a KPI that it does cover."""
    break_even: BreakEven | None
    split_test: SplitTest | None = None
    gain_error: RoundedFloat | None = None
    """The standard error, on all rows, of the gain of a model that is as good as the status quo and errs on
    rows of its own; None if it is not known."""
    by_depth: list[DepthPoint] = Field(default_factory=list)
    """The bounds at other budgets; empty if the KPI has no budget."""
    potential_lift_identified: Identified | None = None
    """The potential lift from the lower to the upper end of perfect; None if perfect is known row by row."""
    position_identified: Identified | None = None
    """The position of the status quo, at the upper and at the lower end of perfect."""
    uplift: UpliftAnalysis | None = None
    """What only a KPI of treatment effects has."""
    curve: UpliftCurve | None = None
    """The status quo's gain by depth; None for another kind, or if it scores no rows."""
    balance: Balance | None = None
    """The arms of the campaign; None if the data have no control group."""
    confusion: ConfusionTable | None = None
    """What the status quo confuses with what; None if the target has no classes, or this is not known."""
    interval: IntervalMethod
    seed: int
    provenance: Provenance

    notebook_renderer: ClassVar[Callable[[LiftResult], str] | None] = None
    """Renders the result as Markdown in a notebook; `iterata.lift` sets it: results do not know pages."""

    def _repr_markdown_(self) -> str | None:
        """Markdown for a notebook; None, which IPython takes for "not available", without a renderer."""
        renderer = type(self).notebook_renderer
        return renderer(self) if renderer else None
