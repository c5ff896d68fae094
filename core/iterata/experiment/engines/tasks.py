"""What the workers of a cluster are asked for, and how they answer."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    Here = Callable[[], Any]
    """Tells code and versions apart; a worker where it says something else is not asked."""

PATIENCE = 8.0
"""Seconds that a scheduler may take to answer, and a cluster to be without any worker."""

_ONE_AT_A_TIME = Lock()
"""A fit diverts output and warnings of its whole process: threads of one worker must not mix theirs."""


class Task(NamedTuple):
    """What a worker is asked for: `ask(shared, own)`."""

    ask: Callable[[Any, Any], Any]
    shared: Any
    """Large, and the same for many tasks."""
    own: Any


class WorkerLost(NamedTuple):
    """What became of a task that no worker answers."""

    why: str


def answer(task: Task, here: Here, expected: Any) -> Any:
    """Run on the worker."""
    with _ONE_AT_A_TIME:
        if here() != expected:
            return WorkerLost("a worker has other code, or other versions of packages, than there are here")
        return task.ask(task.shared, task.own)
