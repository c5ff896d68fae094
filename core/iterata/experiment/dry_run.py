"""Checks a plan against its data before it is approved: an approved plan must be runnable.

A dry run executes no code of the project, and imports no package that a document names, except scikit-learn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.kpi import PythonSpec
from iterata.documents.models.variants import CommandVariant, FileVariant, SklearnVariant
from iterata.errors import Location, RunError
from iterata.execution.named_code import require_files, require_function, require_package
from iterata.experiment.analysis import secondary_metrics
from iterata.experiment.prepare import plan_location, prepare
from iterata.experiment.variants.build import ProducerContext, build_producers
from iterata.experiment.variants.refusals import at_variant
from iterata.measure.kpi_scale import KpiScale

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.period import Period
    from iterata.documents.models.proposal import Plan
    from iterata.documents.models.variants import Variant
    from iterata.experiment.folds import Fold
    from iterata.experiment.variants.base import Producer


def dry_run(
    plan: Plan, kpi: KpiSpec, period: Period | None, project: Path, root: Path, proposal: str
) -> None:
    """Do everything that a run does before it trains, as far as that executes no code of the project.

    Args:
        plan: the plan to be approved.
        kpi: the KPI of the assessment.
        period: what figures are scaled to; None for the rows themselves.
        project: the folder that the data's path starts from.
        root: the repository.
        proposal: the document of the plan, relative to the repository; for the location of errors.

    Raises:
        DataError: the data are missing, or do not hold what the plan says.
        RunError: the plan names something that does not exist, or recorded predictions do not fit it.
    """
    inputs = prepare(plan, kpi, project, root, proposal)
    if not isinstance(kpi, PythonSpec):
        data = inputs.evaluation.data
        kpi_scale = KpiScale.of(
            kpi, data.outcomes, data.status_quo, period, table_rows=inputs.data.outcomes.rows
        )
        where = plan_location(proposal) / "metrics"
        secondary_metrics.check(plan.metrics, data.status_quo_column, kpi_scale, where)
    _check_named_code(plan, project, plan_location(proposal))
    harmless = [variant for variant in plan.variants if _executes_no_project_code(variant)]
    context = ProducerContext(
        plan.model_copy(update={"variants": harmless}), kpi, inputs, project, root, proposal
    )
    by_name = build_producers(context)
    for variant in harmless:
        if isinstance(variant, FileVariant):
            _check_predictions(variant.name, by_name[variant.name], inputs.folds)


def _check_named_code(plan: Plan, project: Path, where: Location) -> None:
    """Refuse packages, functions and files that do not exist, without importing any of them."""
    for number, variant in enumerate(plan.variants):
        key = "estimator"
        try:
            match variant:
                case SklearnVariant(estimator=str(estimator)):
                    require_package(project, estimator)
                case SklearnVariant(factory=str(factory)):
                    key = "factory"
                    require_function(project, factory)
                case CommandVariant():
                    key = "command"
                    require_files(project, variant.reads, variant.command)
        except RunError as error:
            raise error.at(field=(*where.field, "variants", number, key)) from None


def _executes_no_project_code(variant: Variant) -> bool:
    """Whether building the variant imports nothing but scikit-learn."""
    if isinstance(variant, SklearnVariant):
        return bool(variant.estimator and variant.estimator.startswith("sklearn."))
    return isinstance(variant, FileVariant)


def _check_predictions(variant: str, recorded: Producer, folds: Sequence[Fold]) -> None:
    for fold in folds:
        try:
            recorded(fold)
        except RunError as error:
            location = Location(variant=variant, fold=fold.number, repeat=fold.repeat)
            raise at_variant(error, location) from None
