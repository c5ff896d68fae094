"""Tasks for the workers of a cluster, and their results."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

Shared = TypeVar("Shared")
Argument = TypeVar("Argument")
Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)

Environment = Callable[[], object]
"""Describes the code and the packages of the process that calls it, as plain data."""

_ONE_AT_A_TIME = Lock()
"""A fit redirects the output and the warnings of its whole process, so the threads of a worker take turns."""


class Task(NamedTuple, Generic[Shared, Argument, Result_co]):
    """A call for a worker: `function(shared, argument)`."""

    function: Callable[[Shared, Argument], Result_co]
    shared: Shared
    """Large, and the same for many tasks, so that it is sent once."""
    argument: Argument


class WorkerLost(NamedTuple):
    """The result of a task that no worker completed."""

    reason: str


def run_task(
    task: Task[Shared, Argument, Result], environment: Environment, expected: object
) -> Result | WorkerLost:
    """Run a task on a worker whose environment is the expected one."""
    with _ONE_AT_A_TIME:
        if environment() != expected:
            return WorkerLost("a worker has different code, or different versions of packages")
        return task.function(task.shared, task.argument)
