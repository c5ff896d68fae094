"""CSV: only the needed columns of a file are held, and a line that does not fit the header is noticed."""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from iterata.data.sources.csv_survey import Survey, survey
from iterata.data.sources.file import FileTable, guarded
from iterata.data.sources.spool import Spool
from iterata.data.sources.table import BATCH, MANY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


AT_ONCE = 1 << 25
"""About how many bytes are parsed in one go."""

FEWEST = 1000
"""At least how many lines."""


@dataclass(frozen=True, slots=True)
class CsvFile(FileTable):
    """A CSV file, read with pandas."""

    header: tuple[str, ...]
    """All columns of the file."""
    lines: Survey | None = None
    """What is known of its lines, as soon as columns are taken."""

    @classmethod
    def open(cls, path: Path, where: str) -> CsvFile:
        """Read the header."""
        with path.open(encoding="utf-8-sig", newline="") as stream:
            found = next((line for line in csv.reader(stream) if line), [])
        header = tuple(
            name or f"Unnamed: {place}" for place, name in enumerate(found)
        )  # as pandas calls them
        return cls(where, header, path, header)

    def take(self, names: Iterable[str]) -> CsvFile:
        """Some of the columns.

        Raises:
            DataError: one is missing, or there are two of its name.
        """
        wanted = self.unique_columns(names)
        with guarded(self.where):
            return replace(self, columns=wanted, lines=self.lines or survey(self.path, len(self.header)))

    @property
    def many_rows(self) -> int | None:
        """How many lines there are, where they are more than should be held at once."""
        return self.lines.lines if self.lines and self.lines.lines > MANY else None

    def held(self) -> pd.DataFrame:
        """The needed columns, or all."""
        return self._spool(held=sys.maxsize).frame()

    def pieces(self) -> Iterator[pd.DataFrame]:
        """The same in pieces."""
        yield from self._spool(held=0).pieces()

    def _spool(self, held: int) -> Spool:
        """The rows, parsed bit by bit: pandas would split all lines into fields before it drops any."""
        spool = Spool(self._parsed({}), held)
        if spool.mixed:  # text somewhere in the file is text everywhere, as if it were read in one piece
            spool = Spool(self._parsed({"dtype": dict.fromkeys(spool.mixed, str)}), held)
        return spool

    def _parsed(self, kinds: dict[str, Any]) -> Iterator[pd.DataFrame]:
        of_a_line = self.path.stat().st_size / max(1, self.lines.lines if self.lines else 1)
        rows = min(BATCH, max(FEWEST, int(AT_ONCE / of_a_line)))
        options = {**self._options(), **kinds}
        with pd.read_csv(self.path, chunksize=rows, low_memory=False, **options) as reader:
            for piece in reader:
                yield piece[list(self.columns)]

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {"encoding": "utf-8-sig", "index_col": False}
        if (
            self.lines and self.lines.regular
        ):  # told what to read, pandas does not see fields that are too many
            options["usecols"] = [self.header.index(name) for name in self.columns]
        return options
