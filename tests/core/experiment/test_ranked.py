"""Experiments whose KPI ranks the rows of each group, or is a function of the project."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import ndcg_score, roc_auc_score
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from iterata.documents.models.proposal import Plan
from iterata.errors import IterataError, Location
from iterata.experiment.run import PlanRevision, execute
from iterata.kpi import describe
from iterata.render.experiment.tables import render

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iterata.results import ExperimentResult

    Run = Callable[..., ExperimentResult]

REVISION = PlanRevision("projects/wards/01-setup/proposal.md", f"sha256:{'0' * 64}", "abc123", dirty=False)
SEED, FOLDS = 3, 5
URGENT = describe(
    "ranking", name="urgent first", unit="NDCG", measure="ndcg", k=3, group="ward", empty_groups="zero"
)
RECALL = describe("ranking", name="urgent found", unit="share", measure="recall", k=3, group="ward")
RIDGE = {"name": "ridge", "estimator": "sklearn.linear_model.Ridge", "features": "all"}
LOGISTIC = {"name": "logistic", "estimator": "sklearn.linear_model.LogisticRegression", "features": "all"}
SPLIT = {"kind": "group_folds", "folds": FOLDS, "seed": SEED}
OLD = {"name": "old", "share_of": "age > 60", "margin": 0.1}
FEATURES = ["age", "sex", "bmi", "bp", *(f"s{number}" for number in range(1, 7))]
PROGRAM = """
import json, sys
from pathlib import Path
import lightgbm
import pandas as pd

folder = Path(sys.argv[1])
task = json.loads((folder / "fold.json").read_text())
train, test = pd.read_csv(folder / task["train"]), pd.read_csv(folder / task["test"])
assert task["group"] in test and task["target"] not in test
train = train.sort_values(task["group"])
sizes = train.groupby(task["group"]).size()
ranker = lightgbm.LGBMRanker(n_estimators=20, min_child_samples=5, verbose=-1, n_jobs=1)
ranker.fit(train[task["features"]], train[task["target"]].astype(int), group=sizes)
test["prediction"] = ranker.predict(test[task["features"]])
test[[task["row_id"], "prediction"]].to_csv(folder / task["predictions"], index=False)
"""
MARGIN = """
import numpy as np

def helped(frame, prediction, sample_weight):
    chosen = prediction >= 150
    return float(np.sum(sample_weight * chosen * (frame["target"] - frame["cost"])) / np.sum(sample_weight))

def caught(frame, prediction, sample_weight):
    return float(np.sum(sample_weight * (prediction >= 0.5) * frame["urgent"]) / np.sum(sample_weight))
"""


@pytest.fixture(scope="module")
def patients() -> pd.DataFrame:
    """442 patients in 45 wards, and the progression of their disease in a year (Efron et al., 2004)."""
    data = load_diabetes(as_frame=True, scaled=False).frame
    ward = np.arange(len(data)) // 10
    return data.assign(
        ward=[f"ward {number}" for number in ward],
        wing=np.where(ward % 2 == 0, "east", "west"),
        degree=np.digitize(data["target"], [120, 200, 280]),
        urgent=(data["target"] > 200).astype(int),
        needs_help=np.where(data["target"] > 200, "yes", "no"),
        cost=150.0,
        oldest=data["age"],
        usual=140.0,
    )


@pytest.fixture
def run(tmp_path: Path, patients: pd.DataFrame) -> Run:
    """Runs a plan."""
    project = tmp_path / "projects" / "wards"
    (project / "data").mkdir(parents=True)
    patients.to_csv(project / "data" / "patients.csv", index=False)
    (project / "program.py").write_text(PROGRAM)
    (project / "kpis.py").write_text(MARGIN)

    def execute_plan(kpi: Any = URGENT, target: str = "degree", **changes: Any) -> Any:
        plan = {
            "data": [{"name": "patients", "source": "data/patients.csv"}],
            "target": {"column": target, "made_by": "a visit a year later"},
            "split": SPLIT,
            "status_quo": {"column": "oldest", "label": "the oldest first"},
            "metrics": {"primary": kpi.name},
            "features": {"all": FEATURES},
            "variants": [RIDGE],
            "hypotheses": [
                {
                    "id": "H1",
                    "claim": "Measurements predict it.",
                    "supported_if": {"variant": changes.pop("tested", "ridge")},
                }
            ],
            "resamples": 200,
        }
        changed = Plan.model_validate({**plan, **changes})
        return execute(changed, kpi, None, project, tmp_path, REVISION, jobs=1)

    return execute_plan


def by_ward(patients: pd.DataFrame, score: Any, target: str, k: int = 3) -> float:
    """scikit-learn's NDCG of each ward; a ward whose degrees are all 0 counts as 0."""
    table = patients.assign(score=score)
    return float(
        np.mean(
            [
                ndcg_score([patients[target]], [patients["score"]], k=k) if patients[target].any() else 0.0
                for _, patients in table.groupby("ward")
            ]
        )
    )


