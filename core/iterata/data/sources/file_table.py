"""What the tables in CSV and Parquet files have in common."""

from __future__ import annotations

import csv
import warnings
import zlib
from abc import abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from iterata.data.refusals import SAVE_AS_CSV, MissingPackage, NoRows
from iterata.data.sources import data_file
from iterata.data.sources.table import LoadedTable
from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from iterata.data.column_types import ColumnReader


@dataclass(frozen=True, slots=True)
class FileTable(LoadedTable):
    """Some columns of a file; rows are read when they are needed."""

    path: Path

    def digest(self) -> str:
        """The digest of the file's bytes."""
        return data_file.digest(self.path)

    def frame(self) -> pd.DataFrame:
        """All rows in memory.

        Raises:
            DataError: the file cannot be read, or holds no rows.
        """
        with reading_errors(self.where):
            frame = self.load()
        if frame.empty:
            raise self._no_rows()
        return self.column_types.frame(frame[list(self.columns)], self.where)

    def batches(self) -> Iterator[pd.DataFrame]:
        """All rows in batches of about `BATCH` rows, in the file's order.

        Raises:
            DataError: the file cannot be read, or holds no rows.
        """
        reader, has_rows = self.column_types.reader(self.where), False
        for batch in self._read(self.load_batches(reader)):
            if not has_rows:
                reader.settle()
            has_rows = has_rows or not batch.empty
            yield reader.convert(batch[list(self.columns)])
        if not has_rows:
            raise self._no_rows()

    def _read(self, batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        while True:
            with reading_errors(self.where):
                batch = next(batches, None)
            if batch is None:
                return
            yield batch

    def first_texts(self, names: Iterable[str], rows: int) -> pd.DataFrame:
        """Those of the named columns that may hold text, in the first rows only.

        Raises:
            DataError: the file cannot be read.
        """
        with reading_errors(self.where):
            return self.load_first_texts(tuple(names), rows)

    @abstractmethod
    def load_first_texts(self, names: tuple[str, ...], rows: int) -> pd.DataFrame:
        """The same."""

    @abstractmethod
    def load(self) -> pd.DataFrame:
        """The needed columns, and possibly others."""

    @abstractmethod
    def load_batches(self, reader: ColumnReader) -> Iterator[pd.DataFrame]:
        """The same in batches, after the reader looked at all columns whose values decide what they are."""

    def _no_rows(self) -> NoRows:
        return NoRows(self.where, remedy="make it again with its rows")


@contextmanager
def reading_errors(where: str) -> Iterator[None]:
    """Turn what pandas and pyarrow raise while they read a file into a DataError of one line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # every line is longer than the header
            yield
    except ImportError:
        raise MissingPackage("pyarrow", "parquet", where, otherwise=", or save the data as CSV") from None
    except UnicodeDecodeError:
        raise DataError("is not UTF-8 text", remedy=SAVE_AS_CSV, where=where) from None
    except pd.errors.ParserWarning:
        raise DataError("lines have more fields than the header", remedy=SAVE_AS_CSV, where=where) from None
    except (OSError, ValueError, EOFError, zlib.error, csv.Error) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        reason = reason.removeprefix("Error tokenizing data. C error: ")
        remedy = "make the file again" if where.endswith(".parquet") else SAVE_AS_CSV
        raise DataError(f"cannot be read: {reason}", remedy=remedy, where=where) from None
