"""Expressions compute what they say on whole columns, and nothing else can be written."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iterata.errors import DataError, at_field
from iterata.expressions.evaluate import evaluate
from iterata.expressions.parse import columns

if TYPE_CHECKING:
    from pathlib import Path

TABLE = {
    "age": np.array([30.0, 50.0, np.nan]),
    "income": np.array([2.0, 0.0, 4.0]),
    "type": np.array(["city", None, "farm"], dtype=object),
    "net worth": np.array([1.0, 2.0, 3.0]),
}
NAN = math.nan


def value(expression: str) -> list[float]:
    return evaluate(expression, TABLE, 3).tolist()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("income * 2 + (age > 40)", [4, 1, 8]),
        ("-income ** 2", [-4, 0, -16]),
        ("(income + 1) % 2 // 1", [1, 1, 1]),
        ("age / 10 - income", [1, 5, NAN]),
        ("20 < age <= 50", [1, 1, 0]),
        ("income == 0 or age < 40", [1, 1, 0]),
        ("not income", [0, 1, 0]),
        ("True + True", [2, 2, 2]),
        ("age > 40 and 1", [0, 1, 0]),
        ("min(income, 3, age)", [2, 0, NAN]),
        ("max(income, 1) + abs(-1)", [3, 2, 5]),
        ("log(income + 1) > sqrt(1)", [1, 0, 1]),
        ('type == "farm"', [0, 0, 1]),
        ('type in ["farm", "city"]', [1, 0, 1]),
        ("income in (0, 4)", [0, 1, 1]),
        ("income not in [0, 4]", [1, 0, 0]),
        ('column("net worth") + 1', [2, 3, 4]),
        ("1", [1, 1, 1]),
        ("  income\n  + 1 ", [3, 1, 5]),
    ],
)
def test_it_computes_what_it_says(expression: str, expected: list[float]) -> None:
    assert value(expression) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("age > 10", [1, 1, 0]),
        ("age != 30", [0, 1, 0]),
        ('type != "farm"', [1, 0, 0]),
        ('type not in ["farm"]', [1, 0, 0]),
        ("missing(age)", [0, 0, 1]),
        ("missing(type)", [0, 1, 0]),
        ("if_missing(age, 40) - 40", [-10, 10, 0]),
        ("age and 1", [1, 1, 0]),
    ],
)
def test_a_comparison_with_a_missing_value_is_no(expression: str, expected: list[float]) -> None:
    assert value(expression) == expected


def test_the_columns_it_reads_are_known_beforehand() -> None:
    assert columns('age + log(income) > 2 and column("net worth") in [age, 1]') == [
        "age",
        "income",
        "net worth",
    ]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("__import__('os').system('touch broken')", "may not hold"),
        ("open('broken', 'w')", "may not hold"),
        ("age.__class__.__bases__", "may not hold"),
        ("(lambda: 1)()", "may not hold"),
        ("[x for x in age]", "may not hold"),
        ("{1: 2}", "may not hold"),
        ("age[0]", "may not hold"),
        ("f'{age}'", "may not hold"),
        ("age if 1 else 2", "may not hold"),
        ("(age := 1)", "may not hold"),
        ("age; income", "cannot be read"),
        ("import os", "cannot be read"),
        ("lambda: " + "-" * 900 + "1", "nested too deep"),
        ("await age", "may not hold"),
        ("age @ income", "may not hold"),
        ("age & income", "may not hold"),
        ("~age", "may not hold"),
        ("1 is 1", "may not hold"),
        ("None", "may not hold"),
        ("...", "may not hold"),
        ("1j", "may not hold"),
        ("b'x' == type", "may not hold"),
        ("log(x=age)", "may not hold"),
        ("log(*age)", "may not hold"),
        ("log(age, 2)", "may not hold"),
        ("eval('1')", "may not hold"),
        ("column(age)", "may not hold"),
        ("column('age', 'income')", "may not hold"),
        ("age in income", "may use `in` only with a list"),
        ("age in []", "may use `in` only with a list"),
        ("", "cannot be read"),
        ("age +", "cannot be read"),
        ("age\0", "cannot be read"),
        ("(" * 300 + "1" + ")" * 300, "cannot be read"),
        ("-" * 300 + "1", "operators within each other"),
        ("1 + " * 220 + "1", "operators within each other"),
        ("1 +" * 400 + "1", "longer than 1000 characters"),
        ("9" * 400, "too large"),
        ("type + 1", "calculates with text"),
        ("type", "calculates with text"),
        ("type and 1", "calculates with text"),
        ("type < 'x'", "orders text"),
        ("type == 1", "compares text with numbers"),
        ("age in ['x']", "compares text with numbers"),
    ],
)
def test_nothing_else_can_be_written(
    expression: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=reason) as caught:
        evaluate(expression, TABLE, 3, at_field("status_quo.rule"))
    assert caught.value.location.field == ("status_quo", "rule")
    assert caught.value.remedy
    assert not list(tmp_path.iterdir())


def test_numbers_that_explode_stay_floats() -> None:
    assert value("9 ** 9 ** 9 ** 9") == [math.inf] * 3
    assert value("10 ** 308 * 10 > 1 / 0 - 1") == [0, 0, 0]


def test_a_misspelt_column_is_named_with_its_neighbour() -> None:
    with pytest.raises(DataError, match="there is no column incom") as caught:
        value("incom + 1")
    assert "did you mean income?" in caught.value.remedy


def test_what_is_shown_of_it_is_fit_for_a_terminal() -> None:
    with pytest.raises(DataError) as caught:
        value("\x1b[31m" + "x" * 200 + "!")
    assert "\x1b" not in str(caught.value)
    assert len(caught.value.message) < 150


def computed_or_refused(expression: str) -> bool:
    try:
        return evaluate(expression, TABLE, 3).shape == (3,)
    except DataError as error:
        return bool(error.message and error.remedy)


@given(st.text())
def test_any_text_is_computed_or_refused(text: str) -> None:
    assert computed_or_refused(text)


WORDS = """age income type 1 'x' + - * ** ( ) [ ] { } , < == = @ . :
in not and or if else for lambda min column"""


@given(st.lists(st.sampled_from(WORDS.split()), max_size=12).map(" ".join))
def test_any_scramble_of_its_own_words_is_computed_or_refused(text: str) -> None:
    assert computed_or_refused(text)


def numeric() -> st.SearchStrategy[str]:
    """Expressions over `a` and `b` that Python itself can compute row by row."""
    leaves = st.sampled_from(["a", "b", "0", "1", "2.5"])
    joined = "({} + {})", "({} - {})", "({} * {})", "({} < {})", "({} == {})", "min({}, {})", "max({}, {})"
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(str.format, st.sampled_from(joined), inner, inner),
            st.builds("(-{})".format, inner),
            st.builds("abs({})".format, inner),
            st.builds("(0 <= {} < {} + 3)".format, inner, inner),
        ),
        max_leaves=12,
    )


@given(numeric(), st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=1, max_size=5))
def test_it_agrees_with_python_row_by_row(expression: str, pairs: list[tuple[int, int]]) -> None:
    a, b = np.array(pairs, dtype=float).T
    expected = [float(eval(expression, {"a": a, "b": b})) for a, b in pairs]  # noqa: S307  # made above
    assert evaluate(expression, {"a": a, "b": b}, len(pairs)).tolist() == pytest.approx(expected)
