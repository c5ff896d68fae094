"""Small random tables with all quirks together: reading gives the units that a loop over rows gives."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from iterata.rollout.read import Arm, Cell
from iterata.rollout.reading.cell_sums import AFTER_THE_END, CROSSED

from .releases import phases, read_text

if TYPE_CHECKING:
    from pathlib import Path

START = date(2026, 3, 1)
BEGUN = phases("2026-03-01", "2026-03-08", ended="2026-03-12")
Row = tuple[int, str, date, int | None, int]


def random_rows(rng: np.random.Generator) -> list[Row]:
    """Up to 40 rows of up to 12 units in no order; every phase has a unit in each arm."""
    sure: list[Row] = [
        (100 + number, arm, START + timedelta(days=day), 1, 1)
        for number, (arm, day) in enumerate((arm, day) for arm in "AB" for day in (0, 8))
    ]
    arms = rng.integers(0, 2, 12)
    rows = []
    for _ in range(int(rng.integers(0, 40))):
        unit = int(rng.integers(0, 12))
        arm = arms[unit] if rng.random() < 0.97 else 1 - arms[unit]
        spend = None if rng.random() < 0.2 else int(rng.integers(-5, 9))
        day = START + timedelta(days=int(rng.integers(0, 15)))
        rows.append((unit, "AB"[arm], day, spend, int(rng.integers(0, 4))))
    everything = [*rows, *sure]
    return [everything[place] for place in rng.permutation(len(everything))]


def by_hand(rows: list[Row]) -> tuple[dict[Cell, list[tuple[int, int]]], Counter[str]]:
    """The totals of each unit by its cell, and how many units were left out."""
    cells: dict[Cell, list[tuple[int, int]]] = {}
    excluded: Counter[str] = Counter()
    for unit in {row[0] for row in rows}:
        own = [row for row in rows if row[0] == unit]
        first = min(row[2] for row in own)
        if len({row[1] for row in own}) > 1:
            excluded[CROSSED] += 1
        elif first > date(2026, 3, 12):
            excluded[AFTER_THE_END] += 1
        else:
            share = 0.25 if first >= date(2026, 3, 8) else 0.1
            arm = Arm.CONTROL if own[0][1] == "A" else Arm.TREATMENT
            totals = (sum(row[3] or 0 for row in own), sum(row[4] for row in own))
            cells.setdefault(Cell(share, first, arm), []).append(totals)
    return cells, excluded


@pytest.mark.parametrize("seed", range(12))
def test_units_are_those_of_a_loop_over_rows(seed: int, tmp_path: Path) -> None:
    rows = random_rows(np.random.default_rng(seed))
    lines = [
        f"{u},{arm},{day},{'' if spend is None else spend},{visits}" for u, arm, day, spend, visits in rows
    ]
    found = read_text(
        tmp_path,
        "\n".join(["user,arm,day,spend,visits", *lines, ""]),
        BEGUN,
        crossed="exclude",
        metrics={"per visit": {"of": "if_missing(spend, 0)", "per": "visits"}},
    )
    cells, excluded = by_hand(rows)
    assert found.excluded == excluded
    assert set(found.cells) == set(cells)
    for cell, totals in cells.items():
        array = np.array(totals, dtype=float)
        deviations = array - array.mean(axis=0)
        assert found.cells[cell].n_obs == len(totals)
        np.testing.assert_allclose(found.cells[cell].mean, array.mean(axis=0), atol=1e-12)
        np.testing.assert_allclose(found.cells[cell].products, deviations.T @ deviations, atol=1e-9)
