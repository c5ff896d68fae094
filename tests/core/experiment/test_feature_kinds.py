"""Columns that an estimator cannot use: refused if they are written out, left out if a pattern matches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from iterata.documents.models.columns import ColumnKind
from iterata.errors import DataError, Location
from iterata.experiment.feature_kinds import unusable
from iterata.experiment.features import NoFeatures, feature_columns

N = 200
RNG = np.random.default_rng(0)
AMOUNTS = RNG.gamma(2, 4000, N)


def column(values: Any, name: str = "x") -> pd.Series:
    return pd.Series(values, name=name)


UNUSABLE: dict[str, tuple[pd.Series, ColumnKind | None]] = {
    "empty": (column([None] * N), None),
    "constant number": (column([3.0] * N), None),
    "constant text": (column(["a"] * N), None),
    "dates": (column(pd.date_range("2020-01-01", periods=N)), None),
    "declared dates": (column([f"{day} Jan" for day in range(N)]), ColumnKind.DATE),
    "dates as numbers": (column([20200000 + 100 * (i % 12 + 1) + i % 28 + 1 for i in range(N)]), None),
    "a text per row": (column([f"customer {number}" for number in range(N)]), None),
    "nearly a text per row": (column([f"customer {number // 1.5:g}" for number in range(N)]), None),
    "declared id": (column([7, 8] * (N // 2)), ColumnKind.ID),
    "row numbers": (column(range(N)), None),
    "row numbers as floats": (column(np.arange(N, dtype=float)), None),
    "shuffled row numbers": (column(RNG.permutation(N) + 1000), None),
    "rising numbers": (column(np.cumsum(RNG.integers(1, 900, N)) + 50_000), None),
    "repeated ids": (column(RNG.integers(1, 50, N) * 977, "customer_id"), None),
    "repeated ids in camel case": (column(RNG.integers(1, 50, N) * 977, "movieId"), None),
}

USABLE: dict[str, tuple[pd.Series, ColumnKind | None]] = {
    "amounts": (column(AMOUNTS), None),
    "rising amounts": (column(np.sort(AMOUNTS)), None),
    "counts": (column(RNG.poisson(3, N)), None),
    "truth values": (column([True, False] * (N // 2)), None),
    "missing or not": (column([1.0, np.nan] * (N // 2)), None),
    "few values": (column(["a", "b", "c", "d"] * (N // 4)), None),
    "declared category": (column([f"town {number}" for number in range(N)]), ColumnKind.CATEGORY),
    "digits as a category": (column(["001", "002"] * (N // 2)), ColumnKind.CATEGORY),
    "declared number": (column(range(N)), ColumnKind.NUMBER),
    "declared number of days": (column([20200101 + i % 28 for i in range(N)]), ColumnKind.NUMBER),
    "few rows": (column(["a", "b", "c"]), None),
    "declared text": (column(["fine", "late"] * (N // 2)), ColumnKind.TEXT),
    "a sentence per row": (column([f"order {number} came late and broken" for number in range(N)]), None),
    "few row numbers": (column([1, 2, 3]), None),
    "paid": (column(RNG.integers(0, 5000, N), "paid"), None),
    "width": (column(RNG.integers(0, 5000, N), "grid"), None),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_column_that_is_no_feature_is_found(name: str) -> None:
    problem = unusable(*UNUSABLE[name])
    assert problem is not None
    assert problem.reason
    assert problem.remedy


@pytest.mark.parametrize("name", USABLE)
def test_column_that_is_a_feature_is_accepted(name: str) -> None:
    assert unusable(*USABLE[name]) is None


@pytest.mark.parametrize("name", ["dates as numbers", "a text per row", "row numbers", "repeated ids"])
def test_declaration_that_the_refusal_proposes_makes_the_column_a_feature(name: str) -> None:
    values, _ = UNUSABLE[name]
    problem = unusable(values, None)
    assert problem is not None
    kind = problem.remedy.partition("columns: {")[2].partition(": ")[2].partition("}")[0]
    assert unusable(values, ColumnKind(kind)) is None


TABLE = ["customer", "since", "note", "casual", "price", "bought"]
KINDS = {
    "since": ColumnKind.DATE,
    "note": ColumnKind.TEXT,
    "casual": ColumnKind.KNOWN_AFTER,
    "price": ColumnKind.NUMBER,
}


def chosen(*patterns: str) -> Any:
    where = Location("proposal.md", field=("features", "all"))
    never = {"customer": "the unit"}
    return feature_columns(patterns, TABLE, target="bought", never=never, kinds=KINDS, where=where)


class TestDeclaredColumns:
    def test_pattern_leaves_out_what_is_no_feature_and_says_so(self) -> None:
        features = chosen("*")
        assert features.columns == ["note", "price"]
        assert set(features.left_out) == {"customer", "since", "casual"}

    def test_column_that_the_author_excludes_is_not_listed(self) -> None:
        assert set(chosen("*", "!since").left_out) == {"customer", "casual"}

    def test_date_that_is_written_out_is_left_to_the_estimator(self) -> None:
        assert chosen("price", "since").columns == ["since", "price"]

    def test_column_known_afterwards_is_refused_where_it_is_written_out(self) -> None:
        with pytest.raises(DataError) as caught:
            chosen("price", "casual")
        assert caught.value.location.field == ("features", "all", 1)

    def test_nothing_but_columns_that_are_no_features_is_refused(self) -> None:
        with pytest.raises(NoFeatures) as caught:
            chosen("c*")
        assert "casual" in caught.value.remedy
