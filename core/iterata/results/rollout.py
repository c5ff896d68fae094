"""`results/rollout-10.json`: the split test of a release up to a phase, and what it advises."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from iterata.documents.models.enums import Advice, Requirement
from iterata.results.parts import Estimate, Kpi, Provenance, ResultPart, RoundedFloat, is_empty

MetricRole = Literal["primary", "secondary", "guardrail", "other"]


class ArmUnits(ResultPart):
    """The units of both arms."""

    control: int
    treatment: int


class SampleRatio(ResultPart):
    """Whether the arms are as large as chance would make them (chi-square, one degree of freedom)."""

    expected: RoundedFloat
    """The share of the treatment by design."""
    chi_square: RoundedFloat
    p_value: RoundedFloat
    limit: RoundedFloat
    """Below this p-value the ratio is off: .001, divided among the looks."""
    is_off: bool


class Effect(ResultPart):
    """The difference of a metric between both arms, treatment minus control, in the metric's unit."""

    control: RoundedFloat
    treatment: RoundedFloat
    difference: Estimate
    """Its interval is the one of 95 % for this set of rows alone, as if nobody had looked before."""
    standard_error: RoundedFloat
    relative: Estimate | None = None
    """The difference divided by the control's value; None if this is 0."""
    p_value: RoundedFloat | None = None


class Look(ResultPart):
    """A planned look at the primary metric, with what the looks before it have used up."""

    phase: RoundedFloat
    """The share of the phase at whose end it was taken."""
    information: RoundedFloat
    """The fraction of the planned information, from 0 to 1."""
    spent: RoundedFloat
    """The false positive rate that is used up after this look, two-sided."""
    critical: RoundedFloat
    """The critical value of z: larger in size is significant."""
    non_inferiority_critical: RoundedFloat | None = Field(None, exclude_if=is_empty)
    """The same of the interval that is held against margins."""
    z: RoundedFloat


MetricState = Literal["better", "not_worse", "inconclusive", "worse", "no_data"]


class MetricReading(ResultPart):
    """A metric in all phases with a control group so far."""

    name: str
    role: MetricRole
    method: Literal["mean", "proportion", "ratio", "mean_cuped", "ratio_cuped"]
    better: Literal["higher", "lower"]
    margin: RoundedFloat | None = None
    """How much worse than the control is acceptable; None if nothing is declared."""
    margin_from: Literal["", "expected_gain"] = Field("", exclude_if=is_empty)
    """`expected_gain` if the deployment declares no margin of the primary metric."""
    phases: list[tuple[RoundedFloat, Effect]]
    """Each phase by itself, with its share."""
    total: Effect | None
    """All phases together, stratified by phase: weights n1 n0 / (n1 + n0). None without data."""
    sequential: Estimate | None
    """The total's difference with the interval that stays valid although it is looked at repeatedly."""
    always_valid: Estimate | None = Field(None, exclude_if=is_empty)
    """At a planned look, the difference with the interval of the confidence sequence, of which only harm is
    read; None if `sequential` has this interval, between looks."""
    non_inferiority: Estimate | None = Field(None, exclude_if=is_empty)
    """The difference with the interval that is held against the margin; None if `sequential` is. At a planned
    look it has Pocock-type spending, so that early looks can show something. Of a share it has at least the
    variance that a loss of the margin would have."""
    variance_reduction: RoundedFloat | None = None
    """The share of the variance that the earlier measurement takes away (CUPED)."""
    state: MetricState
    """What the intervals show: better, not worse than the margin, worse, or nothing yet."""


class ExpectedGain(ResultPart):
    """The gain over the status quo that was expected before the release, in utility and per period."""

    source: Literal["assessment", "report"]
    """The rule of thumb of the assessment, or the variant's figure in the report."""
    gain: Estimate


class Realised(ResultPart):
    """The realised effect on the scale of the assessment, per period and in utility: positive is better."""

    gain: Estimate
    """With the sequential interval."""
    potential_lift: Estimate | None
    """None if the assessment has no figure of this KPI."""
    share_of_potential: Estimate | None
    """The gain divided by the potential lift, with the uncertainty of both."""
    expected: list[ExpectedGain] = Field(default_factory=list)
    selection: Estimate | None = None
    """The report's gain, corrected for the variant having been chosen as the best of several."""


HealthProblem = Literal["no_data", "inconclusive", "sample_ratio", "guardrail", "harm"]


class Health(ResultPart):
    """A reason not to go on."""

    problem: HealthProblem
    reaction: Advice
    message: str
    """One sentence, with its figure."""


class HoldState(ResultPart):
    """What the phase still waits for."""

    days: int
    """Whole days with data so far."""
    days_needed: int | None = None
    units: int
    """Units of both arms so far."""
    units_needed: int | None = None
    approval_needed: str = Field("", exclude_if=is_empty)
    """The role that has not agreed yet to the next step; empty if none needs to."""
    until: date | None = None
    """The first day on which all of it is expected to hold, or on which an inconclusive phase is expected to
    be decided if the present difference is the true one; None if it holds, or cannot be told."""


class PhaseUnits(ResultPart):
    """The units of a phase."""

    share: RoundedFloat
    units: ArmUnits
    first_day: date | None
    last_day: date | None
    sample_ratio: SampleRatio | None
    """None if the share of the treatment by design is not known, or everybody is treated."""


class Comparison(ResultPart):
    """What is compared when everybody is treated."""

    kind: Literal["holdout", "before_and_after"]
    note: str
    effect: Effect


class RolloutResult(ResultPart):
    """`results/rollout-10.json`: the split test of a release up to a phase, and what it advises."""

    kind: Literal["rollout"] = "rollout"
    schema_version: Literal[1] = 1
    phase: RoundedFloat
    """The share of the phase; earlier phases are part of the totals."""
    spec_digest: str
    """The digest of what the deployment says about phases, rows and metrics."""
    variant: str
    kpi: Kpi | None
    """The KPI of the assessment; None if there is no figure of it."""
    alpha: RoundedFloat
    spending: str = "Lan-DeMets, O'Brien-Fleming"
    phases: list[PhaseUnits]
    metrics: list[MetricReading] = Field(min_length=1)
    """The primary metric is the first one."""
    not_measured: list[str] = Field(default_factory=list)
    """Metrics of the proposal that the deployment does not measure, such as roc_auc."""
    looks: list[Look] = Field(default_factory=list)
    excluded: dict[str, int] = Field(default_factory=dict)
    """Rows or units that were left out, by the reason in words."""
    realised: Realised | None = None
    comparison: Comparison | None = None
    """None while there is a control group."""
    hold: HoldState
    requires: Requirement
    undecided_at: int | None = Field(None, exclude_if=is_empty)
    """The units at the look of the last phase with a control group, if it decided nothing. With more units,
    the intervals are those of the confidence sequence, as the rate of the planned looks is spent."""
    health: list[Health] = Field(default_factory=list)
    advice: Advice
    reason: str
    """One sentence: why, since when, until how many units or which day."""
    provenance: Provenance
