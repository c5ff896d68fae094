"""Result files: what a command computed, typed, versioned and canonical.

A result file is committed and reviewed, so it must not change unless what it says changes: keys are sorted,
numbers have seven significant digits, and whatever differs between two equal runs (when, where, how
long) lives in `provenance`; an earlier file that says the same is kept.
"""

from __future__ import annotations

import json
from datetime import date  # read by pydantic
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from iterata.documents.vocabulary import Direction, Verdict
from iterata.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

SIGNIFICANT_DIGITS = 7


def _round(value: Any) -> Any:
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if isinstance(value, float) else value


Number = Annotated[float, BeforeValidator(_round)]
"""A finite number with seven significant digits: enough to read, too few to show a processor's rounding."""


class _Result(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


class Estimate(_Result):
    """A figure with its interval, in the KPI's unit and scaled to the period."""

    value: Number
    low: Number
    high: Number


class Kpi(_Result):
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


class Sample(_Result):
    """The rows the figures were computed from."""

    source: str
    rows: int
    units: int
    positives: int | None
    """How many outcomes are positive; none where they are not yes or no."""


class Random(_Result):
    """What an uninformed choice gives: its expectation, and how far a single draw strays from it."""

    expectation: Estimate
    sd_of_one_draw: Number | None
    meaning: str
    """Which of the random models it is, in words: `20 % of the rows, drawn blindly`."""


class Scale(_Result):
    """The three imagined models on one scale; every figure is in the KPI's unit."""

    random: Random
    status_quo: Estimate
    status_quo_label: str
    perfect: Estimate
    do_nothing: Number | None = None
    """Acting on nobody; absent where the KPI is not of actions."""
    treat_all: Number | None = None
    """Acting on everybody; absent where a forced budget forbids it, or the KPI is not of actions."""


class Interval(_Result):
    """How the intervals were made: from resamples of rows, or from draws of assumptions."""

    confidence: Number = 0.95
    resamples: int
    """How many resamples, or draws that could be; 0 where every assumption is one number."""
    unit: str
    """What was resampled: `row`, or the name of the unit's column; `draw` where assumptions were drawn."""


class Provenance(_Result):
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


class GoodModel(_Result):
    """What a good model usually comes to, by a rule of thumb: a quick estimate, and no promise."""

    kpi: Number
    gain: Number
    """Over the status quo, in utility; negative where today is better than a good model usually is."""
    captured_share: Number | None
    """Of the potential lift; none without headroom."""


class BreakEven(_Result):
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


class SplitTest(_Result):
    """The A/B test that would find the gain of a good model."""

    rows_per_arm: int
    alpha: Number
    power: Number
    periods: Number
    """How long both arms take, where all rows take part."""
    days: Number | None


class DepthPoint(_Result):
    """The KPI if another share of the rows were contacted."""

    depth: Number
    """The share of the rows, from 0 to 1."""
    random: Number
    status_quo: Number
    perfect: Number


class Assumption(_Result):
    """A number that was assumed rather than measured."""

    name: str
    """Where it is written below `assumptions`, such as `status_quo.capture`."""
    low: Number
    likely: Number
    high: Number
    distribution: Literal["fixed", "uniform", "PERT"]


class Sensitivity(_Result):
    """What one uncertain assumption does to the potential lift."""

    name: str
    at_low: Number | None
    """The potential lift at its low end, the others as is likely; none where that cannot be."""
    at_high: Number | None
    variance: Number
    """The share of the potential lift's variance that it explains alone, from 0 to 1."""


class Assumed(_Result):
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


class LiftResult(_Result):
    """`results/lift.json`: the bounds of what a project can win and lose."""

    kind: Literal["lift"] = "lift"
    schema_version: Literal[1] = 1
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

    def _repr_markdown_(self) -> str:
        """What a notebook shows: the block of an assessment's page."""
        from iterata.lift.table import render  # noqa: PLC0415  # which reads results

        return render(self)


class MetricValue(_Result):
    """A secondary metric of one column of predictions."""

    name: str
    value: Estimate | None
    """None where the metric cannot judge such a column: a loss of probabilities, of a mere ranking."""
    difference: Estimate | None = None
    """Against the status quo, positive when larger; none where either cannot be measured so."""


class LearnerResult(_Result):
    """Whether a variant's gain would come back if it were trained anew, on other rows."""

    difference: Estimate
    """Against the status quo, in utility: the mean over folds, with the interval of the corrected t."""
    p: Number
    """Two-sided."""
    p_holm: Number
    """The same, for all variants asked about at once."""
    folds: int


class VariantResult(_Result):
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


class GuardrailResult(_Result):
    """Whether a variant kept a guardrail: not worse than the status quo by more than the margin.

    A guardrail that cannot be measured, such as a share of nobody, has no figures and does not hold.
    """

    name: str
    variant: str
    status_quo: Number | None
    value: Number | None
    worsening: Number | None
    """How much worse than the status quo; negative is better."""
    worsening_at_most: Number | None
    """The upper end of its one-sided interval."""
    margin: Number
    holds: bool
    """Whether `worsening_at_most` stays within the margin."""


class SegmentVariant(_Result):
    """A variant within a segment."""

    name: str
    kpi: Estimate
    difference: Estimate
    """Against the status quo, in utility (positive is better)."""


class SegmentResult(_Result):
    """The KPI within one segment, as if it were the whole population."""

    column: str
    value: str
    rows: int
    positives: int
    status_quo: Estimate
    variants: list[SegmentVariant]


class HypothesisResult(_Result):
    """What the numbers say of a hypothesis."""

    id: str
    claim: str
    variant: str
    over: str
    by: Number
    difference: Estimate
    """Variant minus what it should beat, in utility."""
    verdict: Verdict


class ExperimentResult(_Result):
    """`results/experiment.json`: what the approved plan showed."""

    kind: Literal["experiment"] = "experiment"
    schema_version: Literal[1] = 1
    plan_digest: str
    kpi: Kpi
    sample: Sample
    scale: Scale
    status_quo_metrics: list[MetricValue]
    variants: list[VariantResult]
    guardrails: list[GuardrailResult]
    segments: list[SegmentResult]
    hypotheses: list[HypothesisResult]
    interval: Interval
    split: str
    """In words: `5 stratified folds, 2 times`."""
    tuned_by: str = ""
    """What tuning maximised inside the training folds, where any variant is tuned."""
    seed: int
    provenance: Provenance


RESULTS: dict[str, type[LiftResult | ExperimentResult]] = {"lift": LiftResult, "experiment": ExperimentResult}
"""Result kinds by the stem of their file's name."""


def parse(kind: str, text: str | bytes, where: str) -> LiftResult | ExperimentResult:
    """Read a result file's text.

    Raises:
        DataError: the text is not a result of that kind; `where` names the file.
    """
    remedy = f"run `iterata {'lift' if kind == 'lift' else 'run'}` again; result files are not edited by hand"
    try:
        return RESULTS[kind].model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise DataError(
            f"not a valid {kind} result: {place} {first['msg']}".replace("  ", " "),
            remedy=remedy,
            where=where,
        ) from None


def canonical(result: LiftResult | ExperimentResult) -> str:
    """The one text a result has on disk: sorted keys, two-space indent, a final newline."""
    data = result.model_dump(mode="json")
    return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def stored(kind: str, path: Path) -> LiftResult | ExperimentResult | None:
    """The result kept at `path`; none where there is no such file, or it cannot be read."""
    try:
        return parse(kind, path.read_bytes(), str(path)) if path.exists() else None
    except (DataError, OSError):
        return None


def say_the_same(one: LiftResult | ExperimentResult | None, other: LiftResult | ExperimentResult) -> bool:
    """Whether two results differ in nothing but where they come from."""
    return one is not None and one.model_copy(update={"provenance": other.provenance}) == other


def still_holds(old: LiftResult | ExperimentResult, new: LiftResult | ExperimentResult) -> bool:
    """Whether all that an earlier result says is so; a newer version may have more to say."""
    return _holds(
        old.model_dump(exclude_unset=True, exclude={"provenance"}), new.model_dump(exclude={"provenance"})
    )


def _holds(old: Any, new: Any) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return all(key in new and _holds(value, new[key]) for key, value in old.items())
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_holds, old, new))
    return bool(old == new)
