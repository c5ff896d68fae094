"""The page on trust shows the rates of simulations that exist."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
STORES = sorted(TESTS.glob("**/rates/*.json"))


@pytest.mark.parametrize("store", STORES, ids=lambda path: path.stem)
def test_stored_rates_are_those_of_simulations_that_exist(store: Path) -> None:
    module = store.parent.parent / f"{store.stem}.py"
    assert module.is_file(), f"{store.name}: delete it, its tests are gone"
    tests = set(re.findall(r"def (test_\w+)", module.read_text("utf-8")))
    gone = {rate["test"] for rate in json.loads(store.read_text("utf-8"))} - tests
    assert not gone, f"{store.name}: delete the rates of {', '.join(sorted(gone))}"
