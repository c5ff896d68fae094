"""Aggregated rows have the figures and the intervals of all rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter
from sklearn.metrics import get_scorer

from iterata.data.aggregate import BUCKETS, Batch, aggregate
from iterata.data.queries import duckdb_process, query
from iterata.data.refusals import AlwaysPositive, MissingValues, NeverPositive, ZeroWeights
from iterata.data.sources import csv_file, parquet_file
from iterata.documents.models.enums import OutcomeKind
from iterata.documents.models.kpi import KpiSpec, outcome_of
from iterata.documents.models.lift import LiftSpec
from iterata.lift.from_data import compute
from iterata.measure import bootstrap
from iterata.measure.binning import binning as binning_of
from iterata.measure.kpi.metric import PredictionsAreScores
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.metrics import METRICS
from iterata.measure.outcomes import Outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from iterata.results import LiftResult

ROWS = 60_000
RESAMPLES = 800
"""A spread of so many has a Monte Carlo error of 2.5 %."""

BINNED_METRICS = [
    pytest.param(name, marks=[] if name == "roc_auc" else pytest.mark.statistical)
    for name, metric in METRICS.items()
    if metric.formula
]
"""The metrics whose rows can be aggregated; all but one are slow to compare."""

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
def population() -> dict[str, Any]:
    """Rows of 20,000 users."""
    rng = np.random.default_rng(2)
    user = rng.integers(0, 20_000, ROWS)
    taste = rng.normal(size=20_000)[user]
    score = taste + rng.normal(size=ROWS)
    return {
        "score": score,
        "positive": rng.random(ROWS) < 1 / (1 + np.exp(2 - score)),
        "amount": np.round(np.exp(1 + taste / 3 + rng.normal(size=ROWS) / 2)),
        "user": pd.Series([f"user {number}" for number in user]),
        "codes": user,
    }


def in_batches(
    population: dict[str, Any], target: Any, prediction: Any, *, by_user: bool
) -> Callable[[], Iterator[Batch]]:
    """Reads the rows in batches of unequal size."""

    def batches() -> Iterator[Batch]:
        for first, last in ((0, 7), (7, 25_000), (25_000, ROWS)):
            unit = population["user"][first:last] if by_user else None
            yield Batch(target[first:last].astype(float), prediction[first:last], unit, None)

    return batches


@pytest.mark.statistical
@pytest.mark.parametrize("by_user", [False, True], ids=["rows", "users"])
@pytest.mark.parametrize("described", KINDS, ids=lambda kpi: kpi.get("metric", kpi["kind"]))
def test_aggregated_figures_and_intervals_are_those_of_all_rows(
    population: dict[str, Any], described: dict[str, Any], *, by_user: bool
) -> None:
    spec: Any = TypeAdapter(KpiSpec).validate_python({"name": "n", "unit": "u", **described})
    is_forecast = outcome_of(spec) is OutcomeKind.NUMBER
    target = population["amount"] if is_forecast else population["positive"]
    status_quo = np.full(ROWS, 4.0) if is_forecast else population["score"]
    if spec.kind == "metric" and not is_forecast:
        status_quo = 1 / (1 + np.exp(2 - status_quo / 2))
    binning = binning_of(spec, described.get("budget", 1.0))
    assert binning is not None
    aggregated = aggregate(in_batches(population, target, status_quo, by_user=by_user), binning, ROWS)
    assert aggregated.rows == ROWS
    assert aggregated.units == (len(set(population["codes"])) if by_user else ROWS)
    of_aggregated = KpiScale.of(spec, aggregated.outcomes, aggregated.prediction, None)
    of_all = KpiScale.of(spec, Outcomes(target.astype(float)), status_quo, None)
    codes = np.unique(population["codes"], return_inverse=True)[1] if by_user else None
    estimates, drawn = bootstrap.bootstrap(
        of_aggregated.bounds,
        len(aggregated.prediction),
        RESAMPLES,
        np.random.default_rng(1),
        aggregated.buckets,
    )
    expected, spread = bootstrap.bootstrap(of_all.bounds, ROWS, RESAMPLES, np.random.default_rng(1), codes)
    for name, value in expected.items():
        assert estimates[name] == pytest.approx(value, rel=2e-3), name
        assert drawn[name].std() == pytest.approx(spread[name].std(), rel=0.12, abs=1e-9), name
    gains = [
        kpi_scale.gain(draws["perfect"], draws["status_quo"]).std()
        for kpi_scale, draws in ((of_aggregated, drawn), (of_all, spread))
    ]
    assert gains[0] == pytest.approx(gains[1], rel=0.12)
    aggregated_sd, all_sd = (
        kpi_scale.kpi.random_sd(kpi_scale.outcomes, kpi_scale.status_quo_predictions)
        for kpi_scale in (of_aggregated, of_all)
    )
    assert (aggregated_sd is None) == (all_sd is None)
    if all_sd is not None:
        assert aggregated_sd == pytest.approx(all_sd, rel=1e-2)


def test_positives_are_counted_exactly(population: dict[str, Any]) -> None:
    spec: Any = TypeAdapter(KpiSpec).validate_python({"name": "n", "unit": "u", **KINDS[0]})
    binning = binning_of(spec, 1.0)
    assert binning is not None
    batches = in_batches(population, population["positive"], population["score"], by_user=False)
    aggregated = aggregate(batches, binning, ROWS)
    assert aggregated.positives == population["positive"].sum()
    assert len(aggregated.prediction) <= 4 * BUCKETS


def test_zero_weights_are_refused() -> None:
    spec: Any = TypeAdapter(KpiSpec).validate_python({"name": "n", "unit": "u", **KINDS[0]})
    binning = binning_of(spec, 1.0)
    assert binning is not None
    with pytest.raises(ZeroWeights):
        aggregate(lambda: [Batch(np.ones(3), np.ones(3), None, np.zeros(3))], binning, 3)


@pytest.mark.parametrize("metric", ["average_precision", "roc_auc"])
def test_rare_positives_are_levels_of_their_own(metric: str) -> None:
    rng = np.random.default_rng(4)
    positive = np.arange(ROWS) < 60
    score = rng.normal(size=ROWS) + 4 * positive
    spec: Any = TypeAdapter(KpiSpec).validate_python(
        {"name": "n", "unit": "u", "kind": "metric", "metric": metric}
    )
    binning = binning_of(spec, 1.0)
    assert binning is not None
    batches = [Batch(positive.astype(float), 1 / (1 + np.exp(-score)), None, None)]
    aggregated = aggregate(lambda: batches, binning, ROWS)
    found = KpiScale.of(spec, aggregated.outcomes, aggregated.prediction, None).bounds["status_quo"]
    reference = get_scorer(metric)._score_func
    assert found.on_sample(len(aggregated.prediction)) == pytest.approx(reference(positive, score), rel=1e-6)


def test_few_units_are_buckets_of_their_own() -> None:
    spec: Any = TypeAdapter(KpiSpec).validate_python({"name": "n", "unit": "u", **KINDS[2]})
    binning = binning_of(spec, 0.1)
    assert binning is not None
    unit = np.arange(6000) % 900
    score, target = np.random.default_rng(1).normal(size=(2, 6000))

    def batches() -> Iterator[Batch]:
        for part in np.array_split(np.arange(6000), 7):
            ids = pd.Series([f"branch {number}" for number in unit[part]])
            yield Batch((target[part] > 0).astype(float), score[part], ids, None)

    aggregated = aggregate(batches, binning, 6000)
    assert aggregated.units == 900
    assert len(np.unique(aggregated.buckets)) == 900
    sizes = np.bincount(aggregated.buckets, aggregated.outcomes.counts)
    assert sizes / sizes.sum() == pytest.approx(np.sort(np.bincount(unit))[0] / 6000, rel=0.2)


@pytest.fixture(scope="module")
def folder(population: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the rows in two formats."""
    folder = tmp_path_factory.mktemp("rows")
    table = pd.DataFrame({key: population[key] for key in ("score", "positive", "amount", "user")})
    table.to_parquet(folder / "rows.parquet")
    table.to_csv(folder / "rows.csv", index=False)
    return folder


