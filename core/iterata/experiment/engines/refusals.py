"""Why a cluster cannot be used, each reason a class with its message and its remedy."""

from __future__ import annotations

from iterata.errors import RunError
from iterata.execution.exceptions import exception_summary
from iterata.execution.extras import install_command
from iterata.text import truncate

_RUN_AGAIN = "then run again: finished folds are cached"


class UnknownEngine(RunError):
    """`--engine` names no engine."""

    def __init__(self, option: str) -> None:
        remedy = "use local, dask://host:port, ray://host:port or spark://host:port"
        super().__init__(f"{option} is not an engine", remedy=remedy, where="--engine")


class PackageMissing(RunError):
    """The client library of a cluster is not installed."""

    def __init__(self, package: str, extra: str, url: str) -> None:
        remedy = f"install it here and on the workers: `{install_command(extra)}`"
        super().__init__(f"{package} is not installed", remedy=remedy, where=url)


class ClusterUnreachable(RunError):
    """No scheduler answers at the address."""

    def __init__(self, url: str) -> None:
        remedy = "start the cluster, or correct the address; without --engine the run uses this machine"
        super().__init__("no scheduler answers at this address", remedy=remedy, where=url)


class ClusterRefused(RunError):
    """The cluster refused the connection, for example because of its version."""

    def __init__(self, url: str, error: Exception) -> None:
        remedy = "use the same versions of Python and of the package here and on the cluster"
        message = f"the cluster refused the connection: {truncate(exception_summary(error), 300)}"
        super().__init__(message, remedy=remedy, where=url)


class ClusterLost(RunError):
    """The scheduler no longer answers."""

    def __init__(self, url: str) -> None:
        super().__init__("the scheduler stopped", remedy=f"start it, {_RUN_AGAIN}", where=url)


class NoWorkers(RunError):
    """The cluster has no workers, and none came back."""

    def __init__(self, url: str) -> None:
        super().__init__("the cluster has no workers", remedy=f"start some, {_RUN_AGAIN}", where=url)


class NoWorkerSucceeded(RunError):
    """No worker of the cluster could execute a fold."""

    def __init__(self, reason: str) -> None:
        remedy = "give the workers enough memory, this environment and this folder; or run without --engine"
        super().__init__(f"no worker could execute it: {reason}", remedy=remedy)


class WorkerKilled(RunError):
    """The process of a fit ended without an answer."""

    def __init__(self) -> None:
        remedy = "run it on a machine with more memory, or remove what crashes from the plan"
        super().__init__("the worker process was killed, probably out of memory", remedy=remedy)
