"""Rows that can be read only once, kept so that they can be read again."""

from __future__ import annotations

import pickle
import tempfile
import weakref
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


NOTHING, MIXED = "nothing", "mixed"
"""Kinds of columns for which there is no dtype."""


class Spool:
    """Pieces of a table: in memory, or in a file that nobody else sees and that goes with the process."""

    def __init__(self, pieces: Iterable[pd.DataFrame], held: int) -> None:
        """Read all pieces; at most about `held` rows are kept in memory.

        Raises:
            DataError: the disk is full.
        """
        self.rows = 0
        self._pieces: list[pd.DataFrame] = []
        self._file: IO[bytes] | None = None
        self._kinds: dict[str, Any] = {}
        for piece in pieces:
            if piece.empty:
                continue
            for name, column in piece.items():
                kind = _kind(column)
                before = self._kinds.get(str(name), kind)
                self._kinds[str(name)] = kind if before == kind else _both(before, kind)
            self.rows += len(piece)
            self._pieces.append(piece)
            if self._file is not None or self.rows > held:
                self._put_away()

    @property
    def mixed(self) -> list[str]:
        """Columns that are numbers in some pieces and something else in others."""
        return [name for name, kind in self._kinds.items() if kind is MIXED]

    def pieces(self) -> Iterator[pd.DataFrame]:
        """The pieces, each column of one kind in all of them."""
        kinds = {name: object if kind in (MIXED, NOTHING) else kind for name, kind in self._kinds.items()}
        for piece in self._kept():
            yield piece.astype(kinds)

    def frame(self) -> pd.DataFrame:
        """All rows, held in memory; no columns at all where there are no rows."""
        found = list(self.pieces())
        return pd.concat(found, ignore_index=True) if found else pd.DataFrame()

    def _put_away(self) -> None:
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="iterata-")  # noqa: SIM115  # as long as this lives
                weakref.finalize(self, self._file.close)
            self._file.seek(0, 2)
            for piece in self._pieces:
                pickle.dump(piece, self._file, protocol=5)
        except OSError as error:
            remedy = "free some space where temporary files go, or name another place with TMPDIR"
            reason = f"many rows cannot be put aside: {error.strerror or error}"
            raise DataError(reason, remedy=remedy, where=tempfile.gettempdir()) from None
        self._pieces.clear()

    def _kept(self) -> Iterator[pd.DataFrame]:
        if self._file is None:
            yield from self._pieces
            return
        at, end = 0, self._file.seek(0, 2)
        while at < end:
            self._file.seek(at)
            piece: pd.DataFrame = pickle.load(self._file)  # noqa: S301  # written above, by this process
            at = self._file.tell()
            yield piece


def _kind(column: pd.Series[Any]) -> Any:
    """What a column holds: its dtype, or that it holds nothing at all."""
    if column.dtype.kind != "O" or column.notna().any():
        return column.dtype
    return NOTHING


def _both(one: Any, other: Any) -> Any:
    """What holds values of two kinds that differ."""
    if MIXED in (one, other):
        return MIXED
    if NOTHING in (one, other):
        kind = other if one is NOTHING else one
        return np.dtype(float) if kind.kind in "iu" else kind if kind.kind in "fOM" else MIXED
    kinds = one.kind + other.kind
    if (
        isinstance(one, np.dtype)
        and isinstance(other, np.dtype)
        and (set(kinds) <= set("iuf") or kinds == "MM")
    ):
        return np.promote_types(one, other)
    return np.dtype(object) if kinds == "OO" else MIXED
