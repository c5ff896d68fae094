"""A plan is carried out as it was approved, or refused in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from iterata import results
from iterata.data.sources import data_file
from iterata.documents.models.kpi import OutcomeValueSpec, TargetingSpec
from iterata.documents.models.period import Period
from iterata.errors import DataError, IterataError, RunError
from iterata.experiment.analysis import compare
from iterata.experiment.run import Origin, execute

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from iterata.documents.models.proposal import Plan
    from iterata.results import ExperimentResult

ORIGIN = Origin("projects/shop/01-setup/proposal.md", f"sha256:{'0' * 64}", "abc123", dirty=False)


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
        return execute(plan, kpi or self.kpi, period, self.project, self.root, ORIGIN, jobs=jobs)


@pytest.fixture
def shop(tmp_path: Path, customers: pd.DataFrame, plan: Callable[..., Plan], sales: TargetingSpec) -> Shop:
    made = Shop(tmp_path, plan, sales)
    made.data.parent.mkdir(parents=True)
    customers.to_csv(made.data, index=False)
    return made


def data_set(**more: Any) -> dict[str, Any]:
    return {"data": [{"name": "customers", "source": "data/customers.csv", **more}]}


def test_a_run_answers_everything_the_plan_asks(shop: Shop) -> None:
    rail = {"name": "older people", "share_of": "age > 60", "margin": 0.5}
    result = shop.run(
        **data_set(unit_id="household", digest=data_file.digest(shop.data)),
        metrics={"primary": "sales", "secondary": [{"metric": "roc_auc"}], "guardrail": [rail]},
        segments=["town"],
        features={"all": ["*", "!customer"], "income": ["income"]},
        period=Period(name="week", rows=1000),
    )
    assert [variant.name for variant in result.variants] == ["logistic", "income only"]
    assert [variant.columns for variant in result.variants] == [4, 1]
    assert [(each.id, each.verdict) for each in result.hypotheses] == [("H1", "supported")]
    assert [(rail.variant, rail.holds) for rail in result.guardrails] == [
        ("logistic", True),
        ("income only", True),
    ]
    assert [segment.value for segment in result.segments] == ["Breda", "Delft", "Utrecht"]
    assert result.scale.random.expectation.value < result.scale.status_quo.value < result.scale.perfect.value
    assert (result.kpi.period, result.kpi.period_rows) == ("week", 1000)
    assert (result.sample.rows, result.sample.units, result.interval.unit) == (300, 100, "household")
    assert result.split == "3 stratified folds of whole units (household), 2 times"
    assert (result.plan_digest, result.provenance.commit) == (ORIGIN.plan_digest, "abc123")
    assert result.provenance.data == {"projects/shop/data/customers.csv": data_file.digest(shop.data)}
    assert {"scikit-learn", "numpy", "iterata"} <= set(result.provenance.packages)
    assert set(result.provenance.seconds) == {"logistic", "income only", "comparison"}
    assert results.parse("experiment", results.to_json(result), "") == result


def test_a_second_run_says_the_same_whatever_the_number_of_processes(shop: Shop) -> None:
    first = shop.run()
    (shop.root / ".iterata").rename(shop.root / "elsewhere")
    second = shop.run(jobs=2)
    assert second.model_copy(update={"provenance": first.provenance}) == first


def test_a_changed_metric_is_scored_without_training(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.run()
    monkeypatch.setattr("sklearn.linear_model.LogisticRegression.fit", None)  # cannot be called any more
    more = shop.run(metrics={"primary": "sales", "secondary": [{"metric": "f1"}]}, resamples=200)
    assert [metric.name for metric in more.variants[0].metrics] == ["f1"]


class TestRunningTwice:
    """What came of a comparison is kept as well."""

    @pytest.fixture
    def compared(self, monkeypatch: pytest.MonkeyPatch) -> list[object]:
        """Grows with every comparison."""
        made: list[object] = []

        def counted(*given: Any, **more: Any) -> Any:
            made.append(given)
            return compare.compare(*given, **more)

        monkeypatch.setattr("iterata.experiment.run.compare", counted)
        return made

    def test_nothing_is_compared_again(self, shop: Shop, compared: list[object]) -> None:
        first = shop.run()
        second = shop.run(jobs=2)
        assert len(compared) == 1
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
    def test_what_differs_in_anything_is(
        self, shop: Shop, compared: list[object], changes: dict[str, Any]
    ) -> None:
        shop.run()
        shop.run(**changes)
        assert len(compared) == 2

    def test_so_is_what_cannot_be_read_back(self, shop: Shop, compared: list[object]) -> None:
        first = shop.run()
        (kept,) = (shop.root / ".iterata" / "cache" / "comparisons").rglob("*.json")
        kept.write_text(kept.read_text("utf-8")[:500], "utf-8")
        second = shop.run()
        assert len(compared) == 2
        assert second.variants == first.variants

    def test_and_what_the_projects_code_may_have_changed(self, shop: Shop, compared: list[object]) -> None:
        shop.run()
        (shop.project / "kpis.py").write_text("RATE = 2\n")
        shop.run()
        assert len(compared) == 2


def test_other_data_train_again(shop: Shop, customers: pd.DataFrame) -> None:
    before = shop.run()
    customers.assign(income=-(customers["income"] ** 3)).to_csv(shop.data, index=False)
    assert shop.run().variants[1].kpi != before.variants[1].kpi


def test_a_threshold_asks_for_probabilities(shop: Shop) -> None:
    values = {"tp": 1, "fp": -1, "fn": 0, "tn": 0}
    kpi = OutcomeValueSpec.model_validate(
        {"kind": "outcome_value", "name": "sales", "unit": "EUR", "values": values}
    )
    machine = {"name": "machine", "estimator": "sklearn.svm.LinearSVC", "features": "all"}
    asked: Any = {"variants": [machine], "hypotheses": [hypothesis("machine")]}
    assert shop.run(**asked).variants[0].name == "machine"
    with pytest.raises(RunError, match="the KPI's threshold needs probabilities") as refused:
        shop.run(kpi=kpi, **asked)
    assert refused.value.where == "variant machine"


def hypothesis(variant: str, over: str = "status quo") -> dict[str, Any]:
    return {"id": "H1", "claim": "It sells.", "supported_if": {"variant": variant, "over": over}}


def variant(**changes: Any) -> dict[str, Any]:
    made = {"name": "logistic", "estimator": "sklearn.linear_model.LogisticRegression", "features": "all"}
    return {"variants": [{**made, **changes}]}


def guardrail(**described: Any) -> dict[str, Any]:
    return {"metrics": {"primary": "sales", "guardrail": [{"name": "g", "margin": 0, **described}]}}


DATA, PLAN = "projects/shop/data/customers.csv", "projects/shop/01-setup/proposal.md: plan"
RAIL = f"{PLAN}.metrics.guardrail[0]"


@pytest.mark.parametrize(
    ("changes", "message", "remedy", "where"),
    [
        ({"metrics": {"primary": "hits"}}, "hits is not defined", "write sales", f"{PLAN}.metrics.primary"),
        (variant(features="al"), "al is not defined", "all or income", f"{PLAN}.variants[0].features"),
        (
            {"hypotheses": [hypothesis("logistik")]},
            "logistik is not defined",
            "income only or logistic",
            f"{PLAN}.hypotheses[0].supported_if.variant",
        ),
        (
            {"hypotheses": [hypothesis("logistic", "random")]},
            "random is not defined",
            "or status quo",
            f"{PLAN}.hypotheses[0].supported_if.over",
        ),
        (data_set(digest=f"sha256:{'0' * 64}"), "not the file that was approved", "an amendment", DATA),
        (data_set(source="data/other.csv", made_by="make data"), "does not exist", "make data", None),
        (data_set(unit_id="family"), "there is no column family", "use one of", DATA),
        (
            {"features": {"all": ["incom"], "income": ["income"]}},
            "'incom' matches no column",
            "did you mean income?",
            f"{PLAN}.features.all[0]",
        ),
        (
            {"features": {"all": ["*", "buys"], "income": ["income"]}},
            "the target buys is among the features",
            "must not see",
            f"{PLAN}.features.all[1]",
        ),
        (
            {"status_quo": {"column": "buys"}},
            "buys is what is predicted",
            "before the outcome",
            f"{PLAN}.status_quo.column",
        ),
        ({"segments": ["region"]}, "no column region, which `plan.segments` names", "use one of", DATA),
        ({"segments": ["customer"]}, "customer has 300 values", "a few groups", f"{PLAN}.segments[0]"),
        (guardrail(share_of="agee > 60"), "there is no column agee", "did you mean age?", DATA),
        (guardrail(share_of="import os"), "cannot be read", "write columns", f"{RAIL}.share_of"),
        (guardrail(metric="roc"), "roc is not a scikit-learn", "roc_auc", f"{RAIL}.metric"),
        (
            guardrail(metric="neg_log_loss"),
            "neg_log_loss judges probabilities, which the status quo does not give",
            "roc_auc",
            f"{RAIL}.metric",
        ),
        (
            {"metrics": {"primary": "sales", "secondary": [{"metric": "r2"}]}},
            "r2 does not judge yes / no predictions",
            "choose",
            f"{PLAN}.metrics.secondary[0].metric",
        ),
        (
            {"split": {"kind": "stratified_folds", "folds": 40, "seed": 1}, **data_set(unit_id="town")},
            "cannot be spread over 40 folds",
            "at most 3 folds",
            f"{PLAN}.split",
        ),
        (variant(estimator="sklearn.svm.SVR"), "not a classifier", "a classifier", "variant logistic"),
        (variant(params={"C": -1}), "InvalidParam", "its parameters", "variant logistic, fold 1 of repeat 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_carried_out_is_told_in_one_message(
    shop: Shop, changes: dict[str, Any], message: str, remedy: str, where: str | None
) -> None:
    with pytest.raises(IterataError) as refused:
        shop.run(**changes)
    assert message in refused.value.message
    assert remedy in refused.value.remedy
    assert where is None or refused.value.where == where


def test_an_infinite_number_is_refused_with_its_column(shop: Shop, customers: pd.DataFrame) -> None:
    customers.assign(income=np.where(customers.index == 3, np.inf, customers["income"])).to_csv(
        shop.data, index=False
    )
    with pytest.raises(DataError, match="the column income holds infinite numbers") as refused:
        shop.run()
    assert refused.value.where == DATA


def test_a_copy_of_the_target_under_its_own_name_never_reaches_a_model(shop: Shop) -> None:
    """Were the target among the features of `*`, the model would be perfect."""
    result = shop.run()
    assert result.variants[0].kpi.value < result.scale.perfect.value
    assert result.variants[0].columns == 6
