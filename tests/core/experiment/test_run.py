"""A plan runs as it was approved, or is refused with the place of what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from iterata import results
from iterata.data.sources import data_file
from iterata.documents.models.enums import Spend
from iterata.documents.models.kpi import OutcomeValueSpec, TargetingSpec
from iterata.documents.models.period import Period
from iterata.errors import DataError, IterataError, Location, RunError, at_field
from iterata.experiment.analysis import compare
from iterata.experiment.run import PlanRevision, execute
from iterata.experiment.variants.refusals import ThresholdNotProbability

from .analysis.comparisons import secondary

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from iterata.documents.models.proposal import Plan
    from iterata.results import ExperimentResult

    from ...helpers.golden import Golden

REVISION = PlanRevision("projects/shop/01-setup/proposal.md", f"sha256:{'0' * 64}", "abc123", dirty=False)


@dataclass
class Shop:
    """A project with its data, in a repository of its own."""

    root: Path
    plan: Callable[..., Plan]
    kpi: TargetingSpec

    @property
    def project(self) -> Path:
        return self.root / "projects" / "shop"

    @property
    def data(self) -> Path:
        return self.project / "data" / "customers.csv"

    def run(
        self, *, kpi: Any = None, period: Period | None = None, jobs: int = 1, **changes: Any
    ) -> ExperimentResult:
        plan = self.plan(**changes)
        return execute(plan, kpi or self.kpi, period, self.project, self.root, REVISION, jobs=jobs)


@pytest.fixture
def shop(tmp_path: Path, customers: pd.DataFrame, plan: Callable[..., Plan], sales: TargetingSpec) -> Shop:
    shop = Shop(tmp_path, plan, sales)
    shop.data.parent.mkdir(parents=True)
    customers.to_csv(shop.data, index=False)
    return shop


def data_set(**more: Any) -> dict[str, Any]:
    return {"data": [{"name": "customers", "source": "data/customers.csv", **more}]}


def test_result_holds_everything_that_the_plan_asks_for(shop: Shop) -> None:
    older = {"name": "older people", "share_of": "age > 60", "margin": 0.5}
    result = shop.run(
        **data_set(unit_id="household", digest=data_file.digest(shop.data)),
        metrics={"primary": "sales", "secondary": [{"metric": "roc_auc"}], "guardrail": [older]},
        segments=["town"],
        features={"all": ["*", "!customer"], "income": ["income"]},
        period=Period(name="week", rows=1000),
    )
    assert [variant.name for variant in result.variants] == ["logistic", "income only"]
    assert [variant.columns for variant in result.variants] == [4, 1]
    (answer,) = result.hypotheses
    assert (answer.id, answer.verdict, answer.p_holm) == ("H1", "inconclusive", answer.p)
    assert answer.difference.interval is not None
    assert answer.difference.interval[0] < answer.by < answer.difference.interval[1]
    assert [(answer.variant, answer.holds, bool(answer.needed)) for answer in result.guardrails] == [
        ("logistic", False, True),  # 60 people are called, in 20 of 100 households
        ("income only", False, True),
    ]
    assert [segment.value for segment in result.segments] == ["Breda", "Delft", "Utrecht"]
    assert result.scale.random.expectation.value < result.scale.status_quo.value < result.scale.perfect.value
    assert (result.kpi.period, result.kpi.period_rows) == ("week", 1000)
    assert (result.sample.rows, result.sample.units, result.interval.unit) == (300, 100, "household")
    assert result.split == "3 stratified folds of whole units (household), 2 times"
    assert (result.plan_digest, result.provenance.commit) == (REVISION.plan_digest, "abc123")
    assert result.provenance.data == {"projects/shop/data/customers.csv": data_file.digest(shop.data)}
    assert {"scikit-learn", "numpy", "iterata"} <= set(result.provenance.packages)
    assert set(result.provenance.seconds) == {"logistic", "income only", "comparison"}
    assert results.parse("experiment", results.to_json(result), "") == result


def test_result_does_not_depend_on_the_number_of_processes(shop: Shop) -> None:
    first = shop.run()
    (shop.root / ".iterata").rename(shop.root / "elsewhere")
    second = shop.run(jobs=2)
    assert second.model_copy(update={"provenance": first.provenance}) == first


@pytest.mark.parametrize(
    "split",
    [
        {"kind": "stratified_folds", "folds": 5},
        {"kind": "group_folds", "folds": 5},
        {"kind": "hold_out", "share": 0.2},
        {"kind": "hold_out", "share": 0.1},
        {"kind": "time_ordered", "column": "customer", "folds": 3},
    ],
)
def test_number_of_rows_is_the_same_budget_under_every_split(shop: Shop, split: dict[str, Any]) -> None:
    """60 of 300 customers are a fifth of them, whether all are predicted or a few; in segments too."""
    older = {"name": "older people", "share_of": "if_missing(age, 0) > 60", "margin": 1}
    plan = {"split": split, "segments": ["town"], "metrics": {"primary": "sales", "guardrail": [older]}}
    sixty, fifth = (
        shop.run(kpi=TargetingSpec(kind="targeting", name="sales", unit="sales", budget=budget), **plan)
        for budget in (60, 0.2)
    )
    assert sixty.kpi.budget == 0.2
    assert sixty.model_copy(update={"provenance": fifth.provenance}) == fifth


def test_changed_metric_is_computed_without_training(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.run()
    monkeypatch.setattr("sklearn.linear_model.LogisticRegression.fit", None)  # cannot be called any more
    more = shop.run(metrics={"primary": "sales", "secondary": [{"metric": "f1"}]}, resamples=200)
    assert [metric.name for metric in more.variants[0].metrics] == ["f1"]


class TestRunningTwice:
    """The result of a comparison is cached too."""

    @pytest.fixture
    def comparisons(self, monkeypatch: pytest.MonkeyPatch) -> list[object]:
        """One entry for each comparison."""
        comparisons: list[object] = []

        def counted(*args: Any, **options: Any) -> Any:
            comparisons.append(args)
            return compare.compare(*args, **options)

        monkeypatch.setattr("iterata.experiment.result.compare", counted)
        return comparisons

    def test_unchanged_plan_is_not_compared_again(self, shop: Shop, comparisons: list[object]) -> None:
        first = shop.run()
        second = shop.run(jobs=2)
        assert len(comparisons) == 1
        assert second.model_copy(update={"provenance": first.provenance}) == first
        assert second.provenance.data == first.provenance.data

    @pytest.mark.parametrize(
        "changes",
        [
            {"resamples": 250},
            {"seed": 77},
            {"kpi": TargetingSpec(kind="targeting", name="sales", unit="sales", budget=0.3)},
            {"period": Period(name="month", rows=1000)},
            {"hypotheses": [{"id": "H1", "claim": "It.", "supported_if": {"variant": "logistic", "by": 9}}]},
        ],
        ids=lambda changes: next(iter(changes)),
    )
    def test_changed_plan_is_compared_again(
        self, shop: Shop, comparisons: list[object], changes: dict[str, Any]
    ) -> None:
        shop.run()
        shop.run(**changes)
        assert len(comparisons) == 2

    def test_unreadable_cache_entry_is_compared_again(self, shop: Shop, comparisons: list[object]) -> None:
        first = shop.run()
        (entry,) = (shop.root / ".iterata" / "cache" / "comparisons").rglob("*.zip")
        entry.write_bytes(entry.read_bytes()[:500])
        second = shop.run()
        assert len(comparisons) == 2
        assert second.variants == first.variants

    def test_changed_project_code_is_compared_again(self, shop: Shop, comparisons: list[object]) -> None:
        shop.run()
        (shop.project / "kpis.py").write_text("RATE = 2\n")
        shop.run()
        assert len(comparisons) == 2


def test_changed_data_are_trained_on_again(shop: Shop, customers: pd.DataFrame) -> None:
    before = shop.run()
    customers.assign(income=customers["income"].to_numpy()[::-1]).to_csv(shop.data, index=False)
    assert shop.run().variants[1].kpi != before.variants[1].kpi


def test_estimator_without_probabilities_decides_by_its_predict(shop: Shop) -> None:
    """A threshold is meant for probabilities; scores of any range are not compared with it."""
    values = {"tp": 1, "fp": -1, "fn": 0, "tn": 0}
    described = {"kind": "outcome_value", "name": "sales", "unit": "EUR", "values": values}
    machine = {"name": "machine", "estimator": "sklearn.svm.LinearSVC", "features": "all"}
    machines: Any = {"variants": [machine], "hypotheses": [hypothesis("machine")]}
    assert shop.run(**machines).variants[0].predictions == "score"
    machines["status_quo"] = {"rule": "income > 1"}
    decided = shop.run(kpi=OutcomeValueSpec.model_validate(described), **machines)
    assert decided.variants[0].predictions == "decision"
    scores = OutcomeValueSpec.model_validate({**described, "threshold": 7})
    machines["status_quo"] = {"rule": "5 + 5 * (income > 1)"}
    with pytest.raises(ThresholdNotProbability) as refused:
        shop.run(kpi=scores, **machines)
    assert refused.value.location == Location(variant="machine")


def hypothesis(variant: str, over: str = "status quo") -> dict[str, Any]:
    return {"id": "H1", "claim": "It sells.", "supported_if": {"variant": variant, "over": over}}


def variant(**changes: Any) -> dict[str, Any]:
    logistic = {"name": "logistic", "estimator": "sklearn.linear_model.LogisticRegression", "features": "all"}
    return {"variants": [{**logistic, **changes}]}


def guardrail(**described: Any) -> dict[str, Any]:
    return {"metrics": {"primary": "sales", "guardrail": [{"name": "g", "margin": 0, **described}]}}


PROPOSAL, DATA = REVISION.proposal, Location("projects/shop/data/customers.csv")


def at(path: str) -> Location:
    """A field of the plan."""
    return Location(PROPOSAL, field=("plan", *at_field(path).field))


REFUSED: dict[str, tuple[dict[str, Any], Location]] = {
    "primary metric": ({"metrics": {"primary": "hits"}}, at("metrics.primary")),
    "feature set": (variant(features="al"), at("variants[0].features")),
    "unknown variant": ({"hypotheses": [hypothesis("logistik")]}, at("hypotheses[0].supported_if.variant")),
    "unknown rival": (
        {"hypotheses": [hypothesis("logistic", "random")]},
        at("hypotheses[0].supported_if.over"),
    ),
    "variant against itself": (
        {"hypotheses": [hypothesis("logistic", "logistic")]},
        at("hypotheses[0].supported_if.over"),
    ),
    "other data": (data_set(digest=f"sha256:{'0' * 64}"), DATA),
    "no data": (
        data_set(source="data/other.csv", made_by="make data"),
        Location("projects/shop/data/other.csv"),
    ),
    "no unit column": (data_set(unit_id="family"), DATA._replace(data_column="family")),
    "no feature": ({"features": {"all": ["incom"], "income": ["income"]}}, at("features.all[0]")),
    "target as feature": ({"features": {"all": ["*", "buys"], "income": ["income"]}}, at("features.all[1]")),
    "target as status quo": ({"status_quo": {"column": "buys"}}, at("status_quo.column")),
    "target as segment": ({"segments": ["town", "buys"]}, at("segments[1]")),
    "no segment column": ({"segments": ["region"]}, DATA._replace(data_column="region")),
    "too many segments": ({"segments": ["customer"]}, at("segments[0]")),
    "no guardrail column": (guardrail(share_of="agee > 60"), DATA._replace(data_column="agee")),
    "forbidden expression": (guardrail(share_of="import os"), at("metrics.guardrail[0].share_of")),
    "unknown guardrail": (guardrail(metric="roc"), at("metrics.guardrail[0].metric")),
    "probabilities needed": (guardrail(metric="neg_log_loss"), at("metrics.guardrail[0].metric")),
    "metric of numbers": (
        {"metrics": {"primary": "sales", "secondary": [{"metric": "r2"}]}},
        at("metrics.secondary[0].metric"),
    ),
    "too many folds": (
        {"split": {"kind": "stratified_folds", "folds": 40, "seed": 1}, **data_set(unit_id="town")},
        at("split"),
    ),
    "regressor": (variant(estimator="sklearn.svm.SVR"), Location(variant="logistic")),
    "bad parameter": (variant(params={"C": -1}), Location(variant="logistic", fold=1, repeat=1)),
}


@pytest.mark.parametrize(("changes", "location"), REFUSED.values(), ids=REFUSED)
def test_plan_that_cannot_be_run_is_refused_at_its_place(
    shop: Shop, changes: dict[str, Any], location: Location
) -> None:
    with pytest.raises(IterataError) as refused:
        shop.run(**changes)
    assert refused.value.location == location


@pytest.mark.parametrize(
    "name",
    [
        "variant against itself",
        "other data",
        "target as status quo",
        "too many segments",
        "probabilities needed",
    ],
)
def test_wording_of_refused_plans(shop: Shop, golden: Golden, name: str) -> None:
    with pytest.raises(IterataError) as refused:
        shop.run(**REFUSED[name][0])
    golden.check(name.replace(" ", "_"), str(refused.value))


def test_only_predicted_rows_are_compared(shop: Shop, customers: pd.DataFrame) -> None:
    result = shop.run(split={"kind": "hold_out", "rows": "customer >= 200"}, segments=["town"])
    predicted = customers[customers["customer"] >= 200]
    assert result.sample.rows == len(predicted)
    assert result.sample.positives == (predicted["buys"] == "yes").sum()
    assert sum(segment.rows for segment in result.segments) == len(predicted)


def test_predicted_rows_of_one_outcome_are_refused(shop: Shop, customers: pd.DataFrame) -> None:
    """The rows of the only window are the last ones, and none of them buys."""
    ordered = customers.sort_values("buys", ascending=False)
    ordered.assign(customer=range(300)).to_csv(shop.data, index=False)
    split = {"kind": "time_ordered", "column": "customer", "folds": 1, "learn_first": 0.9}
    with pytest.raises(DataError) as refused:
        shop.run(split=split)
    assert refused.value.location == DATA


def test_no_table_tells_what_the_rows_are_too_few_to_tell(shop: Shop, customers: pd.DataFrame) -> None:
    first = (customers["buys"] == "yes").cumsum() <= 8
    customers.assign(buys=customers["buys"].where(first, "no")).to_csv(shop.data, index=False)
    result = shop.run(split={"kind": "stratified_folds", "folds": 5, "seed": 1})
    assert result.hypotheses[0].verdict == "too_few"
    for variant in result.variants:
        assert variant.captured_share is not None
        assert (variant.difference.interval, variant.captured_share.interval) == (None, None)
        assert variant.learner is None


def test_infinite_number_is_refused(shop: Shop, customers: pd.DataFrame) -> None:
    customers.assign(income=np.where(customers.index == 3, np.inf, customers["income"])).to_csv(
        shop.data, index=False
    )
    with pytest.raises(DataError) as refused:
        shop.run()
    assert refused.value.location == DATA


def test_target_is_never_a_feature(shop: Shop) -> None:
    """With the target among the features that `*` matches, the model would be perfect."""
    result = shop.run()
    assert result.variants[0].kpi.value < result.scale.perfect.value
    assert result.variants[0].columns == 5
    assert set(result.left_out) == {"customer"}


def test_variant_that_stops_leaves_a_part_of_the_budget(shop: Shop) -> None:
    """All 300 customers may be contacted, but one in three must buy to be worth it."""
    optional = shop.kpi.model_copy(
        update={"budget": 1.0, "value_per_hit": 3.0, "cost_per_contact": 1.0, "spend": Spend.OPTIONAL}
    )
    variants = shop.plan().model_dump()["variants"]
    stopping = [{**variants[0], "stop_below": 1 / 3}, variants[1]]
    result = shop.run(kpi=optional, variants=stopping, metrics=secondary("roc_auc"))
    plain = shop.run(kpi=optional, metrics=secondary("roc_auc"))
    assert result.variants[0].kpi.value > plain.variants[0].kpi.value
    assert plain.variants[0].kpi.value == plain.variants[1].kpi.value == result.variants[1].kpi.value
    assert result.variants[0].metrics == plain.variants[0].metrics


def test_stop_of_a_forced_budget_is_refused(shop: Shop) -> None:
    variants = shop.plan().model_dump()["variants"]
    with pytest.raises(RunError) as caught:
        shop.run(variants=[{**variants[0], "stop_below": 0.1}, variants[1]])
    assert caught.value.location.field[-3:] == ("variants", 0, "stop_below")
