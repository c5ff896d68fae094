"""Which columns a model may see: never what it is to predict."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iterata.errors import DataError, Location
from iterata.experiment.features import feature_columns

TABLE = ["customer", "M1", "M2", "P1", "A[x]", "Age", "Purchase"]


def chosen(*patterns: str) -> list[str]:
    where = Location("proposal.md", field=("plan", "features", "both"))
    return feature_columns(patterns, TABLE, target="Purchase", never=["customer"], where=where)


def test_patterns_are_read_from_left_to_right() -> None:
    assert chosen("P*", "M*") == ["M1", "M2", "P1"]
    assert chosen("M*", "!M1") == ["M2"]
    assert chosen("M*", "!M*", "M1") == ["M1"]
    assert chosen("M?", "A[x]") == ["M1", "M2", "A[x]"]


def test_the_target_and_the_unit_stay_out_whatever_matches_them() -> None:
    assert chosen("*") == ["M1", "M2", "P1", "A[x]", "Age"]
    assert chosen("P*") == ["P1"]
    assert chosen("P*", "!Purchase") == ["P1"]


@given(st.lists(st.sampled_from(["*", "P*", "P*e", "?u*", "[PM]*", "!P1", "!M*", "M1", "customer", "c*"])))
def test_no_list_of_patterns_lets_the_target_in(patterns: list[str]) -> None:
    try:
        columns = chosen(*patterns)
    except DataError:
        return
    assert "Purchase" not in columns
    assert "customer" not in columns
    assert columns == [column for column in TABLE if column in columns]


@pytest.mark.parametrize(
    ("patterns", "message", "remedy", "place"),
    [
        (["M*", "Purchase"], "the target Purchase is among the features", "must not see", "both[1]"),
        (["M*", "Q*"], "'Q*' matches no column", "such as 'age_*'", "both[1]"),
        (["age"], "'age' matches no column", "did you mean Age?", "both[0]"),
        (["M*", "!Purchas"], "'Purchas' matches no column", "did you mean Purchase?", "both[1]"),
        (["!M1"], "the feature set is empty", "begin with a pattern that adds columns", "both"),
        (["customer"], "the feature set is empty", "divided by never count", "both"),
        ([], "the feature set is empty", "begin with", "both"),
    ],
)
def test_a_useless_pattern_is_told_with_its_place(
    patterns: list[str], message: str, remedy: str, place: str
) -> None:
    with pytest.raises(DataError) as refused:
        chosen(*patterns)
    assert refused.value.message == message
    assert remedy in refused.value.remedy
    assert refused.value.where == f"proposal.md: plan.features.{place}"
