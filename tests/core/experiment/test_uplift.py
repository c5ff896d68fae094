"""Experiments with treatment effects: from a campaign that chance decided to the result and its page."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iterata.documents.models.enums import LeakSign
from iterata.documents.models.kpi import TargetingSpec, UpliftSpec
from iterata.documents.models.splits import StratifiedFolds
from iterata.errors import IterataError
from iterata.experiment.analysis.fold_ranks import fold_ranks
from iterata.experiment.analysis.uplift_curves import OneArmChosen
from iterata.experiment.folds import OneArm, make_folds
from iterata.experiment.splitters import SplitInputs
from iterata.experiment.variants.refusals import ProbabilitiesMissing, UnequalArms, WrongEstimatorType
from iterata.measure.assignment import Assignment
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.outcomes import Outcomes
from iterata.measure.predictions import column
from iterata.render.experiment.omissions import _missing_figures
from iterata.render.lift.sentences import hits_not_effects

from .shop import Shop

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.documents.models.proposal import Plan
    from iterata.results import ExperimentResult, VariantResult

KPI = UpliftSpec(kind="uplift", name="sales", unit="sales", budget=0.3)
LOGISTIC = "sklearn.linear_model.LogisticRegression"
TREATED = {"column": "letter", "value": "sent", "probability": 0.5}
DATA = {"name": "customers", "source": "data/customers.csv", "treated": TREATED}
HALVES = {"kind": "hold_out", "share": 0.5, "seed": 1}


def campaign(rows: int = 600) -> pd.DataFrame:
    """A letter that sells to the young only, whoever buys anyway."""
    rng = np.random.default_rng(7)
    treated, young = rng.random(rows) < 0.5, rng.random(rows) < 0.5
    buys = rng.random(rows) < 0.3 + 0.4 * (treated & young)
    return pd.DataFrame(
        {
            "letter": np.where(treated, "sent", "none"),
            "letter_again": treated * 1,
            "opposite": np.where(treated, buys, ~buys) * 1,
            "buys": np.where(buys, "yes", "no"),
            "spent": buys * rng.gamma(2, 20, size=rows),
            "young": young * 1,
            "noise": rng.normal(size=rows),
            "day": np.arange(rows),
            "office": np.where(treated | (rng.random(rows) < 0.5), "north", "south"),
            "value": 1.0,
        }
    )


class Post(Shop):
    """A project on a campaign."""

    def post(self, *variants: dict[str, Any], **changes: Any) -> ExperimentResult:
        more = {"data": [DATA], "split": HALVES, "status_quo": {"column": "noise"}, "resamples": 200}
        more["features"] = {"known": ["young", "noise"]}
        return self.run(*variants, **{"kpi": KPI, **more, **changes})

    def refusal(self, *variants: dict[str, Any], **changes: Any) -> IterataError:
        with pytest.raises(IterataError) as raised:
            self.post(*variants, **changes)
        return raised.value


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory, plan: Callable[..., Plan]) -> Post:
    return Post(tmp_path_factory.mktemp("post"), campaign(), plan, KPI)  # type: ignore[arg-type]


def effect(method: str = "two_models", estimator: str = LOGISTIC, **more: Any) -> dict[str, Any]:
    return {"name": method, "estimator": estimator, "uplift": method, "features": "known", **more}


def found(result: ExperimentResult, name: str) -> VariantResult:
    (variant,) = (variant for variant in result.variants if variant.name == name)
    return variant


TREE = {"estimator": "sklearn.tree.DecisionTreeClassifier", "params": {"max_depth": 2}}


@pytest.fixture(scope="module")
def compared(post: Post) -> ExperimentResult:
    """Three ways to estimate the effect, and a model of who buys."""
    return post.post(
        effect("two_models"),
        effect("treatment_as_feature", **TREE),
        effect("transformed_outcome", "sklearn.linear_model.Ridge"),
        {"name": "propensity", "estimator": LOGISTIC, "features": "known"},
        segments=["office"],
        metrics={
            "primary": "sales",
            "secondary": [{"metric": "uplift_area"}, {"metric": "uplift_at_50_percent"}],
            "guardrail": [{"name": "young", "share_of": "young == 1", "better": "lower", "margin": 0.1}],
        },
    )


@pytest.mark.parametrize("method", ["two_models", "treatment_as_feature", "transformed_outcome"])
def test_estimates_of_the_effect_treat_those_whom_it_moves(compared: ExperimentResult, method: str) -> None:
    """0.4 sales per treated young row, at a budget of 30 % of 300 rows: 36; by lot a half of it."""
    variant, random = found(compared, method), compared.scale.random.expectation.value
    assert variant.uplift == method
    assert 24 < variant.kpi.value < 48
    assert random < 24
    assert variant.curve is not None
    assert variant.curve.area.value > 0.03
    assert variant.curve.points[-1].gain * 300 == pytest.approx(compared.scale.treat_all)


def test_captured_share_is_an_interval_of_at_most_1(compared: ExperimentResult) -> None:
    ends = compared.scale.perfect_identified
    assert ends is not None
    for variant in compared.variants:
        share = variant.captured_share_identified
        if share is not None:
            assert share.lower.value <= share.upper.value <= 1
            gain = variant.kpi.value - compared.scale.status_quo.value
            at_upper = gain / (ends.upper.value - compared.scale.status_quo.value)
            assert at_upper in (pytest.approx(share.lower.value), pytest.approx(share.upper.value))
    potential = compared.potential_lift_identified
    assert potential is not None
    expected = ends.upper.value - compared.scale.status_quo.value
    assert potential.upper.value == pytest.approx(expected, rel=1e-5)


def test_arms_are_compared(compared: ExperimentResult) -> None:
    """Of all rows, which models learn from, by the declared probability and in the features."""
    balance = compared.balance
    assert balance is not None
    assert balance.treated.rows + balance.control.rows == 600
    assert balance.sample_ratio is not None
    assert balance.largest is not None
    assert balance.columns == 2


def test_segment_without_control_rows_has_no_figure_and_says_why(compared: ExperimentResult) -> None:
    north, south = compared.segments
    assert south.treated == 0
    assert south.status_quo is None
    assert all(variant.kpi is None and variant.p is None for variant in south.variants)
    assert north.status_quo is not None
    assert any("none of its" in line and "treated" in line for line in _missing_figures(compared))


def test_guardrail_watches_those_who_would_be_treated(compared: ExperimentResult) -> None:
    kept = {guardrail.variant: guardrail for guardrail in compared.guardrails}
    assert kept["two_models"].value == pytest.approx(1)
    assert not kept["two_models"].holds


def test_metrics_of_effects_are_those_of_the_curve(compared: ExperimentResult) -> None:
    variant = found(compared, "two_models")
    area, at_half = (metric.value for metric in variant.metrics)
    assert variant.curve is not None
    (half,) = (point for point in variant.curve.points if point.depth == 0.5)
    assert area == variant.curve.area
    assert at_half is not None
    assert at_half.value == pytest.approx(half.gain / 0.5, rel=1e-5)


def test_treatment_is_never_a_feature(post: Post) -> None:
    result = post.post(
        effect(features="all"), features={"all": ["*", "!letter_again", "!opposite", "!spent"]}
    )
    assert "letter" in result.left_out
    assert "letter" not in result.features["all"]


@pytest.fixture(scope="module")
def leaks(post: Post) -> dict[LeakSign, set[str]]:
    """What the signs of a leak name."""
    stump = "sklearn.tree.DecisionTreeRegressor"
    result = post.post(
        effect("transformed_outcome", stump, params={"max_depth": 1}, features="opposite"),
        effect(features="again"),
        features={"opposite": ["young", "opposite"], "again": ["young", "letter_again"]},
    )
    return {notice.sign: {figure.name for figure in notice.found} for notice in result.leaks}


class TestLeaks:
    """Columns that tell the outcome within the arms, or who was treated."""

    def test_column_that_tells_both_arms_the_opposite(self, leaks: dict[LeakSign, set[str]]) -> None:
        assert leaks[LeakSign.COPY] == {"opposite"}

    def test_column_that_tells_who_was_treated(self, leaks: dict[LeakSign, set[str]]) -> None:
        assert leaks[LeakSign.TREATMENT] == {"letter_again"}

    def test_effects_that_nobody_could_know(self, leaks: dict[LeakSign, set[str]]) -> None:
        assert leaks[LeakSign.MODEL] == {"transformed_outcome"}

    def test_true_heterogeneity_is_no_leak(self, compared: ExperimentResult) -> None:
        assert compared.leaks == []


SPY = """
import json, sys
from pathlib import Path
import pandas as pd
folder = Path(sys.argv[-1])
fold = json.loads((folder / "fold.json").read_text())
train, test = (pd.read_csv(folder / fold[part]) for part in ("train", "test"))
assert fold["treated"] == {"column": "letter", "value": "sent", "probability": 0.5}, fold
assert set(train["letter"]) == {"sent", "none"}
assert "letter" not in test and "buys" not in test
test = test.assign(prediction=test["young"])
test[["row_id", "prediction"]].to_csv(folder / fold["predictions"], index=False)
"""


def test_program_learns_who_was_treated_of_training_rows_only(post: Post) -> None:
    post.write("spy.py", SPY)
    spy = {"name": "spy", "producer": "command", "command": ["python", "spy.py"], "features": "known"}
    assert found(post.post(spy), "spy").kpi.value > 24


def test_windows_of_time_need_both_arms(post: Post) -> None:
    ordered = {"kind": "time_ordered", "column": "day", "folds": 2}
    result = post.post(effect(), split=ordered)
    assert found(result, "two_models").curve is not None
    untreated = campaign().assign(letter=lambda table: table["letter"].where(table["day"] < 400, "none"))
    untreated.to_csv(post.project / "data" / "late.csv", index=False)
    refused = post.refusal(effect(), split=ordered, data=[{**DATA, "source": "data/late.csv"}])
    assert isinstance(refused, OneArm)
    assert refused.location.field == ("plan", "split")


def test_tuning_chooses_by_the_area(post: Post) -> None:
    """A tree without a split has one effect for all, and an area of 0."""
    tuned = effect(
        "two_models", "sklearn.tree.DecisionTreeClassifier", params={"max_leaf_nodes": 8},
        tune={"min_samples_leaf": [150, 20]},
    )  # fmt: skip
    variant = found(post.post(tuned), "two_models")
    assert variant.tuned == [{"min_samples_leaf": 20}]


def test_fewer_outcomes_can_be_better(post: Post) -> None:
    """Then those come first whom the treatment keeps from it: here, the others."""
    less = UpliftSpec.model_validate({**KPI.model_dump(), "direction": "minimise", "spend": "forced"})
    result = post.post(effect(), kpi=less, status_quo={"column": "young"})
    variant = found(result, "two_models")
    assert variant.kpi.value < result.scale.status_quo.value
    assert variant.difference.value > 0


@pytest.mark.parametrize("method", ["two_models", "transformed_outcome"])
def test_outcome_can_be_a_number(post: Post, method: str) -> None:
    spent = UpliftSpec(kind="uplift", name="sales", unit="EUR", budget=0.5, outcome="number")
    target = {"column": "spent", "made_by": "the till"}
    tree = effect(method, "sklearn.tree.DecisionTreeRegressor", params={"max_depth": 1})
    result = post.post(tree, kpi=spent, target=target)
    assert found(result, method).kpi.value > 2 * result.scale.random.expectation.value * 0.8


UNDECLARED = {key: value for key, value in TREATED.items() if key != "probability"}
REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], type[IterataError]]] = {
    "a classifier without probabilities": (
        effect(estimator="sklearn.svm.LinearSVC"),
        {},
        ProbabilitiesMissing,
    ),
    "a classifier without weights, and unequal arms": (
        effect("transformed_outcome", "sklearn.neighbors.KNeighborsClassifier"),
        {"data": [{**DATA, "treated": UNDECLARED}]},
        UnequalArms,
    ),
    "a classifier of numbers": (
        effect("transformed_outcome"),
        {
            "kpi": UpliftSpec(kind="uplift", name="sales", unit="EUR", outcome="number"),
            "target": {"column": "spent", "made_by": "the till"},
        },
        WrongEstimatorType,
    ),
}


@pytest.mark.parametrize(("variant", "changes", "refusal"), REFUSED.values(), ids=REFUSED)
def test_estimator_that_cannot_estimate_effects_is_refused(
    post: Post, variant: dict[str, Any], changes: dict[str, Any], refusal: type[IterataError]
) -> None:
    refused = post.refusal(variant, **changes)
    assert isinstance(refused, refusal)
    assert refused.location.variant == variant["name"]


def test_metric_of_outcomes_is_none_of_effects(post: Post) -> None:
    metrics = {"primary": "sales", "secondary": [{"metric": "roc_auc"}]}
    assert post.refusal(effect(), metrics=metrics).location.field == (
        "plan",
        "metrics",
        "secondary",
        0,
        "metric",
    )


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), folds=st.integers(2, 4), top=st.integers(4, 12))
def test_out_of_fold_gain_is_that_of_the_best_rows_of_each_fold(seed: int, folds: int, top: int) -> None:
    """Brute force: the first rows of each fold, their difference of means, times their share."""
    rng = np.random.default_rng(seed)
    rows = 24 * folds
    treated = np.arange(rows) % 2 == 0
    yes = np.arange(rows) % 4 < 2
    split = StratifiedFolds(kind="stratified_folds", folds=folds, seed=seed)
    parts = make_folds(split, SplitInputs(rows, yes, treated=treated))
    scale_of_fold = rng.uniform(-100, 100, size=folds)
    scores, best = np.empty((1, rows)), np.zeros(rows, dtype=bool)
    for part, shift in zip(parts, scale_of_fold, strict=True):
        scores[0, part.test] = shift + rng.permutation(len(part.test))
        best[part.test[np.argsort(-scores[0, part.test])[:top]]] = True
    assume_both = {(arm, best[treated == arm].any()) for arm in (True, False)}
    if assume_both != {(True, True), (False, True)} or any(len(part.test) != 24 for part in parts):
        return
    outcomes = Outcomes(yes.astype(float), assignment=Assignment(treated, np.full(rows, 0.5), declared=True))
    kpi = KPI.model_copy(update={"budget": top / 24})
    scale = KpiScale.of(kpi, outcomes, np.zeros(rows), None)
    ranks = fold_ranks(scores, parts, np.ones(rows))[0]
    gain = scale.predictions(column(scores[0])._replace(ranks=ranks)).on_sample(rows)
    means = [yes[best & arm].mean() for arm in (treated, ~treated)]
    assert gain == pytest.approx(best.sum() * (means[0] - means[1]))


COLUMNS = [
    *("AGE", "PARTY_D", "PARTY_I", "PARTY_R", "HH_ND", "HH_NR", "HH_NI", "GENDER_F", "MED_AGE", "NH_WHITE"),
    *("COMM_PT", "REG_DAYS", "VPP_08", "VPP_12", "VPR_12", "VG_08", "VG_12"),
]


def test_two_models_on_a_real_campaign(tmp_path: Path, plan: Callable[..., Plan]) -> None:
    """Voters who were sent a message by chance: independently computed references, per row of 4,052."""
    package = find_spec("dmba")
    if package is None or package.origin is None:
        pytest.skip("the package dmba is not installed")
    voters = pd.read_csv(Path(package.origin).parent / "csvFiles" / "Voter-Persuasion.csv.gz")
    kpi = KPI.model_copy(update={"budget": 0.2})
    shop = Post(tmp_path, voters, plan, kpi)  # type: ignore[arg-type]
    params = {"C": 1, "max_iter": 2000, "tol": 1e-10}
    result = shop.post(
        {"name": "two", "estimator": LOGISTIC, "params": params, "uplift": "two_models", "features": "some"},
        data=[{**DATA, "treated": {"column": "MESSAGE_A", "probability": 0.5}}],
        target={"column": "MOVED_A", "made_by": "two calls"},
        split={"kind": "hold_out", "rows": 'Partition == "V"'},
        status_quo={"column": "AGE"},
        features={"some": COLUMNS},
        kpi=kpi,
    )
    two, rows = found(result, "two"), 4052
    assert two.curve is not None
    gains = {point.depth: point.gain for point in two.curve.points}
    assert two.kpi.value / rows == pytest.approx(0.009817402503, rel=1e-6)
    assert gains[0.1] == pytest.approx(0.009362452735, rel=1e-6)
    assert two.curve.area.value == pytest.approx(0.001718195663, rel=1e-6)
    assert result.scale.random.expectation.value / rows == pytest.approx(0.008438721097, rel=1e-6)
    assert result.scale.random.sd_of_one_draw == pytest.approx(0.006050522643 * rows, rel=1e-6)
    ratio = result.balance and result.balance.sample_ratio
    assert ratio and ratio.p == pytest.approx(1)  # noqa: PT018
    assert result.leaks == []


def test_feature_that_tells_the_arm_is_refused(post: Post) -> None:
    """What the treatment was worth is above 0 for treated rows only, so the chosen are all of one arm."""
    rows = campaign()
    paid = np.where(rows["letter"] == rows["letter"].iloc[0], 0, rows["day"] + 1)
    rows.assign(paid=paid).to_csv(post.project / "data" / "paid.csv", index=False)
    refused = post.refusal(
        effect("transformed_outcome", "sklearn.linear_model.Ridge"),
        data=[{**DATA, "source": "data/paid.csv"}],
        features={"known": ["paid"]},
    )
    assert isinstance(refused, OneArmChosen)
    assert refused.location.variant == "transformed_outcome"


def test_hits_beside_a_control_group_are_not_called_no_effects(post: Post) -> None:
    kpi = TargetingSpec(kind="targeting", name="sales", unit="sales", budget=0.3)
    result = post.post({"name": "model", "estimator": LOGISTIC, "features": "known"}, kpi=kpi)
    assert result.balance is not None
    assert hits_not_effects(result) == []
    assert hits_not_effects(result.model_copy(update={"balance": None})) != []
