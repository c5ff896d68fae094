"""Which columns a model may use: never its target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iterata.documents.models.columns import ColumnKind
from iterata.errors import DataError, Location
from iterata.experiment.features import feature_columns

if TYPE_CHECKING:
    from ...helpers.golden import Golden

TABLE = ["customer", "M1", "M2", "P1", "A[x]", "Age", "Purchase"]


def chosen(*patterns: str) -> list[str]:
    where = Location("proposal.md", field=("features", "both"))
    never, kinds = {"customer": "the unit"}, dict[str, ColumnKind]()
    chosen = feature_columns(patterns, TABLE, target="Purchase", never=never, kinds=kinds, where=where)
    return chosen.columns


def test_patterns_are_read_from_left_to_right() -> None:
    assert chosen("P*", "M*") == ["M1", "M2", "P1"]
    assert chosen("M*", "!M1") == ["M2"]
    assert chosen("M*", "!M*", "M1") == ["M1"]
    assert chosen("M?", "A[x]") == ["M1", "M2", "A[x]"]


def test_target_and_unit_are_never_features() -> None:
    assert chosen("*") == ["M1", "M2", "P1", "A[x]", "Age"]
    assert chosen("P*") == ["P1"]
    assert chosen("P*", "!Purchase") == ["P1"]


@given(st.lists(st.sampled_from(["*", "P*", "P*e", "?u*", "[PM]*", "!P1", "!M*", "M1", "customer", "c*"])))
def test_no_list_of_patterns_selects_the_target(patterns: list[str]) -> None:
    try:
        columns = chosen(*patterns)
    except DataError:
        return
    assert "Purchase" not in columns
    assert "customer" not in columns
    assert columns == [column for column in TABLE if column in columns]


@pytest.mark.parametrize(
    ("patterns", "field"),
    [
        (["M*", "Purchase"], (1,)),
        (["M*", "Q*"], (1,)),
        (["age"], (0,)),
        (["M*", "!Purchas"], (1,)),
        (["!M1"], ()),
        (["customer"], ()),
        ([], ()),
    ],
    ids=[
        "target",
        "no match",
        "other case",
        "no match to remove",
        "nothing to add",
        "only the unit",
        "empty",
    ],
)
def test_pattern_without_columns_is_refused_at_its_place(patterns: list[str], field: tuple[int, ...]) -> None:
    with pytest.raises(DataError) as refused:
        chosen(*patterns)
    assert refused.value.location == Location("proposal.md", field=("features", "both", *field))


def test_wording_of_refused_patterns(golden: Golden) -> None:
    messages = []
    for patterns in (["M*", "Purchase"], ["Q*"], ["age"], ["!M1"]):
        with pytest.raises(DataError) as refused:
            chosen(*patterns)
        messages.append(str(refused.value))
    golden.check("refused_patterns", "\n".join(messages))
