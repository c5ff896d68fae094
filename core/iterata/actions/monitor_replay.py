"""`iterata monitor --replay`: try the monitors on their own past, before a release or after false alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.actions.monitor import problem_of_error, tables_of
from iterata.documents.models.deployment import Deployment
from iterata.documents.models.enums import MonitorMeasure
from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from pathlib import Path

    from iterata.documents import Document
    from iterata.documents.models.monitors import Monitor
    from iterata.monitoring.replay import Replay
    from iterata.problems import Problem
    from iterata.repository.projects import IterationFolder


FEWEST_DAYS = 14
"""The fewest days that tell anything about a year."""

_NO_PAST = "it has no past to try it on, which needs `date` and a measure of several rows"


class ReplayResult(NamedTuple):
    """One monitor on its own past."""

    iteration: str
    monitor: Monitor
    replay: Replay | None
    """None if it has no past, or its data cannot be read."""
    problem: Problem | None
    note: str = ""
    """Why it has no past."""


def replay_monitors(
    root: Path, deployments: Iterable[tuple[IterationFolder, Document]], today: date, drop: float
) -> Iterator[ReplayResult]:
    """Try the monitors of some deployments; those that are watched elsewhere are left out.

    Args:
        root: the knowledge base.
        deployments: each with the folder of its iteration.
        today: the day of the look.
        drop: the size of the change that is tried, such as 0.1.
    """
    from iterata.monitoring.replay import replay  # noqa: PLC0415  # imports pandas

    for folder, document in deployments:
        if not isinstance(document.model, Deployment):
            continue
        tables = tables_of(root, folder, document.model)
        for position, monitor in enumerate(document.model.monitors):
            if tables is None or monitor.measure is None:
                continue
            if monitor.date is None or monitor.measure is MonitorMeasure.LAST:
                yield ReplayResult(folder.ref, monitor, None, None, _NO_PAST)
                continue
            try:
                found = replay(monitor, tables, today, drop)
            except DataError as error:
                problem = problem_of_error(document, position, monitor, error)
                yield ReplayResult(folder.ref, monitor, None, problem)
            else:
                is_short = found.days < FEWEST_DAYS
                note = (
                    f"its past of {found.days} days is too short; it needs {FEWEST_DAYS}" if is_short else ""
                )
                yield ReplayResult(folder.ref, monitor, None if is_short else found, None, note)
