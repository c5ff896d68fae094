"""Tables on disk: which columns a CSV or Parquet file has, and the few that are needed, read."""

from __future__ import annotations

import csv
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from iterata import datafiles
from iterata.documents.explain import closest
from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_Read = TypeVar("_Read")

MANY = 20_000_000
"""More rows than this are read in batches, where the file's format allows it."""

BATCH = 1_000_000
"""Rows of a batch."""

SHOWN = 12
"""How many columns a message lists."""

_PARQUET = "install pyarrow, which reads Parquet: `pip install 'iterata[parquet]'`, or save the data as CSV"
_SAVE_AGAIN = "save it again as UTF-8 text with commas between the fields and one header line"
_PARQUET_AGAIN = "make the file again"


@dataclass(frozen=True, slots=True)
class Table:
    """A data file that exists, and the names of its columns."""

    path: Path
    where: str
    """The path relative to the repository, for messages and results."""
    columns: tuple[str, ...]

    def require(self, names: Iterable[str], field: str = "") -> None:
        """Make sure that columns are there; `field` is what names them in the document.

        Raises:
            DataError: one is not, or there are two of its name.
        """
        for name in names:
            if name not in self.columns:
                raise DataError(
                    f"there is no column {name}{_for(field)}", remedy=self._instead(name), where=self.where
                )
            if self.columns.count(name) > 1:
                remedy = "give each column a name of its own"
                raise DataError(f"there are two columns {name}{_for(field)}", remedy=remedy, where=self.where)

    def read(self, names: Iterable[str]) -> pd.DataFrame:
        """The named columns, in the file's order of rows.

        Raises:
            DataError: a column is missing, the file cannot be read, or it holds no rows.
        """
        wanted = list(dict.fromkeys(names))
        self.require(wanted)
        _, read = _FORMATS[self.path.suffix.lower()]
        frame = _guarded(lambda: read(self.path, wanted), self.where)
        if frame.empty:
            raise DataError("holds no rows", remedy="make it again with its rows", where=self.where)
        return frame[wanted]

    def batches(self, names: Iterable[str]) -> Iterator[pd.DataFrame]:
        """The named columns in pieces of at most `BATCH` rows, in the file's order, in little memory.

        Raises:
            DataError: a column is missing, the file cannot be read, or it holds no rows.
        """
        wanted = list(dict.fromkeys(names))
        self.require(wanted)
        pieces, any_rows = _parquet_batches(self.path, wanted), False
        while (piece := _guarded(lambda: next(pieces, None), self.where)) is not None:
            any_rows = any_rows or not piece.empty
            yield piece
        if not any_rows:
            raise DataError("holds no rows", remedy="make it again with its rows", where=self.where)

    @property
    def many_rows(self) -> int | None:
        """How many rows there are, where they are more than should be held at once and come in batches."""
        if self.path.suffix.lower() != ".parquet":
            return None
        rows = _guarded(lambda: _parquet_rows(self.path), self.where)
        return rows if rows > MANY else None

    def digest(self) -> str:
        """What tells these rows from any others: the digest of the file's bytes."""
        return datafiles.digest(self.path)

    def _instead(self, name: str) -> str:
        if len(self.columns) == 1 and any(mark in self.columns[0] for mark in ";\t"):
            return _SAVE_AGAIN
        listed = ", ".join(self.columns[:SHOWN]) + (" …" if len(self.columns) > SHOWN else "")
        guess = closest(name, self.columns)
        return f"did you mean {guess}? The columns are {listed}" if guess else f"use one of {listed}"


def open_table(project: Path, source: str, *, root: Path, made_by: str | None = None) -> Table:
    """The table a document names by its path within the project's folder; only its header is read.

    Raises:
        DataError: the file is missing, leads outside the repository at `root`, or is no CSV or Parquet file.
    """
    path = datafiles.locate(project, source, root=root, made_by=made_by)
    where = path.relative_to(root).as_posix()
    if path.suffix.lower() not in _FORMATS:
        remedy = "save it as .csv or .parquet"
        raise DataError("is neither CSV nor Parquet by its name", remedy=remedy, where=where)
    header, _ = _FORMATS[path.suffix.lower()]
    columns = tuple(_guarded(lambda: header(path), where))
    if not columns:
        raise DataError("is empty", remedy="make it again with a header line and its rows", where=where)
    return Table(path, where, columns)


def _for(field: str) -> str:
    return f", which `{field}` names" if field else ""


def _csv_header(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header = next((line for line in csv.reader(stream) if line), [])
    return [name or f"Unnamed: {place}" for place, name in enumerate(header)]  # as pandas calls them


def _csv(path: Path, names: list[str]) -> pd.DataFrame:
    # Read whole: told which columns to read, pandas no longer sees lines with too many fields.
    return pd.read_csv(path, encoding="utf-8-sig", index_col=False, low_memory=False)[names]


def _parquet_header(path: Path) -> list[str]:
    from pyarrow import parquet  # type: ignore[import-untyped]  # noqa: PLC0415  # an extra

    return list(parquet.read_schema(path).names)


def _parquet_rows(path: Path) -> int:
    from pyarrow import parquet  # noqa: PLC0415  # an extra

    return int(parquet.read_metadata(path).num_rows)


def _parquet_batches(path: Path, names: list[str]) -> Iterator[pd.DataFrame]:
    from pyarrow import parquet  # noqa: PLC0415  # an extra

    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(BATCH, columns=names):
            frame: pd.DataFrame = batch.to_pandas()
            yield frame[names]


def _parquet(path: Path, names: list[str]) -> pd.DataFrame:
    from pyarrow import parquet  # noqa: PLC0415  # an extra

    with parquet.ParquetFile(path) as file:  # reading it as a data set would bring another library
        table = file.read(columns=names)
    frame: pd.DataFrame = table.to_pandas(ignore_metadata=True)  # else an index hides its column
    return frame


_FORMATS: dict[str, tuple[Callable[[Path], list[str]], Callable[[Path, list[str]], pd.DataFrame]]] = {
    ".csv": (_csv_header, _csv),
    ".parquet": (_parquet_header, _parquet),
}


def _guarded(read: Callable[[], _Read], where: str) -> _Read:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # every line longer than the header
            return read()
    except ImportError:
        raise DataError("cannot be read: pyarrow is not installed", remedy=_PARQUET, where=where) from None
    except UnicodeDecodeError:
        raise DataError("is not UTF-8 text", remedy=_SAVE_AGAIN, where=where) from None
    except pd.errors.ParserWarning:
        raise DataError("lines hold more fields than the header", remedy=_SAVE_AGAIN, where=where) from None
    except (OSError, ValueError, csv.Error) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        reason = reason.removeprefix("Error tokenizing data. C error: ")
        remedy = _PARQUET_AGAIN if where.endswith(".parquet") else _SAVE_AGAIN
        raise DataError(f"cannot be read: {reason}", remedy=remedy, where=where) from None
