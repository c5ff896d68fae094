"""`results/experiment.json`: the result of the approved plan."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from iterata.documents.models.enums import LeakSign, UpliftMethod, Verdict
from iterata.results.classes import ClassFigure, ConfusionTable, UnlearnedClass
from iterata.results.lift import GoodModel
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
from iterata.results.uplift import Balance, UpliftCurve

NO_FEATURE_SET = "made elsewhere"
"""What a result names as the feature set of predictions that were read from a file."""


class MetricValue(ResultPart):
    """A secondary metric of one model."""

    name: str
    value: Estimate | None
    """None if the metric does not apply to such predictions, as log loss to a ranking."""
    difference: Estimate | None = None
    """The model minus the status quo; None if either has no value."""


class LearnerResult(ResultPart):
    """Whether a variant's gain generalises to models trained on other rows."""

    difference: Estimate
    """The variant minus the status quo, in utility: the mean over folds, with the corrected t interval."""
    p: RoundedFloat
    """Two-sided."""
    p_holm: RoundedFloat
    """Adjusted by Holm's method for the number of variants."""
    folds: int


class VariantResult(ResultPart):
    """The out-of-fold figures of one variant."""

    name: str
    estimator: str
    params: dict[str, object] = Field(default_factory=dict)
    """The parameters that the plan sets."""
    text: dict[str, object] = Field(default_factory=dict)
    """The settings of text that the plan sets; without any, text is TF-IDF of words."""
    features: str
    columns: int
    """The number of columns in its feature set."""
    kpi: Estimate
    difference: Estimate
    """The variant minus the status quo, in utility (positive is better)."""
    captured_share: Estimate | None
    """Of the potential lift; None without headroom."""
    captured_share_identified: Identified | None = None
    """Of the potential lift at its upper and at its lower end, at most 1; None if perfect is known."""
    curve: UpliftCurve | None = None
    """The gain by depth; None for a KPI of another kind than uplift."""
    metrics: list[MetricValue]
    learner: LearnerResult | None = None
    """None if folds are not random, or the predictions come from a file."""
    tuned: list[dict[str, object]] = Field(default_factory=list)
    """The parameters that each fold chose; empty if the plan tunes none."""
    warnings: dict[str, int] = Field(default_factory=dict)
    """The number of folds in which the estimator gave each warning."""
    uplift: UpliftMethod | None = Field(None, exclude_if=is_empty)
    """How it estimates the effect of the treatment; None if it estimates the outcome, or is no estimator."""
    predictions: str = ""
    """What it predicts: `probability`, `score`, `decision` or `class`; empty if that is unknown."""
    decides: str = Field("", exclude_if=is_empty)
    """How it turns probabilities of classes into answers, in words; empty if it does not."""
    confusion: ConfusionTable | None = Field(None, exclude_if=is_empty)
    """What it answers where each class is true; None without classes."""
    classes: list[ClassFigure] = Field(default_factory=list, exclude_if=is_empty)
    """Each class by itself, in the order of the classes; empty without classes."""
    to_person: Estimate | None = Field(None, exclude_if=is_empty)
    """The share of rows that it hands to a person; None if the KPI has no person."""


class GuardrailResult(ResultPart):
    """Whether a variant keeps a guardrail: at most `margin` worse than the status quo.

    A guardrail without a value, such as a share of no rows, has no figures and does not hold.
    """

    name: str
    variant: str
    better: Literal["higher", "lower"] = "higher"
    share_of: str | None = None
    """The expression that selects rows among those acted upon; None if the guardrail is a metric."""
    status_quo: RoundedFloat | None
    value: RoundedFloat | None
    worsening: RoundedFloat | None
    """How much worse than the status quo; negative if it is better."""
    worsening_at_most: RoundedFloat | None
    """The upper end of its one-sided 95 % interval."""
    margin: RoundedFloat
    holds: bool
    """Whether `worsening_at_most` is at most the margin."""
    needed: str = ""
    """What is missing to tell whether it is kept, in words; empty if the rows can tell."""


class SegmentVariant(ResultPart):
    """A variant within a segment."""

    name: str
    kpi: Estimate | None
    """None if the segment has no such figure, as ROC AUC without a positive row."""
    difference: Estimate | None
    """The variant minus the status quo, in utility (positive is better)."""
    p: RoundedFloat | None = None
    """Two-sided, of the difference; None if the rows cannot tell."""
    p_adjusted: RoundedFloat | None = None
    """Adjusted for all segments and variants, so that it controls the false discovery rate."""


class SegmentResult(ResultPart):
    """The KPI within one segment, computed as if its rows were all rows."""

    column: str
    value: str
    rows: int
    positives: int | None
    """None if the target is not binary."""
    treated: int | None = None
    """How many rows were treated; None if the KPI is not one of effects."""
    status_quo: Estimate | None
    variants: list[SegmentVariant]


class HypothesisResult(ResultPart):
    """The verdict on a hypothesis."""

    id: str
    claim: str
    variant: str
    over: str
    by: RoundedFloat
    difference: Estimate
    """The variant minus the model it should beat (`over`), in utility."""
    verdict: Verdict
    p: RoundedFloat | None = None
    """Two-sided, of the difference from `by`; None if the rows cannot tell."""
    p_holm: RoundedFloat | None = None
    """Adjusted by Holm's method for the number of hypotheses; it decides the verdict."""
    method: str = ""
    """Which uncertainty the interval and p hold, in words."""
    needed: str = ""
    """What is missing if the verdict is `too_few`, in words: `at least 6 more positives`."""
    broken_guardrails: list[str] = Field(default_factory=list)
    """The guardrails that the variant does not keep, by name."""


