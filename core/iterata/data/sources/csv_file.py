"""CSV files: only the needed columns are kept in memory, and lines that do not fit the header are refused."""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypedDict

import pandas as pd

from iterata.data.refusals import SAVE_AS_CSV
from iterata.data.sources.compression import open_bytes, text_lines
from iterata.data.sources.csv_survey import CsvSurvey, survey_lines
from iterata.data.sources.file_table import FileTable, reading_errors
from iterata.data.sources.spool import Spool
from iterata.data.sources.table import BATCH, MANY
from iterata.documents.models.columns import ColumnKind
from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from iterata.data.column_types import ColumnReader

CHUNK_BYTES = 1 << 25
"""About how many bytes are parsed at once."""

MIN_CHUNK_LINES = 1000
"""At least how many lines are parsed at once."""


class _Options(TypedDict, total=False):
    """Arguments of `pandas.read_csv`."""

    encoding: str
    index_col: bool
    usecols: list[int]
    keep_default_na: bool
    na_values: Mapping[str, list[str]]
    dtype: Mapping[str, type[str]]


@dataclass(frozen=True, slots=True)
class CsvFile(FileTable):
    """A CSV file, possibly compressed, read with pandas."""

    header: tuple[str, ...]
    """All columns of the file."""
    survey: CsvSurvey | None = None
    """The number of lines and whether they fit the header; None until columns are taken."""

    @classmethod
    def open(cls, path: Path, where: str) -> CsvFile:
        """Read the header.

        Raises:
            DataError: the file is not text.
        """
        with open_bytes(path) as stream:
            names = next((line for line in csv.reader(text_lines(stream)) if line), [])
        if any("\0" in name for name in names):
            raise DataError("is not text: its first line has NUL bytes", remedy=SAVE_AS_CSV, where=where)
        header = tuple(name or f"Unnamed: {index}" for index, name in enumerate(names))  # as in pandas
        return cls(where, header, path, header)

    def take(self, names: Iterable[str]) -> CsvFile:
        """Some of the columns.

        Raises:
            DataError: one is missing, or there are two of its name.
        """
        columns = self.unique_columns(names)
        with reading_errors(self.where):
            survey = self.survey or survey_lines(self.path, len(self.header))
        return replace(self, columns=columns, survey=survey)

    @property
    def many_rows(self) -> int | None:
        """The number of lines, if there are too many for memory; else None."""
        return self.survey.lines if self.survey and self.survey.lines > MANY else None

    def load_first_texts(self, names: tuple[str, ...], rows: int) -> pd.DataFrame:
        """The named columns as text."""
        options: _Options = {**self._options(), "dtype": dict.fromkeys(self.header, str)}
        with open_bytes(self.path) as stream:
            return pd.read_csv(stream, nrows=rows, **options)[list(names)]

    def load(self) -> pd.DataFrame:
        """The needed columns, or all."""
        return self._spooled(memory_rows=sys.maxsize).frame()

    def load_batches(self, reader: ColumnReader) -> Iterator[pd.DataFrame]:
        """The same in batches."""
        spool = self._spooled(memory_rows=0)
        for batch in spool.batches():
            reader.look_at(batch)
        yield from spool.batches()

    def _spooled(self, memory_rows: int) -> Spool:
        """The rows, parsed in chunks: pandas would split all lines into fields before it drops columns."""
        as_text = {name for name in self.columns if self._loses_zeros(name)}
        spool = Spool(self._chunks(as_text), memory_rows)
        again = {*spool.mixed}  # text anywhere is text everywhere, as if the file were read at once
        again |= {name for name in self.columns if not spool.is_text(name) and self._is_changed(name, spool)}
        if again - as_text:
            spool = Spool(self._chunks(as_text | again), memory_rows)
        return spool

    def _loses_zeros(self, name: str) -> bool:
        """Whether values may begin with zeros that count, and that numbers do not have."""
        survey = self.survey
        if self.column_types.kind(name) is ColumnKind.NUMBER:
            return False
        return survey is None or not survey.regular or self.header.index(name) in survey.padded

    def _is_changed(self, name: str, spool: Spool) -> bool:
        """Whether pandas may have changed a column by reading it as numbers: ids, and other notations."""
        if name in self.column_types.exact:
            return not spool.is_whole(name)
        return self.column_types.number_format(name).is_localized

    def _chunks(self, as_text: Collection[str]) -> Iterator[pd.DataFrame]:
        bytes_per_line = self.survey.size / max(1, self.survey.lines) if self.survey else CHUNK_BYTES
        lines = min(BATCH, max(MIN_CHUNK_LINES, int(CHUNK_BYTES / max(1, bytes_per_line))))
        options: _Options = {**self._options(), "dtype": dict.fromkeys(as_text, str)}
        with (
            open_bytes(self.path) as stream,
            pd.read_csv(stream, chunksize=lines, low_memory=False, **options) as reader,
        ):
            for chunk in reader:
                yield chunk[list(self.columns)]

    def _options(self) -> _Options:
        options: _Options = {
            "encoding": "utf-8-sig",
            "index_col": False,
            "keep_default_na": False,  # words such as NA are values
            "na_values": {name: ["", *self._missing_numbers(name)] for name in self.header},
        }
        if self.survey and self.survey.regular:  # with `usecols`, pandas does not notice surplus fields
            options["usecols"] = [self.header.index(name) for name in self.columns]
        return options

    def _missing_numbers(self, name: str) -> list[str]:
        return [str(word) for word in self.column_types.number_format(name).missing]
