"""Secondary metrics of the status quo and the variants."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from iterata.documents.models.enums import STATUS_QUO, OutcomeKind, RankingMeasure
from iterata.documents.models.kpi import OutcomeValueSpec, RankingSpec, TargetingSpec, UpliftSpec, outcome_of
from iterata.errors import DataError, RunError
from iterata.experiment.analysis.uplift_metrics import uplift_measurer
from iterata.measure.kpi import from_spec
from iterata.measure.kpi.metric import metric_kpi
from iterata.measure.measures import mean_of
from iterata.measure.metrics import binary_metrics
from iterata.measure.predictions import (
    LabelledPredictions,
    binary_metric,
    can_evaluate,
    class_metric,
    metric_measure,
)
from iterata.measure.windows import by_window
from iterata.results import MetricValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from iterata.documents.models.proposal import Metrics
    from iterata.errors import Location
    from iterata.experiment.analysis.evidence import Evidence, Predictions
    from iterata.measure.kpi_scale import KpiScale
    from iterata.measure.measures import Measure
    from iterata.measure.metrics import Metric
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.predictions import PredictionColumn

    Measurer = Callable[[PredictionColumn], Measure | None]
    """What measures a column of predictions; None if it cannot evaluate predictions of that kind."""

_AT_DEPTH = re.compile(rf"({'|'.join(RankingMeasure)})_at_([1-9][0-9]*)")
"""A measure of the first rows of each group, and how many rows these are: `ndcg_at_10`."""


def check(metrics: Metrics, status_quo: PredictionColumn, kpi_scale: KpiScale, where: Location) -> None:
    """Refuse metrics that do not exist, or cannot guard anything, before anything is trained.

    Raises:
        RunError: with the field of the metric; `where` is the location of `metrics`.
    """
    for number, secondary in enumerate(metrics.secondary):
        field = where / "secondary" / number / "metric"
        _check_status_quo(_measurer_at(field, secondary.metric, kpi_scale), status_quo, kpi_scale, field)
    for number, guardrail in enumerate(metrics.guardrail):
        field = where / "guardrail" / number
        if guardrail.metric is None:
            _check_acts_on_rows(kpi_scale, field / "share_of")
        elif _measurer_at(field / "metric", guardrail.metric, kpi_scale)(status_quo) is None:
            chosen = class_metric if kpi_scale.outcomes.classes else binary_metric
            needs = chosen(guardrail.metric, "").needs
            message = f"{guardrail.metric} needs {needs}, and the status quo gives none"
            remedy = "use roc_auc, average_precision or a share_of, which work for any ranking of rows"
            if kpi_scale.outcomes.classes:
                remedy = "use a metric of answers, such as balanced_accuracy or f1_macro"
            raise RunError(message, remedy=remedy, where=field / "metric")


def _check_status_quo(
    measurer: Measurer, status_quo: PredictionColumn, kpi_scale: KpiScale, where: Location
) -> None:
    """Refuse a metric of numbers that has no figure for the status quo, because it raised an exception."""
    if outcome_of(kpi_scale.spec) is not OutcomeKind.NUMBER:
        return
    measure = measurer(status_quo)
    if measure is not None and np.isnan(measure.on_sample(len(kpi_scale.outcomes))):
        remedy = "choose a metric for such numbers, such as neg_mean_absolute_error"
        raise RunError("the metric cannot evaluate the status quo's forecasts", remedy=remedy, where=where)


def _measurer_at(where: Location, name: str, kpi_scale: KpiScale) -> Measurer:
    try:
        return _measurer(name, kpi_scale)
    except RunError as error:
        raise error.replace(location=where) from None


def measures(
    names: Iterable[str], predictions: Predictions, kpi_scale: KpiScale
) -> dict[str, dict[str, Measure | None]]:
    """How each metric of each model is measured, by metric and model."""
    return {name: _by_model(_measurer(name, kpi_scale), predictions) for name in names}


def _by_model(measurer: Measurer, predictions: Predictions) -> dict[str, Measure | None]:
    by_model: dict[str, Measure | None] = {}
    for model, columns in predictions.items():
        repeats = [measure for column in columns if (measure := measurer(column)) is not None]
        by_model[model] = mean_of(repeats) if repeats else None
    return by_model


def _measurer(name: str, kpi_scale: KpiScale) -> Measurer:
    """What measures predictions by a metric.

    Raises:
        RunError: there is no such metric for targets of this kind.
    """
    if isinstance(kpi_scale.spec, UpliftSpec):
        return uplift_measurer(name, kpi_scale)
    if isinstance(kpi_scale.spec, RankingSpec):
        return _of_ranking(name, kpi_scale.spec, kpi_scale.outcomes)
    if kpi_scale.outcomes.classes is not None:
        return _of_classes(class_metric(name, ""), kpi_scale.outcomes)
    if outcome_of(kpi_scale.spec) is not OutcomeKind.NUMBER:
        return _of_binary(binary_metric(name, ""), kpi_scale.outcomes)
    return _of_numbers(name, kpi_scale.outcomes)


def _of_numbers(name: str, outcomes: Outcomes) -> Measurer:
    if name in binary_metrics():  # a metric of binary targets, whatever it makes of numbers
        remedy = "choose a metric of numbers, such as neg_mean_absolute_error or r2"
        raise RunError(f"{name} cannot evaluate forecasts of numbers", remedy=remedy)
    try:
        metric_kpi(name, of_numbers=True).perfect(outcomes).on_sample(len(outcomes))
    except DataError as error:
        raise RunError(error.message, remedy=error.remedy) from None
    scorer = metric_kpi(name, of_numbers=True, strict=False)
    return lambda column: by_window(outcomes, lambda part, rows: scorer.measure(part, column.scores[rows]))


def _of_binary(chosen: Metric, outcomes: Outcomes) -> Measurer:
    binary = replace(outcomes, target=outcomes.positive.astype(np.float64))
    formula = chosen.formula

    def measure(column: PredictionColumn) -> Measure | None:
        if formula is None or not can_evaluate(chosen, column):
            return None
        return by_window(
            binary,
            lambda part, rows: metric_measure(formula, LabelledPredictions(part, column.among(rows))),
        )

    return measure


def _of_classes(chosen: Metric, outcomes: Outcomes) -> Measurer:
    formula = chosen.formula

    def measure(column: PredictionColumn) -> Measure | None:
        if formula is None or not can_evaluate(chosen, column):
            return None
        return by_window(
            outcomes,
            lambda part, rows: metric_measure(formula, LabelledPredictions(part, column.among(rows))),
        )

    return measure


def _of_ranking(name: str, spec: RankingSpec, outcomes: Outcomes) -> Measurer:
    """A measure of the first rows of each group, or a metric of whether rows are relevant."""
    at_depth = _AT_DEPTH.fullmatch(name)
    if at_depth is None:
        try:
            return _of_binary(binary_metric(name, ""), outcomes)
        except RunError as error:
            remedy = f"say how many rows of each group to evaluate, as in ndcg_at_10; or {error.remedy}"
            raise RunError(error.message, remedy=remedy) from None
    changes = {"measure": at_depth[1], "k": int(at_depth[2])}
    kpi = from_spec(spec.model_copy(update=changes), len(outcomes))
    return lambda column: kpi.measure(outcomes, column.scores)


def _check_acts_on_rows(kpi_scale: KpiScale, where: Location) -> None:
    if kpi_scale.outcomes.classes is not None:
        return
    if not isinstance(kpi_scale.spec, TargetingSpec | UpliftSpec | OutcomeValueSpec):
        message = f"a KPI of kind {kpi_scale.spec.kind} does not define which rows are acted on"
        raise RunError(message, remedy="guard with a metric, or remove the guardrail", where=where)


def results(names: Sequence[str], model: str, evidence: Evidence) -> list[MetricValue]:
    """The metrics of a model, and their differences from the status quo."""
    return [_result(name, model, evidence) for name in names]


def _result(name: str, model: str, evidence: Evidence) -> MetricValue:
    figure, status_quo = evidence.metric(name, model), evidence.metric(name, STATUS_QUO)
    difference = None
    if figure is not None and status_quo is not None and model != STATUS_QUO:
        difference = figure.minus(status_quo).estimate_if_defined()
    value = None if figure is None else figure.estimate_if_defined()
    return MetricValue(name=name, value=value, difference=difference)
