"""Split tests: the time and the memory of the sums of ten million units of Parquet."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks.pairs import ENVIRONMENT, Command, Comparison, compare

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAIRS, WARM_UPS = 3, 1

WRITE = """
import duckdb
duckdb.sql('''COPY (
    SELECT i * 2654435761 % 1000000007 AS unit, hash(i) % 2 AS arm, (hash(i * 5) % 1000) / 10 AS spend,
        hash(i * 7) % 10 AS visits, DATE '2026-01-01' + CAST(hash(i * 3) % 28 AS INTEGER) AS day
    FROM range(10_000_000) AS rows(i)
) TO 'units.parquet' (FORMAT parquet)''')
"""

SUMS = """
import duckdb, numpy, pandas, pydantic, yaml
duckdb.sql('''
    SELECT day, arm, count(*), sum(spend), sum(visits), sum(spend * spend), sum(visits * visits),
        sum(spend * visits)
    FROM ({units}) GROUP BY day, arm
''').df()
"""
"""The reference: import the libraries that reading needs, and sum up."""

UNITS = (
    "SELECT min(day) AS day, min(arm) AS arm, sum(spend) AS spend, sum(visits) AS visits FROM 'units.parquet'"
)
EACH = {"rows": "SELECT * FROM 'units.parquet'", "units": f"{UNITS} GROUP BY unit"}
"""Each row is a unit, or its rows are added up."""

READ = """
import resource
from datetime import date
from pathlib import Path
from iterata.documents.models.deployment import Deployment, Phase
from iterata.documents.models.split_test import SplitTestSpec
from iterata.rollout.read import read_release
spec = SplitTestSpec.model_validate({{
    "source": "units.parquet", "date": "day", "unit_id": {unit},
    "arm": {{"column": "arm", "control": 0, "treatment": 1}},
    "metrics": {{"spend": {{"of": "spend", "at_least": 0}}, "per visit": {{"of": "spend", "per": "visits"}}}},
}})
phases = [Phase(share=0.1, started=date(2026, 1, 1)), Phase(share=0.5, started=date(2026, 1, 15))]
release = Deployment.model_construct(split_test=spec, phases=phases)
read_release(release, Path.cwd(), Path.cwd(), date(2026, 6, 1))
print(max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
"""


def comparisons(_: Path, scratch: Path) -> Iterator[Comparison]:
    """The time relative to DuckDB's own sums, and the peak memory of the larger process in gigabytes."""
    folder = scratch / "release"
    folder.mkdir()
    subprocess.run(
        [sys.executable, "-c", WRITE], cwd=folder, env=ENVIRONMENT, check=True, capture_output=True
    )
    for name, unit in (("rows", None), ("units", "unit")):
        read = Command([sys.executable, "-c", READ.format(unit=repr(unit))], folder)
        sums = Command([sys.executable, "-c", SUMS.format(units=EACH[name])], folder)
        what = f"split test of 10 M {name}"
        yield compare(what, read, "imports, DuckDB", sums, 2.0, pairs=PAIRS, warm_ups=WARM_UPS)
    found = subprocess.run(
        read.words, cwd=folder, env=ENVIRONMENT, check=True, capture_output=True, text=True
    )
    peak = int(found.stdout) / 1e6
    yield Comparison("split test of 10 M units, GB for ms", "1 GB", 1.0, ours=peak, theirs=1.0, ratio=peak)
