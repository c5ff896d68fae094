"""Measure everything and print the ratios: `python -m benchmarks`, or `make bench`.

The targets are for a quiet machine. A ratio fails only if it is more than 25 % above its target.
"""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import dates, intervals, large, many, monitors, other_kinds, releases, runs, sites, start_up

ROOT = Path(__file__).resolve().parents[1]
TOLERANCE = 1.25
ROW = "{:<38}{:<23}{:>9}{:>9}{:>8}{:>8}  {}"


def main() -> int:
    """Print a line for each comparison. Return 1 if one is far above its target."""
    print(ROW.format("what", "against", "ours", "theirs", "ratio", "target", ""))
    failed = False
    with TemporaryDirectory(prefix="iterata-bench-") as folder:
        scratch = Path(folder)
        for row in chain.from_iterable(
            subject.comparisons(ROOT, scratch)
            for subject in (
                start_up,
                many,
                dates,
                sites,
                intervals,
                other_kinds,
                large,
                releases,
                monitors,
                runs,
            )
        ):
            ours, theirs = f"{row.ours * 1000:.0f} ms", f"{row.theirs * 1000:.0f} ms"
            verdict = "ok" if row.ratio <= row.target else "above"
            failed |= row.ratio > row.target * TOLERANCE
            figures = (f"{row.ratio:.2f}", f"{row.target:.2f}", verdict)
            print(ROW.format(row.what, row.peer, ours, theirs, *figures), flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
