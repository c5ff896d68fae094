"""Gives the columns of any source one meaning: as the document declares them, else from their values.

Numbers are integers, floats or booleans (floats if some are missing); days and moments are `datetime64`;
everything else is text, in which only an empty value is missing. Ids are compared as text: 7 of a Parquet
file equals `7` of a CSV file, and `007` is another one. Whole numbers stay numbers if that is the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pandas.api import types

from iterata.data.column_inference import (
    ISO_DATE,
    TRUE_FALSE,
    Doubt,
    TextKind,
    as_series,
    first_values,
    infer,
    infer_id,
)
from iterata.data.column_refusals import ContradictedColumn, Declared, DoubtfulColumns
from iterata.data.ids import id_column
from iterata.data.number_texts import PADDED, PLAIN, parse_numbers
from iterata.data.plain_columns import as_text, plain
from iterata.documents.models.columns import ColumnFormat, ColumnKind, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from iterata.arrays import Bools
    from iterata.documents.models.columns import ColumnSpec, NumberFormat

_TEXTS = {ColumnKind.CATEGORY, ColumnKind.TEXT, ColumnKind.ID}


@dataclass(frozen=True, slots=True)
class ColumnTypes:
    """What the columns of a table are, as far as a document says so."""

    declared: Mapping[str, ColumnSpec] = field(default_factory=dict)
    ids: frozenset[str] = frozenset()
    """Columns that identify rows, units or groups."""
    by: Declared = Declared.NOWHERE
    """Where columns can be declared; remedies then say how."""

    def with_ids(self, names: Collection[str]) -> ColumnTypes:
        """The same, with further columns of ids."""
        return replace(self, ids=self.ids | frozenset(names))

    @property
    def exact(self) -> frozenset[str]:
        """Columns whose values must keep all of their digits."""
        return self.ids | {name for name in self.declared if self.kind(name) is ColumnKind.ID}

    def kind(self, name: str) -> ColumnKind | None:
        """The kind that the document declares; None if the values decide."""
        spec = self.declared.get(name)
        kind = None if spec is None else kind_of(spec)
        return None if kind is ColumnKind.KNOWN_AFTER else kind

    def number_format(self, name: str) -> NumberFormat:
        """How the numbers of a column are written."""
        spec = self.declared.get(name)
        return spec.number if isinstance(spec, ColumnFormat) and spec.number else PLAIN

    def reader(self, where: str) -> ColumnReader:
        """Reads a table; `where` is its name."""
        return ColumnReader(self, where)

    def frame(self, raw: pd.DataFrame, where: str) -> pd.DataFrame:
        """All rows of a table, with columns of one meaning.

        Raises:
            DataError: a column is not what the document declares, or its values leave a doubt.
        """
        reader = self.reader(where)
        reader.look_at(raw)
        reader.settle()
        return reader.convert(raw)


class ColumnReader:
    """Gives the columns of a table that is read in batches one meaning: look at all, settle, convert all."""

    def __init__(self, column_types: ColumnTypes, where: str) -> None:
        self._types, self._where = column_types, where
        self._columns: dict[str, _Column] = {}

    def over(self, batches: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        """The same batches; each is looked at when it is read."""
        for batch in batches:
            self.look_at(batch)
            yield batch

    def look_at(self, batch: pd.DataFrame) -> None:
        """Note the types and the first values of some rows."""
        for name, values in batch.items():
            self._column(str(name)).look_at(values)

    def settle(self) -> None:
        """Decide what each column is.

        Raises:
            DataError: the values of a column leave a doubt.
        """
        if doubts := self.doubts():
            raise DoubtfulColumns(doubts, self._where, self._types.by)

    def doubts(self) -> dict[str, Doubt]:
        """Decide what each column is; return the doubts that the values leave."""
        return {
            name: doubt for name, column in self._columns.items() if (doubt := column.settle()) is not None
        }

    def convert(self, batch: pd.DataFrame) -> pd.DataFrame:
        """The same rows, with columns of one meaning.

        Raises:
            DataError: a column is not what the document declares, or what its other rows look like.
        """
        converted = {}
        for name, values in batch.items():
            values_of_one_meaning = self._column(str(name)).convert(values)
            if values_of_one_meaning is not values:
                converted[str(name)] = values_of_one_meaning
        return batch.assign(**converted) if converted else batch

    def _column(self, name: str) -> _Column:
        if name not in self._columns:
            self._columns[name] = _Column(name, self._types, self._where)
        return self._columns[name]


class _Column:
    """One column of a table: what its values look like, and their conversion."""

    def __init__(self, name: str, column_types: ColumnTypes, where: str) -> None:
        self._name, self._types, self._where = name, column_types, where
        self._spec, self._kind = column_types.declared.get(name), column_types.kind(name)
        self._is_id = self._kind is ColumnKind.ID or (self._kind is None and name in column_types.ids)
        self._identifies = name in column_types.ids
        self._values: dict[str, None] = {}
        self._dtypes: set[str] = set()
        self._inferred: TextKind | None = None
        self._row = 0

    def look_at(self, batch: pd.Series) -> None:
        """Note the type and the first values of a batch, unless the document declares the column."""
        if self._kind is not None:
            return
        column = plain(batch)
        if column.head(1).notna().any() or column.notna().any():  # most columns begin with a value
            self._dtypes.add("O" if _is_text(column) else column.dtype.kind)
        if _is_text(column):
            first_values(column, self._values)

    def settle(self) -> Doubt | None:
        """Decide what the column is; return the doubt that its values leave."""
        values = as_series(self._values)
        if self._kind is not None or values.empty:
            return None
        if self._is_id:
            return infer_id(values)
        inferred = TextKind.WORDS if self._dtypes != {"O"} else infer(values)
        self._inferred = None if isinstance(inferred, Doubt) else inferred
        return inferred if isinstance(inferred, Doubt) else None

    def convert(self, batch: pd.Series) -> pd.Series:
        """The values of a batch.

        Raises:
            DataError: a value is not what the document declares, or what all other values look like.
        """
        converted = self._converted(batch)
        self._row += len(batch)
        return converted

    def _converted(self, batch: pd.Series) -> pd.Series:
        if self._is_id:
            return id_column(batch, self._where, as_numbers=self._identifies)
        if self._kind in _TEXTS:
            return self._texts(batch)
        return self._conversion()(plain(batch))

    def _conversion(self) -> Callable[[pd.Series], pd.Series]:
        """How values become what the document declares, or else what the column's text looks like."""
        kind = self._kind or self._inferred
        if kind in (ColumnKind.NUMBER, TextKind.NUMBER):
            return self._numbers
        if kind in (ColumnKind.DATE, TextKind.DATE):
            return self._days
        if kind is TextKind.TRUE_FALSE:
            return self._true_false
        return as_text if len(self._dtypes) > 1 and "O" in self._dtypes else lambda column: column

    def _texts(self, batch: pd.Series) -> pd.Series:
        texts = as_text(batch)
        if isinstance(self._spec, ColumnFormat) and self._spec.category:
            words = [str(word) for word in self._spec.category.missing]
            return texts.mask(texts.str.strip().isin(words))
        return texts

    def _numbers(self, column: pd.Series) -> pd.Series:
        form = self._types.number_format(self._name)
        if not _is_text(column):
            self._check(column, column.isna().to_numpy(bool) | types.is_numeric_dtype(column))
            return _known_numbers(column, form)
        values, wrong = parse_numbers(column, form)
        if self._kind is None:
            wrong |= column.str.match(PADDED).fillna(value=False).to_numpy(bool)
        self._check(column, ~wrong)
        return pd.Series(values, index=column.index, name=column.name)

    def _days(self, column: pd.Series) -> pd.Series:
        if column.dtype.kind == "M":
            return column
        codes, texts = pd.factorize(as_text(column))
        moments = _moments(pd.Series(texts, dtype="str").str.strip())
        taken = pd.api.extensions.take(moments.array, codes, allow_fill=True)
        days = pd.Series(taken, index=column.index, name=column.name)
        self._check(column, (days.notna() | column.isna()).to_numpy(bool))
        return days

    def _true_false(self, column: pd.Series) -> pd.Series:
        texts = column.str.strip()
        self._check(column, (texts.isin(TRUE_FALSE) | texts.isna()).to_numpy(bool))
        true = (texts.str.lower() == "true").to_numpy(bool)
        missing = texts.isna().to_numpy(bool)
        values = np.where(missing, np.nan, true) if missing.any() else true
        return pd.Series(values, index=column.index, name=column.name)

    def _check(self, column: pd.Series, right: Bools) -> None:
        """Refuse values that are not what the column is; `right`, `(n,)`, tells which are."""
        wrong = np.flatnonzero(~right)
        if not len(wrong):
            return
        example = str(column.iloc[wrong[0]])
        if self._spec is not None and self._kind is not None:
            row = self._row + int(wrong[0]) + 1
            raise ContradictedColumn(self._name, self._spec, example, row, self._where)
        holds = "holds mostly numbers, days or true and false, and also text"
        doubt = Doubt(holds, example, (ColumnKind.CATEGORY, ColumnKind.TEXT))
        raise DoubtfulColumns({self._name: doubt}, self._where, self._types.by)


def _is_text(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.StringDtype)


def _known_numbers(column: pd.Series, form: NumberFormat) -> pd.Series:
    """Numbers without those that stand for a missing one, and percentages as shares."""
    stand_ins = [float(word) for word in form.missing if isinstance(word, int | float)]
    if stand_ins and (gaps := column.isin(stand_ins)).any():
        column = column.astype(np.float64).mask(gaps)
    return column / 100 if form.percent else column


def _moments(texts: pd.Series) -> pd.Series:
    """Moments in UTC; missing where a text is not a day or a moment in ISO 8601."""
    written = texts.where(texts.str.fullmatch(ISO_DATE).fillna(value=False))
    return pd.to_datetime(written, format="ISO8601", utc=True, errors="coerce").dt.tz_localize(None)
