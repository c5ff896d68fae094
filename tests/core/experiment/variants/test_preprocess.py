"""Columns of any kind become numbers, without any information from the test rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import CategoricalNB, ComplementNB, MultinomialNB

from iterata.errors import DataError
from iterata.experiment.variants.preprocess import MAX_CATEGORIES, model_pipeline, numbers_and_categories

if TYPE_CHECKING:
    from ....helpers.golden import Golden


def transformed(estimator: Any, train: pd.DataFrame, test: pd.DataFrame) -> Any:
    steps = model_pipeline(estimator, train)[:-1]
    return steps.fit(train).transform(test)


def test_columns_become_numbers_or_categories() -> None:
    table = pd.DataFrame(
        {
            "whole": [1, 2, 3],
            "nullable": pd.array([1, None, 3], dtype="Int64"),
            "yes": [True, False, True],
            "text": ["a", None, "b"],
            "mixed": [1, "x", None],
            "category": pd.Categorical(["u", None, "v"]),
        }
    )
    columns = numbers_and_categories(table, "data.csv")
    assert [str(dtype) for dtype in columns.dtypes] == ["float64"] * 3 + ["category"] * 3
    assert columns["nullable"].tolist() == pytest.approx([1, np.nan, 3], nan_ok=True)
    assert columns["yes"].tolist() == [1, 0, 1]
    assert columns["text"].tolist() == ["a", "(missing)", "b"]
    assert columns["mixed"].tolist() == ["1", "x", "(missing)"]
    assert columns["category"].tolist() == ["u", "(missing)", "v"]


def test_numbers_are_standardized_by_the_training_rows() -> None:
    train, test = pd.DataFrame({"age": [1.0, 3.0, np.nan]}), pd.DataFrame({"age": [np.nan, 1000.0]})
    columns = transformed(LogisticRegression(), train, test)
    deviation = np.std([1, 3, 2])
    assert columns[:, 0] == pytest.approx([0, (1000 - 2) / deviation])


def test_trees_get_numbers_and_missing_values_unchanged() -> None:
    table = pd.DataFrame({"age": [1.0, np.nan, 300.0]})
    columns = transformed(HistGradientBoostingClassifier(), table, table)
    assert columns[:, 0] == pytest.approx([1, np.nan, 300], nan_ok=True)


@pytest.mark.parametrize("naive_bayes", [CategoricalNB, ComplementNB, MultinomialNB])
def test_estimator_of_positive_numbers_gets_them_without_standardization(naive_bayes: Any) -> None:
    table = pd.DataFrame({"cars": [0.0, 2.0, np.nan, 1.0]})
    assert transformed(naive_bayes(), table, table)[:, 0].tolist() == [0, 2, 1, 1]


def test_column_without_training_values_is_accepted() -> None:
    train, test = pd.DataFrame({"new": [np.nan, np.nan]}), pd.DataFrame({"new": [5.0, np.nan]})
    assert np.isfinite(transformed(LogisticRegression(), train, test)).all()


def test_unseen_category_is_encoded_as_zeros() -> None:
    table = numbers_and_categories(pd.DataFrame({"town": ["Delft", "Breda", "Delft", "Utrecht", None]}), "")
    columns = transformed(LogisticRegression(), table.iloc[:3], table.iloc[2:])
    assert columns.tolist() == [[0, 1], [0, 0], [0, 0]]


@pytest.mark.parametrize(
    "names", [[*map(str, range(60))], ["1", "2", "A"] * 20, [*map(str, range(60)), *"abcdefgh"]]
)
def test_names_that_look_like_numbers_are_categories(names: list[str]) -> None:
    assert str(numbers_and_categories(pd.DataFrame({"name": names}), "")["name"].dtype) == "category"


def test_unique_names_share_a_limited_number_of_columns() -> None:
    names = numbers_and_categories(
        pd.DataFrame({"name": [f"customer {number}" for number in range(500)]}), ""
    )
    assert transformed(LogisticRegression(), names, names).shape[1] <= MAX_CATEGORIES


def test_dates_and_declared_texts_stay_as_they_are() -> None:
    """Only an estimator with a pipeline of its own gets them."""
    days = pd.to_datetime(["2026-01-01", None])
    columns = numbers_and_categories(
        pd.DataFrame({"day": days, "note": ["late", None]}), "data.csv", texts=["note"]
    )
    assert columns["day"].tolist() == days.tolist()
    assert columns["note"].tolist() == ["late", ""]


REFUSED: list[Any] = [
    [1.0, np.inf],
    pd.to_timedelta([1, 2], "D"),
    [*map(str, range(60)), "n/a?"],
]


def refusal(values: Any) -> DataError:
    with pytest.raises(DataError) as raised:
        numbers_and_categories(pd.DataFrame({"joined": values}), "data/customers.csv")
    return raised.value


@pytest.mark.parametrize("values", REFUSED, ids=["infinite", "durations", "text among numbers"])
def test_column_without_meaning_for_an_estimator_is_refused(values: Any) -> None:
    assert refusal(values).location.source == "data/customers.csv"


def test_wording_of_refused_columns(golden: Golden) -> None:
    golden.check("columns", "\n".join(str(refusal(values)) for values in REFUSED))


class Recorder(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Keeps the features that it was fitted on."""

    def fit(self, features: Any, positive: Any) -> Recorder:
        self.classes_, self.seen_ = np.unique(positive), features
        return self


def test_features_depend_on_training_rows_only() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"age": rng.normal(size=40), "town": rng.choice(["a", "b"], size=40)})
    other = table.copy()
    other.loc[20:, "age"], other.loc[20:, "town"] = 1e9, "elsewhere"
    positive = np.arange(40) % 2
    seen = [
        model_pipeline(Recorder(), features).fit(features.iloc[:20], positive[:20])[-1].seen_
        for features in (numbers_and_categories(table, ""), numbers_and_categories(other, ""))
    ]
    assert np.array_equal(*seen)
