"""Secondary metrics of the status quo and the variants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.vocabulary import STATUS_QUO
from iterata.draws import mean_of
from iterata.errors import RunError
from iterata.metrics import Labelled, metric
from iterata.results import MetricValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iterata.documents.proposal import Metrics
    from iterata.draws import Bools, Measure
    from iterata.experiment.evidence import Columns, Evidence, Figure, Key
    from iterata.metrics import Column
    from iterata.results import Estimate


def check(metrics: Metrics, status_quo: Column, where: str) -> None:
    """Refuse metrics that do not exist, or could not guard anything, before anything is trained.

    Raises:
        RunError: with the field of the plan; `where` is its document.
    """
    for number, secondary in enumerate(metrics.secondary):
        metric(secondary.metric, f"{where}: plan.metrics.secondary[{number}].metric")
    for number, guardrail in enumerate(metrics.guardrail):
        if guardrail.metric is None:
            continue
        place = f"{where}: plan.metrics.guardrail[{number}].metric"
        chosen = metric(guardrail.metric, place)
        if not chosen.suits(status_quo):
            message = f"{guardrail.metric} judges {chosen.needs}, which the status quo does not give"
            remedy = "guard with roc_auc, average_precision or a share_of, which any ranking of rows has"
            raise RunError(message, remedy=remedy, where=place)


def measures(names: Iterable[str], columns: Columns, positive: Bools) -> dict[Key, Measure]:
    """The metrics of every model whose columns they can judge."""
    labelled = {model: [Labelled(positive, column) for column in each] for model, each in columns.items()}
    found: dict[Key, Measure] = {}
    for name in names:
        chosen = metric(name, "")
        for model, each in labelled.items():
            if chosen.suits(each[0].column):
                found["metric", name, model] = mean_of([chosen.prepare(one) for one in each])
    return found


def results(names: Sequence[str], model: str, evidence: Evidence) -> list[MetricValue]:
    """What the metrics say of a model, and of its difference from the status quo."""
    return [_result(name, model, evidence) for name in names]


def _result(name: str, model: str, evidence: Evidence) -> MetricValue:
    ours, theirs = evidence.get(("metric", name, model)), evidence.get(("metric", name, STATUS_QUO))
    against = ours.minus(theirs) if ours and theirs and model != STATUS_QUO else None
    return MetricValue(name=name, value=_known(ours), difference=_known(against))


def _known(figure: Figure | None) -> Estimate | None:
    return figure.estimate() if figure is not None and figure.defined else None
