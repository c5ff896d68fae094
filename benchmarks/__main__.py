"""Measure and print the ratios: `python -m benchmarks [SUBJECT]...`, or `make bench`.

The targets are for a quiet machine. A ratio fails only if it is more than 25 % above its target.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks import (
    dates,
    findings_library,
    intervals,
    large,
    many,
    monitors,
    other_kinds,
    releases,
    runs,
    serving,
    site_sizes,
    sites,
    start_up,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.pairs import Comparison

    Subject = Callable[[Path, Path], Iterator[Comparison]]

ROOT = Path(__file__).resolve().parents[1]
TOLERANCE = 1.25
ROW = "{:<38}{:<23}{:>9}{:>9}{:>8}{:>8}  {}"

SUBJECTS: dict[str, Subject] = {
    module.__name__.rpartition(".")[2]: module.comparisons
    for module in (
        start_up,
        many,
        dates,
        sites,
        serving,
        findings_library,
        intervals,
        other_kinds,
        large,
        releases,
        monitors,
        runs,
        site_sizes,
    )
}
LONG = {"site_sizes"}
"""Subjects that take half an hour: measured only if they are named."""


def main() -> int:
    """Print a line for each comparison. Return 1 if one is far above its target."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure speed.")
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=f"of {', '.join(SUBJECTS)}")
    names = parser.parse_args().subjects or [name for name in SUBJECTS if name not in LONG]
    if unknown := sorted(set(names) - set(SUBJECTS)):
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(SUBJECTS)}")
    print(ROW.format("what", "against", "ours", "theirs", "ratio", "target", ""))
    with TemporaryDirectory(prefix="iterata-bench-") as folder:
        rows = (row for name in names for row in SUBJECTS[name](ROOT, Path(folder)))
        return max(map(_report, rows), default=0)


def _report(row: Comparison) -> int:
    """Print a comparison. Return 1 if it is far above its target."""
    ours, theirs = (f"{figure * 1000:.0f} {row.unit}" for figure in (row.ours, row.theirs))
    verdict = "ok" if row.ratio <= row.target else "above"
    figures = (f"{row.ratio:.2f}", f"{row.target:.2f}", verdict)
    print(ROW.format(row.what, row.peer, ours, theirs, *figures), flush=True)
    return int(row.ratio > row.target * TOLERANCE)


if __name__ == "__main__":
    sys.exit(main())
