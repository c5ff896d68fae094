"""Executes runs: in this process, in processes of this machine, or by the workers of a cluster."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from joblib import effective_n_jobs

from iterata.experiment.engines import dask, joblib_cluster, ray, spark
from iterata.experiment.engines.base import LOCAL
from iterata.experiment.engines.environment import describe_environment
from iterata.experiment.engines.fold_runs import predict_fold
from iterata.experiment.engines.local import WorkerTerminated, run_locally
from iterata.experiment.engines.refusals import NoWorkerSucceeded, WorkerKilled
from iterata.experiment.engines.tasks import Task, WorkerLost

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iterata.experiment.engines.base import Engine
    from iterata.experiment.engines.fold_runs import FoldRun, Outcome


def execute_runs(
    runs: Mapping[int, FoldRun], engine: Engine, processes: int
) -> Iterator[tuple[int, Outcome]]:
    """The outcome of every run, in the order in which they end.

    Args:
        runs: by any number that identifies them.
        engine: where they are executed, except those that run in the main process.
        processes: how many to use on this machine; -1 for one per core.

    Raises:
        RunError: the cluster cannot be reached, or was lost.
    """
    main = {number: run for number, run in runs.items() if run.producer.runs_in_main_process}
    others = {number: run for number, run in runs.items() if number not in main}
    if engine == LOCAL:
        yield from _in_processes(others, processes)
    elif others:
        yield from _on_cluster(others, engine)
    for number, run in main.items():
        yield number, predict_fold(run.producer, run.fold)


def under_way(runs: Mapping[int, FoldRun], engine: Engine, processes: int, finished: int) -> int | None:
    """How many runs are executed at this moment; None if a cluster decides.

    Args:
        runs: all of them.
        engine: where they are executed.
        processes: how many to use on this machine; -1 for one per core.
        finished: how many have ended.
    """
    others = sum(not run.producer.runs_in_main_process for run in runs.values())
    if finished >= others:  # the others come first
        return min(1, len(runs) - finished)
    if engine != LOCAL:
        return None
    return min(int(effective_n_jobs(processes)), others - finished)


def _in_processes(runs: Mapping[int, FoldRun], processes: int) -> Iterator[tuple[int, Outcome]]:
    """Runs in processes of this machine.

    If a process dies, the guilty run is unknown. So each run that had begun is repeated alone, where it also
    has all of the memory; then the others go on side by side.
    """
    remaining = dict(runs)
    while remaining:
        try:
            for number, outcome in run_locally(_predict, dict(remaining), processes if len(runs) > 1 else 1):
                del remaining[number]
                yield number, outcome
        except WorkerTerminated as terminated:
            for number in sorted(terminated.running or remaining):
                yield number, _predict_in_own_process(remaining.pop(number))


def _predict_in_own_process(run: FoldRun) -> Outcome:
    try:
        ((_, outcome),) = run_locally(_predict, {0: run}, 2)  # with one process, it would be this one
    except WorkerTerminated:
        return WorkerKilled()
    return outcome


def _predict(run: FoldRun) -> Outcome:
    return predict_fold(run.producer, run.fold)


def _on_cluster(runs: Mapping[int, FoldRun], engine: Engine) -> Iterator[tuple[int, Outcome]]:
    tasks = {number: Task(predict_fold, run.producer, run.fold) for number, run in runs.items()}
    projects = sorted({run.producer.project for run in runs.values()})
    environment = partial(describe_environment, projects)
    url = f"{engine.kind}://{engine.address}"
    match engine.kind:
        case "dask":
            results = dask.run_on_cluster(url, tasks, environment)
        case "ray":
            results = joblib_cluster.run_on_cluster(ray.connect, url, tasks, environment)
        case _:
            results = joblib_cluster.run_on_cluster(spark.connect, url, tasks, environment)
    with closing(results):
        for number, result in results:
            yield number, NoWorkerSucceeded(result.reason) if isinstance(result, WorkerLost) else result
