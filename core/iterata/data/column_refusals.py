"""The refusals of columns whose values do not show what they are, or are not what a document declares."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from iterata.data.column_inference import ISO_DATE
from iterata.data.column_proposals import columns_argument, proposed_column, proposed_columns, with_missing
from iterata.data.number_texts import PADDED, PLAIN_NUMBER
from iterata.data.refusals import in_column, shown
from iterata.documents.models.columns import ColumnKind, kind_of
from iterata.errors import DataError
from iterata.expressions.evaluate import TextChosen, WordsInNumbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from iterata.data.column_inference import Doubt
    from iterata.documents.models.columns import ColumnSpec
    from iterata.errors import Location
    from iterata.expressions.parse import InvalidExpression


class Declared(Enum):
    """Where columns of a table can be declared."""

    DOCUMENT = "document"
    ARGUMENT = "argument"
    """The argument `columns` of a call in Python."""
    NOWHERE = "nowhere"


class DoubtfulColumns(DataError):
    """The values of columns do not show what they are; the remedy declares them."""

    def __init__(self, doubts: Mapping[str, Doubt], where: str | Location, by: Declared) -> None:
        (name, first), *others = doubts.items()
        also = f"; so do {', '.join(shown(other) for other, _ in others)}" if others else ""
        proposals = {name: doubt.proposals[0] for name, doubt in doubts.items()}
        alternatives = [proposed_column(name, kind) for kind in first.proposals[1:]]
        remedy = f"declare what it is in the description of the data: `{proposed_columns(proposals)}`"
        if by is Declared.ARGUMENT:
            alternatives = [columns_argument({name: kind}) for kind in first.proposals[1:]]
            remedy = f"declare what it is: `{columns_argument(proposals)}`"
        if alternatives:
            remedy += f", or `{'` or `'.join(alternatives)}`"
        if first.correction:
            remedy = f"{first.correction}; or {remedy}"
        if by is Declared.NOWHERE:
            remedy = "write plain numbers, days as YYYY-MM-DD, and nothing where a value is missing"
        message = f"column `{name}` {first.holds}, such as {first.sample}{also}"
        super().__init__(message, remedy=remedy, where=in_column(where, name))
        self.columns = tuple(doubts)


class ContradictedColumn(DataError):
    """A value of a column is not what the document declares it to be; `row` counts from 1."""

    fields = ("columns",)

    def __init__(self, column: str, spec: ColumnSpec, example: str, row: int, where: str | Location) -> None:
        kind = kind_of(spec).value
        message = f"column `{column}` is declared as {kind}, but row {row:,} holds {example}"
        remedy = f"correct that row, or the declaration `{proposed_column(column, spec)}` in `columns`"
        if kind == ColumnKind.NUMBER:
            missing = proposed_column(column, with_missing(spec, example))
            remedy = f"correct that row; or, if {example} means a missing number, declare `{missing}`"
        elif kind == ColumnKind.DATE:
            remedy = f"write days as YYYY-MM-DD; or declare `{proposed_column(column, ColumnKind.TEXT)}`"
        super().__init__(message, remedy=remedy, where=in_column(where, column, row))
        self.column, self.row = column, row


class SeveralIdSpellings(DataError):
    """Two ids differ only in blanks around them, or in a `.0` after a whole number."""

    def __init__(self, column: str, one: str, other: str, where: str | Location) -> None:
        message = f"ids of column `{column}` differ only in how they are written: {one!r} and {other!r}"
        remedy = "write each id in one way, in the program that writes the data"
        super().__init__(message, remedy=remedy, where=in_column(where, column))


class RoundedIds(DataError):
    """Ids were returned as floats that are too large to be exact."""

    def __init__(self, column: str, example: float, where: str | Location) -> None:
        message = f"ids of column `{column}` are rounded, because they are floats, such as {example:.0f}"
        remedy = f"return them as text, such as `CAST({column} AS VARCHAR) AS {column}` in the query"
        super().__init__(message, remedy=remedy, where=in_column(where, column))


def _compared_days(name: str) -> str:
    """How to compare the days of a column, which expressions only have as text."""
    column = name if name.isidentifier() else f'"{name}"'
    sql = f"SELECT *, CAST({column} AS DATE) > DATE '2026-01-01' AS is_later"
    return f"compare days in a `query:`, such as `{sql} FROM 'FILE'`, and use `is_later`"


def _example(texts: list[str]) -> str:
    """A text that shows that the column holds no numbers."""
    clear = (text for text in texts if re.match(PADDED, text) or not re.fullmatch(PLAIN_NUMBER, text.strip()))
    return next(clear, texts[0] if texts else "")


def _words_in_numbers(error: WordsInNumbers) -> InvalidExpression:
    """The refusal of `contains` on numbers."""
    if not error.column:
        return error
    return error.replace(
        message=f"{error.message}: column `{error.column}` holds numbers",
        remedy=f"name a column of text; or declare `{proposed_columns({error.column: ColumnKind.TEXT})}`",
    )


def with_column(error: InvalidExpression, table: Mapping[str, NDArray[np.generic]]) -> InvalidExpression:
    """The refusal of an expression that mixes text and numbers, with a column and one of its values."""
    if isinstance(error, TextChosen):
        return error
    if isinstance(error, WordsInNumbers):
        return _words_in_numbers(error)
    examples = {
        name: _example([text for text in column if text is not None])
        for name, column in table.items()
        if column.dtype == object
    }
    if examples:
        name, example = next(iter(examples.items()))
        message = f"{error.message}: column `{name}` holds text, such as {example}"
        if re.fullmatch(ISO_DATE, str(example).strip()):
            return error.replace(message=message, remedy=_compared_days(name))
        is_code = re.fullmatch(PLAIN_NUMBER, str(example).strip())
        spec = ColumnKind.NUMBER if is_code else with_missing(ColumnKind.NUMBER, str(example))
        declaration = proposed_columns({name: spec})
        return error.replace(
            message=message,
            remedy=f"compare it with text in quotes; or, if it is a number, declare `{declaration}`",
        )
    if not table:
        return error
    name = next(iter(table))
    return error.replace(
        message=f"{error.message}: column `{name}` holds numbers",
        remedy=f"write numbers without quotes; or declare `{proposed_columns({name: ColumnKind.CATEGORY})}`",
    )
