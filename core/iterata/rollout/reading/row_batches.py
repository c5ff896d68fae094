"""Rows of a table in batches, with the values as the source returned them beside the converted ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.data.queries.query import QueryResult
from iterata.data.sources.file_table import FileTable, reading_errors
from iterata.rollout.reading.local_times import LocalTimes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from iterata.data.column_types import ColumnReader
    from iterata.data.sources.table import LoadedTable
    from iterata.rollout.reading.plan import ReadingPlan


class Batch(NamedTuple):
    """Some rows."""

    raw: pd.DataFrame
    """As the source returned them: times keep their zone."""
    rows: pd.DataFrame
    """With columns of one meaning."""


def batches_of(plan: ReadingPlan, table: LoadedTable, columns: Sequence[str]) -> Iterator[Batch]:
    """The rows of some columns in batches, from one reading of the source; without rows after `plan.until`.

    Raises:
        DataError: they cannot be read, or a column is not what the document declares.
    """
    reader = table.column_types.reader(table.where)
    is_settled = False
    for raw in _raw_batches(table, reader):
        if not is_settled:
            reader.settle()
            is_settled = True
        chosen = _until(plan, raw[list(columns)], table.where).reset_index(drop=True)
        yield Batch(chosen, reader.convert(chosen))


def _until(plan: ReadingPlan, raw: pd.DataFrame, where: str) -> pd.DataFrame:
    limit, column = plan.first_day_left_out, plan.spec.date
    if limit is None or column is None:
        return raw
    moments = LocalTimes(column, plan.spec.time_zone, where).read(raw[column])
    return raw[~(moments >= np.datetime64(limit, "us"))]  # rows without a time are refused later


def _raw_batches(table: LoadedTable, reader: ColumnReader) -> Iterator[pd.DataFrame]:
    if isinstance(table, QueryResult):
        for raw in table.spool.batches():
            reader.look_at(raw[list(table.columns)])
        yield from table.spool.batches()
    elif isinstance(table, FileTable):
        source = table.load_batches(reader)
        while True:
            with reading_errors(table.where):
                batch = next(source, None)
            if batch is None:
                return
            yield batch
