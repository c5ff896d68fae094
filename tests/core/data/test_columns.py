"""What columns hold: outcomes, units, groups, weights, and numbers or text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from iterata.data.columns import (
    check_groups_within_units,
    check_outcomes_differ,
    column_values,
    finite_numbers,
    normalized_weights,
    positive_mask,
    target_values,
    unit_codes,
)
from iterata.data.refusals import (
    AlwaysPositive,
    MissingValues,
    NeverPositive,
    NotFinite,
    TextInsteadOfNumbers,
    ZeroWeights,
)
from iterata.documents.models.enums import OutcomeKind
from iterata.errors import DataError


@pytest.mark.parametrize(
    ("values", "positive"),
    [
        (["Yes", "No", "Yes"], "Yes"),
        (["Yes", "No", "Yes"], True),  # YAML reads `positive: Yes` as true
        (["no", "yes", "no"], False),
        ([1, 0, 1], 1),
        ([1, 0, 1], True),
        ([1, 0, 1], "1"),
        ([1.0, 0.0, 1.0], 1),
        (["1", "0", "1"], 1),
        ([True, False, True], True),
        ([True, False, True], 1),
        ([True, False, True], "true"),
        ([True, False, True], "yes"),
        ([2, 1, 2], 2),
        (["churn", "stay", "churn"], "churn"),
        (["1", "01", "1"], "1"),  # as it is written comes first
        (pd.Categorical(["a", "b", "a"]), "a"),
        (pd.array([1, 0, 1], dtype="Int64"), 1),
        (pd.array([True, False, True], dtype="boolean"), True),
    ],
)
def test_positive_value_is_matched_in_every_spelling_of_yaml(values: Any, positive: Any) -> None:
    assert positive_mask(pd.Series(values, name="bought"), positive, "a.csv").tolist() == [True, False, True]


class TestTargetValues:
    @staticmethod
    def check(series: pd.Series, positive: Any, outcome: OutcomeKind = OutcomeKind.YES_NO) -> None:
        check_outcomes_differ(
            target_values(series, positive, outcome, "a.csv"), series, positive, outcome, "a.csv"
        )

    def test_target_without_the_positive_value_is_refused_with_the_closest_value(self) -> None:
        with pytest.raises(NeverPositive) as caught:
            self.check(pd.Series(["churned", "stayed"], name="left"), "churn")
        assert "positive: churned" in caught.value.remedy

    def test_target_that_is_always_positive_is_refused(self) -> None:
        with pytest.raises(AlwaysPositive):
            self.check(pd.Series([1, 1], name="left"), 1)

    def test_relevance_of_zero_everywhere_is_refused(self) -> None:
        self.check(pd.Series([2, 1], name="grade"), 1, OutcomeKind.RELEVANCE)
        with pytest.raises(DataError):
            self.check(pd.Series([0, 0], name="grade"), 1, OutcomeKind.RELEVANCE)

    def test_equal_amounts_are_accepted(self) -> None:
        self.check(pd.Series([0, 0], name="amount"), 1, OutcomeKind.NUMBER)

    def test_missing_outcomes_are_refused(self) -> None:
        with pytest.raises(MissingValues):
            positive_mask(pd.Series(["a", None, None], name="left"), "a", "a.csv")


class TestUnitCodes:
    def test_there_are_no_units_if_every_row_is_one(self) -> None:
        assert unit_codes(pd.Series(["x", "y", "z"]), "a.csv") is None

    def test_units_are_numbered_in_order_of_appearance(self) -> None:
        codes = unit_codes(pd.Series(["b", "a", "b"]), "a.csv")
        assert codes is not None
        assert codes.tolist() == [0, 1, 0]

    def test_single_unit_is_refused(self) -> None:
        with pytest.raises(DataError):
            unit_codes(pd.Series([3, 3, 3], name="user"), "a.csv")


class TestGroups:
    def test_groups_within_units_are_accepted(self) -> None:
        check_groups_within_units(np.array([0, 0, 1, 2]), np.array([0, 0, 0, 1]), "a.csv")

    def test_group_with_rows_of_two_units_is_refused(self) -> None:
        with pytest.raises(DataError):
            check_groups_within_units(np.array([0, 0, 1]), np.array([0, 1, 1]), "a.csv")


class TestNormalizedWeights:
    TARGET = np.array([1.0, 0, 0, 0])

    def test_weights_have_mean_one(self) -> None:
        weights = normalized_weights(np.array([1.0, 2, 3, 2]), None, self.TARGET, "a.csv")
        assert weights.tolist() == [0.5, 1, 1.5, 1]

    def test_positives_have_the_base_rate_as_their_share(self) -> None:
        weights = normalized_weights(np.array([1.0, 2, 3, 2]), 0.4, self.TARGET, "a.csv")
        assert weights.mean() == pytest.approx(1)
        assert weights[0] / weights.sum() == pytest.approx(0.4)
        assert weights[2] / weights[1] == pytest.approx(1.5)

    def test_zero_weights_are_refused(self) -> None:
        with pytest.raises(ZeroWeights):
            normalized_weights(np.zeros(4), None, self.TARGET, "a.csv")


class TestFiniteNumbers:
    @pytest.mark.parametrize(
        ("values", "refusal"),
        [
            (["a", "1"], TextInsteadOfNumbers),
            ([1, None], NotFinite),
            ([1, np.inf], NotFinite),
            ([1, -1], DataError),
        ],
    )
    def test_column_that_is_not_of_numbers_from_zero_is_refused(
        self, values: list[Any], refusal: type[DataError]
    ) -> None:
        with pytest.raises(refusal):
            finite_numbers(pd.Series(values, name="weight"), "a.csv", minimum=0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2], [1.0, 2.0]),
        ([True, False], [1.0, 0.0]),
        ([1.5, None], [1.5, np.nan]),
        (pd.array([1, None], dtype="Int64"), [1.0, np.nan]),
        (pd.array([True, None], dtype="boolean"), [1.0, np.nan]),
        (pd.Series([True, None], dtype=object), [1.0, np.nan]),
        (pd.Categorical([3, 4]), [3.0, 4.0]),
        (["a", None], ["a", None]),
        (["1", "2"], ["1", "2"]),
        (pd.Categorical(["a", None]), ["a", None]),
    ],
)
def test_column_values_are_numbers_or_text(values: Any, expected: list[Any]) -> None:
    column = column_values(pd.Series(values))
    assert column.dtype == (object if isinstance(expected[0], str) else np.float64)
    np.testing.assert_array_equal(column, np.array(expected, dtype=column.dtype))
