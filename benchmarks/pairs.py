"""Two commands timed side by side, as whole processes."""

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
    if name != "PYTHONDONTWRITEBYTECODE"  # as installed packages are: compiled once
}


class Command(NamedTuple):
    """What is timed, and where."""

    words: list[str]
    folder: Path

    def seconds(self) -> float:
        """How long the whole process takes.

        Raises:
            subprocess.CalledProcessError: it failed, so that nothing was measured.
        """
        started = time.perf_counter()
        subprocess.run(self.words, cwd=self.folder, env=ENVIRONMENT, check=True, capture_output=True)
        return time.perf_counter() - started


class Comparison(NamedTuple):
    """How we fared against a peer."""

    what: str
    peer: str
    target: float
    """The ratio not to be exceeded."""
    ours: float
    """Seconds, the median."""
    theirs: float
    ratio: float
    """The median of the ratios of the pairs; less is faster."""


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
    """Time the two in turn, each first in every other pair, so that what slows the machine slows both."""
    for command in (ours, theirs) * warm_ups:
        command.seconds()
    timed = []
    for turn in range(pairs):
        if turn % 2:
            late = theirs.seconds()
            timed.append((ours.seconds(), late))
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
    """An installed command, beside the Python that runs this."""
    return str(Path(sys.executable).with_name(name))
