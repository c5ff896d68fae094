"""Out-of-fold predictions of every variant: from the cache, or made side by side."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from contextlib import closing
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from joblib import delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError

from iterata.documents.fingerprint import digest
from iterata.errors import IterataError, Location, RunError
from iterata.execution.project_code import fingerprint
from iterata.execution.stdout import stdout_to_stderr
from iterata.experiment.engines import dask, joblib_clusters
from iterata.experiment.engines.base import LOCAL
from iterata.experiment.engines.local import beside
from iterata.experiment.engines.tasks import Task, WorkerLost
from iterata.measure.metrics import column
from iterata.results import provenance

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from iterata.arrays import Bools, Floats
    from iterata.experiment.engines.base import Engine
    from iterata.experiment.engines.cache import Cache
    from iterata.experiment.folds import Fold
    from iterata.experiment.variants.base import Prediction, Producer
    from iterata.measure.metrics import PredictionColumn, PredictionKind

    Progress = Callable[[str, int, int], None]
    """Called with the variant whose fold was just finished, how many folds of all variants are done, and how
    many there are."""

PACKAGES = ("iterata", "joblib", "numpy", "pandas", "scikit-learn", "scipy")
"""Distributions whose versions a result names, beside those the estimators come from."""

FORMAT = 1
"""Raised whenever equal keys would no longer give equal predictions."""


WAYS = 3
"""In how many ways a variant may fail that are each told of."""

_NUMBER = re.compile(r"\d+")


class OutOfFold(NamedTuple):
    """What a variant says of rows it never saw."""

    scores: Floats
    """`(repeats, n)`; not a number in rows that no fold predicts."""
    sort: PredictionKind | None
    """None where the values have to tell."""
    tuned: list[dict[str, Any]]
    """The parameters each fold chose, in the order of the folds."""
    warnings: dict[str, int]
    """In how many folds the estimator gave which warning."""
    seconds: float
    """Time spent fitting and scoring, summed over folds."""

    def columns(self, rows: Bools | None = None) -> list[PredictionColumn]:
        """The predictions of each repeat, for the rows that are predicted; none for all of them."""
        kept = self.scores if rows is None else self.scores[:, rows]
        if self.sort is None:  # all repeats are of one sort
            return [column(kept.ravel())._replace(values=scores) for scores in kept]
        return [column(scores, self.sort) for scores in kept]


class _Failure(NamedTuple):
    """What became of a job that failed; plain, because it travels between processes."""

    message: str
    remedy: str


class _Job(NamedTuple):
    """One variant on one fold."""

    variant: str
    fold: int
    """From 0, over all repeats."""
    key: str


def out_of_fold(
    producers: Mapping[str, Producer],
    folds: Sequence[Fold],
    *,
    rows: int,
    data: object,
    cache: Cache,
    jobs: int,
    progress: Progress,
    engine: Engine = LOCAL,
) -> dict[str, OutOfFold]:
    """Every variant's predictions for every row, once per repeat.

    Args:
        producers: by the variants' names.
        folds: in order.
        rows: how many rows there are.
        data: plain data that tells the data set apart from any other.
        cache: where predictions are kept; each one as soon as it is there.
        jobs: how many processes to use; -1 for as many as there are processors.
        progress: called in this process.
        engine: which processes these are.

    Raises:
        RunError: a variant failed, named with its fold; the others were finished and kept. Or the engine
            cannot be reached; what was finished is kept.
    """
    jobs_to_do = [
        _Job(name, number, digest([FORMAT, data, producer.identity, *_rows(fold)]))
        for name, producer in producers.items()
        for number, fold in enumerate(folds)
    ]
    done: dict[_Job, Prediction] = {}
    failures: dict[_Job, _Failure] = {}
    local = partial(_side_by_side, processes=jobs)
    run_on_cluster = local if engine == LOCAL else partial(_in_cluster, engine=engine)
    with closing(_outcomes(jobs_to_do, producers, folds, cache, run_on_cluster)) as outcomes:
        for job, outcome in outcomes:
            if isinstance(outcome, _Failure):
                failures[job] = outcome
            else:
                done[job] = outcome
            progress(job.variant, len(done) + len(failures), len(jobs_to_do))
    if failures:
        raise _told({job: failures[job] for job in jobs_to_do if job in failures}, folds)
    return {
        name: _joined([done[job] for job in jobs_to_do if job.variant == name], folds, rows)
        for name in producers
    }


def _outcomes(
    wanted: Sequence[_Job],
    producers: Mapping[str, Producer],
    folds: Sequence[Fold],
    cache: Cache,
    run_on_cluster: Callable[..., Iterator[tuple[_Job, Prediction | _Failure]]],
) -> Generator[tuple[_Job, Prediction | _Failure]]:
    """Every job with what became of it: first those already kept, then the others as they end."""
    missing = []
    for job in wanted:
        kept = cache.get(job.key, len(folds[job.fold].test))
        if kept is None:
            missing.append(job)
        else:
            yield job, kept
    with_others = [job for job in missing if not producers[job.variant].alone]
    for job, outcome in chain(
        run_on_cluster(with_others, producers, folds),
        (_attempt(job, producers[job.variant], folds[job.fold]) for job in missing if job not in with_others),
    ):
        if not isinstance(outcome, _Failure):
            cache.put(job.key, outcome)
        yield job, outcome


def _side_by_side(
    jobs: Sequence[_Job], producers: Mapping[str, Producer], folds: Sequence[Fold], processes: int
) -> Iterator[tuple[_Job, Prediction | _Failure]]:
    """Jobs in processes of their own, as they end.

    If one of these dies, all that were under way are lost, and nobody knows whose fault it was: each of them
    is then done again for itself, which also leaves it all the memory.
    """
    left = {job: delayed(_attempt)(job, producers[job.variant], folds[job.fold]) for job in jobs}
    try:
        for job, outcome in beside(list(left.values()), processes if len(jobs) > 1 else 1):
            del left[job]
            yield job, outcome
    except TerminatedWorkerError:
        for job, task in left.items():
            try:
                yield from beside([task], 2)
            except TerminatedWorkerError:
                remedy = "run it on a machine with more memory, or with what crashes taken out of the plan"
                yield job, _Failure("its process died, most likely for want of memory", remedy)


def _in_cluster(
    jobs: Sequence[_Job], producers: Mapping[str, Producer], folds: Sequence[Fold], engine: Engine
) -> Iterator[tuple[_Job, Prediction | _Failure]]:
    """Jobs by the workers of a cluster, as they end."""
    if not jobs:
        return
    tasks = {job: Task(_attempt_in_cluster, producers[job.variant], (job, folds[job.fold])) for job in jobs}
    projects = {getattr(producers[job.variant], "project", None) for job in jobs}
    asking = (
        dask.run_on_cluster if engine.kind == "dask" else partial(joblib_clusters.run_on_cluster, engine.kind)
    )
    with closing(asking(engine.address, tasks, partial(_code, projects))) as answers:
        for job, answer in answers:
            if isinstance(answer, WorkerLost):
                remedy = (
                    "give the workers this environment and this folder, and enough memory; or run it here"
                )
                yield job, _Failure(f"no worker could do it: {answer.why}", remedy)
            else:
                yield answer


def _attempt_in_cluster(producer: Producer, own: tuple[_Job, Fold]) -> tuple[_Job, Prediction | _Failure]:
    job, fold = own
    return _attempt(job, producer, fold)


def _code(projects: set[Path | None]) -> list[object]:
    """What must be the same wherever a plan is carried out, besides the data."""
    made = provenance.collect(data={}, packages=PACKAGES, commit=None, dirty=False, seconds={})
    return [made.python, made.packages, *(fingerprint(each) for each in projects if each)]


def _attempt(job: _Job, producer: Producer, fold: Fold) -> tuple[_Job, Prediction | _Failure]:
    """Run one job in whatever process this is; a failure is an answer, so that the other jobs go on."""
    try:
        with stdout_to_stderr():
            return job, producer(fold)
    except IterataError as error:
        return job, _Failure(error.message, error.remedy)


def _told(failures: Mapping[_Job, _Failure], folds: Sequence[Fold]) -> RunError:
    """What became of each variant that failed: each way it did, by the first fold that did so."""
    ways: dict[str, dict[str, list[_Job]]] = {}
    for job, failure in failures.items():
        known = ways.setdefault(job.variant, {})
        way = _NUMBER.sub("", failure.message)  # which row it was differs from fold to fold
        if way not in known and len(known) == WAYS:
            way = list(known)[-1]
        known.setdefault(way, []).append(job)
    told = []
    for job, *more in chain.from_iterable(known.values() for known in ways.values()):
        folded = f" (and in {len(more)} more of its folds)" if more else ""
        fold = folds[job.fold]
        where = Location(variant=job.variant, fold=fold.number, repeat=fold.repeat)
        told.append(RunError(f"{failures[job].message}{folded}", remedy=failures[job].remedy, where=where))
    first, *others = told
    told[-1].remedy += "; then run it again: what was finished is kept"
    first.also = tuple(others)
    return first


def _joined(parts: Sequence[Prediction], folds: Sequence[Fold], rows: int) -> OutOfFold:
    scores = np.full((folds[-1].repeat, rows), np.nan)
    for part, fold in zip(parts, folds, strict=True):
        scores[fold.repeat - 1, fold.test] = part.scores
    warned = Counter(warning for part in parts for warning in part.warnings)
    tuned = [part.tuned for part in parts if part.tuned]
    return OutOfFold(scores, parts[0].sort, tuned, dict(warned), sum(part.seconds for part in parts))


def _rows(fold: Fold) -> tuple[str, str]:
    """What tells a fold's rows apart from any other's."""
    return hashlib.sha256(fold.train.tobytes()).hexdigest(), hashlib.sha256(fold.test.tobytes()).hexdigest()