class TestLift:
    """More rows than fit into memory, of a Parquet file, a CSV file and a query."""

    @pytest.fixture
    def lift(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., LiftResult]:

        def compute_lift(memory_rows: int, kpi: dict[str, Any] | None = None, **data: Any) -> LiftResult:
            for module in (csv_file, parquet_file, query):
                monkeypatch.setattr(module, "MANY", memory_rows)
            for module in (csv_file, parquet_file, duckdb_process):
                monkeypatch.setattr(module, "BATCH", 17_000)
            described = {
                "kpi": {"name": "sales", "unit": "policies", **(kpi or {"kind": "targeting", "budget": 0.1})},
                "data": {
                    **({} if "query" in data else {"source": "rows.parquet"}),
                    "target": "positive",
                    "unit_id": "user",
                    "status_quo": {"rule": "score * 2"},
                    **data,
                },
                "project_cost": 100,
                "resamples": RESAMPLES,
            }
            return compute(TypeAdapter(LiftSpec).validate_python(described), folder, folder)

        return compute_lift

    @pytest.mark.parametrize(
        "data",
        [
            {},
            {"weights": {"base_rate": 0.02}},
            {"status_quo": {"value": 1234.5}},
            {"source": "rows.csv"},
            {"query": "SELECT * FROM 'rows.parquet'"},
        ],
        ids=str,
    )
    def test_lift_of_batches_equals_lift_of_rows_in_memory(
        self, lift: Callable[..., LiftResult], data: dict[str, Any]
    ) -> None:
        aggregated, all_rows = lift(50_000, **data), lift(10**9, **data)
        assert aggregated.sample == all_rows.sample
        assert aggregated.scale.perfect.value == pytest.approx(all_rows.scale.perfect.value, rel=1e-5)
        assert aggregated.scale.status_quo.value == pytest.approx(all_rows.scale.status_quo.value, rel=2e-3)
        for name in ("potential_lift", "risk"):
            of_aggregated, of_all = getattr(aggregated, name), getattr(all_rows, name)
            assert of_aggregated.value == pytest.approx(of_all.value, rel=5e-3)
            assert of_aggregated.high - of_aggregated.low == pytest.approx(of_all.high - of_all.low, rel=0.15)

    @pytest.mark.parametrize("metric", BINNED_METRICS)
    @pytest.mark.parametrize(
        "data",
        [{"weights": {"column": "amount"}}, {"status_quo": {"value": -0.5}}],
        ids=["weighted", "known"],
    )
    def test_metric_of_batches_equals_metric_of_rows_in_memory(
        self, lift: Callable[..., LiftResult], metric: str, data: dict[str, Any]
    ) -> None:
        of_numbers = metric.startswith(("neg_mean", "neg_root"))
        rule = "amount * 0.9" if of_numbers else "1 / (1 + 2 ** (2 - score))"
        described = {
            "kpi": {"kind": "metric", "metric": metric},
            "target": "amount" if of_numbers else "positive",
            "status_quo": {"rule": rule},
            **data,
        }
        aggregated, all_rows = lift(50_000, **described), lift(10**9, **described)
        assert aggregated.sample == all_rows.sample
        for model in ("random", "status_quo", "perfect"):
            of_aggregated, of_all = getattr(aggregated.scale, model), getattr(all_rows.scale, model)
            of_aggregated, of_all = (
                getattr(of_aggregated, "expectation", of_aggregated),
                getattr(of_all, "expectation", of_all),
            )
            assert of_aggregated.value == pytest.approx(of_all.value, rel=2e-3, abs=1e-12), model
            assert of_aggregated.high - of_aggregated.low == pytest.approx(
                of_all.high - of_all.low, rel=0.2, abs=1e-9
            ), model

    def test_scores_are_refused_as_probabilities(self, lift: Callable[..., LiftResult]) -> None:
        with pytest.raises(PredictionsAreScores):
            lift(50_000, kpi={"kind": "metric", "metric": "neg_log_loss"})

    def test_target_without_positives_is_refused(self, lift: Callable[..., LiftResult]) -> None:
        with pytest.raises(NeverPositive):
            lift(50_000, positive="maybe")

    def test_target_that_is_always_positive_is_refused(self, lift: Callable[..., LiftResult]) -> None:
        with pytest.raises(AlwaysPositive):
            lift(50_000, query="SELECT *, 1 AS constant FROM 'rows.parquet'", target="constant")

    def test_missing_unit_in_a_later_batch_is_refused(
        self, lift: Callable[..., LiftResult], folder: Path
    ) -> None:
        broken = pd.read_parquet(folder / "rows.parquet")
        broken.loc[40_000, "user"] = None
        broken.to_parquet(folder / "broken.parquet")
        with pytest.raises(MissingValues):
            lift(50_000, source="broken.parquet")
