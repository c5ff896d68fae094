"""The metrics of a split test, as proposal and deployment describe them together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.enums import Direction
from iterata.errors import DataError, Location
from iterata.rollout.readings import OnlineMetric

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iterata.documents.models.proposal import Metrics
    from iterata.documents.models.split_test import OnlineMeasure
    from iterata.results.rollout import MetricRole
    from iterata.rollout.cells import MetricColumns
    from iterata.rollout.scale import Expectations


def online_metrics(
    measures: Mapping[str, OnlineMeasure],
    proposed: Metrics,
    columns: Mapping[str, MetricColumns],
    before: Expectations,
) -> list[OnlineMetric]:
    """The metrics that are measured online: the primary one first, then guardrails, secondary and others.

    Raises:
        DataError: the primary metric is not measured.
    """
    if proposed.primary not in measures:
        message = f"the primary metric {proposed.primary} of the proposal is not measured"
        remedy = f"write `{proposed.primary}:` below `split_test.metrics`, with what it is `of`"
        raise DataError(message, remedy=remedy, where=Location(field=("split_test", "metrics")))
    found = [_primary(proposed.primary, measures[proposed.primary], columns, before)]
    found += _guardrails(measures, proposed, columns)
    known, secondary = {metric.name for metric in found}, {entry.metric for entry in proposed.secondary}
    others = sorted((name for name in measures if name not in known), key=lambda name: name not in secondary)
    for name in others:
        measure = measures[name]
        role: MetricRole = "secondary" if name in secondary else "other"
        found.append(OnlineMetric(name, role, measure.better or "higher", measure.margin, columns[name]))
    return found


def _primary(
    name: str, measure: OnlineMeasure, columns: Mapping[str, MetricColumns], before: Expectations
) -> OnlineMetric:
    kpi = before.kpi
    better = measure.better or ("lower" if kpi and kpi.direction is Direction.MINIMISE else "higher")
    if measure.margin is not None:
        return OnlineMetric(name, "primary", better, measure.margin, columns[name])
    margin = before.margin(measure)
    return OnlineMetric(
        name, "primary", better, margin, columns[name], "" if margin is None else "expected_gain"
    )


def _guardrails(
    measures: Mapping[str, OnlineMeasure], proposed: Metrics, columns: Mapping[str, MetricColumns]
) -> Iterator[OnlineMetric]:
    for guardrail in proposed.guardrail:
        measure = measures.get(guardrail.name)
        if measure is not None:
            margin = guardrail.margin if measure.margin is None else measure.margin
            better = measure.better or guardrail.better
            yield OnlineMetric(guardrail.name, "guardrail", better, margin, columns[guardrail.name])


def not_measured(measures: Mapping[str, OnlineMeasure], proposed: Metrics) -> list[str]:
    """The metrics of the proposal that the split test does not measure."""
    secondary = [entry.metric for entry in proposed.secondary if entry.metric not in measures]
    return unmeasured_guardrails(measures, proposed) + secondary


def unmeasured_guardrails(measures: Mapping[str, OnlineMeasure], proposed: Metrics) -> list[str]:
    """The guardrails of the proposal that the split test does not measure."""
    return [guardrail.name for guardrail in proposed.guardrail if guardrail.name not in measures]
