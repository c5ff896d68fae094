"""Folders that are not a plain table of Parquet files: tables with a log, and folders of other files."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from iterata.data.sources.unread_formats import queried, quoted, with_duckdb
from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class TableFormat(NamedTuple):
    """A table whose log says which of its Parquet files hold current rows."""

    name: str
    log: str
    """The pattern of what marks such a folder."""
    package: str
    code: str
    """Python that writes the current rows of the table `{old}` to the Parquet file `{new}`."""


_TABLE_FORMATS = (
    TableFormat(
        "a Delta table", "_delta_log", "deltalake pyarrow",
        "import deltalake; deltalake.DeltaTable({old}).to_pandas().to_parquet({new})",
    ),
    TableFormat(
        "an Iceberg table", "metadata/*.metadata.json", "'pyiceberg[pyarrow]' pandas",
        "from pyiceberg.table import StaticTable as t; "
        "t.from_metadata({log}).scan().to_pandas().to_parquet({new})",
    ),
    TableFormat(
        "a Hudi table", ".hoodie", "hudi pyarrow",
        "import hudi, pyarrow, pyarrow.parquet as p; "
        "p.write_table(pyarrow.Table.from_batches(hudi.HudiTable({old}).read_snapshot()), {new})",
    ),
)  # fmt: skip

_READERS = {
    ".csv": "read_csv",
    ".tsv": "read_csv",
    ".txt": "read_csv",
    ".csv.gz": "read_csv",
    ".csv.zst": "read_csv",
    ".json": "read_json",
    ".jsonl": "read_json",
    ".ndjson": "read_json",
}
"""The function of DuckDB that reads a folder of such files."""


def check_has_no_log(folder: Path, where: str) -> None:
    """Refuse a table of Delta, Iceberg or Hudi: some of its files hold rows that were replaced or deleted.

    Raises:
        DataError: it is one.
    """
    for kind in _TABLE_FORMATS:
        if log := max(folder.glob(kind.log), default=None):
            new = f"{where}.parquet"
            log_name = f"{where}/{log.relative_to(folder).as_posix()}"
            code = kind.code.format(old=quoted(where), new=quoted(new), log=quoted(log_name))
            run = f"pip install {kind.package} && python -c {shlex.quote(code)}"
            message = f"is {kind.name}, whose log says which of its files hold current rows"
            remedy = f"run `{run}`, and name the new file as `source:`"
            raise DataError(message, remedy=remedy, where=where)


def how_to_read(source: str, where: str, names: Sequence[str]) -> str:
    """How the files of a folder become one table.

    Args:
        source: the folder, as a document names it; empty if no query may stand in its place.
        where: the same, relative to the repository.
        names: its files, relative to it.
    """
    ends = {end for name in names for end in _READERS if name.lower().endswith(end)}
    if len(ends) != 1 or not all(name.lower().endswith(tuple(ends)) for name in names):
        return "name a file or a folder with Parquet files as `source:`"
    (end,) = ends
    depth = max(name.count("/") for name in names)
    is_flat = all(name.count("/") == depth for name in names)
    pattern = "/".join([(source or where).rstrip("/"), *(["*"] * depth if is_flat else ["**"]), f"*{end}"])
    is_partitioned = all("=" in name.split("/", 1)[0] for name in names)
    more = ", hive_partitioning = true" if is_partitioned and depth else ""
    more += ", union_by_name = true" if len(names) > 1 else ""
    table = f"{_READERS[end]}('{pattern}'{more})"
    return with_duckdb(queried(table, source, f"{where}.parquet"))
