"""Carries out an approved plan, from the data file to the result, and nothing besides."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.enums import STATUS_QUO
from iterata.documents.models.kpi import outcome_of
from iterata.documents.models.splits import GroupFolds, StratifiedFolds
from iterata.documents.models.variants import FileVariant
from iterata.experiment import folds
from iterata.experiment.analysis import learners as learner
from iterata.experiment.analysis import secondary_metrics
from iterata.experiment.analysis.compare import compare
from iterata.experiment.engines.base import LOCAL
from iterata.experiment.engines.environment import PACKAGES
from iterata.experiment.engines.out_of_fold import out_of_fold
from iterata.experiment.engines.prediction_cache import PredictionCache
from iterata.experiment.engines.result_cache import ResultCache, result_key
from iterata.experiment.engines.stores import open_store
from iterata.experiment.prepare import prepare
from iterata.experiment.variants.build import ProducerContext, build_producers, estimator_packages
from iterata.experiment.variants.file import FileProducer
from iterata.experiment.variants.sklearn import SklearnProducer
from iterata.experiment.variants.tuning import tuning_criterion
from iterata.measure.bootstrap import CONFIDENCE
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.metrics import column
from iterata.results import ExperimentResult, IntervalMethod, LearnerResult, VariantResult, provenance

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from iterata.data.labelled_rows import LabelledRows
    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.period import Period
    from iterata.documents.models.proposal import Plan
    from iterata.experiment.analysis.compare import Comparison
    from iterata.experiment.engines.base import Engine
    from iterata.experiment.engines.out_of_fold import OutOfFold, Progress
    from iterata.experiment.prepare import PlanInputs
    from iterata.experiment.variants.base import Producer

ELSEWHERE = "made elsewhere"
"""The feature set of predictions that were read from a file."""


def _silent(variant: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


class Origin(NamedTuple):
    """Where a plan comes from; recorded with the result."""

    proposal: str
    """The plan's document, relative to the repository; named in messages."""
    plan_digest: str
    """The digest under which the plan was approved."""
    commit: str | None
    """What the working tree stands on."""
    dirty: bool
    """Whether the tree differs from it in anything the run depends on."""


def execute(  # noqa: PLR0913  # a keyword each
    plan: Plan,
    kpi: KpiSpec,
    period: Period | None,
    project: Path,
    root: Path,
    origin: Origin,
    *,
    jobs: int = -1,
    progress: Progress = _silent,
    engine: Engine = LOCAL,
    cache: str | None = None,
) -> ExperimentResult:
    """Carry out a plan.

    Finished folds are kept below `root` as they end, so that a run that was interrupted goes on where it
    stopped, and one that only measures something else trains nothing.

    Args:
        plan: the approved plan.
        kpi: the KPI of the assessment, which the plan names as its primary metric.
        period: what the figures are scaled to; none for the rows at hand.
        project: the folder that the data's path starts from.
        root: the repository.
        origin: where the plan comes from.
        jobs: how many processes to use; -1 for one per processor.
        progress: called as folds end.
        engine: which processes predict; figures do not depend on it.
        cache: the URL of where finished folds are kept; none for a folder below `root`.

    Raises:
        DataError: the data are missing, are not those that were approved, or do not hold what the plan says.
        RunError: the plan names something that cannot be run, or a variant failed.
    """
    task = prepare(plan, kpi, project, root, origin.proposal)
    context = ProducerContext(plan, kpi, task, project, root, origin.proposal)
    frame, rows = task.evaluation.data, task.predicted
    kpi_scale = KpiScale.of(kpi, frame.outcomes, frame.status_quo, period, project)
    today = column(frame.status_quo_prediction)
    secondary_metrics.check(plan.metrics, today, kpi_scale, origin.proposal)
    makers = build_producers(context)
    store = open_store(root, cache)
    predicted = out_of_fold(
        makers,
        task.folds,
        n_rows=task.data.rows,
        data=_identity(plan, kpi, task.data),
        cache=PredictionCache(store),
        jobs=jobs,
        progress=progress,
        engine=engine,
    )
    began = time.perf_counter()
    made = provenance.collect(
        data={frame.source: frame.digest, **_recordings(makers, project, root)},
        packages=[*PACKAGES, *estimator_packages(context)],
        commit=origin.commit,
        dirty=origin.dirty,
        seconds={name: each.seconds for name, each in predicted.items()},
    ).model_copy(update={"engine": engine.kind})

    def compute() -> ExperimentResult:
        columns = {STATUS_QUO: [today], **{name: each.columns(rows) for name, each in predicted.items()}}
        found, guardrail_masks = task.evaluation.segments, task.evaluation.guardrail_masks
        compared = compare(
            plan, kpi_scale, columns, units=frame.units, found=found, guardrail_masks=guardrail_masks
        )
        learners = _learners(plan, kpi_scale, task, predicted)
        return ExperimentResult(
            plan_digest=origin.plan_digest,
            kpi=kpi_scale.described(),
            sample=frame.sample(),
            **compared._asdict() | {"variants": _variants(plan, task, compared, predicted, learners)},
            interval=IntervalMethod(confidence=CONFIDENCE, resamples=plan.resamples, unit=frame.unit_name),
            split=folds.describe_split(plan.split, task.split_inputs, frame.unit_name),
            features={name: list(columns) for name, columns in task.features.items()},
            categories=_categories(makers),
            tuned_by=tuning_criterion(kpi, context.estimator_type).label
            if any(each.best_params for each in predicted.values())
            else "",
            seed=plan.seed,
            provenance=made,
        )

    depends = [each and each.model_dump(mode="json") for each in (plan, kpi, period)]
    key = result_key(project, [*depends, origin.plan_digest, made.data, made.packages], predicted)
    result = ResultCache(store).get_or_compute(key, compute)
    seconds = {**made.seconds, "comparison": round(time.perf_counter() - began, 2)}
    return result.model_copy(update={"provenance": made.model_copy(update={"seconds": seconds})})


