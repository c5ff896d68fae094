"""Expressions are evaluated on whole columns, and anything that is not an expression is refused."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iterata.errors import DataError, at_field
from iterata.expressions.evaluate import TextChosen, UnknownColumn, WordsInNumbers, evaluate, evaluate_text
from iterata.expressions.parse import InvalidExpression, column_names

if TYPE_CHECKING:
    from pathlib import Path

    from ...helpers.golden import Golden

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
        ("1 if age > 40 else income", [2, 1, 4]),
        ('contains(type, "IT")', [1, 0, 0]),
        ('contains(type, "x", "ARM") + income', [2, 0, 5]),
        ('not contains(type, "f")', [1, 1, 0]),
        ('if_missing(type, "farm") == "farm"', [0, 1, 1]),
    ],
)
def test_expression_is_evaluated_row_by_row(expression: str, expected: list[float]) -> None:
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
def test_comparison_with_missing_value_is_false(expression: str, expected: list[float]) -> None:
    assert value(expression) == expected


TEXTS = [
    "Geld ZURÜCK",
    "",
    "деньги НАЗАД",
    "返金してください",
    "a\0b",
    "(.*)+$",
    None,
    "x" * 1_000_000 + " Refund",
]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ('"zurück"', [0]),
        ('"назад", "返金"', [2, 3]),
        ('"\\0"', [4]),
        ('"(.*)+$"', [5]),
        ('".*"', [5]),
        ('"REFUND"', [7]),
        ('"absent"', []),
    ],
)
def test_words_are_found_as_they_are_written_in_any_script(words: str, expected: list[int]) -> None:
    table = {"comment": np.array(TEXTS, dtype=object)}
    found = evaluate(f"contains(comment, {words})", table, len(TEXTS))
    assert np.flatnonzero(found).tolist() == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('"old" if age > 40 else "young"', ["young", "old", "young"]),
        ('"a" if contains(type, "ci") else "b" if missing(type) else type', ["a", "b", "farm"]),
        ("type", ["city", None, "farm"]),
        ('"one"', ["one"] * 3),
        ("2 if income > 1 else 2.5", ["2", "2.5", "2"]),
        ("age", ["30", "50", None]),
    ],
)
def test_text_is_given_in_each_row(expression: str, expected: list[str | None]) -> None:
    assert evaluate_text(expression, TABLE, 3).tolist() == expected


def test_choice_between_texts_is_no_number() -> None:
    with pytest.raises(TextChosen) as refused:
        value('"a" if age > 40 else "b"')
    assert refused.value.remedy


def test_words_in_numbers_are_refused_with_the_column() -> None:
    with pytest.raises(WordsInNumbers) as refused:
        value('contains(age, "x") + contains(type, "x")')
    assert refused.value.column == "age"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"refund" in type', 'contains(type, "refund")'),
        ("'x' not in type.lower()", "not contains(type, 'x')"),
        ("type LIKE '%refund%' AND age > 2", 'contains(type, "refund") and age > 2'),
        ("type NOT ILIKE '%no%'", 'not contains(type, "no")'),
        ('type.str.lower().str.contains("x") | age', 'contains(type, "x") or age'),
    ],
)
def test_other_notation_for_a_word_is_corrected(written: str, meant: str) -> None:
    with pytest.raises(InvalidExpression) as refused:
        value(written)
    assert f"`{meant}`" in refused.value.remedy


def test_column_names_are_listed_without_evaluation() -> None:
    assert column_names('age + log(income) > 2 and column("net worth") in [age, 1]') == [
        "age",
        "income",
        "net worth",
    ]


INVALID = (
    "__import__('os').system('touch broken')",
    "open('broken', 'w')",
    "age.__class__.__bases__",
    "(lambda: 1)()",
    "[x for x in age]",
    "{1: 2}",
    "age[0]",
    "f'{age}'",
    "(age := 1)",
    "age; income",
    "import os",
    "lambda: " + "-" * 900 + "1",
    "await age",
    "age @ income",
    "age & income",
    "~age",
    "1 is 1",
    "None",
    "...",
    "1j",
    "b'x' == type",
    "log(x=age)",
    "log(*age)",
    "log(age, 2)",
    "eval('1')",
    "column(age)",
    "column('age', 'income')",
    "age in income",
    "age in []",
    "",
    "age +",
    "age\0",
    "(" * 300 + "1" + ")" * 300,
    "-" * 300 + "1",
    "1 + " * 220 + "1",
    "1 +" * 400 + "1",
    "9" * 400,
    "type + 1",
    "type",
    "type and 1",
    "type < 'x'",
    "type == 1",
    "age in ['x']",
    "contains(type)",
    "contains()",
    "contains(type, '')",
    "contains(type, age)",
    "contains(type, 'x', *age)",
    "contains(type, word='x')",
    "contains(age, 'x')",
    "contains(1, 'x')",
    "contains(type, " + "'x', " * 101 + ")",
    "'a' if age > 40 else 'b'",
    "'a' if age > 40 else 2",
    "1 if type else 2",
    "1 if age",
    "if_missing(type, 0)",
)


@pytest.mark.parametrize("expression", INVALID)
def test_anything_else_is_refused_and_not_executed(
    expression: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidExpression) as refused:
        evaluate(expression, TABLE, 3, at_field("status_quo.rule"))
    assert refused.value.location.field == ("status_quo", "rule")
    assert not list(tmp_path.iterdir())


TYPICAL = (
    "age @ income", "age in income", "age +", "-" * 300 + "1", "1 +" * 400 + "1", "9" * 400,
    "type + 1", "type < 'x'", "type == 1",
)  # fmt: skip
"""Mistakes with messages that do not depend on the version of Python."""


def test_messages(golden: Golden) -> None:
    messages = []
    for expression in TYPICAL:
        with pytest.raises(InvalidExpression) as refused:
            evaluate(expression, TABLE, 3)
        messages.append(refused.value.message)
    golden.check("invalid", "\n".join([*messages, f"fix: {refused.value.remedy}"]))


def test_overflow_is_infinite() -> None:
    assert value("9 ** 9 ** 9 ** 9") == [math.inf] * 3
    assert value("10 ** 308 * 10 > 1 / 0 - 1") == [0, 0, 0]


def test_misspelt_column_is_corrected() -> None:
    with pytest.raises(UnknownColumn) as refused:
        value("incom + 1")
    assert "income" in refused.value.remedy


def test_message_is_short_and_has_no_control_characters() -> None:
    with pytest.raises(InvalidExpression) as refused:
        value("\x1b[31m" + "x" * 200 + "!")
    assert "\x1b" not in str(refused.value)
    assert len(refused.value.message) < 150


def is_evaluated_or_refused(expression: str) -> bool:
    try:
        return evaluate(expression, TABLE, 3).shape == (3,)
    except DataError as error:
        return bool(error.message and error.remedy)


@given(st.text())
def test_any_text_is_evaluated_or_refused(text: str) -> None:
    assert is_evaluated_or_refused(text)


WORDS = """age income type 1 'x' + - * ** ( ) [ ] { } , < == = @ . :
in not and or if else for lambda min column contains"""


@given(st.lists(st.sampled_from(WORDS.split()), max_size=12).map(" ".join))
def test_any_order_of_its_own_words_is_evaluated_or_refused(text: str) -> None:
    assert is_evaluated_or_refused(text)


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
def test_values_agree_with_python_row_by_row(expression: str, pairs: list[tuple[int, int]]) -> None:
    a, b = np.array(pairs, dtype=float).T
    expected = [float(eval(expression, {"a": a, "b": b})) for a, b in pairs]  # noqa: S307  # made above
    assert evaluate(expression, {"a": a, "b": b}, len(pairs)).tolist() == pytest.approx(expected)