def predicted(patients: pd.DataFrame, model: Any, target: str, folds: Any, method: str = "predict") -> Any:
    """scikit-learn's predictions for the folds."""
    pipeline = make_pipeline(make_column_transformer((StandardScaler(), FEATURES)), model)
    ward = patients["ward"].factorize()[0]
    return cross_val_predict(
        pipeline, patients[FEATURES], patients[target], groups=ward, cv=folds, method=method
    )


def within_folds(score: Any, folds: Any, ward: pd.Series) -> Any:
    """The percentile rank of each score in its fold."""
    ranks = pd.Series(score)
    for _, test in folds.split(ward, groups=ward.factorize()[0]):
        ranks.iloc[test] = (ranks.iloc[test].rank() - 0.5) / len(test)
    return ranks


def test_degrees_are_learned_as_numbers_and_ranked_as_scikit_learn_does(
    run: Run, patients: pd.DataFrame
) -> None:
    folds = GroupKFold(FOLDS, shuffle=True, random_state=SEED)
    score = predicted(patients, Ridge(), "degree", folds)
    result = run(
        metrics={"primary": URGENT.name, "secondary": [{"metric": "ndcg_at_5"}, {"metric": "roc_auc"}]}
    )
    (ridge,) = result.variants
    assert ridge.kpi.value == pytest.approx(by_ward(patients, score, "degree"), rel=1e-6)
    assert result.scale.status_quo.value == pytest.approx(
        by_ward(patients, patients["age"], "degree"), rel=1e-6
    )
    assert result.scale.perfect.value == pytest.approx(
        by_ward(patients, patients["degree"], "degree"), rel=1e-6
    )
    deeper, auc = (metric.value for metric in ridge.metrics)
    assert deeper is not None
    assert auc is not None
    assert deeper.value == pytest.approx(by_ward(patients, score, "degree", k=5), rel=1e-6)
    ranks = within_folds(score, folds, patients["ward"])
    assert auc.value == pytest.approx(roc_auc_score(patients["degree"] > 0, ranks), rel=1e-6)
    assert result.sample.positives is None
    assert result.sample.units == patients["ward"].nunique()
    assert result.interval.unit == "ward"
    assert ridge.learner is not None
    assert result.hypotheses[0].verdict == "supported"
    assert "urgent first" in render(result)


def test_binary_relevance_is_learned_by_classifiers(run: Run, patients: pd.DataFrame) -> None:
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=np.random.RandomState(SEED))
    score = predicted(patients, LogisticRegression(), "urgent", folds, "predict_proba")[:, 1]
    split = {"kind": "stratified_folds", "folds": FOLDS, "repeats": 1, "seed": SEED}
    result = run(RECALL, "urgent", split=split, variants=[LOGISTIC], tested="logistic", segments=["wing"])
    (logistic,) = result.variants
    first = patients.assign(rank=-score).sort_values("rank").groupby("ward").head(3)
    urgent = patients.groupby("ward")["urgent"].sum()
    hits = first.groupby("ward")["urgent"].sum().reindex(urgent.index, fill_value=0)
    assert logistic.kpi.value == pytest.approx((hits / urgent)[urgent > 0].mean(), rel=1e-6)
    assert result.sample.positives == patients["urgent"].sum()
    for segment in result.segments:
        among = patients.loc[patients["wing"] == segment.value, "urgent"]
        assert (segment.rows, segment.positives) == (len(among), among.sum())


@pytest.mark.parametrize(
    "kpi",
    [RECALL, describe("metric", name="auc", unit="points", metric="roc_auc")],
    ids=["ranking", "metric"],
)
def test_group_or_segment_without_urgent_patients_has_no_figure(
    run: Run, patients: pd.DataFrame, kpi: Any
) -> None:
    wards = patients.groupby("ward")["urgent"]
    split = {**SPLIT, "column": "ward", "folds": wards.ngroups}
    result = run(kpi, "urgent", split=split, variants=[LOGISTIC], tested="logistic", segments=["needs_help"])
    (logistic,) = result.variants
    assert logistic.learner is not None
    both = wards.any() if kpi is RECALL else (wards.nunique() == 2)
    assert logistic.learner.folds == both.sum() < wards.ngroups
    empty, _ = result.segments
    assert (empty.value, empty.status_quo, empty.variants[0].kpi) == ("no", None, None)
    assert re.search(r"\| no +\| +\d+ \| +0 \| +- \| +- \|", render(result))


