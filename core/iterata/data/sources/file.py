"""What files of tables have in common."""

from __future__ import annotations

import csv
import warnings
from abc import abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from iterata.data.refusals import SAVE_AS_CSV
from iterata.data.sources import location
from iterata.data.sources.table import LoadedTable
from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PYARROW = "install pyarrow, which reads Parquet: `pip install 'iterata[parquet]'`, or save the data as CSV"


@dataclass(frozen=True, slots=True)
class FileTable(LoadedTable):
    """Columns of a file; nothing of its rows is read before it is asked for."""

    path: Path

    def digest(self) -> str:
        """The digest of the file's bytes."""
        return location.digest(self.path)

    def frame(self) -> pd.DataFrame:
        """The rows, held in memory.

        Raises:
            DataError: the file cannot be read, or holds no rows.
        """
        with guarded(self.where):
            frame = self.held()
        if frame.empty:
            raise self.no_rows()
        return frame[list(self.columns)]

    def batches(self) -> Iterator[pd.DataFrame]:
        """The rows in pieces of about `BATCH`, in little memory and in the file's order.

        Raises:
            DataError: the file cannot be read, or holds no rows.
        """
        pieces, any_rows = self.pieces(), False
        while True:
            with guarded(self.where):
                piece = next(pieces, None)
            if piece is None:
                break
            any_rows = any_rows or not piece.empty
            yield piece[list(self.columns)]
        if not any_rows:
            raise self.no_rows()

    @abstractmethod
    def held(self) -> pd.DataFrame:
        """The needed columns, and perhaps others."""

    @abstractmethod
    def pieces(self) -> Iterator[pd.DataFrame]:
        """The same in pieces."""

    def no_rows(self) -> DataError:
        """That there are none."""
        return DataError("holds no rows", remedy="make it again with its rows", where=self.where)


@contextmanager
def guarded(where: str) -> Iterator[None]:
    """What can go wrong in reading a file, in one line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # every line longer than the header
            yield
    except ImportError:
        raise DataError("cannot be read: pyarrow is not installed", remedy=_PYARROW, where=where) from None
    except UnicodeDecodeError:
        raise DataError("is not UTF-8 text", remedy=SAVE_AS_CSV, where=where) from None
    except pd.errors.ParserWarning:
        raise DataError("lines hold more fields than the header", remedy=SAVE_AS_CSV, where=where) from None
    except (OSError, ValueError, csv.Error) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        reason = reason.removeprefix("Error tokenizing data. C error: ")
        remedy = "make the file again" if where.endswith(".parquet") else SAVE_AS_CSV
        raise DataError(f"cannot be read: {reason}", remedy=remedy, where=where) from None
