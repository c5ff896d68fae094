"""Show the progress of a long command: a bar on a terminal, lines of text elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

from iterata.experiment.engines.base import KeptFold
from iterata_cli.output import print_message

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress, TaskID


class ProgressBar:
    """Called with the present step, the amount that is done, and the total."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._printed = ""
        self.kept = 0
        """How many steps an earlier run did."""
        self.total = 0

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console  # noqa: PLC0415  # only on a terminal
            from rich.progress import Progress  # noqa: PLC0415

            self._progress = Progress(console=Console(stderr=True), transient=True)
            self._progress.start()
            self._task = self._progress.add_task("", total=None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def __call__(self, step: str, done: int, total: int) -> None:
        """Update the bar; without one, print a line when the step changes."""
        self.total = total
        if isinstance(step, KeptFold):
            self.kept += 1
            step = f"{step}, kept from an earlier run"
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description=step, completed=done, total=total)
        elif step != self._printed:
            print_message(f"{step} ({done} of {total})")
            self._printed = step
