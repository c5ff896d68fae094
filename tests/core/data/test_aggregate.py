"""Very many rows condensed into few: the figures, and their intervals, of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter

from iterata.data.aggregate import Batch, aggregate
from iterata.data.refusals import MissingValues, NeverPositive
from iterata.data.sources import csv_file, duckdb_files, parquet_file, query
from iterata.documents.models.enums import OutcomeKind
from iterata.documents.models.kpi import KpiSpec, outcome_of
from iterata.documents.models.lift import LiftSpec
from iterata.lift.from_data import compute
from iterata.measure import bootstrap
from iterata.measure.binning import binning
from iterata.measure.kpi.metric import NotProbabilities
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.metrics import METRICS
from iterata.measure.outcomes import Outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from iterata.results import LiftResult

ROWS = 60_000

KINDS = [
    {"kind": "outcome_value", "values": {"tp": 9, "fp": -1, "fn": -2, "tn": 0.5}, "threshold": 1.0},
    {"kind": "outcome_value", "values": {"tp": 9, "fp": -1, "fn": 0, "tn": 0}, "random": "half"},
    {"kind": "targeting", "budget": 0.1, "value_per_hit": 9, "cost_per_contact": 1},
    {"kind": "forecast_cost", "under": 3, "over": 1},
    *(
        {"kind": "metric", "metric": metric}
        for metric in (
            "roc_auc",
            "average_precision",
            "neg_log_loss",
            "neg_brier_score",
            "f1",
            "neg_mean_absolute_error",
            "neg_root_mean_squared_error",
        )
    ),
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
@pytest.mark.parametrize("described", KINDS, ids=lambda each: each.get("metric", each["kind"]))
def test_figures_and_intervals_are_those_of_all_rows(
    crowd: dict[str, Any], described: dict[str, Any], *, by_user: bool
) -> None:
    spec: Any = TypeAdapter(KpiSpec).validate_python({"name": "n", "unit": "u", **described})
    is_forecast = outcome_of(spec) is OutcomeKind.NUMBER
    target = crowd["amount"] if is_forecast else crowd["positive"]
    today = np.full(ROWS, 4.0) if is_forecast else crowd["score"]
    if spec.kind == "metric" and not is_forecast:
        today = 1 / (1 + np.exp(2 - today / 2))
    told = binning(spec, described.get("budget", 1.0))
    assert told is not None
    few = aggregate(read(crowd, target, today, by_user=by_user), told, ROWS)
    assert few.rows == ROWS
    assert few.units == (len(set(crowd["codes"])) if by_user else ROWS)
    ours = KpiScale.of(spec, few.outcomes, few.prediction, None)
    theirs = KpiScale.of(spec, Outcomes(target.astype(float)), today, None)
    codes = np.unique(crowd["codes"], return_inverse=True)[1] if by_user else None
    found, drawn = bootstrap.bootstrap(
        ours.bounds, len(few.prediction), 1500, np.random.default_rng(1), few.buckets
    )
    expected, spread = bootstrap.bootstrap(theirs.bounds, ROWS, 1500, np.random.default_rng(1), codes)
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=2e-3), name
        assert drawn[name].std() == pytest.approx(spread[name].std(), rel=0.12, abs=1e-9), name
    gains = [
        kpi_scale.gain(draws["perfect"], draws["status_quo"]).std()
        for kpi_scale, draws in ((ours, drawn), (theirs, spread))
    ]
    assert gains[0] == pytest.approx(gains[1], rel=0.12)
    few_sd, all_sd = (
        kpi_scale.kpi.random_sd(kpi_scale.outcomes, kpi_scale.status_quo_predictions)
        for kpi_scale in (ours, theirs)
    )
    assert (few_sd is None) == (all_sd is None)
    if all_sd is not None:
        assert few_sd == pytest.approx(all_sd, rel=1e-2)


def test_decisions_and_budgets_are_exact(crowd: dict[str, Any]) -> None:
    for described in KINDS[:1]:
        spec: Any = TypeAdapter(KpiSpec).validate_python({"name": "n", "unit": "u", **described})
        told = binning(spec, 1.0)
        assert told is not None
        few = aggregate(read(crowd, crowd["positive"], crowd["score"], by_user=False), told, ROWS)
        assert few.positives == crowd["positive"].sum()
        assert len(few.prediction) <= 4 * bootstrap.BUCKETS


class TestLift:
    """More rows than are held at once: of a Parquet file, a CSV file and a query."""

    @pytest.fixture
    def lift(
        self, crowd: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Callable[..., LiftResult]:
        table = pd.DataFrame({key: crowd[key] for key in ("score", "positive", "amount", "user")})
        table.to_parquet(tmp_path / "rows.parquet")
        table.to_csv(tmp_path / "rows.csv", index=False)

        def computed(most: int, kpi: dict[str, Any] | None = None, **said: Any) -> LiftResult:
            for module in (csv_file, parquet_file, query):
                monkeypatch.setattr(module, "MANY", most)
            for module in (csv_file, parquet_file, duckdb_files):
                monkeypatch.setattr(module, "BATCH", 17_000)
            described = {
                "kpi": {"name": "sales", "unit": "policies", **(kpi or {"kind": "targeting", "budget": 0.1})},
                "data": {
                    **({} if "query" in said else {"source": "rows.parquet"}),
                    "target": "positive",
                    "unit_id": "user",
                    "status_quo": {"rule": "score * 2"},
                    **said,
                },
                "project_cost": 100,
            }
            return compute(TypeAdapter(LiftSpec).validate_python(described), tmp_path, tmp_path)

        return computed

    @pytest.mark.parametrize(
        "said",
        [
            {},
            {"weights": {"base_rate": 0.02}},
            {"status_quo": {"value": 1234.5}},
            {"source": "rows.csv"},
            {"query": "SELECT * FROM 'rows.parquet'"},
        ],
        ids=str,
    )
    def test_it_comes_to_the_same(self, lift: Callable[..., LiftResult], said: dict[str, Any]) -> None:
        few, all_rows = lift(50_000, **said), lift(10**9, **said)
        assert few.sample == all_rows.sample
        assert few.scale.perfect.value == pytest.approx(all_rows.scale.perfect.value, rel=1e-5)
        assert few.scale.status_quo.value == pytest.approx(all_rows.scale.status_quo.value, rel=2e-3)
        for name in ("potential_lift", "risk"):
            ours, theirs = getattr(few, name), getattr(all_rows, name)
            assert ours.value == pytest.approx(theirs.value, rel=5e-3)
            assert ours.high - ours.low == pytest.approx(theirs.high - theirs.low, rel=0.15)

    @pytest.mark.parametrize("metric", [name for name, metric in METRICS.items() if metric.formula])
    @pytest.mark.parametrize(
        "said",
        [{"weights": {"column": "amount"}}, {"status_quo": {"value": -0.5}}],
        ids=["weighted", "known"],
    )
    def test_a_metric_comes_to_the_same(
        self, lift: Callable[..., LiftResult], metric: str, said: dict[str, Any]
    ) -> None:
        of_numbers = metric.startswith(("neg_mean", "neg_root"))
        today = "amount * 0.9" if of_numbers else "1 / (1 + 2 ** (2 - score))"
        described = {
            "kpi": {"kind": "metric", "metric": metric},
            "target": "amount" if of_numbers else "positive",
            "status_quo": {"rule": today},
            **said,
        }
        few, all_rows = lift(50_000, **described), lift(10**9, **described)
        assert few.sample == all_rows.sample
        for model in ("random", "status_quo", "perfect"):
            ours, theirs = getattr(few.scale, model), getattr(all_rows.scale, model)
            ours, theirs = getattr(ours, "expectation", ours), getattr(theirs, "expectation", theirs)
            assert ours.value == pytest.approx(theirs.value, rel=2e-3, abs=1e-12), model
            assert ours.high - ours.low == pytest.approx(theirs.high - theirs.low, rel=0.2, abs=1e-9), model

    def test_scores_are_no_probabilities(self, lift: Callable[..., LiftResult]) -> None:
        with pytest.raises(NotProbabilities):
            lift(50_000, kpi={"kind": "metric", "metric": "neg_log_loss"})

    def test_a_target_that_never_happens_is_refused(self, lift: Callable[..., LiftResult]) -> None:
        with pytest.raises(NeverPositive):
            lift(50_000, positive="maybe")

    def test_a_unit_that_is_missing_is_refused(self, lift: Callable[..., LiftResult], tmp_path: Path) -> None:
        broken = pd.read_parquet(tmp_path / "rows.parquet")
        broken.loc[40_000, "user"] = None
        broken.to_parquet(tmp_path / "rows.parquet")
        with pytest.raises(MissingValues):
            lift(50_000)
