"""What columns hold: outcomes, units, groups, weights, and numbers or text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from iterata.data.columns import (
    check_groups_within_units,
    column_values,
    finite_numbers,
    normalized_weights,
    unit_codes,
)
from iterata.data.refusals import (
    NotFinite,
    TextInsteadOfNumbers,
    ZeroWeights,
)
from iterata.errors import DataError


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
