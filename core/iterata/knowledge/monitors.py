"""What each monitor of a release showed, day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import ContentMissingError, IterataError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from iterata.documents.models.monitors import Monitor
    from iterata.repository.projects import IterationFolder
    from iterata.results.monitors import MonitorEntry, MonitorSeries

SERIES_FILE = "monitors.json"


class MonitorView(NamedTuple):
    """A monitor with its recorded days."""

    monitor: Monitor
    entries: tuple[tuple[date, MonitorEntry], ...]
    """The oldest day first; a day without a look is absent."""


class Monitoring(NamedTuple):
    """The monitors of a release."""

    views: tuple[MonitorView, ...] = ()
    unread: IterataError | None = None
    """Why the recorded days cannot be read; None if they can, or if there are none."""


def monitoring(monitors: Sequence[Monitor], folder: IterationFolder) -> Monitoring:
    """The monitors of a deployment; without days if nothing was recorded, or if it cannot be read."""
    series, error = None, None
    try:
        series = _series(folder)
    except ContentMissingError:
        raise
    except IterataError as unreadable:
        error = unreadable
    return Monitoring(
        tuple(
            MonitorView(monitor, tuple(series.of_monitor(monitor.name).items()) if series else ())
            for monitor in monitors
        ),
        error,
    )


def _series(folder: IterationFolder) -> MonitorSeries | None:
    """The series of an iteration; None if nothing was recorded."""
    if SERIES_FILE not in folder.result_files:
        return None
    from iterata.results.monitors import parse_series  # noqa: PLC0415  # only if there is a series

    path = f"{folder.path}/results/{SERIES_FILE}"
    return parse_series(folder.project.repository.read(path), path)
