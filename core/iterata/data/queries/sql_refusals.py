"""The refusals of queries: each has its own message and remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.data.refusals import in_column
from iterata.errors import DataError
from iterata.text import truncate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.errors import Location

LONGEST_VALUE = 40
"""How many characters of a value are shown."""


class NotOneSelect(DataError):
    """The query is several statements, or one that does more than read."""

    def __init__(self, where: str | Location) -> None:
        remedy = "write one statement that starts with SELECT or WITH, without semicolons"
        super().__init__("is not a single SELECT", remedy=remedy, where=where)


class MixedColumn(DataError):
    """A column holds numbers in some rows and texts, or dates, in others."""

    def __init__(self, column: str, examples: Sequence[object], where: str | Location) -> None:
        shown = " and ".join(map(_shown, examples[:2]))
        message = f"column `{column}` holds several kinds of values, such as {shown}"
        remedy = f'write `CAST("{column}" AS TEXT) AS "{column}"` in the query, or correct the values'
        super().__init__(message, remedy=remedy, where=in_column(where, column))


class InexactNumbers(DataError):
    """A column of whole numbers has some that a number of 64 bits does not hold exactly."""

    def __init__(self, column: str, where: str | Location) -> None:
        message = f"column `{column}` holds whole numbers with more than 15 digits, which would be rounded"
        remedy = (
            f'write `CAST("{column}" AS VARCHAR) AS "{column}"` in the query if they are ids, '
            f'or `CAST("{column}" AS DOUBLE PRECISION) AS "{column}"` if rounding does no harm'
        )
        super().__init__(message, remedy=remedy, where=in_column(where, column))


class UnreadableCells(DataError):
    """A column holds bytes, durations or shapes."""

    def __init__(self, column: str, kind: str, where: str | Location) -> None:
        message = f"column `{column}` holds values of the type {kind}"
        remedy = "select a number, a text or a date in the query instead"
        super().__init__(message, remedy=remedy, where=in_column(where, column))


class ChangedByType(DataError):
    """DuckDB would read the texts of a CSV file as something else than what they are."""

    def __init__(self, column: str, kind: str, value: str, call: str, where: str | Location) -> None:
        message = f"DuckDB reads column `{column}` of a CSV file as {kind}, which changes {_shown(value)}"
        if kind == "DATE" or kind.startswith("TIMESTAMP"):
            choice = "dateformat = '%d/%m/%Y')`, with the format that the dates have"
        else:
            choice = (
                f"types = {{'{column}': 'VARCHAR'}})` if they are ids, with `'{kind}'` if they are numbers"
            )
        remedy = f"write `{call.removesuffix(')')}, {choice}"
        super().__init__(message, remedy=remedy, where=in_column(where, column))


def _shown(value: object) -> str:
    return (
        repr(truncate(value, LONGEST_VALUE))
        if isinstance(value, str)
        else truncate(str(value), LONGEST_VALUE)
    )
