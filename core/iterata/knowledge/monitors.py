"""What each monitor of a release showed, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import ContentMissingError, IterataError

if TYPE_CHECKING:
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


@dataclass(frozen=True)
class Monitoring:
    """The monitors of a release. Their recorded days are read on first use: only their page shows them."""

    monitors: tuple[Monitor, ...]
    folder: IterationFolder

    @cached_property
    def views(self) -> tuple[MonitorView, ...]:
        """Each monitor; without days if nothing was recorded, or if it cannot be read."""
        series, _ = self._series
        return tuple(
            MonitorView(monitor, tuple(series.of_monitor(monitor.name).items()) if series else ())
            for monitor in self.monitors
        )

    @property
    def unread(self) -> IterataError | None:
        """Why the recorded days cannot be read; None if they can, or if there are none."""
        return self._series[1]

    @cached_property
    def _series(self) -> tuple[MonitorSeries | None, IterataError | None]:
        try:
            return _series(self.folder), None
        except ContentMissingError:
            raise
        except IterataError as error:
            return None, error


def _series(folder: IterationFolder) -> MonitorSeries | None:
    """The series of an iteration; None if nothing was recorded."""
    if SERIES_FILE not in folder.result_files:
        return None
    from iterata.results.monitors import parse_series  # noqa: PLC0415  # only if there is a series

    path = f"{folder.path}/results/{SERIES_FILE}"
    return parse_series(folder.project.repository.read(path), path)
