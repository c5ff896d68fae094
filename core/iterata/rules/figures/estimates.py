"""RES020: a figure lies within its interval, and both within what the metric or the KPI can be."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.enums import OutcomeKind, RankingMeasure
from iterata.documents.models.kpi import (
    ClassValueSpec,
    ForecastCostSpec,
    MetricSpec,
    OutcomeValueSpec,
    PythonSpec,
    RankingSpec,
    TargetingSpec,
    UpliftSpec,
)
from iterata.results.parts import Estimate, ResultPart
from iterata.rules.figures.fault import ROUNDED, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents.models.kpi import KpiSpec
    from iterata.errors import FieldPath
    from iterata.results import ExperimentResult, Kpi, SampleResult

CODE = "RES020"


class Limits(NamedTuple):
    """The least and the greatest value that a figure can have."""

    low: float = -inf
    high: float = inf

    def include(self, value: float) -> bool:
        """Whether a value is possible, apart from rounding."""
        slack = ROUNDED * max(abs(value), 1e-6)
        return self.low - slack <= value <= self.high + slack


ANY = Limits()
SHARE = Limits(0.0, 1.0)
CORRELATION = Limits(-1.0, 1.0)

_SHARES = frozenset(
    (
        "roc_auc", "average_precision", "accuracy", "balanced_accuracy", "f1", "f1_macro", "f1_micro",
        "f1_weighted", "precision", "recall", "jaccard", "top_k_accuracy",
    )
)  # fmt: skip
_AT_MOST_ONE = frozenset(("r2", "explained_variance", "d2_absolute_error_score"))


def metric_limits(name: str) -> Limits:
    """What a metric can be, by its scikit-learn name; anything for one that is not known here."""
    if name in _SHARES or name.partition("_at_")[0] in list(RankingMeasure):
        return SHARE
    if name == "matthews_corrcoef":
        return CORRELATION
    if name in _AT_MOST_ONE or name.startswith("d2_"):
        return Limits(high=1.0)
    return Limits(high=0.0) if name.startswith("neg_") else ANY


def kpi_limits(spec: KpiSpec | None, kpi: Kpi) -> Limits:
    """What the KPI of a period can be."""
    match spec:
        case ForecastCostSpec():
            return Limits(low=0.0)
        case RankingSpec():
            return SHARE
        case MetricSpec():
            return metric_limits(spec.metric)
    values = _row_values(spec)
    if not values:
        return ANY
    rows = kpi.period_rows * (kpi.budget or 1.0)
    return Limits(rows * min(values), rows * max(values))


def _row_values(spec: KpiSpec | None) -> list[float]:
    """What a row can be worth, of those that the budget allows; empty if it can be anything."""
    match spec:
        case TargetingSpec():
            cost = spec.cost_per_contact * spec.direction.sign
            return [spec.value_per_hit - cost, -cost, *([0.0] if spec.may_stop else [])]
        case UpliftSpec() if spec.outcome is OutcomeKind.YES_NO:
            most = abs(spec.value_per_outcome) + spec.cost_per_contact
            return [-most, most]
        case OutcomeValueSpec():
            return [value for _, value in spec.values]
        case ClassValueSpec():
            listed = [value for by_truth in spec.values.values() for value in by_truth.values()]
            person = [] if spec.person is None else [spec.person.value]
            return [spec.right, spec.wrong, *listed, *person]
    return []


def interval_faults(result: SampleResult, spec: KpiSpec | None) -> Iterator[Fault]:
    """Estimates outside of their own interval. A function of the project may be far from its resamples."""
    yield from interval_faults_of(result, is_unbiased=not isinstance(spec, PythonSpec))


def interval_faults_of(result: ResultPart, *, is_unbiased: bool = True) -> Iterator[Fault]:
    """Estimates of any result outside of their own interval."""
    for place, estimate in _estimates(result, ()):
        if estimate.interval is None:
            continue
        low, high = estimate.interval
        slack = ROUNDED * max(map(abs, estimate.extent))
        if low > high + slack:
            yield Fault(CODE, (*place, "low"), f"{low:.7g} is above the upper end {high:.7g}")
        elif is_unbiased and not low - slack <= estimate.value <= high + slack:
            message = f"{estimate.value:.7g} is outside of its interval, {low:.7g} to {high:.7g}"
            yield Fault(CODE, (*place, "value"), message)


def _estimates(part: object, place: FieldPath) -> Iterator[tuple[FieldPath, Estimate]]:
    if isinstance(part, Estimate):
        yield place, part
    elif isinstance(part, ResultPart):
        for name in type(part).model_fields:
            yield from _estimates(getattr(part, name), (*place, name))
    elif isinstance(part, list):
        for index, entry in enumerate(part):
            if not isinstance(entry, ResultPart):
                return
            yield from _estimates(entry, (*place, index))


def limit_faults(result: SampleResult, spec: KpiSpec | None) -> Iterator[Fault]:
    """Figures that the KPI or the metric cannot have."""
    limits = ANY if result.sample is None else kpi_limits(spec, result.kpi)  # assumptions can vary all of it
    scale = result.scale
    bounds = {"status_quo": scale.status_quo, "perfect": scale.perfect}
    for name, bound in bounds.items():
        yield from _beyond(limits, ("scale", name), bound)
    yield from _beyond(limits, ("scale", "random", "expectation"), scale.random.expectation)
    if scale.random.sd_of_one_draw is not None and scale.random.sd_of_one_draw < 0:
        yield Fault(CODE, ("scale", "random", "sd_of_one_draw"), "a standard deviation is not negative")
    if result.kind == "experiment":
        yield from _of_experiment(result, limits)


def _of_experiment(result: ExperimentResult, limits: Limits) -> Iterator[Fault]:
    for metric_number, metric in enumerate(result.status_quo_metrics):
        place: FieldPath = ("status_quo_metrics", metric_number, "value")
        yield from _beyond(metric_limits(metric.name), place, metric.value)
    for number, variant in enumerate(result.variants):
        yield from _beyond(limits, ("variants", number, "kpi"), variant.kpi)
        for metric_number, metric in enumerate(variant.metrics):
            place = ("variants", number, "metrics", metric_number, "value")
            yield from _beyond(metric_limits(metric.name), place, metric.value)
    for number, segment in enumerate(result.segments):
        yield from _beyond(limits, ("segments", number, "status_quo"), segment.status_quo)
        for inner, within in enumerate(segment.variants):
            yield from _beyond(limits, ("segments", number, "variants", inner, "kpi"), within.kpi)
    for number, notice in enumerate(result.leaks):
        for key, figures in (("found", notice.found), ("strongest", notice.strongest)):
            for inner, figure in enumerate(figures):
                allowed = CORRELATION if figure.measure == "rank_correlation" else SHARE
                yield from _beyond(allowed, ("leaks", number, key, inner), Estimate(value=figure.value))


def _beyond(limits: Limits, place: FieldPath, estimate: Estimate | None) -> Iterator[Fault]:
    for end in ("value", "low", "high") if estimate is not None else ():
        value = getattr(estimate, end)
        if value is not None and not limits.include(value):
            message = f"{value:.7g} is not possible: it lies between {limits.low:.7g} and {limits.high:.7g}"
            yield Fault(CODE, (*place, end), message)
            return
