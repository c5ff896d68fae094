"""Runs a plan: from the data file to the result."""

from __future__ import annotations

import logging
import time
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.data.refusals import ThresholdOffScale
from iterata.data.status_quo import ScoreRange
from iterata.documents.models.kpi import OutcomeValueSpec, outcome_of
from iterata.errors import Location
from iterata.execution.steps import logged_step
from iterata.experiment.analysis import secondary_metrics
from iterata.experiment.cache.layers import open_cache
from iterata.experiment.cache.predictions import PredictionCache
from iterata.experiment.cache.results import ResultCache, result_key
from iterata.experiment.engines.base import LOCAL
from iterata.experiment.engines.environment import PACKAGES
from iterata.experiment.engines.out_of_fold import out_of_fold
from iterata.experiment.prepare import plan_location, prepare
from iterata.experiment.result import FinishedRun
from iterata.experiment.variants.build import (
    ProducerContext,
    answer_rule,
    build_producers,
    estimator_packages,
)
from iterata.experiment.variants.file import FileProducer
from iterata.experiment.variants.named_answers import ProbabilitiesNeeded
from iterata.experiment.variants.shared_matrices import shared_folder
from iterata.measure.kpi_scale import KpiScale
from iterata.results import provenance

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pydantic.main import IncEx

    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.period import Period
    from iterata.documents.models.proposal import Plan
    from iterata.experiment.engines.base import Engine, FitProgress
    from iterata.experiment.engines.out_of_fold import OutOfFold, Progress
    from iterata.experiment.prepare import PlanInputs
    from iterata.experiment.variants.base import Producer
    from iterata.results import ExperimentResult, Provenance

LOGGER = logging.getLogger(__name__)

_DIGESTS: IncEx = {"__all__": {"digest"}}
_APPROVAL_KEYS: Mapping[str, IncEx | bool] = {"data": _DIGESTS, "variants": _DIGESTS, "data_digest": True}
"""What approval writes into a plan; the digests of the data that was read tell the same."""


def _ignore_progress(progress: FitProgress) -> None:
    """Report nothing."""


class PlanRevision(NamedTuple):
    """The document and the state of the repository that a plan is taken from; recorded with the result."""

    proposal: str
    """The document, relative to the repository."""
    plan_digest: str
    """The digest of the plan that was approved."""
    commit: str | None
    """The commit of the working tree; None outside Git."""
    dirty: bool
    """Whether anything that the result depends on differs from that commit."""


def execute(  # noqa: PLR0913  # all but the last four describe the plan
    plan: Plan,
    kpi: KpiSpec,
    period: Period | None,
    project: Path,
    root: Path,
    revision: PlanRevision,
    *,
    jobs: int = -1,
    progress: Progress = _ignore_progress,
    engine: Engine = LOCAL,
    cache: str | None = None,
) -> ExperimentResult:
    """Run a plan.

    Every finished fold is cached at once: an interrupted run resumes where it stopped, and a run in which
    only metrics changed trains nothing.

    Args:
        plan: the approved plan.
        kpi: the KPI of the assessment, which the plan names as its primary metric.
        period: what the figures are scaled to; None for the rows themselves.
        project: the folder that the data's path starts from.
        root: the repository.
        revision: where the plan is taken from.
        jobs: how many processes to use; -1 for one per processor.
        progress: called whenever a fold is finished.
        engine: which processes predict; the figures do not depend on it.
        cache: the URL of a cache that a team shares, beside the one below `root`; None for no other.

    Raises:
        DataError: the data are missing, are not those that were approved, or do not hold what the plan says.
        RunError: the plan names something that cannot be run, or a variant failed.
    """
    inputs = prepare(plan, kpi, project, root, revision.proposal)
    data = inputs.evaluation.data
    kpi_scale = _kpi_scale(kpi, inputs, period, project)
    where = plan_location(revision.proposal) / "metrics"
    secondary_metrics.check(plan.metrics, data.status_quo_column, kpi_scale, where)
    iteration = "/".join(PurePosixPath(revision.proposal).parts[-3:-1])
    with (
        shared_folder(root, iteration, needed=bool(inputs.texts)) as shared,
        open_cache(root, cache, iteration=iteration) as kept,
    ):
        context = ProducerContext(plan, kpi, inputs, project, root, revision.proposal, shared)
        with logged_step(LOGGER, "loading the variants"):
            by_name = build_producers(context)
        predictions = out_of_fold(
            by_name,
            inputs.folds,
            n_rows=inputs.data.rows,
            data=_data_identity(plan, kpi, inputs),
            cache=PredictionCache(kept),
            jobs=jobs,
            progress=progress,
            engine=engine,
            n_classes=None if context.classes is None else len(context.classes),
        )
        _check_thresholds(kpi, predictions)
        _check_probabilities(context, predictions)
        predictions = {
            variant.name: predictions[variant.name]
            .stopping(variant.stop_below)
            .answering(answer_rule(variant, context), keep=context.measures_probabilities)
            for variant in plan.variants
        }
        started = time.perf_counter()
        origin = _provenance(context, by_name, predictions, revision, engine)
        run = FinishedRun(context, kpi_scale, by_name, predictions, revision.plan_digest, origin)
        key = result_key(project, [*_settings(plan, kpi, period), origin.data, origin.packages], predictions)
        result = ResultCache(kept).get_or_compute(key, run.result)
    seconds = {**origin.seconds, "comparison": round(time.perf_counter() - started, 2)}
    origin = origin.model_copy(update={"seconds": seconds})
    return result.model_copy(update={"provenance": origin, "plan_digest": revision.plan_digest})


