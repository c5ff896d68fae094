"""The refusals of this room that several modules raise: each has its own message and remedy."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from iterata.errors import DataError, Location
from iterata.execution.extras import install_command
from iterata.expressions.corrections import corrected, with_quotes
from iterata.expressions.parse import column_names
from iterata.text import closest, truncate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


SHOWN_COLUMNS = 12
"""How many columns a message lists."""

SHOWN_VALUES = 8
"""How many values of a column a message lists."""

_DECIMAL_COMMA = re.compile(r"[+-]?[\d.]*,\d+")

LONGEST_NAME = 60
"""How many characters of a column's name a message shows."""

_MISSING_WORDS = frozenset({"null", "nan", "na", "nil"})
"""Words that mean a missing value in other languages."""

SAVE_AS_CSV = "save the file as UTF-8 text with commas between the fields and one header line"

_FILL_IN = {
    "target": "remove those rows, or fill in their outcome",
    "unit": "give every row its unit; if each row is a unit, remove `unit_id` and the `column` of the folds",
    "group": "give every row its group",
    "time": "fill in the time of those rows, or remove them",
}
"""What to do about missing values, by the role of the column."""

_FIELDS = {
    "target": ("target",),
    "unit": ("unit_id", "kpi.group", "split.column"),
    "group": ("kpi.group", "group"),
    "time": ("split.column", "blocks.column"),
}
"""The fields that name a column, by its role."""


def in_column(where: str | Location, column: object, row: int | None = None) -> Location:
    """The place of a column in a table; `where` is the table's name, or the field that names the column."""
    place = Location(where) if isinstance(where, str) else where
    return place._replace(data_column=str(column), row=row)


class MissingColumn(DataError):
    """The table has no column of that name; the remedy lists the columns and suggests the closest one.

    If an `expression` compares the name with a column, the name may be a value without quotes.
    """

    def __init__(
        self,
        column: str,
        columns: Sequence[str],
        where: str | Location,
        field: str = "",
        expression: str = "",
    ) -> None:
        message = f"there is no column {column}{_named_by(field)}"
        remedy = _choose(column, columns)
        if quoted := _with_quotes(expression, columns):
            remedy = f"if {column} is a value, write `{quoted}`; if it is a column, {remedy}"
        super().__init__(message, remedy=remedy, where=in_column(where, column))
        self.column, self.field = column, field
        self.fields = (field,) if field else ()


class OutsideRepository(DataError):
    """A path, or a link on the way, leads out of the repository."""

    def __init__(self, where: str | Location) -> None:
        remedy = "keep the data inside the repository's folder"
        super().__init__("leads outside the repository", remedy=remedy, where=where)


class DuplicateColumn(DataError):
    """The table has several columns of that name."""

    def __init__(self, column: str, where: str | Location, field: str = "") -> None:
        message = f"there are two columns {column}{_named_by(field)}"
        super().__init__(message, remedy="give each column its own name", where=in_column(where, column))
        self.fields = (field,) if field else ()


class NestedColumn(DataError):
    """The cells of a column hold lists or records."""

    def __init__(self, column: str, where: str | Location) -> None:
        message = f"column `{column}` holds lists or records"
        remedy = "write one number, text or date into each cell, or select one element in the query"
        super().__init__(message, remedy=remedy, where=in_column(where, column))


class NoRows(DataError):
    """The table has a header, but no row."""

    def __init__(self, where: str | Location, *, remedy: str) -> None:
        super().__init__("holds no rows", remedy=remedy, where=where)


class MissingValues(DataError):
    """Some rows lack their target, unit, group or time (`role`)."""

    def __init__(self, role: str, column: object, missing: int, rows: int, where: str | Location) -> None:
        message = f"{role} column `{column}` is empty in {missing:,} of {rows:,} rows"
        super().__init__(message, remedy=_FILL_IN[role], where=in_column(where, column))
        self.fields = _FIELDS[role]


class TextInsteadOfNumbers(DataError):
    """A column that must hold numbers holds text; `column` is its name, `example` one of its values."""

    def __init__(self, column: str, example: str, where: str | Location, *, remedy: str) -> None:
        if _DECIMAL_COMMA.fullmatch(example):
            remedy = "write the numbers of the file with a point for the decimals and no other separator"
        super().__init__(f"{column} holds text, such as {example}", remedy=remedy, where=where)


class NotFinite(DataError):
    """A column or an expression is missing or infinite in some rows."""

    def __init__(self, what: str, count: int, rows: int, where: str | Location, *, remedy: str) -> None:
        message = f"{what} is not a finite number in {count:,} of {rows:,} rows"
        super().__init__(message, remedy=remedy, where=where)


class NeverPositive(DataError):
    """No row has the positive value; `values` are the first values of the column, if they are known."""

    fields = ("positive", "target")

    def __init__(
        self, column: object, positive: object, values: Sequence[str], where: str | Location
    ) -> None:
        listed = f"; it has: {', '.join(values)}" if values else ""
        guess = closest(str(positive), values)
        remedy = f"write `positive: {guess}`" if guess else "set `positive:` to one of the column's values"
        message = f"target column `{column}` has no value `{positive}`{listed}"
        super().__init__(message, remedy=f"{remedy}, in quotes if it is text", where=in_column(where, column))


