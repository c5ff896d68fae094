"""Effects by two models, with the treatment as a feature, and by the transformed outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from iterata.documents.models.enums import UpliftMethod
from iterata.experiment.variants.meta_learners import meta_learner

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator

    from iterata.arrays import Bools, Floats


def learned(
    method: UpliftMethod,
    model: BaseEstimator,
    features: pd.DataFrame,
    target: Any,
    arms: tuple[Bools, Floats],
    **params: Floats,
) -> Floats:
    learner = meta_learner(method, model, (1,), column="t", weight_parameter=None)
    return learner.fit(features, target, *arms, params).predict(features)


@pytest.fixture(scope="module")
def campaign() -> tuple[pd.DataFrame, Any, Bools, Floats]:
    """Three kinds of people, of whom the second is helped and the third harmed; e differs by kind."""
    random = np.random.default_rng(0)
    kind = random.integers(0, 3, 3000)
    probability = np.array([0.5, 0.7, 0.2])[kind]
    treated = random.random(3000) < probability
    chance = np.array([0.3, 0.4, 0.5])[kind] + treated * np.array([0, 0.3, -0.3])[kind]
    yes = (random.random(3000) < chance).astype(np.int64)
    return pd.DataFrame({"kind": kind.astype(float)}), yes, treated, probability


def by_kind(campaign: tuple[pd.DataFrame, Any, Bools, Floats]) -> Floats:
    """The difference of means between the arms of each kind: what a tree of kinds must find."""
    features, yes, treated, _ = campaign
    kind = features["kind"].to_numpy()
    effects = [
        yes[(kind == value) & treated].mean() - yes[(kind == value) & ~treated].mean() for value in range(3)
    ]
    return np.array(effects)[kind.astype(int)]


@pytest.mark.parametrize("tree", [DecisionTreeClassifier, DecisionTreeRegressor])
@pytest.mark.parametrize("method", [UpliftMethod.TWO_MODELS, UpliftMethod.TREATMENT_AS_FEATURE])
def test_trees_find_the_difference_of_the_arms_in_each_kind(
    campaign: tuple[pd.DataFrame, Any, Bools, Floats], method: UpliftMethod, tree: Any
) -> None:
    features, yes, treated, probability = campaign
    assert learned(method, tree(), features, yes, (treated, probability)) == pytest.approx(by_kind(campaign))


def test_transformed_outcome_is_the_horvitz_thompson_effect_of_each_kind(
    campaign: tuple[pd.DataFrame, Any, Bools, Floats],
) -> None:
    features, yes, treated, e = campaign
    transformed = yes * treated / e - yes * ~treated / (1 - e)
    expected = pd.Series(transformed).groupby(features["kind"]).transform("mean").to_numpy()
    tree = DecisionTreeRegressor()
    found = learned(UpliftMethod.TRANSFORMED_OUTCOME, tree, features, yes, (treated, e))
    assert found == pytest.approx(expected)


def test_classifier_of_the_transformed_outcome_weighs_unequal_arms(
    campaign: tuple[pd.DataFrame, Any, Bools, Floats],
) -> None:
    """`2 P(Z = 1) - 1` in arms of equal weight, Z being a treated yes or a control no."""
    features, yes, treated, e = campaign
    z, w = np.where(treated, yes, 1 - yes), 1 / np.where(treated, e, 1 - e)
    sums = pd.DataFrame({"zw": z * w, "w": w}).groupby(features["kind"]).transform("sum")
    learner = meta_learner(
        UpliftMethod.TRANSFORMED_OUTCOME, DecisionTreeClassifier(), (1,),
        column="t", weight_parameter="sample_weight",
    )  # fmt: skip
    found = learner.fit(features, yes, treated, e, {}).predict(features)
    assert found == pytest.approx((2 * sums["zw"] / sums["w"] - 1).to_numpy())
    assert np.abs(found - by_kind(campaign)).max() < 0.06


@pytest.mark.parametrize("method", UpliftMethod)
def test_weight_of_2_is_the_row_twice(
    campaign: tuple[pd.DataFrame, Any, Bools, Floats], method: UpliftMethod
) -> None:
    features, yes, treated, e = (part[:200] for part in campaign)
    weights = np.arange(200) % 2 + 1.0
    model = LinearRegression()
    once = learned(method, model, features, yes, (treated, e), sample_weight=weights)
    rows = np.repeat(np.arange(200), weights.astype(int))
    twice = meta_learner(method, model, (1,), column="t", weight_parameter=None).fit(
        features.iloc[rows], yes[rows], treated[rows], e[rows], {}
    )
    assert once == pytest.approx(twice.predict(features))


def test_linear_model_with_the_treatment_as_a_feature_orders_rows_by_the_outcome(
    campaign: tuple[pd.DataFrame, Any, Bools, Floats],
) -> None:
    """Without interactions it has one effect for all rows, on the scale of its link."""
    features, yes, treated, e = campaign
    linear = learned(UpliftMethod.TREATMENT_AS_FEATURE, LinearRegression(), features, yes * 1.0, (treated, e))
    assert np.ptp(linear) == pytest.approx(0, abs=1e-12)


def test_probability_of_the_positive_class_counts_wherever_it_is() -> None:
    """A classifier may name its classes as the data do."""
    features = pd.DataFrame({"x": np.tile([0.0, 1.0], 40)})
    treated = np.repeat([True, False], 40)
    words = np.where((features["x"] == 1) & treated, "aye", "nay")
    learner = meta_learner(
        UpliftMethod.TWO_MODELS, LogisticRegression(C=1e6), ("aye",), column="t", weight_parameter=None
    )
    words[[3, 43, 42]] = "nay", "aye", "aye"
    effect = learner.fit(features, words, treated, np.full(80, 0.5), {}).predict(features)
    assert effect[1] > 0.5 > effect[0]
