"""`fit` gets the weights of the training rows where the plan asks for it, and parameters may be mappings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from iterata.documents.models.variants import SklearnVariant
from iterata.errors import Location
from iterata.experiment.folds import inner_folds, make_folds
from iterata.experiment.splitters import SplitInputs
from iterata.experiment.variants.estimator_types import EstimatorType
from iterata.experiment.variants.parameters import sample_weight_parameter
from iterata.experiment.variants.preprocess import numbers_and_categories
from iterata.experiment.variants.refusals import NoWeights, WeightsNotAccepted
from iterata.experiment.variants.sklearn import MAX_TUNING_FOLDS, SklearnProducer
from iterata.experiment.variants.tuning import RankingScorer, TuningCriterion

from ..shop import Shop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from iterata.documents.models.splits import StratifiedFolds
    from iterata.experiment.folds import Fold

RNG = np.random.default_rng(7)
WEIGHTS = RNG.gamma(0.3, 1, 300)
COLUMNS = ["income", "wealth"]


@pytest.fixture
def produce(
    customers: pd.DataFrame, split: Callable[..., StratifiedFolds], tmp_path: Path
) -> Callable[..., tuple[SklearnProducer, Fold]]:
    """A producer of a variant with these weights, and the first fold."""
    positive = (customers["buys"] == "yes").to_numpy()
    inputs, plan_split = SplitInputs(300, positive, None), split(folds=3, seed=8)

    def make(weights: Any, **described: Any) -> tuple[SklearnProducer, Fold]:
        logistic = {"name": "v", "estimator": "sklearn.linear_model.LogisticRegression", "features": "all"}
        producer = SklearnProducer(
            SklearnVariant.model_validate({**logistic, **described}),
            tmp_path,
            numbers_and_categories(customers[COLUMNS], ""),
            positive.astype(int),
            EstimatorType.CLASSIFIER,
            TuningCriterion("roc_auc", RankingScorer()),
            plan_split,
            inputs,
            4,
            weights=weights,
            row_weights=weights,
        )
        return producer, make_folds(plan_split, inputs)[0]

    return make


def theirs(producer: SklearnProducer, fold: Fold, weights: Any, rows: Any = None, **params: Any) -> Any:
    """The probabilities of scikit-learn's own pipeline, fitted on rows with weights."""
    rows = fold.train if rows is None else rows
    model = make_pipeline(StandardScaler(), LogisticRegression(random_state=4, **params))
    return model.fit(
        producer.features.iloc[rows], producer.target[rows], logisticregression__sample_weight=weights[rows]
    )


def test_fit_gets_the_weights_of_the_training_rows(produce: Any) -> None:
    producer, fold = produce(WEIGHTS)
    expected = theirs(producer, fold, WEIGHTS).predict_proba(producer.features.iloc[fold.test])[:, 1]
    assert producer(fold).scores == pytest.approx(expected, rel=1e-6)
    unweighted, _ = produce(None)
    assert np.abs(unweighted(fold).scores - expected).max() > 0.01


def test_tuning_weighs_the_rows_that_choose_a_parameter(produce: Any) -> None:
    candidates = [0.0001, 0.01, 1.0]
    producer, fold = produce(WEIGHTS, tune={"C": candidates})

    def weighted_auc(value: float) -> float:
        inner = inner_folds(producer.split, producer.split_inputs, fold, parts=MAX_TUNING_FOLDS, seed=4)
        scores = []
        for part in inner:
            train, test = fold.train[part.train], fold.train[part.test]
            model = theirs(producer, fold, WEIGHTS, train, C=value)
            probability = model.predict_proba(producer.features.iloc[test])[:, 1]
            scores.append(roc_auc_score(producer.target[test], probability, sample_weight=WEIGHTS[test]))
        return float(np.mean(scores))

    assert producer(fold).best_params == {"C": max(candidates, key=weighted_auc)}