def test_program_may_learn_to_rank(run: Run) -> None:
    pytest.importorskip("lightgbm")
    program = {
        "name": "ranker",
        "producer": "command",
        "command": ["python", "program.py"],
        "features": "all",
    }
    hold_out = {"kind": "hold_out", "share": 0.3, "seed": SEED}
    (ranker,) = run(variants=[program], split=hold_out, tested="ranker").variants
    assert 0.5 < ranker.kpi.value < 1


def test_tuning_minimises_the_squared_error(run: Run) -> None:
    tuned = {**RIDGE, "tune": {"alpha": [0.01, 1e6]}}
    result = run(variants=[tuned])
    assert result.tuned_by == "neg_mean_squared_error"
    assert [chosen["alpha"] for chosen in result.variants[0].tuned] == [0.01] * FOLDS


AT_PLAN = Location(REVISION.proposal, field=("plan",))


@pytest.mark.parametrize(
    ("changes", "location"),
    [
        ({"split": {"kind": "time_ordered", "column": "s6", "folds": 3}}, AT_PLAN / "split"),
        ({"split": {"kind": "stratified_folds", "folds": 3}}, AT_PLAN / "split"),
        ({"variants": [LOGISTIC], "tested": "logistic"}, Location(variant="logistic")),
        (
            {"metrics": {"primary": URGENT.name, "secondary": [{"metric": "ndcg_at_0"}]}},
            AT_PLAN / "metrics" / "secondary" / 0 / "metric",
        ),
        (
            {"metrics": {"primary": URGENT.name, "guardrail": [OLD]}},
            AT_PLAN / "metrics" / "guardrail" / 0 / "share_of",
        ),
    ],
    ids=["divided groups", "stratified folds", "classifier", "no depth", "share"],
)
def test_what_does_not_suit_a_ranking_is_refused(
    run: Run, changes: dict[str, Any], location: Location
) -> None:
    with pytest.raises(IterataError) as refused:
        run(**changes)
    assert refused.value.location == location


def test_kpi_may_be_a_function_of_the_project(run: Run, patients: pd.DataFrame) -> None:
    kpi = describe(
        "python", name="helped", unit="points", function="kpis:helped", outcome="number", columns=["cost"]
    )
    result = run(
        kpi,
        "target",
        status_quo={"column": "usual", "label": "the same for all"},
        split={**SPLIT, "column": "ward"},
        segments=["wing"],
    )
    folds = GroupKFold(FOLDS, shuffle=True, random_state=SEED)
    chosen = predicted(patients, Ridge(), "target", folds) >= 150
    gained = patients["target"] - patients["cost"]
    (ridge,) = result.variants
    assert result.interval.unit == "ward"  # what folds keep together is what resamples draw
    assert ridge.kpi.value == pytest.approx((chosen * gained).mean(), rel=1e-6)
    assert result.scale.status_quo.value == 0
    assert result.scale.perfect.value == pytest.approx(gained[gained >= 0].sum() / len(gained), rel=1e-6)
    (east, _) = result.segments
    among = patients["wing"] == "east"
    assert east.variants[0].kpi.value == pytest.approx((chosen * gained)[among].mean(), rel=1e-6)


def test_kpi_of_binary_targets_may_be_a_function_of_the_project(run: Run, patients: pd.DataFrame) -> None:
    kpi = describe("python", name="caught", unit="share", function="kpis:caught")
    split = {"kind": "hold_out", "share": 0.5, "seed": SEED}
    result = run(kpi, "urgent", split=split, variants=[LOGISTIC], tested="logistic",
                     status_quo={"rule": "age > 60", "label": "the old"})  # fmt: skip
    assert result.scale.perfect.value == pytest.approx(patients["urgent"].mean(), abs=0.01)
    assert 0 < result.variants[0].kpi.value < result.scale.perfect.value


@pytest.mark.parametrize("function", ["kpis:nothing", "kpis:caught"], ids=["missing", "failing"])
def test_failing_kpi_function_is_refused_before_training(
    run: Run, function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sklearn.linear_model.Ridge.fit", None)  # training would fail in another way
    kpi = describe("python", name="caught", unit="share", function=function, outcome="number")
    with pytest.raises(IterataError) as refused:
        run(kpi, "target", status_quo={"column": "usual", "label": "the same for all"})
    assert not refused.value.location.variant
