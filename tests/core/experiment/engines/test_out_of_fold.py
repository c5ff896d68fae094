"""Out-of-fold predictions equal those of scikit-learn, for any number of processes."""

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
from threadpoolctl import threadpool_info, threadpool_limits

from iterata.errors import Location, RunError
from iterata.experiment.cache.in_use import InUse
from iterata.experiment.cache.layers import Cache, Layer
from iterata.experiment.cache.predictions import PredictionCache
from iterata.experiment.cache.stores import FolderStore
from iterata.experiment.engines.out_of_fold import out_of_fold
from iterata.experiment.folds import make_folds
from iterata.experiment.splitters import SplitInputs
from iterata.experiment.variants.base import rounded
from iterata.experiment.variants.estimator_types import EstimatorType
from iterata.experiment.variants.preprocess import numbers_and_categories
from iterata.experiment.variants.sklearn import SklearnProducer
from iterata.experiment.variants.tuning import RankingScorer, TuningCriterion
from iterata.measure.predictions import PredictionKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from iterata.documents.models.splits import StratifiedFolds
    from iterata.documents.models.variants import SklearnVariant
    from iterata.experiment.engines.base import FitProgress
    from iterata.experiment.engines.out_of_fold import OutOfFold

    Run = Callable[..., dict[str, OutOfFold]]

TUNING = TuningCriterion("roc_auc", RankingScorer())


def local_cache(folder: Path) -> PredictionCache:
    """A cache in the state folder of a repository."""
    cache = folder / ".iterata" / "cache"
    return PredictionCache(Cache((Layer(FolderStore(cache), shared=False),), InUse(cache)))


@pytest.fixture
def run(
    customers: pd.DataFrame, split: Callable[..., StratifiedFolds], tmp_path: Path
) -> Callable[..., dict[str, OutOfFold]]:
    """Runs variants on two numeric columns of the customers."""
    positive = (customers["buys"] == "yes").to_numpy()
    features = numbers_and_categories(customers[["income", "wealth"]], "")

    def run_variants(
        *variants: SklearnVariant, repeats: int = 2, jobs: int = 1, unit: Any = None, **more: Any
    ) -> Any:
        divided, inputs = split(folds=3, repeats=repeats, seed=8), SplitInputs(300, positive, unit)
        producers = {
            one.name: SklearnProducer(
                one,
                tmp_path,
                features,
                positive.astype(int),
                EstimatorType.CLASSIFIER,
                TUNING,
                divided,
                inputs,
                4,
            )
            for one in variants
        }
        folds = make_folds(divided, inputs)
        options: dict[str, Any] = {
            "cache": local_cache(tmp_path),
            "progress": lambda *_: None,
            **more,
        }
        return out_of_fold(producers, folds, n_rows=300, data="customers", jobs=jobs, **options)

    return run_variants


@pytest.mark.parametrize(
    ("description", "theirs", "method"),
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
def test_scores_equal_those_of_cross_val_predict(
    run: Run, customers: pd.DataFrame, variant: Callable[..., SklearnVariant],
    description: dict[str, Any], theirs: Any, method: str,
) -> None:  # fmt: skip
    ours = run(variant(**description))["v"]
    features, positive = customers[["income", "wealth"]].to_numpy(), (customers["buys"] == "yes").astype(int)
    splits = list(RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=8).split(features, positive))
    for repeat in range(2):
        cv = splits[3 * repeat : 3 * repeat + 3]
        with threadpool_limits(limits=1):
            expected = cross_val_predict(theirs, features, positive, cv=cv, method=method)
        expected = expected[:, 1] if method == "predict_proba" else expected
        assert ours.scores[repeat] == pytest.approx(expected, rel=1e-7, abs=1e-9)
    assert ours.kind is (PredictionKind.PROBABILITY if method == "predict_proba" else PredictionKind.SCORE)


def test_number_of_processes_does_not_change_scores(
    run: Run, variant: Callable[..., SklearnVariant], tmp_path_factory: pytest.TempPathFactory
) -> None:
    variants = [
        variant(name="logistic", tune={"C": [0.01, 1]}),
        variant("sklearn.ensemble.RandomForestClassifier", name="forest", params={"n_estimators": 20}),
    ]
    one, two = (
        run(*variants, jobs=jobs, cache=local_cache(tmp_path_factory.mktemp("cache"))) for jobs in (1, 2)
    )
    for name in ("logistic", "forest"):
        assert np.array_equal(one[name].scores, two[name].scores)
        assert one[name].best_params == two[name].best_params


def events(run: Run, *variants: SklearnVariant) -> list[FitProgress]:
    """What a run tells about its fits."""
    calls: list[FitProgress] = []
    run(*variants, progress=calls.append)
    return calls