def test_weights_are_part_of_what_a_cached_prediction_depends_on(produce: Any) -> None:
    identities = [produce(weights)[0].identity for weights in (None, WEIGHTS, WEIGHTS[::-1].copy())]
    assert len({str(identity) for identity in identities}) == 3


@pytest.mark.parametrize(
    ("estimator", "name"),
    [
        (LogisticRegression(), "sample_weight"),
        (make_pipeline(StandardScaler(), LogisticRegression()), "logisticregression__sample_weight"),
        (TransformedTargetRegressor(Ridge()), "sample_weight"),
        (make_pipeline(StandardScaler(), make_pipeline(Ridge())), "pipeline__ridge__sample_weight"),
    ],
)
def test_weights_reach_the_last_step_of_a_pipeline(estimator: Any, name: str) -> None:
    assert sample_weight_parameter(estimator, "") == name


@pytest.mark.parametrize(
    "estimator",
    [
        KNeighborsClassifier(),
        make_pipeline(StandardScaler(), KNeighborsClassifier()),
        TransformedTargetRegressor(KNeighborsClassifier()),
    ],
)
def test_fit_without_the_parameter_is_refused(estimator: Any) -> None:
    with pytest.raises(WeightsNotAccepted):
        sample_weight_parameter(estimator, "")


class TestPlan:
    @pytest.fixture
    def shop(self, tmp_path: Path, customers: pd.DataFrame, plan: Any, sales: Any) -> Shop:
        return Shop(tmp_path, customers.assign(age=RNG.integers(18, 90, 300)), plan, sales)

    DESCRIBED: ClassVar[dict[str, Any]] = {"name": "v", "features": "income", "sample_weight": True}

    def test_weights_of_the_data_are_used(self, shop: Shop) -> None:
        data = [{"name": "d", "source": "data/customers.csv", "weights": {"column": "age"}}]
        logistic = {**self.DESCRIBED, "estimator": "sklearn.linear_model.LogisticRegression"}
        plain = {**logistic, "name": "plain", "sample_weight": False}
        metrics = {"primary": "sales", "secondary": [{"metric": "neg_log_loss"}]}
        weighted, unweighted = shop.run(logistic, plain, data=data, metrics=metrics).variants
        assert weighted.metrics != unweighted.metrics

    def test_data_without_weights_are_refused(self, shop: Shop) -> None:
        logistic = {**self.DESCRIBED, "estimator": "sklearn.linear_model.LogisticRegression"}
        error = shop.refused(logistic)
        assert type(error) is NoWeights
        assert error.location == Location(variant="v")

    def test_estimator_without_weights_is_refused(self, shop: Shop) -> None:
        neighbours = {**self.DESCRIBED, "estimator": "sklearn.neighbors.KNeighborsClassifier"}
        assert type(shop.refused(neighbours)) is WeightsNotAccepted

    def test_parameters_may_be_mappings(self, shop: Shop) -> None:
        weights = {"0": 1, "1": 50}
        heavy = {"name": "v", "estimator": "sklearn.linear_model.LogisticRegression", "features": "income"}
        first = shop.run({**heavy, "params": {"class_weight": weights}})
        assert first.variants[0].params == {"class_weight": {"0": 1, "1": 50}}
        tuned = shop.run({**heavy, "tune": {"class_weight": [weights]}})
        assert tuned.variants[0].tuned[0] == {"class_weight": {"0": 1, "1": 50}}
        assert tuned.variants[0].kpi == first.variants[0].kpi
        assert type(first).model_validate_json(first.model_dump_json()) == first


def test_keys_of_mappings_are_typed_as_values() -> None:
    params = {"class_weight": {"0": 1, "1.5": 2, "true": 3, "low": 4, "null": 5}}
    described = {"name": "v", "estimator": "a.B", "features": "all", "params": params}
    chosen = SklearnVariant.model_validate(described).params["class_weight"]
    assert isinstance(chosen, dict)
    assert list(chosen) == [0, 1.5, True, "low", "null"]
    again = SklearnVariant.model_validate_json(SklearnVariant.model_validate(described).model_dump_json())
    assert again.params["class_weight"] == chosen
