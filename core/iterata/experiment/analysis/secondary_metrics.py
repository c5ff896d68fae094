"""Secondary metrics of the status quo and the variants."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iterata.documents.models.enums import STATUS_QUO, OutcomeKind, RankingMeasure
from iterata.documents.models.kpi import OutcomeValueSpec, RankingSpec, TargetingSpec, outcome_of
from iterata.errors import IterataError, Location, RunError
from iterata.measure.kpi import from_spec
from iterata.measure.kpi.metric import find
from iterata.measure.metrics import METRICS, LabelledPredictions, metric
from iterata.measure.weightings import ObservedSample, Weightings, mean_of
from iterata.results import MetricValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from iterata.documents.models.proposal import Metrics
    from iterata.experiment.analysis.figures import Columns, Evidence, Key
    from iterata.measure.kpi_scale import KpiScale
    from iterata.measure.metrics import Metric, PredictionColumn
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.weightings import Measure


_AT = re.compile(rf"({'|'.join(RankingMeasure)})_at_([1-9][0-9]*)")
"""How the first rows of each group are judged, and how many of them: `ndcg_at_10`."""


def check(metrics: Metrics, status_quo: PredictionColumn, kpi_scale: KpiScale, where: str) -> None:
    """Refuse metrics that do not exist, or could not guard anything, before anything is trained.

    Raises:
        RunError: with the field of the plan; `where` is its document.
    """
    place = Location(where) / "plan" / "metrics"
    for number, secondary in enumerate(metrics.secondary):
        _prepared(secondary.metric, kpi_scale, place / "secondary" / number / "metric")
    for number, guardrail in enumerate(metrics.guardrail):
        guarded = place / "guardrail" / number
        if guardrail.metric is None:
            _check_acts(kpi_scale, guarded / "share_of")
        elif _prepared(guardrail.metric, kpi_scale, guarded / "metric")(status_quo) is None:
            needs = metric(guardrail.metric, "").needs
            message = f"{guardrail.metric} judges {needs}, which the status quo does not give"
            remedy = "guard with roc_auc, average_precision or a share_of, which any ranking of rows has"
            raise RunError(message, remedy=remedy, where=guarded / "metric")


def measures(names: Iterable[str], columns: Columns, kpi_scale: KpiScale) -> dict[Key, Measure]:
    """The metrics of every model whose columns they can judge."""
    found: dict[Key, Measure] = {}
    for name in names:
        prepare = _prepared(name, kpi_scale, "")
        for model, each in columns.items():
            prepared = [measure for column in each if (measure := prepare(column)) is not None]
            if prepared:
                found["metric", name, model] = mean_of(prepared)
    return found


def _prepared(
    name: str, kpi_scale: KpiScale, where: str | Location
) -> Callable[[PredictionColumn], Measure | None]:
    """What measures a column by a metric, or none where it cannot judge such a column.

    Raises:
        RunError: there is no such metric of such outcomes.
    """
    if isinstance(kpi_scale.spec, RankingSpec):
        return _of_ranked(name, kpi_scale.spec, kpi_scale.outcomes, where)
    if outcome_of(kpi_scale.spec) is not OutcomeKind.NUMBER:
        return _of_yes_no(metric(name, where), kpi_scale.outcomes)
    try:
        if name in METRICS:  # a scorer of yes or no, whatever it makes of numbers
            raise TypeError(name)
        of_numbers = find(name, of_numbers=True)
        of_numbers.perfect(kpi_scale.outcomes)(Weightings(ObservedSample(len(kpi_scale.outcomes))))
    except IterataError as error:
        raise RunError(error.message, remedy=error.remedy, where=where) from None
    except Exception:  # a scorer of yes or no may raise what it likes of numbers
        remedy = "choose one that does, such as neg_mean_absolute_error or r2"
        raise RunError(f"{name} does not judge forecasts of numbers", remedy=remedy, where=where) from None
    return lambda column: of_numbers.measure(kpi_scale.outcomes, column.values)


def _of_yes_no(chosen: Metric, outcomes: Outcomes) -> Callable[[PredictionColumn], Measure | None]:
    positive = outcomes.positive
    return lambda column: (
        chosen.prepare(LabelledPredictions(positive, column)) if chosen.suits(column) else None
    )


def _of_ranked(
    name: str, spec: RankingSpec, outcomes: Outcomes, where: str | Location
) -> Callable[[PredictionColumn], Measure | None]:
    """A measure of each group's first rows, or a metric of what is relevant or not."""
    if (depth := _AT.fullmatch(name)) is None:
        try:
            return _of_yes_no(metric(name, where), outcomes)
        except RunError as error:
            remedy = f"name how many of each group's first rows to judge, as in ndcg_at_10; or {error.remedy}"
            raise RunError(error.message, remedy=remedy, where=where) from None
    kpi = from_spec(spec.model_copy(update={"measure": depth[1], "k": int(depth[2])}), len(outcomes))
    return lambda column: kpi.measure(outcomes, column.values)


def _check_acts(kpi_scale: KpiScale, where: Location) -> None:
    if not isinstance(kpi_scale.spec, TargetingSpec | OutcomeValueSpec):
        message = f"a KPI of kind {kpi_scale.spec.kind} does not say who is acted upon, to take a share of"
        raise RunError(message, remedy="guard with a metric, or leave it out", where=where)


def results(names: Sequence[str], model: str, evidence: Evidence) -> list[MetricValue]:
    """What the metrics say of a model, and of its difference from the status quo."""
    return [_result(name, model, evidence) for name in names]


def _result(name: str, model: str, evidence: Evidence) -> MetricValue:
    ours, theirs = evidence.get(("metric", name, model)), evidence.get(("metric", name, STATUS_QUO))
    against = ours.minus(theirs) if ours and theirs and model != STATUS_QUO else None
    return MetricValue(name=name, value=ours and ours.known(), difference=against and against.known())