def test_progress_counts_every_fold_once(run: Run, variant: Callable[..., SklearnVariant]) -> None:
    first, *calls = events(run, variant(name="a"), variant(name="b", params={"C": 2}))
    assert (first.done, first.fitted, first.to_fit) == (0, 0, 12)
    assert [(call.done, call.fitted, call.total) for call in calls] == [(n, n, 12) for n in range(1, 13)]
    assert [call.under_way for call in calls] == [*([1] * 11), 0]
    assert [call.variant for call in calls].count("a") == 6
    again = events(run, variant(name="a"), variant(name="b", params={"C": 2}))
    assert [(call.done, call.kept) for call in again] == [(n, True) for n in range(1, 13)]


def test_warnings_are_counted_and_not_printed(
    run: Run, variant: Callable[..., SklearnVariant], capfd: pytest.CaptureFixture[str]
) -> None:
    unfinished = run(variant(params={"max_iter": 1}))["v"]
    ((warning, count),) = unfinished.warnings.items()
    assert warning.startswith("ConvergenceWarning: ")
    assert "\n" not in warning
    assert count == 6
    assert capfd.readouterr() == ("", "")


def test_invalid_parameter_is_refused_at_its_fold_and_other_variants_are_cached(
    run: Run, variant: Callable[..., SklearnVariant]
) -> None:
    good, bad = variant(name="good"), variant(name="bad", params={"C": -1})
    with pytest.raises(RunError) as raised:
        run(bad, good)
    assert raised.value.location == Location(variant="bad", fold=1, repeat=1)
    assert "InvalidParameterError" in raised.value.message
    assert "5 more" in raised.value.message
    seconds = run(good)["good"].seconds
    assert run(good)["good"].seconds == seconds  # the cached time, not that of another fit


def test_error_in_another_process_is_the_same(run: Run, variant: Callable[..., SklearnVariant]) -> None:
    with pytest.raises(RunError) as raised:
        run(variant(name="bad", params={"C": -1}), jobs=2)
    assert raised.value.location == Location(variant="bad", fold=1, repeat=1)
    assert "InvalidParameterError" in raised.value.message


class Diverging(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Returns NaN for every row."""

    def fit(self, features: Any, positive: Any) -> Diverging:
        self.classes_ = np.unique(positive)
        return self

    def decision_function(self, features: Any) -> Any:
        return np.full(len(features), np.nan)


def test_scores_that_are_not_numbers_are_refused(
    run: Run, variant: Callable[..., SklearnVariant], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "diverging_models", sys.modules[__name__])
    with pytest.raises(RunError) as raised:
        run(variant("diverging_models.Diverging"))
    assert raised.value.location == Location(variant="v", fold=1, repeat=1)


class CountsThreads(Diverging):
    """Its score of every row is the most threads that a library may use in a fit."""

    def fit(self, features: Any, positive: Any) -> CountsThreads:
        self.threads_ = max(pool["num_threads"] for pool in threadpool_info())
        super().fit(features, positive)
        return self

    def decision_function(self, features: Any) -> Any:
        return np.full(len(features), float(self.threads_))


def test_a_fit_uses_one_thread(
    run: Run, variant: Callable[..., SklearnVariant], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "thread_models", sys.modules[__name__])
    with threadpool_limits(limits=2):
        assert set(run(variant("thread_models.CountsThreads"), repeats=1)["v"].scores.flat) == {1}


def test_tuning_keeps_units_together(run: Run, variant: Callable[..., SklearnVariant]) -> None:
    unit = np.arange(300) // 3
    tuned = variant(tune={"C": [0.1, 1]})
    best_params = run(tuned, unit=unit, repeats=1)["v"].best_params
    assert len(best_params) == 3
    assert all(set(chosen) == {"C"} and chosen["C"] in (0.1, 1) for chosen in best_params)


def test_only_changed_variants_and_folds_are_fitted_again(
    run: Run, variant: Callable[..., SklearnVariant], monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted: list[float] = []
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


@pytest.mark.parametrize(
    "damage",
    [lambda content: b"", lambda content: b"not a zip file", lambda content: content[: len(content) // 2]],
    ids=["empty", "other file", "truncated"],
)
def test_damaged_entry_is_computed_again_and_replaced(
    run: Run, variant: Callable[..., SklearnVariant], tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    before = run(variant())["v"]
    entry = next((tmp_path / ".iterata").rglob("*.npz"))
    entry.write_bytes(damage(entry.read_bytes()))
    after = run(variant())["v"]
    assert np.array_equal(after.scores, before.scores)
    assert after.seconds != before.seconds  # one fold was fitted again
    assert run(variant())["v"].seconds == after.seconds  # and none the next time


def test_rounding_keeps_order_and_nine_digits() -> None:
    rng = np.random.default_rng(0)
    scores = np.concatenate([rng.normal(size=1000), 10.0 ** rng.uniform(-300, 300, 1000), [0.0, 1.0, -1.0]])
    short = rounded(scores)
    assert short == pytest.approx(scores, rel=1e-9)
    assert np.array_equal(rounded(short), short)
    assert (np.diff(short[np.argsort(scores)]) >= 0).all()
    assert len(np.unique(rounded(np.nextafter(np.full(3, 0.1), [0, 0.1, 1])))) == 1