class AlwaysPositive(DataError):
    """Every row has the positive value."""

    fields = ("target",)

    def __init__(self, column: object, positive: object, where: str | Location) -> None:
        message = f"target column `{column}` is {positive} in every row, so there are not two outcomes"
        remedy = "choose a target that differs between rows, or add the rows with the other outcome"
        super().__init__(message, remedy=remedy, where=in_column(where, column))


class SeveralSpellings(DataError):
    """The positive value is written in several ways; `counts` has the rows of each."""

    fields = ("positive", "target")

    def __init__(self, column: object, counts: Mapping[object, int], where: str | Location) -> None:
        message = f"target column `{column}` has several spellings of its positive value: {counted(counts)}"
        remedy = (
            f"write `positive: {yaml_list(counts)}` if they mean the same; otherwise name those that count "
            "as negative under `negative`"
        )
        super().__init__(message, remedy=remedy, where=in_column(where, column))


class UndeclaredValues(DataError):
    """A target of two classes has values that are neither positive nor negative."""

    fields = ("negative", "target")

    def __init__(  # the parts of one message
        self,
        column: object,
        counts: Mapping[object, int],
        undeclared: Sequence[object],
        others: Sequence[object],
        declared: bool,  # noqa: FBT001  # whether the document has `negative`
        where: str | Location,
    ) -> None:
        found = {value: counts[value] for value in undeclared} if declared else counts
        problem = "values that are neither positive nor negative" if declared else "more than two values"
        negative = yaml_list(others) if len(others) <= SHOWN_VALUES else '"*"'
        remedy = (
            f"write `negative: {negative}` if these all count as negative; otherwise leave the other rows "
            "out, in the program that writes the data or with a query"
        )
        message = f"target column `{column}` has {problem}: {counted(found)}"
        super().__init__(message, remedy=remedy, where=in_column(where, column))


class ThresholdOffScale(DataError):
    """The KPI's threshold and some predictions, from `low` to `high`, are on different scales."""

    fields = ("status_quo.column", "status_quo.rule", "status_quo.constant", "status_quo")

    def __init__(
        self, whose: str, threshold: float, low: float, high: float, where: str | Location, *, remedy: str
    ) -> None:
        message = (
            f"{whose} go from {low:g} to {high:g}, and the KPI's threshold is {threshold:g}: the two are on "
            "different scales"
        )
        super().__init__(message, remedy=remedy, where=where)


class ZeroWeights(DataError):
    """Every row has the weight 0."""

    fields = ("weights.column",)

    def __init__(self, where: str | Location) -> None:
        super().__init__("every row has the weight 0", remedy="name another `weights.column`", where=where)


class BelowMinimum(DataError):
    """Some numbers of a column are smaller than its role allows."""

    def __init__(self, column: object, minimum: float, count: int, rows: int, where: str | Location) -> None:
        message = f"column `{column}` is below {minimum:g} in {count:,} of {rows:,} rows"
        super().__init__(
            message, remedy="correct the numbers in the program that writes the data", where=where
        )


class MissingPackage(DataError):
    """An optional package is not installed; `extra` is the name of iterata's extra that installs it."""

    def __init__(self, package: str, extra: str, where: str | Location, *, otherwise: str = "") -> None:
        message = f"needs {package}, which is not installed"
        super().__init__(message, remedy=f"run `{install_command(extra)}`{otherwise}", where=where)


def shown(column: str) -> str:
    """A column's name in a message: quoted if blanks or line breaks would not be seen, and cut if long."""
    short = truncate(column, LONGEST_NAME)
    return short if short == " ".join(short.split()) else repr(short)


def _choose(column: str, columns: Sequence[str]) -> str:
    separator = next((mark for mark in ";\t|" if len(columns) == 1 and mark in columns[0]), None)
    if separator is not None:
        mark = "\\t" if separator == "\t" else separator
        how = f"read it with `read_csv('FILE', delim='{mark}')` in a `query:`"
        return f"its fields are separated by `{mark}`: {SAVE_AS_CSV}, or {how}"
    listed = ", ".join(map(shown, columns[:SHOWN_COLUMNS])) + (" …" if len(columns) > SHOWN_COLUMNS else "")
    guess = closest(column, columns)
    return f"did you mean {shown(guess)}? The columns are {listed}" if guess else f"use one of {listed}"


def _with_quotes(expression: str, columns: Sequence[str]) -> str:
    """An expression with quotes around the words that are no columns; empty if they are not values."""
    words = [name for name in column_names(expression) if name not in columns] if expression else []
    if len(words) == 1 and words[0].lower() in _MISSING_WORDS:
        return corrected(f"{expression}".replace(words[0], "null"), lambda _: True)
    return with_quotes(expression, words)


def counted(counts: Mapping[object, int]) -> str:
    """Values with their numbers of rows, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    listed = ", ".join(f"{_value(value)} ({rows:,} rows)" for value, rows in ordered[:SHOWN_VALUES])
    more = len(ordered) - SHOWN_VALUES
    return f"{listed} and {more:,} more" if more > 0 else listed


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else shown(str(value))


def yaml_list(values: Iterable[object]) -> str:
    """Values as a list in YAML that reads back the same."""
    return f"[{', '.join(_yaml(value) for value in values)}]"


def _yaml(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return _value(value).lower() if str(value) in {"True", "False"} else _value(value)


def _named_by(field: str) -> str:
    return f", which `{field}` names" if field else ""
