"""Tables: what columns they have, and the rows of those that are needed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iterata.errors import DataError
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

MANY = 20_000_000
"""More rows than this are read in batches, where that will do."""

BATCH = 1_000_000
"""Rows of a batch."""

SHOWN = 12
"""How many columns a message lists."""

MOST_LETTERS = 60
"""How much of a column's name a message shows."""

SAVE_AGAIN = "save it again as UTF-8 text with commas between the fields and one header line"


@dataclass(frozen=True, slots=True)
class Table(ABC):
    """Rows that are somewhere, and the names of their columns."""

    where: str
    """What messages and results call it: the path relative to the repository, or whose query it is."""
    columns: tuple[str, ...]

    @abstractmethod
    def take(self, names: Iterable[str]) -> LoadedTable:
        """All rows of the named columns, from one reading: what is told of them is of the same rows.

        Raises:
            DataError: a column is missing, the rows cannot be read, or there are none.
        """

    def read(self, names: Iterable[str]) -> pd.DataFrame:
        """The same, held in memory; columns are in the order of asking.

        Raises:
            DataError: a column is missing, the rows cannot be read, or there are none.
        """
        return self.take(names).frame()

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

    def wanted(self, names: Iterable[str]) -> tuple[str, ...]:
        """Columns that are asked for, each once.

        Raises:
            DataError: one is missing, or there are two of its name.
        """
        each_once = tuple(dict.fromkeys(names))
        self.require(each_once)
        return each_once

    def _instead(self, name: str) -> str:
        if len(self.columns) == 1 and any(mark in self.columns[0] for mark in ";\t"):
            return SAVE_AGAIN
        listed = ", ".join(map(_shown, self.columns[:SHOWN])) + (" …" if len(self.columns) > SHOWN else "")
        guess = closest(name, self.columns)
        return f"did you mean {_shown(guess)}? The columns are {listed}" if guess else f"use one of {listed}"


def _shown(column: str) -> str:
    """A column's name in a message: blanks at its ends can be seen, and a torn line is not repeated."""
    short = column if len(column) <= MOST_LETTERS else f"{column[:MOST_LETTERS]}…"
    return short if short == " ".join(short.split()) else repr(short)


@dataclass(frozen=True, slots=True)
class LoadedTable(Table):
    """All rows of some columns; fewer of these columns can be taken again, of the same rows."""

    @property
    @abstractmethod
    def many_rows(self) -> int | None:
        """How many rows there are, where they are more than should be held at once."""

    @abstractmethod
    def digest(self) -> str:
        """`sha256:…`, which tells these rows from any others."""

    @abstractmethod
    def frame(self) -> pd.DataFrame:
        """The rows, held in memory.

        Raises:
            DataError: they cannot be read, or there are none.
        """

    @abstractmethod
    def batches(self) -> Iterator[pd.DataFrame]:
        """The rows in pieces of about `BATCH`, in little memory; each time all of them, in the same order.

        Raises:
            DataError: they cannot be read, or there are none.
        """


def _for(field: str) -> str:
    return f", which `{field}` names" if field else ""
