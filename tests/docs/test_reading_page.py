"""The page on reading a report quotes one."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "projects/caravan-policies/01-setup/report.md"


def test_what_is_quoted_stands_in_the_report() -> None:
    page = (ROOT / "docs/reading.md").read_text("utf-8")
    quoted = [
        line for block in re.findall(r"```text\n(.*?)```", page, re.DOTALL) for line in block.splitlines()
    ]
    assert len(quoted) > 5
    report = REPORT.read_text("utf-8").splitlines()
    assert [line for line in quoted if line not in report] == []


def test_one_time_in_thirteen_is_what_it_says() -> None:
    row = next(line for line in REPORT.read_text("utf-8").splitlines() if "| 0.0381 |" in line)
    assert round(1 / float(row.strip("| ").split("|")[-1])) == 13