class LeakFigure(ResultPart):
    """How well a model or a column tells the target."""

    name: str
    """The variant or the column."""
    measure: Literal["roc_auc", "rank_correlation", "share_told", "error_reduction"]
    """What `value` is. `share_told` is the share of the rarer outcome that some values of the column tell;
    `error_reduction` is the share of the errors of the most frequent class that are not made."""
    value: RoundedFloat
    of_class: str = Field("", exclude_if=is_empty)
    """The class that is told apart from all others; empty if the figure is about the whole target."""


class LeakNotice(ResultPart):
    """A sign that a model may use what is only known after the decision: a question to the report."""

    sign: LeakSign
    found: list[LeakFigure]
    """The variants of a near-perfect model, else the columns; the strongest first."""
    strongest: list[LeakFigure] = Field(default_factory=list)
    """For a near-perfect model, the columns that alone tell most."""


class AmendmentRecord(ResultPart):
    """A change to the plan after its first approval."""

    on: str
    """The day, as YYYY-MM-DD."""
    what: str
    why: str


class OverrideRecord(ResultPart):
    """A value of the plan that differs from the assessment's, both in words."""

    name: str
    """What differs: `positive value`."""
    assessment: str
    plan: str


class DifferenceReason(StrEnum):
    """Why the status quo has another figure in the experiment than in the assessment."""

    ASSUMED = "assumed"
    """The assessment assumes it; there were no data."""
    OTHER_DESCRIPTION = "other_description"
    """The plan describes the rows differently, and says why."""
    OTHER_DATA = "other_data"
    """The experiment reads other rows, or the file has changed since."""
    HELD_OUT = "held_out"
    """Only held-out rows are evaluated."""
    TIME_WINDOWS = "time_windows"
    """Rows are evaluated window by window, without those that the first model learns from."""
    UNKNOWN = "unknown"
    """None of these."""


class AssessedStatusQuo(ResultPart):
    """The status quo's figure in the assessment, for comparison with the experiment's."""

    value: RoundedFloat
    period_rows: int
    """How many rows the figure is for."""
    differs_because: list[DifferenceReason] = Field(default_factory=list)
    """Why the experiment has another figure; empty if it has the same."""


class ExperimentResult(ResultPart):
    """`results/experiment.json`: the result of the approved plan."""

    kind: Literal["experiment"] = "experiment"
    schema_version: Literal[1] = 1
    plan_digest: str
    amendments: list[AmendmentRecord] = Field(default_factory=list)
    """The changes to the plan up to the run."""
    kpi: Kpi
    sample: Sample
    scale: Scale
    overrides: list[OverrideRecord] = Field(default_factory=list)
    """Where the plan describes its rows differently from the assessment."""
    override_reason: str = ""
    """Why it does."""
    assessed_status_quo: AssessedStatusQuo | None = None
    """None if the assessment has no figure of the same KPI."""
    expected: GoodModel | None = None
    """What the assessment expects of a good model; None if it has no such figure."""
    status_quo_metrics: list[MetricValue]
    status_quo_confusion: ConfusionTable | None = Field(None, exclude_if=is_empty)
    """What the status quo answers where each class is true; None without classes."""
    status_quo_classes: list[ClassFigure] = Field(default_factory=list, exclude_if=is_empty)
    """Each class by itself under the status quo."""
    status_quo_to_person: Estimate | None = Field(None, exclude_if=is_empty)
    """The share of rows that the status quo hands to a person; None if the KPI has no person."""
    unlearned: list[UnlearnedClass] = Field(default_factory=list, exclude_if=is_empty)
    """Classes that a fold predicts rows of, and has no rows of to learn from: no model answers with them."""
    variants: list[VariantResult]
    guardrails: list[GuardrailResult]
    segments: list[SegmentResult]
    hypotheses: list[HypothesisResult]
    leaks: list[LeakNotice] = Field(default_factory=list)
    """Signs that models may use what is only known after the decision."""
    interval: IntervalMethod
    split: str
    """In words: `5 stratified folds, 2 times`."""
    potential_lift_identified: Identified | None = None
    """The potential lift from the lower to the upper end of perfect; None if perfect is known row by row."""
    status_quo_curve: UpliftCurve | None = None
    """The status quo's gain by depth; None for a KPI of another kind than uplift."""
    balance: Balance | None = None
    """The arms of the campaign; None if the data have no control group."""
    features: dict[str, list[str]] = Field(default_factory=dict)
    """The columns of each feature set that a variant uses."""
    left_out: dict[str, str] = Field(default_factory=dict)
    """The columns that patterns of feature sets match and that are no features, with the reason."""
    categories: list[str] = Field(default_factory=list)
    """The columns among these that are categories."""
    texts: list[str] = Field(default_factory=list)
    """The columns among these that are text."""
    tuned_by: str = ""
    """The metric that tuning maximises within the training folds; empty if no variant is tuned."""
    seed: int
    provenance: Provenance
