"""What the SQL backends have in common: statements, data types, and error messages without passwords."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from iterata.errors import DataError
from iterata.text import mask_passwords, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

LONGEST_REASON = 300
"""How many characters of a database's error message are shown."""


class SqlBackend(Protocol):
    """A program that runs queries."""

    def columns(self, sql: str) -> tuple[str, ...]:
        """The columns of a query's result."""

    def batches(self, sql: str, names: Sequence[str]) -> Generator[pd.DataFrame]:
        """The rows of some columns of a query's result, in batches."""


def select_columns(sql: str, names: Sequence[str], quote: Callable[[str], str]) -> str:
    """A query of some columns of a query's result, or of all; `quote` quotes a name for the database.

    The query is executed as its author wrote it: it may read all that its author may read.
    """
    columns = ", ".join(map(quote, names)) or "*"
    return f"SELECT {columns} FROM ({sql}\n) AS source"  # noqa: S608  # see above; the line end closes a comment


@contextmanager
def database_errors(where: str, *errors: type[Exception]) -> Iterator[None]:
    """Turn the errors of a database into a DataError of one line, without passwords.

    Raises:
        DataError: one of `errors` was raised.
    """
    try:
        yield
    except errors as error:
        reason = one_line(mask_passwords(str(getattr(error, "orig", None) or error)), LONGEST_REASON)
        remedy = "correct the query or the URL; the database's own message is above"
        raise DataError(f"the database refused: {reason}", remedy=remedy, where=where) from None


def as_read_from_file(batch: pd.DataFrame) -> pd.DataFrame:
    """The same data with the types that pandas reads from a file: missing numbers NaN, categories as text."""
    converted = {
        str(name): _converted(column)
        for name, column in batch.items()
        if not isinstance(column.dtype, np.dtype | pd.DatetimeTZDtype | pd.StringDtype)
    }
    return batch.assign(**converted) if converted else batch


def _converted(column: pd.Series) -> pd.Series:
    if column.dtype.kind not in "iuf":
        return column.astype(object)
    return column.astype(np.dtype("float64" if column.isna().any() else column.dtype.name.lower()))
