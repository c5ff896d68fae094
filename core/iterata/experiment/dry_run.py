"""Holds a plan against its data before it is approved, so that what is agreed to can be carried out.

Nothing of the project is executed, and no package that a document names is loaded, but scikit-learn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.kpi import PythonSpec
from iterata.documents.models.variants import FileVariant, SklearnVariant
from iterata.errors import RunError
from iterata.experiment.analysis import secondary_metrics
from iterata.experiment.prepare import prepare
from iterata.experiment.variants.build import ProducerContext, build_producers
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.metrics import column

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.period import Period
    from iterata.documents.models.proposal import Plan
    from iterata.documents.models.variants import CommandVariant
    from iterata.experiment.prepare import PlanInputs
    from iterata.experiment.variants.base import Producer


def dry_run(
    plan: Plan, kpi: KpiSpec, period: Period | None, project: Path, root: Path, proposal: str
) -> None:
    """Do all that a run does before it trains, as far as that executes nothing.

    Args:
        plan: the plan to be approved.
        kpi: the KPI of the assessment.
        period: what figures are scaled to; none for the rows at hand.
        project: the folder that the data's path starts from.
        root: the repository.
        proposal: the plan's document, relative to it; named in messages.

    Raises:
        DataError: the data are missing, or do not hold what the plan says.
        RunError: the plan names what is not there, or predictions that were made elsewhere do not fit it.
    """
    task = prepare(plan, kpi, project, root, proposal)
    if not isinstance(kpi, PythonSpec):
        frame = task.evaluation.data
        kpi_scale = KpiScale.of(kpi, frame.outcomes, frame.status_quo, period)
        secondary_metrics.check(plan.metrics, column(frame.status_quo_prediction), kpi_scale, proposal)
    executes_no_project_code = [each for each in plan.variants if _is_harmless(each)]
    only = plan.model_copy(update={"variants": executes_no_project_code})
    makers = build_producers(ProducerContext(only, kpi, task, project, root, proposal))
    for variant in executes_no_project_code:
        if isinstance(variant, FileVariant):
            _read_all(variant, makers[variant.name], task)


def _is_harmless(variant: SklearnVariant | CommandVariant | FileVariant) -> bool:
    """Whether to make it runs no code but scikit-learn's."""
    if isinstance(variant, SklearnVariant):
        return bool(variant.estimator and variant.estimator.startswith("sklearn."))
    return isinstance(variant, FileVariant)


def _read_all(variant: FileVariant, predict: Producer, task: PlanInputs) -> None:
    for fold in task.folds:
        try:
            predict(fold)
        except RunError as error:
            raise error.at(variant=variant.name, fold=fold.number, repeat=fold.repeat) from None
