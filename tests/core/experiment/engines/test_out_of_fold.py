"""Out-of-fold predictions: those scikit-learn would make, however many processes make them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from iterata.errors import RunError
from iterata.experiment.engines.out_of_fold import out_of_fold
from iterata.experiment.engines.prediction_cache import PredictionCache
from iterata.experiment.engines.stores import open_store
from iterata.experiment.folds import make_folds
from iterata.experiment.splitters import SplitInputs
from iterata.experiment.variants.base import rounded
from iterata.experiment.variants.estimator_types import EstimatorType
from iterata.experiment.variants.preprocess import numbers_and_categories
from iterata.experiment.variants.sklearn import SklearnProducer
from iterata.experiment.variants.tuning import TuningCriterion
from iterata.measure.predictions import PredictionKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from iterata.documents.models.splits import StratifiedFolds
    from iterata.documents.models.variants import SklearnVariant
    from iterata.experiment.engines.out_of_fold import OutOfFold

    Run = Callable[..., dict[str, OutOfFold]]

TUNING = TuningCriterion("roc_auc", "roc_auc")


@pytest.fixture
def run(
    customers: pd.DataFrame, split: Callable[..., StratifiedFolds], tmp_path: Path
) -> Callable[..., dict[str, OutOfFold]]:
    """Runs variants on the customers' two numbers."""
    positive = (customers["buys"] == "yes").to_numpy()
    features = numbers_and_categories(customers[["income", "wealth"]], "")

    def go(*variants: SklearnVariant, repeats: int = 2, jobs: int = 1, unit: Any = None, **more: Any) -> Any:
        divided, inputs = split(folds=3, repeats=repeats, seed=8), SplitInputs(300, positive, unit)
        producers = {
            each.name: SklearnProducer(
                each,
                tmp_path,
                features,
                positive.astype(int),
                EstimatorType.CLASSIFIER,
                TUNING,
                divided,
                inputs,
                4,
            )
            for each in variants
        }
        folds = make_folds(divided, inputs)
        options: dict[str, Any] = {
            "cache": PredictionCache(open_store(tmp_path)),
            "progress": lambda *_: None,
            **more,
        }
        return out_of_fold(producers, folds, n_rows=300, data="customers", jobs=jobs, **options)

    return go


@pytest.mark.parametrize(
    ("described", "theirs", "method"),
    [
        ({"params": {"C": 0.5}}, make_pipeline(StandardScaler(), LogisticRegression(C=0.5)), "predict_proba"),
        (
            {"estimator": "sklearn.svm.LinearSVC"},
            make_pipeline(StandardScaler(), LinearSVC(random_state=4)),
            "decision_function",
        ),
        (
            {"estimator": "sklearn.ensemble.HistGradientBoostingClassifier", "params": {"max_iter": 10}},
            HistGradientBoostingClassifier(max_iter=10, random_state=4),
            "predict_proba",
        ),
        (
            {"tune": {"C": [0.001, 1]}},
            GridSearchCV(
                make_pipeline(StandardScaler(), LogisticRegression()),
                {"logisticregression__C": [0.001, 1]},
                scoring="roc_auc",
                cv=StratifiedKFold(5, shuffle=True, random_state=4),
            ),
            "predict_proba",
        ),
    ],
)
def test_scores_are_those_of_cross_val_predict(
    run: Run, customers: pd.DataFrame, variant: Callable[..., SklearnVariant],
    described: dict[str, Any], theirs: Any, method: str,
) -> None:  # fmt: skip
    ours = run(variant(**described))["v"]
    features, positive = customers[["income", "wealth"]].to_numpy(), (customers["buys"] == "yes").astype(int)
    splits = list(RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=8).split(features, positive))
    for repeat in range(2):
        cv = splits[3 * repeat : 3 * repeat + 3]
        expected = cross_val_predict(theirs, features, positive, cv=cv, method=method)
        expected = expected[:, 1] if method == "predict_proba" else expected
        assert ours.scores[repeat] == pytest.approx(expected, rel=1e-7, abs=1e-9)
    assert ours.kind is (PredictionKind.PROBABILITY if method == "predict_proba" else PredictionKind.SCORE)


def test_as_many_processes_as_you_like_give_the_same_bits(
    run: Run, variant: Callable[..., SklearnVariant], tmp_path_factory: pytest.TempPathFactory
) -> None:
    variants = [
        variant(name="logistic", tune={"C": [0.01, 1]}),
        variant("sklearn.ensemble.RandomForestClassifier", name="forest", params={"n_estimators": 20}),
    ]
    one, two = (
        run(*variants, jobs=jobs, cache=PredictionCache(open_store(tmp_path_factory.mktemp("cache"))))
        for jobs in (1, 2)
    )
    for name in ("logistic", "forest"):
        assert np.array_equal(one[name].scores, two[name].scores)
        assert one[name].best_params == two[name].best_params


