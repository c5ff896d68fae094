"""Large tables: the time of `iterata lift` on ten million rows of Parquet, and its memory on more."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from benchmarks.pairs import ENVIRONMENT, Command, Comparison, compare, script, within

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS, MANY_ROWS = 10_000_000, 100_000_000
BATCH = 5_000_000
PAIRS = 5
ITERATION = "caravan-policies/01-setup"
KPIS = {
    "targeting": "{kind: targeting, name: sales, unit: policies, budget: 0.1}",
    "outcome_value": "{kind: outcome_value, name: value, unit: EUR, threshold: 1.5, "
    "values: {tp: 9, fp: -1, fn: 0, tn: 0}}",
}

READ_COLUMNS = """
import numpy, pandas, scipy.sparse, pydantic, yaml, click
from pyarrow import parquet
parquet.read_table("rows.parquet", columns=["score", "bought"], partitioning=None)
"""
"""The reference: import the libraries that `lift` needs, and read both columns."""


def comparisons(root: Path, scratch: Path) -> Iterator[Comparison]:
    """The time for each kind of KPI, relative to reading the columns; and the peak memory in gigabytes."""
    for kind in KPIS:
        folder = _knowledge_base(root, scratch / kind, kind)
        _write(folder / "projects/caravan-policies/rows.parquet", ROWS, digits=15)
        lift = Command([script("iterata"), "lift", ITERATION], folder)
        read = Command([sys.executable, "-c", READ_COLUMNS], folder / "projects/caravan-policies")
        yield compare(f"lift of 10 M rows, {kind}", lift, "imports, pyarrow", read, 2.0, pairs=PAIRS)
    _write(folder / "projects/caravan-policies/rows.parquet", MANY_ROWS, digits=2)
    subprocess.run(lift.words, cwd=folder, env=ENVIRONMENT, check=True, capture_output=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6  # of all child processes
    yield within("lift of 100 M rows, memory", peak, 1.0, "MB")


def _knowledge_base(root: Path, folder: Path, kind: str) -> Path:
    """A copy of the example's assessment with another KPI and another table."""
    place = folder / "projects/caravan-policies/01-setup"
    place.mkdir(parents=True)
    (folder / "mkdocs.yml").write_bytes((root / "mkdocs.yml").read_bytes())
    example = (root / "projects/caravan-policies/01-setup/assessment.md").read_text("utf-8")
    rows = "{source: rows.parquet, target: bought, status_quo: {column: score}}"
    lift = f"lift:\n  kpi: {KPIS[kind]}\n  data: {rows}\nrecommendation:"
    changed = re.sub(r"^lift:\n.*?^recommendation:", lift, example, flags=re.MULTILINE | re.DOTALL)
    (place / "assessment.md").write_text(changed.replace("status: approved", "status: draft"), "utf-8")
    return folder


def _write(path: Path, rows: int, digits: int) -> None:
    """Write scores and purchases; scores with few digits make a small file."""
    rng = np.random.default_rng(0)
    schema = pa.schema([("score", pa.float64()), ("bought", pa.int8())])
    with parquet.ParquetWriter(path, schema) as file:
        for first in range(0, rows, BATCH):
            score = np.round(rng.normal(size=min(BATCH, rows - first)), digits)
            bought = (rng.random(len(score)) < 1 / (1 + np.exp(3 - score))).astype(np.int8)
            file.write_table(pa.table({"score": score, "bought": bought}, schema=schema))
