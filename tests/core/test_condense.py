"""Very many rows condensed into few: the figures, and their intervals, of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter

from iterata import resampling
from iterata.condense import Batch, condense
from iterata.documents.kpi_spec import KpiSpec
from iterata.kpi import Outcomes
from iterata.scale import Ruler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROWS = 60_000

KINDS = [
    {"kind": "outcome_value", "values": {"tp": 9, "fp": -1, "fn": -2, "tn": 0.5}, "threshold": 1.0},
    {"kind": "outcome_value", "values": {"tp": 9, "fp": -1, "fn": 0, "tn": 0}, "random": "half"},
    {"kind": "targeting", "budget": 0.1, "value_per_hit": 9, "cost_per_contact": 1},
    {"kind": "forecast_cost", "under": 3, "over": 1},
]


@pytest.fixture(scope="module")
def crowd() -> dict[str, Any]:
    rng = np.random.default_rng(2)
    user = rng.integers(0, 20_000, ROWS)
    taste = rng.normal(size=20_000)[user]
    score = taste + rng.normal(size=ROWS)
    return {
        "score": score,
        "positive": rng.random(ROWS) < 1 / (1 + np.exp(2 - score)),
        "amount": np.round(np.exp(1 + taste / 3 + rng.normal(size=ROWS) / 2)),
        "user": pd.Series([f"user {each}" for each in user]),
        "codes": user,
    }


def read(
    crowd: dict[str, Any], target: Any, prediction: Any, *, by_user: bool
) -> Callable[[], Iterator[Batch]]:
    """Batches of unequal size."""

    def batches() -> Iterator[Batch]:
        for first, last in ((0, 7), (7, 25_000), (25_000, ROWS)):
            unit = crowd["user"][first:last] if by_user else None
            yield Batch(target[first:last].astype(float), prediction[first:last], unit, None)

    return batches


@pytest.mark.parametrize("by_user", [False, True], ids=["rows", "users"])
@pytest.mark.parametrize("described", KINDS, ids=lambda each: each["kind"])
def test_figures_and_intervals_are_those_of_all_rows(
    crowd: dict[str, Any], described: dict[str, Any], *, by_user: bool
) -> None:
    spec: Any = TypeAdapter(KpiSpec).validate_python({"name": "n", "unit": "u", **described})
    is_forecast = described["kind"] == "forecast_cost"
    target = crowd["amount"] if is_forecast else crowd["positive"]
    today = np.full(ROWS, 4.0) if is_forecast else crowd["score"]
    few = condense(read(crowd, target, today, by_user=by_user), spec, ROWS, described.get("budget", 1.0))
    assert few.rows == ROWS
    assert few.distinct_units == (len(set(crowd["codes"])) if by_user else ROWS)
    ours = Ruler.of(spec, few.outcomes, few.prediction, None)
    theirs = Ruler.of(spec, Outcomes(target.astype(float)), today, None)
    codes = np.unique(crowd["codes"], return_inverse=True)[1] if by_user else None
    found, drawn = resampling.bootstrap(
        ours.bounds, len(few.prediction), 1500, np.random.default_rng(1), few.units
    )
    expected, spread = resampling.bootstrap(theirs.bounds, ROWS, 1500, np.random.default_rng(1), codes)
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=2e-3), name
        assert drawn[name].std() == pytest.approx(spread[name].std(), rel=0.12, abs=1e-9), name
    gains = [
        ruler.gain(draws["perfect"], draws["status_quo"]).std()
        for ruler, draws in ((ours, drawn), (theirs, spread))
    ]
    assert gains[0] == pytest.approx(gains[1], rel=0.12)
    sds = [ruler.kpi.random_sd(ruler.outcomes, ruler.today) for ruler in (ours, theirs)]
    assert sds[0] == pytest.approx(sds[1], rel=1e-2)


def test_decisions_and_budgets_are_exact(crowd: dict[str, Any]) -> None:
    for described in KINDS[:1]:
        spec: Any = TypeAdapter(KpiSpec).validate_python({"name": "n", "unit": "u", **described})
        few = condense(read(crowd, crowd["positive"], crowd["score"], by_user=False), spec, ROWS, 1.0)
        assert few.positives == crowd["positive"].sum()
        assert len(few.prediction) <= 4 * resampling.BUCKETS
