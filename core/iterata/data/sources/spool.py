"""A spool: batches that can be read only once, stored so that they can be read again."""

from __future__ import annotations

import pickle
import tempfile
import weakref
from enum import Enum
from typing import IO, TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pandas.api.extensions import ExtensionDtype


class NoDtype(Enum):
    """Why a column has no dtype of its own."""

    EMPTY = "all values are missing"
    MIXED = "numbers in some batches, and something else in others"


Dtype: TypeAlias = "np.dtype[np.generic] | ExtensionDtype | NoDtype"


class Spool:
    """Batches of a table, in memory or in an anonymous temporary file that ends with the process."""

    def __init__(self, batches: Iterable[pd.DataFrame], memory_rows: int) -> None:
        """Store all batches; keep at most about `memory_rows` rows in memory.

        Raises:
            DataError: the disk is full.
        """
        self.rows = 0
        self._in_memory: list[pd.DataFrame] = []
        self._file: IO[bytes] | None = None
        self._dtypes: dict[str, Dtype] = {}
        for batch in batches:
            if batch.empty:
                continue
            self._note_dtypes(batch)
            self.rows += len(batch)
            self._in_memory.append(batch)
            if self._file is not None or self.rows > memory_rows:
                self._write_to_disk()

    @property
    def mixed(self) -> list[str]:
        """Columns that are numbers in some batches and something else in others."""
        return [name for name, dtype in self._dtypes.items() if dtype is NoDtype.MIXED]

    def is_text(self, name: str) -> bool:
        """Whether a column holds text in every batch."""
        dtype = self._dtypes.get(name)
        return not isinstance(dtype, NoDtype) and dtype is not None and dtype.kind == "O"

    def is_whole(self, name: str) -> bool:
        """Whether a column holds whole numbers in every batch."""
        dtype = self._dtypes.get(name)
        return isinstance(dtype, np.dtype) and dtype.kind in "iu"

    def batches(self) -> Iterator[pd.DataFrame]:
        """The batches; a column has the same dtype in all of them."""
        dtypes = {
            name: np.dtype(object) if isinstance(dtype, NoDtype) else dtype
            for name, dtype in self._dtypes.items()
        }
        for batch in self._stored():
            yield batch.astype(dtypes)

    def frame(self) -> pd.DataFrame:
        """All rows in memory; a frame without columns if there are no rows."""
        batches = list(self.batches())
        return pd.concat(batches, ignore_index=True) if batches else pd.DataFrame()

    def _note_dtypes(self, batch: pd.DataFrame) -> None:
        for column_name, column in batch.items():
            name, dtype = str(column_name), _dtype(column)
            before = self._dtypes.get(name, dtype)
            self._dtypes[name] = dtype if before == dtype else _common_dtype(before, dtype)

    def _write_to_disk(self) -> None:
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="iterata-")  # noqa: SIM115  # closed with the spool
                weakref.finalize(self, self._file.close)
            self._file.seek(0, 2)
            for batch in self._in_memory:
                pickle.dump(batch, self._file, protocol=5)
        except OSError as error:
            remedy = "free disk space for temporary files, or set TMPDIR to another folder"
            message = f"rows cannot be stored temporarily: {error.strerror or error}"
            raise DataError(message, remedy=remedy, where=tempfile.gettempdir()) from None
        self._in_memory.clear()

    def _stored(self) -> Iterator[pd.DataFrame]:
        if self._file is None:
            yield from self._in_memory
            return
        position, end = 0, self._file.seek(0, 2)
        while position < end:
            self._file.seek(position)
            batch: pd.DataFrame = pickle.load(self._file)  # noqa: S301  # written by this process
            position = self._file.tell()
            yield batch


def _dtype(column: pd.Series) -> Dtype:
    if column.dtype.kind != "O" or column.notna().any():
        return column.dtype
    return NoDtype.EMPTY


def _common_dtype(one: Dtype, other: Dtype) -> Dtype:
    """The dtype for the values of two different dtypes."""
    if one is NoDtype.EMPTY:
        return _with_gaps(other)
    if other is NoDtype.EMPTY:
        return _with_gaps(one)
    if isinstance(one, NoDtype) or isinstance(other, NoDtype):
        return NoDtype.MIXED
    kinds = {one.kind, other.kind}
    if isinstance(one, np.dtype) and isinstance(other, np.dtype) and (kinds <= set("iuf") or kinds == {"M"}):
        return np.promote_types(one, other)
    return np.dtype(object) if kinds == {"O"} else NoDtype.MIXED


def _with_gaps(dtype: Dtype) -> Dtype:
    """The dtype for values of this dtype, some of which are missing."""
    if isinstance(dtype, NoDtype):
        return NoDtype.MIXED
    if dtype.kind in "iu":
        return np.dtype(float)
    return dtype if dtype.kind in "fOM" else NoDtype.MIXED