def test_progress_counts_every_fold_once(run: Run, variant: Callable[..., SklearnVariant]) -> None:
    told: list[tuple[str, int, int]] = []
    run(variant(name="a"), variant(name="b", params={"C": 2}), progress=lambda *said: told.append(said))
    assert [done for _, done, _ in told] == list(range(1, 13))
    assert {total for _, _, total in told} == {12}
    assert [name for name, _, _ in told].count("a") == 6


def test_warnings_are_counted_and_not_printed(
    run: Run, variant: Callable[..., SklearnVariant], capfd: pytest.CaptureFixture[str]
) -> None:
    hasty = run(variant(params={"max_iter": 1}))["v"]
    ((warning, count),) = hasty.warnings.items()
    assert warning.startswith("ConvergenceWarning: ")
    assert "\n" not in warning
    assert count == 6
    assert capfd.readouterr() == ("", "")


def test_a_parameter_the_estimator_refuses_names_variant_and_fold_and_the_others_are_kept(
    run: Run, variant: Callable[..., SklearnVariant]
) -> None:
    good, bad = variant(name="good"), variant(name="bad", params={"C": -1})
    with pytest.raises(RunError) as refused:
        run(bad, good)
    assert refused.value.where == "variant bad, fold 1 of repeat 1"
    assert "InvalidParameterError: The 'C' parameter of LogisticRegression must be" in refused.value.message
    assert "5 more" in refused.value.message
    seconds = run(good)["good"].seconds
    assert run(good)["good"].seconds == seconds  # from the cache: measured once, not again


def test_a_failure_in_another_process_reads_the_same(
    run: Run, variant: Callable[..., SklearnVariant]
) -> None:
    with pytest.raises(RunError, match="InvalidParameterError: The 'C' parameter") as refused:
        run(variant(name="bad", params={"C": -1}), jobs=2)
    assert refused.value.where == "variant bad, fold 1 of repeat 1"


class Diverging(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Diverges: its scores are not numbers."""

    def fit(self, features: Any, positive: Any) -> Diverging:
        self.classes_ = np.unique(positive)
        return self

    def decision_function(self, features: Any) -> Any:
        return np.full(len(features), np.nan)


def test_scores_that_are_not_numbers_are_refused(
    run: Run, variant: Callable[..., SklearnVariant], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "lost_models", sys.modules[__name__])
    with pytest.raises(RunError, match="100 scores are not numbers") as refused:
        run(variant("lost_models.Diverging"))
    assert refused.value.where == "variant v, fold 1 of repeat 1"


def test_tuning_keeps_units_together_too(run: Run, variant: Callable[..., SklearnVariant]) -> None:
    unit = np.arange(300) // 3
    tuned = variant(tune={"C": [0.1, 1]})
    told = run(tuned, unit=unit)["v"]
    assert len(told.best_params) == 6
    assert all(set(chosen) == {"C"} and chosen["C"] in (0.1, 1) for chosen in told.best_params)


def test_a_changed_plan_trains_again_and_an_unchanged_one_does_not(
    run: Run, variant: Callable[..., SklearnVariant], monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted: list[str] = []
    fit = LogisticRegression.fit

    def counted(model: Any, *rows: Any) -> Any:
        fitted.append(model.C)
        return fit(model, *rows)

    monkeypatch.setattr(LogisticRegression, "fit", counted)
    first = run(variant(name="a"))
    assert len(fitted) == 6
    assert np.array_equal(run(variant(name="renamed"))["renamed"].scores, first["a"].scores)
    assert len(fitted) == 6
    run(variant(name="a", params={"C": 2}))
    assert len(fitted) == 12
    run(variant(name="a"), repeats=3)
    assert len(fitted) == 15  # the third repeat only


@pytest.mark.parametrize("damage", [b"", b"not a zip file", None])
def test_a_damaged_cache_is_as_good_as_none(
    run: Run, variant: Callable[..., SklearnVariant], tmp_path: Path, damage: bytes | None
) -> None:
    before = run(variant())["v"]
    for path in (tmp_path / ".iterata").rglob("*.npz"):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    assert np.array_equal(run(variant())["v"].scores, before.scores)
    flipped = next((tmp_path / ".iterata").rglob("*.npz"))
    content = bytearray(flipped.read_bytes())
    content[len(content) // 3] ^= 0xFF
    flipped.write_bytes(bytes(content))
    assert np.array_equal(run(variant())["v"].scores, before.scores)


def test_rounding_keeps_order_and_nine_digits() -> None:
    rng = np.random.default_rng(0)
    scores = np.concatenate([rng.normal(size=1000), 10.0 ** rng.uniform(-300, 300, 1000), [0.0, 1.0, -1.0]])
    kept = rounded(scores)
    assert kept == pytest.approx(scores, rel=1e-9)
    assert np.array_equal(rounded(kept), kept)
    assert (np.diff(kept[np.argsort(scores)]) >= 0).all()
    assert len(np.unique(rounded(np.nextafter(np.full(3, 0.1), [0, 0.1, 1])))) == 1