def _kpi_scale(kpi: KpiSpec, inputs: PlanInputs, period: Period | None, project: Path) -> KpiScale:
    """The scale of the rows that are predicted."""
    data, table_rows = inputs.evaluation.data, inputs.data.outcomes.rows
    return KpiScale.of(
        kpi, data.outcomes, data.status_quo, period, project, table_rows=table_rows, units=data.units
    )


def _settings(plan: Plan, kpi: KpiSpec, period: Period | None) -> list[object]:
    """What the documents say about a result, as plain data."""
    return [part and part.model_dump(mode="json", exclude=_APPROVAL_KEYS) for part in (plan, kpi, period)]


def _check_thresholds(kpi: KpiSpec, predictions: Mapping[str, OutOfFold]) -> None:
    """Refuse predictions of programs and files that are on another scale than the KPI's threshold."""
    if not isinstance(kpi, OutcomeValueSpec):
        return
    for name, prediction in predictions.items():
        scores = ScoreRange()
        scores.add(prediction.scores[~np.isnan(prediction.scores)])
        if prediction.kind is None and not scores.fits(kpi.threshold):
            remedy = "write predictions on the scale of the KPI's threshold"
            whose, where = "the predictions", Location(variant=name)
            raise ThresholdOffScale(whose, kpi.threshold, scores.low, scores.high, where, remedy=remedy)


def _check_probabilities(context: ProducerContext, predictions: Mapping[str, OutOfFold]) -> None:
    """Refuse answers without the probabilities that decide them: kept ones may be of another plan."""
    for variant in context.plan.variants:
        names = context.answers(variant)
        if names is None or not names.needs_probabilities:
            continue
        if predictions[variant.name].probabilities is None:
            raise ProbabilitiesNeeded(names).at(variant=variant.name)


def _data_identity(plan: Plan, kpi: KpiSpec, inputs: PlanInputs) -> list[object]:
    """What distinguishes these rows, and the code that reads them, from any others."""
    versions = provenance.collect(data={}, packages=PACKAGES, commit=None, dirty=False, seconds={}).packages
    target = [plan.target.column, plan.target.positive, plan.target.negative, outcome_of(kpi)]
    columns = plan.data[0].model_dump(mode="json", include={"unit_id", "columns"})
    return [inputs.data.digest, *target, columns, versions]


def _provenance(
    context: ProducerContext,
    by_name: Mapping[str, Producer],
    predictions: Mapping[str, OutOfFold],
    revision: PlanRevision,
    engine: Engine,
) -> Provenance:
    data = context.inputs.evaluation.data
    recorded = {
        (context.project / producer.variant.source).relative_to(context.root).as_posix(): producer.digest
        for producer in by_name.values()
        if isinstance(producer, FileProducer)
    }
    collected = provenance.collect(
        data={data.source: data.digest, **recorded},
        packages=[*PACKAGES, *estimator_packages(context)],
        commit=revision.commit,
        dirty=revision.dirty,
        seconds={name: prediction.seconds for name, prediction in predictions.items()},
    )
    return collected.model_copy(update={"engine": engine.kind})
