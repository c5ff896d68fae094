"""An experiment weights its rows as the assessment does, in every figure and under every split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import TypeAdapter
from sklearn.metrics import roc_auc_score

from iterata.documents.models.kpi import KpiSpec
from iterata.documents.models.lift import LiftSpec
from iterata.documents.models.period import Period
from iterata.documents.models.rows import LiftData
from iterata.errors import DataError, dotted
from iterata.experiment.assessed_status_quo import assessed_status_quo
from iterata.experiment.run import execute
from iterata.lift.from_data import compute
from iterata.measure.outcomes import Outcomes
from iterata.results import DifferenceReason, OverrideRecord

from .shop import LOGISTIC, REVISION, Shop, program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from iterata.arrays import Bools, Floats
    from iterata.documents.models.kpi import TargetingSpec
    from iterata.documents.models.proposal import Plan
    from iterata.results import ExperimentResult, LiftResult

SPLITS: dict[str, dict[str, Any]] = {
    "stratified": {"kind": "stratified_folds", "folds": 3, "seed": 1},
    "groups": {"kind": "group_folds", "folds": 5, "seed": 1},
    "hold-out": {"kind": "hold_out", "share": 0.3, "seed": 1},
    "named rows": {"kind": "hold_out", "rows": "customer >= 200"},
    "windows": {"kind": "time_ordered", "column": "customer", "folds": 2},
}
WEIGHTS: dict[str, dict[str, Any] | None] = {
    "unweighted": None,
    "base rate": {"base_rate": 0.02},
    "column": {"column": "weight"},
    "both": {"column": "weight", "base_rate": 0.02},
}
BUDGET = 0.2


@pytest.fixture
def table(customers: pd.DataFrame) -> pd.DataFrame:
    """The customers with a weight for each; wealth has no ties."""
    weight = np.random.default_rng(2).uniform(0.2, 3, len(customers))
    return customers.assign(weight=weight)


@pytest.fixture
def shop(tmp_path: Path, table: pd.DataFrame, plan: Callable[..., Plan], sales: TargetingSpec) -> Shop:
    return Shop(tmp_path, table, plan, sales)


def data_set(weights: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    return {"data": [{"name": "customers", "source": "data/customers.csv", "weights": weights, **more}]}


def run(shop: Shop, split: str, weights: str, period: Period | None, **changes: Any) -> ExperimentResult:
    plan = shop.plan(LOGISTIC, split=SPLITS[split], **data_set(WEIGHTS[weights]), **changes)
    return execute(plan, shop.kpi, period, shop.project, shop.root, REVISION, jobs=1)


def lift(shop: Shop, weights: str, period: Period | None) -> LiftResult:
    data = {"source": "data/customers.csv", "target": "buys", "positive": "yes", "weights": WEIGHTS[weights]}
    spec = {"kpi": shop.kpi, "data": {**data, "status_quo": {"column": "wealth"}}, "period": period}
    return compute(LiftSpec.model_validate({**spec, "resamples": 200}), shop.project, shop.root)


def weights_by_hand(table: pd.DataFrame, weights: str) -> Floats:
    """What each row counts for; positives have the base rate."""
    described = WEIGHTS[weights] or {}
    each = table["weight"].to_numpy() if "column" in described else np.ones(len(table))
    if "base_rate" in described:
        positive, rate = (table["buys"] == "yes").to_numpy(), described["base_rate"]
        each = np.where(
            positive, rate * each / each[positive].sum(), (1 - rate) * each / each[~positive].sum()
        )
    return each / each.sum()


def reached(table: pd.DataFrame, score: Floats, each: Floats) -> Floats:
    """How much of every row is within the budget, if rows are taken from the highest score down."""
    order = np.argsort(-score)
    before = np.cumsum(each[order]) - each[order]
    within = np.empty(len(each))
    within[order] = np.clip(BUDGET - before, 0, each[order])
    return within


def evaluated(table: pd.DataFrame, split: str) -> Bools:
    if split == "named rows":
        return (table["customer"] >= 200).to_numpy()
    return np.ones(len(table), dtype=bool)


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("split", ["stratified", "named rows"])
def test_figures_are_those_by_hand(shop: Shop, table: pd.DataFrame, split: str, weights: str) -> None:
    delft = {"name": "Delft", "share_of": 'town == "Delft"', "margin": 1}
    metrics = {"primary": "sales", "secondary": [{"metric": "roc_auc"}], "guardrail": [delft]}
    result = run(shop, split, weights, None, metrics=metrics, segments=["town"])
    rows = table[evaluated(table, split)].reset_index(drop=True)
    positive, score = (rows["buys"] == "yes").to_numpy(), rows["wealth"].to_numpy()
    each = weights_by_hand(rows, weights)
    within = reached(rows, score, each)
    scale, number = result.scale, len(rows)
    assert scale.status_quo.value == pytest.approx(number * within[positive].sum(), rel=1e-6)
    assert scale.perfect.value == pytest.approx(number * min(BUDGET, each[positive].sum()), rel=1e-6)
    assert scale.random.expectation.value == pytest.approx(number * BUDGET * each[positive].sum(), rel=1e-6)
    in_delft = (rows["town"] == "Delft").to_numpy()
    (guardrail,) = result.guardrails
    assert guardrail.status_quo == pytest.approx(within[in_delft].sum() / BUDGET, rel=1e-6)
    (area,) = result.status_quo_metrics
    assert area.value is not None
    assert area.value.value == pytest.approx(roc_auc_score(positive, score, sample_weight=each), rel=1e-6)
    segment = next(segment for segment in result.segments if segment.value == "Delft")
    part, part_weights = rows[in_delft], each[in_delft] / each[in_delft].sum()
    hits = reached(part, score[in_delft], part_weights)[positive[in_delft]].sum()
    assert segment.status_quo is not None
    assert segment.status_quo.value == pytest.approx(len(part) * hits, rel=1e-6)
    assert (segment.rows, segment.positives) == (len(part), int(positive[in_delft].sum()))


@pytest.mark.parametrize("period", [None, Period(name="month", rows=10_000)], ids=["rows", "month"])
@pytest.mark.parametrize("weights", ["unweighted", "base rate", "both"])
@pytest.mark.parametrize("split", SPLITS)
def test_status_quo_is_that_of_the_assessment_or_the_result_says_why(
    shop: Shop, split: str, weights: str, period: Period | None
) -> None:
    assessment, result = lift(shop, weights, period), run(shop, split, weights, period)
    assessed = assessed_status_quo(assessment, result, shop.plan(LOGISTIC, split=SPLITS[split]))
    assert assessed is not None
    assert assessed.value == assessment.scale.status_quo.value
    assert assessed.period_rows == (period.rows if period else 300)
    reasons = {
        "hold-out": [DifferenceReason.HELD_OUT],
        "named rows": [DifferenceReason.HELD_OUT],
        "windows": [DifferenceReason.TIME_WINDOWS],
    }
    assert assessed.differs_because == reasons.get(split, [])
    if split in ("stratified", "groups"):
        assert result.scale.status_quo.value == assessment.scale.status_quo.value
        assert result.scale.perfect.value == assessment.scale.perfect.value
        assert result.scale.random.expectation.value == assessment.scale.random.expectation.value


def test_other_data_and_another_description_are_reasons(shop: Shop, table: pd.DataFrame) -> None:
    assessment, plan = lift(shop, "base rate", None), shop.plan(LOGISTIC)
    unweighted = run(shop, "stratified", "unweighted", None)
    unknown = assessed_status_quo(assessment, unweighted, plan)
    dropped = [OverrideRecord(name="weights", assessment="base_rate 0.02", plan="none")]
    known = assessed_status_quo(assessment, unweighted.model_copy(update={"overrides": dropped}), plan)
    table.assign(wealth=-table["wealth"]).to_csv(shop.project / "data" / "customers.csv", index=False)
    other = assessed_status_quo(assessment, run(shop, "stratified", "base rate", None), plan)
    assert unknown is not None and unknown.differs_because == [DifferenceReason.UNKNOWN]  # noqa: PT018
    assert known is not None and known.differs_because == [DifferenceReason.OTHER_DESCRIPTION]  # noqa: PT018
    assert other is not None and other.differs_because == [DifferenceReason.OTHER_DATA]  # noqa: PT018
    query = shop.plan(LOGISTIC, data=[{"query": "SELECT * FROM 'data/customers.csv'"}])
    live = assessed_status_quo(assessment, unweighted, query)
    assert live is not None and live.differs_because == [DifferenceReason.OTHER_DATA]  # noqa: PT018


@pytest.mark.parametrize("split", ["hold-out", "windows"])
def test_known_base_rate_is_no_source_of_chance(shop: Shop, split: str) -> None:
    result = run(shop, split, "base rate", Period(name="month", rows=1000))
    perfect, random = result.scale.perfect, result.scale.random.expectation
    assert (perfect.low, perfect.value, perfect.high) == (20, 20, 20)
    assert (random.low, random.value, random.high) == (4, 4, 4)


def test_result_counts_rows_and_says_how_they_are_weighted(shop: Shop, table: pd.DataFrame) -> None:
    sample = run(shop, "stratified", "both", None).sample
    assert (sample.rows, sample.positives) == (300, int((table["buys"] == "yes").sum()))
    assert sample.weights is not None
    assert (sample.weights.column, sample.weights.base_rate) == ("weight", 0.02)
    assert run(shop, "stratified", "unweighted", None).sample.weights is None


def test_sample_of_the_rows_keeps_the_base_rate() -> None:
    rng = np.random.default_rng(3)
    positive, weight = rng.random(400) < 0.4, rng.uniform(0.1, 3, 400)
    outcomes = Outcomes(positive.astype(float), weight / weight.mean()).with_base_rate(0.02)
    part = outcomes.sample(rng.random(400) < 0.3)
    assert part.mean(part.target) == pytest.approx(0.02)
    assert (part.counts.mean(), part.base_rate) == (pytest.approx(1), 0.02)
    of_one_outcome = outcomes.sample(positive)
    assert (of_one_outcome.counts.mean(), of_one_outcome.base_rate) == (pytest.approx(1), None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        (data_set(None, known_after=["income"]), "plan.features.income[0]"),
        (data_set(None, columns={"income": "known_after"}), "plan.features.income[0]"),
    ],
    ids=["list", "column"],
)
def test_column_known_afterwards_is_no_feature(shop: Shop, changes: dict[str, Any], field: str) -> None:
    refused = shop.refused(LOGISTIC, **changes)
    assert isinstance(refused, DataError)
    assert dotted(refused.location.field) == field


def test_columns_known_afterwards_and_weights_are_left_out_of_patterns(shop: Shop) -> None:
    all_columns = {**LOGISTIC, "features": "all"}
    plan = shop.plan(
        all_columns,
        features={"all": ["*"]},
        **data_set(WEIGHTS["column"], known_after=["age"], columns={"town": "known_after"}),
    )
    result = execute(plan, shop.kpi, None, shop.project, shop.root, REVISION, jobs=1)
    assert (
        {"income", "wealth"} <= set(result.features["all"]) <= {"customer", "household", "income", "wealth"}
    )


def test_program_gets_the_weights_of_its_training_rows(shop: Shop) -> None:
    shop.write(
        "program.py",
        "import pathlib, sys\n"
        "import pandas as pd\n"
        "folder = pathlib.Path(sys.argv[-1])\n"
        "train, test = (pd.read_csv(folder / f'{part}.csv') for part in ('train', 'test'))\n"
        "assert train['weight'].min() > 0 and 'weight' not in test\n"
        "test['prediction'] = test['income']\n"
        "test[['row_id', 'prediction']].to_csv(folder / 'predictions.csv', index=False)\n",
    )
    result = shop.run(program(), split=SPLITS["named rows"], **data_set(WEIGHTS["column"]))
    assert result.features == {"income": ["income"]}


KPIS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "values of decisions": (
        {"kind": "outcome_value", "values": {"tp": 9, "fp": -1, "fn": -2, "tn": 0}, "threshold": 0.5},
        {"status_quo": {"rule": "wealth > 0.3"}},
    ),
    "metric": ({"kind": "metric", "metric": "average_precision"}, {}),
    "forecast": (
        {"kind": "forecast_cost", "under": 3, "over": 1, "direction": "minimise"},
        {"target": "income"},
    ),
    "ranking": (
        {"kind": "ranking", "measure": "recall", "k": 1, "group": "household"},
        {"weights": {"column": "of_group"}},
    ),
}
"""A KPI, and what its assessment says of the rows besides."""


@pytest.mark.parametrize("name", KPIS)
def test_every_kind_of_kpi_is_weighted_alike(shop: Shop, table: pd.DataFrame, name: str) -> None:
    """Other weights give another figure, so that both documents cannot agree by ignoring them."""
    described, more = KPIS[name]
    csv = shop.project / "data" / "customers.csv"
    table.assign(of_group=1 + table["household"] % 5).to_csv(csv, index=False)
    kpi = TypeAdapter[KpiSpec](KpiSpec).validate_python({"name": "sales", "unit": "sales", **described})
    numbers = name == "forecast"
    outcome = {} if numbers else {"positive": "yes"}
    rows = {"target": "buys", **outcome, "status_quo": {"column": "wealth"}, **more}
    source = {"source": "data/customers.csv"}
    weights = rows.pop("weights", {"column": "weight"})
    assessments = [
        compute(
            LiftSpec(kpi=kpi, data=LiftData(**source, **rows, weights=each), resamples=200),
            shop.project,
            shop.root,
        )
        for each in (None, weights)
    ]
    estimator = "sklearn.linear_model.Ridge" if numbers else LOGISTIC["estimator"]
    plan = shop.plan(
        {"name": "a", "estimator": estimator, "features": "age"},
        features={"age": ["age"]},
        split={"kind": "group_folds", "column": "household", "folds": 5},
        target={"column": rows["target"], **outcome, "made_by": "the till"},
        status_quo=rows["status_quo"],
        data=[{**source, "weights": weights}],
    )
    result = execute(plan, kpi, None, shop.project, shop.root, REVISION, jobs=1)
    unweighted, weighted = (assessment.scale.status_quo.value for assessment in assessments)
    assert result.scale.status_quo.value == weighted != unweighted
    assert result.scale.perfect.value == assessments[1].scale.perfect.value


def test_predictions_of_other_declared_columns_are_not_taken_from_the_cache(shop: Shop) -> None:
    """The file is the same, and its numbers are not: 1.234 may be a thousand."""
    csv = shop.project / "data" / "customers.csv"
    csv.write_text(csv.read_text().replace("income", "amount"))
    variant = {**LOGISTIC, "features": "amount"}
    changes = {"features": {"amount": ["amount"]}, "split": SPLITS["named rows"]}
    shop.run(variant, **changes, **data_set(None))
    assert shop.cached == 1
    shop.run(variant, **changes, **data_set(None, columns={"amount": "number"}))
    assert shop.cached == 2