def _categories(makers: Mapping[str, Producer]) -> list[str]:
    """The columns that estimators get as categories, in the order they are met."""
    tables = [each.features for each in makers.values() if isinstance(each, SklearnProducer)]
    named = (str(name) for table in tables for name in table if table[name].dtype == "category")
    return list(dict.fromkeys(named))


def _recordings(makers: Mapping[str, Producer], project: Path, root: Path) -> dict[str, str]:
    """The digests of the files of predictions that were read, by path."""
    read = [each for each in makers.values() if isinstance(each, FileProducer)]
    return {(project / each.variant.source).relative_to(root).as_posix(): each.digest for each in read}


def _identity(plan: Plan, kpi: KpiSpec, frame: LabelledRows) -> list[object]:
    """What tells these rows, and the code that reads them, apart from any other."""
    made = provenance.collect(data={}, packages=PACKAGES, commit=None, dirty=False, seconds={})
    target = [plan.target.column, plan.target.positive, outcome_of(kpi)]
    return [frame.digest, *target, plan.data[0].unit_id, made.packages]


def _learners(
    plan: Plan, kpi_scale: KpiScale, task: PlanInputs, predicted: Mapping[str, OutOfFold]
) -> dict[str, LearnerResult]:
    """What folds drawn by chance say of variants that were trained in each of them."""
    if not isinstance(plan.split, StratifiedFolds | GroupFolds):
        return {}
    trained = [variant.name for variant in plan.variants if not isinstance(variant, FileVariant)]
    scores = {name: predicted[name].scores for name in trained}
    return learner.of_variants(kpi_scale, task.data, task.folds, scores)


def _variants(
    plan: Plan,
    task: PlanInputs,
    compared: Comparison,
    predicted: Mapping[str, OutOfFold],
    learners: Mapping[str, LearnerResult],
) -> list[VariantResult]:
    return [
        VariantResult(
            name=variant.name,
            estimator=variant.origin,
            params=getattr(variant, "params", {}),
            features=getattr(variant, "features", ELSEWHERE),
            columns=len(task.features.get(getattr(variant, "features", ""), ())),
            **compared.variants[variant.name]._asdict(),
            learner=learners.get(variant.name),
            tuned=predicted[variant.name].best_params,
            warnings=predicted[variant.name].warnings,
        )
        for variant in plan.variants
    ]
