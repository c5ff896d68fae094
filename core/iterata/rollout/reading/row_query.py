"""The query that leaves out rows, to paste into a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.monitors import DATA_FILES

if TYPE_CHECKING:
    from iterata.documents.models.split_test import SplitTestSpec


def quoted_name(column: str) -> str:
    """A column's name in SQL.

    >>> quoted_name("day")
    '"day"'
    """
    escaped = column.replace('"', '""')
    return f'"{escaped}"'


def rows_where(spec: SplitTestSpec, condition: str) -> str:
    """How to read only the rows for which a condition of SQL is true.

    Args:
        spec: how the rows are read now.
        condition: the condition, with names quoted by `quoted_name`.
    """
    if spec.source is not None:
        is_file = spec.source.lower().endswith(DATA_FILES)
        path = spec.source if is_file else f"{spec.source.rstrip('/')}/**/*.parquet"
        escaped = path.replace("'", "''")
        return f"with `query: SELECT * FROM '{escaped}' WHERE {condition}` in place of `source:`"  # noqa: S608
    query = (spec.query or "").strip().rstrip("; ")
    if "\n" in query or "--" in query:
        return f"with `SELECT * FROM (…) AS all_rows WHERE {condition}` around the `query:`"  # noqa: S608
    return f"with `query: SELECT * FROM ({query}) AS all_rows WHERE {condition}`"  # noqa: S608  # only shown
