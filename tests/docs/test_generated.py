"""The reference pages agree with the tables, models and commands."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_reference_pages_are_current():
    if f"click=={version('click')}" not in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        pytest.skip("the pages show the help of the tested version of click")
    process = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr
