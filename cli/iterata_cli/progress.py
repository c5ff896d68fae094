"""Show how far the fits of a plan are: a bar on a terminal, lines of text elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

from iterata_cli.long_running import LongCommand
from iterata_cli.output import duration, print_message
from iterata_cli.verbosity import Verbosity, verbosity

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress, TaskID

    from iterata.experiment.engines.base import FitProgress


class ProgressBar:
    """Called with how far the fits are."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._printed: set[str] = set()
        self._latest: FitProgress | None = None
        self._began = time.monotonic()
        self.kept = 0
        """How many fits an earlier run did."""
        self.total = 0

    def __enter__(self) -> Self:
        if sys.stderr.isatty() and verbosity() is not Verbosity.QUIET:
            from rich.console import Console  # noqa: PLC0415  # only on a terminal
            from rich.progress import Progress  # noqa: PLC0415

            self._progress = Progress(console=Console(stderr=True), transient=True)
            self._progress.start()
            self._task = self._progress.add_task("", total=None)
        if LongCommand.current is not None:
            LongCommand.current.state = self._state
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()
        if LongCommand.current is not None:
            LongCommand.current.state = None

    def __call__(self, fits: FitProgress) -> None:
        """Update the bar; without one, print a line for each variant."""
        if self._latest is None or not self._latest.to_fit:
            self._began = time.monotonic()
        self._latest, self.total = fits, fits.total
        self.kept += fits.kept
        line = f"{fits.variant}, kept from an earlier run" if fits.kept else fits.variant
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description=line, completed=fits.done, total=fits.total)
        elif line not in self._printed and (fits.fitted or fits.kept):
            print_message(f"{line} ({fits.done} of {fits.total})")
            self._printed.add(line)

    def _state(self) -> str:
        """How far the fits are, such as `14 of 60 fits, 3 under way, about 4 min left`."""
        fits = self._latest
        if fits is None or fits.done == fits.total:
            return ""
        parts = [f"{fits.done} of {fits.total} fits"]
        if fits.under_way is not None:
            parts.append(f"{fits.under_way} under way")
        if fits.fitted:
            seconds = (time.monotonic() - self._began) / fits.fitted * (fits.to_fit - fits.fitted)
            parts.append(f"about {duration(seconds)} left")
        return ", ".join(parts)
