"""`iterata monitor --export`: the monitors of a release as a configuration of other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from iterata.documents.models.deployment import Deployment
from iterata.errors import IterataError
from iterata.monitoring.argo import analysis_templates
from iterata.monitoring.prometheus import Watched, alerting_rules, text_metrics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iterata.actions.monitor import MonitorResult
    from iterata.documents import Document

Target = Literal["prometheus", "argo"]

_EXPORTS = {"prometheus": alerting_rules, "argo": analysis_templates}


def export(deployments: Iterable[tuple[str, Document]], target: Target) -> str:
    """The monitors of some deployments as Prometheus' alerting rules, or as AnalysisTemplates.

    A monitor that another system watches is part of it if it has a `promql:`.

    Args:
        deployments: each with the name of its iteration.
        target: the tool.

    Raises:
        IterataError: there is no monitor to export.
    """
    watched = [
        Watched(iteration, document.path, monitor)
        for iteration, document in deployments
        if isinstance(document.model, Deployment)
        for monitor in document.model.monitors
        if monitor.measure is not None or monitor.promql is not None
    ]
    if not watched:
        remedy = "give a monitor a `measure:` or a `promql:`, or name an iteration with such monitors"
        raise IterataError("there is no monitor to export", remedy=remedy)
    return _EXPORTS[target](watched)


def metrics(results: Iterable[MonitorResult]) -> str:
    """What the monitors show as metrics for Prometheus; those watched elsewhere are left out."""
    return text_metrics(
        Watched(result.iteration, result.document.path, result.monitor, result.value, result.verdict)
        for result in results
        if result.monitor.measure is not None
    )
