"""Columns of any kind become numbers, and nothing of the test rows is learned on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import CategoricalNB, ComplementNB, MultinomialNB

from iterata.errors import DataError
from iterata.experiment.variants.preprocess import MAX_CATEGORIES, model_pipeline, numbers_and_categories


def transformed(estimator: Any, train: pd.DataFrame, test: pd.DataFrame) -> Any:
    steps = model_pipeline(estimator, train)[:-1]
    return steps.fit(train).transform(test)


def test_columns_of_every_kind_are_made_numbers_and_categories() -> None:
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
    made = numbers_and_categories(table, "data.csv")
    assert [str(dtype) for dtype in made.dtypes] == ["float64"] * 3 + ["category"] * 3
    assert made["nullable"].tolist() == pytest.approx([1, np.nan, 3], nan_ok=True)
    assert made["yes"].tolist() == [1, 0, 1]
    assert made["text"].tolist() == ["a", "(missing)", "b"]
    assert made["mixed"].tolist() == ["1", "x", "(missing)"]
    assert made["category"].tolist() == ["u", "(missing)", "v"]


def test_numbers_are_centred_with_what_the_training_rows_say() -> None:
    train, test = pd.DataFrame({"age": [1.0, 3.0, np.nan]}), pd.DataFrame({"age": [np.nan, 1000.0]})
    made = transformed(LogisticRegression(), train, test)
    deviation = np.std([1, 3, 2])
    assert made[:, 0] == pytest.approx([0, (1000 - 2) / deviation])


def test_trees_get_their_numbers_and_their_holes_untouched() -> None:
    table = pd.DataFrame({"age": [1.0, np.nan, 300.0]})
    made = transformed(HistGradientBoostingClassifier(), table, table)
    assert made[:, 0] == pytest.approx([1, np.nan, 300], nan_ok=True)


@pytest.mark.parametrize("counting", [CategoricalNB, ComplementNB, MultinomialNB])
def test_an_estimator_that_counts_gets_its_numbers_uncentred(counting: Any) -> None:
    table = pd.DataFrame({"cars": [0.0, 2.0, np.nan, 1.0]})
    assert transformed(counting(), table, table)[:, 0].tolist() == [0, 2, 1, 1]


def test_a_column_without_any_value_in_the_training_rows_is_no_obstacle() -> None:
    train, test = pd.DataFrame({"new": [np.nan, np.nan]}), pd.DataFrame({"new": [5.0, np.nan]})
    assert np.isfinite(transformed(LogisticRegression(), train, test)).all()


def test_a_town_never_seen_in_training_is_none_of_the_known_ones() -> None:
    table = numbers_and_categories(pd.DataFrame({"town": ["Delft", "Breda", "Delft", "Utrecht", None]}), "")
    made = transformed(LogisticRegression(), table.iloc[:3], table.iloc[2:])
    assert made.tolist() == [[0, 1], [0, 0], [0, 0]]


@pytest.mark.parametrize(
    "names", [[*map(str, range(60))], ["1", "2", "A"] * 20, [*map(str, range(60)), *"abcdefgh"]]
)
def test_names_may_look_like_numbers(names: list[str]) -> None:
    assert str(numbers_and_categories(pd.DataFrame({"name": names}), "")["name"].dtype) == "category"


def test_a_name_in_every_row_does_not_become_a_column_for_every_row() -> None:
    names = numbers_and_categories(
        pd.DataFrame({"name": [f"customer {number}" for number in range(500)]}), ""
    )
    assert transformed(LogisticRegression(), names, names).shape[1] <= MAX_CATEGORIES


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1.0, np.inf], "the column joined holds infinite numbers"),
        (pd.to_datetime(["2026-01-01", "2026-01-02"]), "the column joined holds times"),
        ([*map(str, range(60)), "n/a?"], "joined holds numbers, and text, such as n/a[?], in 1 of 61 rows"),
    ],
)
def test_what_no_model_can_weigh_is_refused(values: Any, message: str) -> None:
    with pytest.raises(DataError, match=message) as refused:
        numbers_and_categories(pd.DataFrame({"joined": values}), "data/customers.csv")
    assert refused.value.where == "data/customers.csv"
    assert "where the data are made" in refused.value.remedy


class Witness(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Learns nothing, and remembers what it saw."""

    def fit(self, features: Any, positive: Any) -> Witness:
        self.classes_, self.seen_ = np.unique(positive), features
        return self


def test_what_the_estimator_sees_depends_on_the_training_rows_alone() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"age": rng.normal(size=40), "town": rng.choice(["a", "b"], size=40)})
    other = table.copy()
    other.loc[20:, "age"], other.loc[20:, "town"] = 1e9, "elsewhere"
    positive = np.arange(40) % 2
    seen = [
        model_pipeline(Witness(), made).fit(made.iloc[:20], positive[:20])[-1].seen_
        for made in (numbers_and_categories(table, ""), numbers_and_categories(other, ""))
    ]
    assert np.array_equal(*seen)
