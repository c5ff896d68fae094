"""Monitors: fifty of them over 730 days, evaluated and tried on their past, against a wait of two seconds."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from benchmarks.pairs import Command, Comparison, compare

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAIRS, WARM_UPS = 3, 1
ROWS_A_DAY = 10

WRITE = f"""
import numpy as np, pandas as pd
generator, n = np.random.default_rng(1), 730 * {ROWS_A_DAY}
called = generator.poisson(40, n) + 1
pd.DataFrame({{
    "day": np.repeat(pd.date_range("2024-11-24", periods=730).strftime("%Y-%m-%d"), {ROWS_A_DAY}),
    "called": called, "kept": generator.binomial(called, .25), "amount": generator.gamma(2, 10, n).round(2),
}}).to_csv("calls.csv", index=False)
"""

IMPORTS = """
import time
from datetime import date
from pathlib import Path
from iterata.documents.models.monitors import Monitor
from iterata.monitoring.replay import replay
from iterata.monitoring.tables import MonitorTables
from iterata.monitoring.values import compute_value
from iterata.monitoring.verdicts import judge
"""

EVALUATE = f"""{IMPORTS}
kinds = [
    {{"measure": "ratio", "of": "kept", "per": "called", "lower": 0.24}},
    {{"measure": "mean", "of": "amount", "lower": 19}},
    {{"measure": "share", "of": "amount > 20", "lower": 0.35, "upper": 0.45}},
    {{"measure": "sum", "of": "kept", "lower": 2500}},
    {{"measure": "quantile", "quantile": 0.9, "of": "amount", "upper": 45}},
]
common = {{"source": "calls.csv", "date": "day", "last_days": 28}}
monitors = [Monitor.model_validate(common | kinds[i % 5] | {{"name": str(i)}}) for i in range(50)]
tables, today = MonitorTables(Path.cwd(), Path.cwd(), monitors), date(2026, 11, 23)
for monitor in monitors:
    judge(monitor, compute_value(monitor, tables, today, date(2026, 1, 1)), today)
"""

REPLAY = f"""{EVALUATE}
for monitor in monitors:
    replay(monitor, tables, today, 0.1)
"""

WAIT = f"{IMPORTS}\ntime.sleep(2)"


def comparisons(_: Path, scratch: Path) -> Iterator[Comparison]:
    """The time of both, relative to the imports and two seconds."""
    folder = scratch / "monitors"
    folder.mkdir()
    Command([sys.executable, "-c", WRITE], folder).seconds()
    wait = Command([sys.executable, "-c", WAIT], folder)
    for what, code in (("50 monitors, 730 days", EVALUATE), ("the same and their replay", REPLAY)):
        ours = Command([sys.executable, "-c", code], folder)
        yield compare(what, ours, "imports, 2 s", wait, 1.0, pairs=PAIRS, warm_ups=WARM_UPS)
