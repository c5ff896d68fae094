"""What ways of asking have in common: statements, pieces of rows, and words that may be shown."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from iterata.errors import DataError
from iterata.text import mask_passwords, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence


class SqlBackend(Protocol):
    """Something that answers queries."""

    def columns(self, sql: str) -> tuple[str, ...]:
        """The columns a query has, as it names them."""

    def pieces(self, sql: str, names: Sequence[str]) -> Generator[pd.DataFrame]:
        """The rows of some of its columns, in pieces."""


def choosing(sql: str, names: Sequence[str], quote: Callable[[str], str]) -> str:
    """A query of some columns of a query; `quote` writes a name as the database does.

    The query is what the user wrote: whoever may run it may ask anything.
    """
    return f"SELECT {', '.join(map(quote, names)) or '*'} FROM ({sql}\n) AS asked"  # noqa: S608  # see above; a comment may end it


@contextmanager
def told(where: str, *errors: type[Exception]) -> Iterator[None]:
    """What a database says against a query, in one line and without anybody's password.

    Raises:
        DataError: one of `errors` was raised.
    """
    try:
        yield
    except errors as error:
        said = one_line(mask_passwords(str(getattr(error, "orig", None) or error)), 300)
        remedy = "correct the query or the URL; the database's own words are above"
        raise DataError(f"the database refused: {said}", remedy=remedy, where=where) from None


def plain(piece: pd.DataFrame) -> pd.DataFrame:
    """Columns as pandas reads them from a file: a missing number is not a number, and categories are text."""
    own = {
        str(name): _plain(column)
        for name, column in piece.items()
        if not isinstance(column.dtype, np.dtype | pd.DatetimeTZDtype | pd.StringDtype)
    }
    return piece.assign(**own) if own else piece


def _plain(column: pd.Series[Any]) -> pd.Series[Any]:
    if column.dtype.kind not in "iuf":
        return column.astype(object)
    return column.astype(np.dtype("float64" if column.isna().any() else column.dtype.name.lower()))
