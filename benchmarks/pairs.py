"""Two commands timed in turn, as whole processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

WARM_UPS = 2
ENVIRONMENT = {
    name: value
    for name, value in {**os.environ, "NO_COLOR": "1", "NO_MKDOCS_2_WARNING": "1"}.items()
    if name != "PYTHONDONTWRITEBYTECODE"  # compile once, as installed packages are
}


class Command(NamedTuple):
    """A command and its folder."""

    words: list[str]
    folder: Path

    def seconds(self) -> float:
        """The duration of the whole process.

        Raises:
            subprocess.CalledProcessError: it failed.
        """
        started = time.perf_counter()
        subprocess.run(self.words, cwd=self.folder, env=ENVIRONMENT, check=True, capture_output=True)
        return time.perf_counter() - started

    def peak(self) -> float:
        """The most memory of the whole process, in thousands of megabytes, so that tables show megabytes."""
        process = subprocess.Popen(
            self.words, cwd=self.folder, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, self.words)
        return usage.ru_maxrss / 1e6


class Comparison(NamedTuple):
    """The result of a comparison with a peer."""

    what: str
    peer: str
    target: float
    """The largest accepted ratio."""
    ours: float
    """The median, in seconds."""
    theirs: float
    ratio: float
    """The median of the pairwise ratios; less is faster."""
    unit: str = "ms"
    """The unit of both figures, times 1,000."""


def within(what: str, figure: float, most: float, unit: str = "ms") -> Comparison:
    """A figure beside the largest accepted one, both in thousands of the unit."""
    return Comparison(what, "at most", 1.0, figure, most, figure / most, unit)


def compare(
    what: str,
    ours: Command,
    peer: str,
    theirs: Command,
    target: float,
    *,
    pairs: int,
    warm_ups: int = WARM_UPS,
) -> Comparison:
    """Time both in turn, alternating which one is first, so a slow machine slows both."""
    for command in (ours, theirs) * warm_ups:
        command.seconds()
    timed = []
    for number in range(pairs):
        if number % 2:
            their_seconds = theirs.seconds()
            timed.append((ours.seconds(), their_seconds))
        else:
            timed.append((ours.seconds(), theirs.seconds()))
    return Comparison(
        what,
        peer,
        target,
        ours=median(one for one, _ in timed),
        theirs=median(other for _, other in timed),
        ratio=median(one / other for one, other in timed),
    )


def script(name: str) -> str:
    """The path of an installed command of this environment."""
    return str(Path(sys.executable).with_name(name))
