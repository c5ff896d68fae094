"""What the SQL backends have in common: statements, data types, and error messages without passwords."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from iterata.data.queries.sql_refusals import NotOneSelect
from iterata.errors import DataError
from iterata.text import mask_passwords, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

LONGEST_REASON = 300
"""How many characters of a database's error message are shown."""

MAX_CHARACTERS = 20_000
"""The longest query; the time to find its comments grows with the square of its length."""

_START = re.compile(r"[\s(]*(select|with|from|values|table)\b", re.IGNORECASE)
"""The start of a statement that reads."""

_QUOTED = re.compile(
    r"""(?<![\w$])[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|"""
    r"""(?<![\w$])\$(?P<tag>\w*)\$.*?\$(?P=tag)\$""",
    re.DOTALL,
)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_NO_CODE = re.compile(f"(?P<quoted>{_QUOTED.pattern})|{_COMMENT.pattern}", re.DOTALL)
"""Quoted texts, quoted names and comments, in which a semicolon ends no statement."""

_NOT_REACHED = re.compile(
    r"connection refused|connection failed|closed the connection|could not connect|lost connection"
    r"|(?:terminating|broken|reset) connection|connection (?:reset|timed out|was lost)"
    r"|(?:shutting down|starting up|in recovery mode|server has gone away)",
    re.IGNORECASE,
)
"""What a database says, or its driver, that is down, or ends in the middle of a query."""

_NO_CONNECTION_LEFT = re.compile(
    r"too many (clients|connections)|connection slots are reserved|max_user_connections", re.IGNORECASE
)
"""What PostgreSQL, MySQL and MariaDB answer if all connections are in use."""


class SqlBackend(Protocol):
    """A program that runs queries."""

    @property
    def where(self) -> str:
        """Its name in messages."""

    def columns(self, sql: str) -> tuple[str, ...]:
        """The columns of a query's result."""

    def batches(self, sql: str, names: Sequence[str]) -> Generator[pd.DataFrame]:
        """The rows of some columns of a query's result, in batches."""


def single_select(sql: str, where: str) -> str:
    """The statement without the semicolon at its end.

    Raises:
        NotOneSelect: it is not one statement that reads.
        DataError: it is too long.
    """
    if len(sql) > MAX_CHARACTERS:
        remedy = "write a shorter query, or a view in the database"
        message = f"the query has {len(sql):,} characters, and may have {MAX_CHARACTERS:,}"
        raise DataError(message, remedy=remedy, where=where)
    code = _NO_CODE.sub(lambda match: (" '"[bool(match["quoted"])]).ljust(len(match[0])), sql)
    statement, _, rest = code.partition(";")
    if rest.strip("; \t\r\n") or not _START.match(statement):
        raise NotOneSelect(where)
    return sql[: len(statement)].rstrip()


def select_columns(sql: str, names: Sequence[str], quote: Callable[[str], str]) -> str:
    """A query of some columns of a query's result, or of all; `quote` quotes a name for the database.

    The query is executed as its author wrote it: it may read all that its author may read.
    """
    columns = ", ".join(map(quote, names)) or "*"
    return f"SELECT {columns} FROM ({sql}\n) source"  # noqa: S608  # see above; the line end closes a comment


@contextmanager
def database_errors(where: str, *errors: type[Exception]) -> Iterator[None]:
    """Turn the errors of a database into a DataError of one line, without passwords.

    Raises:
        DataError: one of `errors` was raised.
    """
    try:
        yield
    except errors as error:
        reason = str(getattr(error, "orig", None) or error)
        raise refused(reason, where, _remedy(reason)) from None


def _remedy(reason: str) -> str:
    if _NO_CONNECTION_LEFT.search(reason):
        limits = "the limit of the server, of the database, or of its user"
        return (
            f"close other connections and run the command again, or ask the administrator to raise {limits}"
        )
    if _NOT_REACHED.search(reason):
        return (
            "see whether the database runs and can be reached, and run the command again; or correct the URL"
        )
    return "correct the query or the URL; the database's own message is above"


def refused(reason: str, where: str, remedy: str) -> DataError:
    """The error for what a database answered."""
    shown = one_line(mask_passwords(reason), LONGEST_REASON)
    return DataError(f"the database refused: {shown}", remedy=remedy, where=where)


def as_read_from_file(batch: pd.DataFrame) -> pd.DataFrame:
    """The same data with the types that pandas reads from a file: numbers of 64 bits, categories as text."""
    return batch.assign(**{str(name): _converted(column) for name, column in batch.items()})


def _converted(column: pd.Series) -> pd.Series:
    if column.dtype.kind == "f" or (column.dtype.kind in "iu" and column.isna().any()):
        return column.astype(np.float64)
    if column.dtype.kind in "iu":
        return column.astype(np.int64)
    if isinstance(column.dtype, np.dtype | pd.DatetimeTZDtype | pd.StringDtype):
        return column
    return column.astype(object)
