"""`results/experiment.json`: what the approved plan showed."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from iterata.documents.models.enums import Verdict
from iterata.results.lift import GoodModel
from iterata.results.parts import Estimate, Interval, Kpi, Number, Provenance, Result, Sample, Scale


class MetricValue(Result):
    """A secondary metric of one column of predictions."""

    name: str
    value: Estimate | None
    """None where the metric cannot judge such a column: a loss of probabilities, of a mere ranking."""
    difference: Estimate | None = None
    """Against the status quo, positive when larger; none where either cannot be measured so."""


class LearnerResult(Result):
    """Whether a variant's gain would come back if it were trained anew, on other rows."""

    difference: Estimate
    """Against the status quo, in utility: the mean over folds, with the interval of the corrected t."""
    p: Number
    """Two-sided."""
    p_holm: Number
    """The same, for all variants asked about at once."""
    folds: int


class VariantResult(Result):
    """How one variant did on rows it never saw."""

    name: str
    estimator: str
    params: dict[str, Any] = Field(default_factory=dict)
    """What the plan sets."""
    features: str
    columns: int
    """How many columns its feature set held."""
    kpi: Estimate
    difference: Estimate
    """Against the status quo, in utility (positive is better)."""
    captured_share: Estimate | None
    """Of the potential lift; none without headroom."""
    metrics: list[MetricValue]
    learner: LearnerResult | None = None
    """None where folds are not drawn by chance, or predictions were made elsewhere."""
    tuned: list[dict[str, Any]] = Field(default_factory=list)
    """The parameters each fold chose, where the plan tunes any."""
    warnings: dict[str, int] = Field(default_factory=dict)
    """What the estimator warned of, and in how many folds."""


class GuardrailResult(Result):
    """Whether a variant kept a guardrail: not worse than the status quo by more than the margin.

    A guardrail that cannot be measured, such as a share of nobody, has no figures and does not hold.
    """

    name: str
    variant: str
    better: Literal["higher", "lower"] = "higher"
    share_of: str | None = None
    """The expression for those among the acted upon whose share it is; none for a metric."""
    status_quo: Number | None
    value: Number | None
    worsening: Number | None
    """How much worse than the status quo; negative is better."""
    worsening_at_most: Number | None
    """The upper end of its one-sided interval."""
    margin: Number
    holds: bool
    """Whether `worsening_at_most` stays within the margin."""


class SegmentVariant(Result):
    """A variant within a segment."""

    name: str
    kpi: Estimate | None
    """None where the segment has no such figure, as ROC AUC where no row is positive."""
    difference: Estimate | None
    """Against the status quo, in utility (positive is better)."""


class SegmentResult(Result):
    """The KPI within one segment, as if it were the whole population."""

    column: str
    value: str
    rows: int
    positives: int | None
    """None where outcomes are not yes or no."""
    status_quo: Estimate | None
    variants: list[SegmentVariant]


class HypothesisResult(Result):
    """What the numbers say of a hypothesis."""

    id: str
    claim: str
    variant: str
    over: str
    by: Number
    difference: Estimate
    """Variant minus what it should beat, in utility."""
    verdict: Verdict


class Amended(Result):
    """A change to the plan after it had first been agreed to."""

    on: str
    """The day, as YYYY-MM-DD."""
    what: str
    why: str


class ExperimentResult(Result):
    """`results/experiment.json`: what the approved plan showed."""

    kind: Literal["experiment"] = "experiment"
    schema_version: Literal[1] = 1
    plan_digest: str
    amendments: list[Amended] = Field(default_factory=list)
    """What had been changed in the plan by the time it was run."""
    kpi: Kpi
    sample: Sample
    scale: Scale
    expected: GoodModel | None = None
    """What the assessment expected of a good model; none where it says nothing."""
    status_quo_metrics: list[MetricValue]
    variants: list[VariantResult]
    guardrails: list[GuardrailResult]
    segments: list[SegmentResult]
    hypotheses: list[HypothesisResult]
    interval: Interval
    split: str
    """In words: `5 stratified folds, 2 times`."""
    features: dict[str, list[str]] = Field(default_factory=dict)
    """The columns of each feature set that a variant used."""
    categories: list[str] = Field(default_factory=list)
    """Which of these columns are categories, and no numbers."""
    tuned_by: str = ""
    """What tuning maximised inside the training folds, where any variant is tuned."""
    seed: int
    provenance: Provenance
