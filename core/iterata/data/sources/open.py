"""Opens the table that a document describes: a CSV or Parquet file, a folder of Parquet files, or a query."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from iterata.data.queries.query import open_query
from iterata.data.sources import data_file, unread_file
from iterata.data.sources.csv_file import CsvFile
from iterata.data.sources.file_table import reading_errors
from iterata.data.sources.parquet_file import ParquetFile
from iterata.data.sources.parquet_folder import ParquetFolder
from iterata.data.sources.unread_file import Unread
from iterata.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.data.sources.file_table import FileTable
    from iterata.data.sources.table import Table
    from iterata.documents.models.rows import RowSource

FORMATS: dict[str, type[CsvFile | ParquetFile]] = {
    ".csv": CsvFile,
    ".csv.gz": CsvFile,
    ".csv.zst": CsvFile,
    ".parquet": ParquetFile,
}
"""The class that reads a file, by the end of the file's name."""


def open_table(project: Path, place: RowSource, *, root: Path) -> Table:
    """The table of a document's file or query; its columns are known, its rows are not read.

    Raises:
        DataError: the file cannot be opened, the database cannot be reached, the query is refused, or there
            is no column of a declared name.
    """
    table = _undeclared(project, place, root)
    table.require(place.known_after, "known_after")
    return table.declared(place.columns)


def _undeclared(project: Path, place: RowSource, root: Path) -> Table:
    if place.query is None:
        return open_file(project, str(place.source), root=root, made_by=place.made_by, may_query=True)
    database = place.database or "the project's files"
    return open_query(project, place.query, place.database, root=root, where=f"query of {database}")


def open_file(
    project: Path, source: str, *, root: Path, made_by: str | None = None, may_query: bool = False
) -> FileTable:
    """The table in a file, or in a folder of Parquet files; only the columns' names and types are read.

    Args:
        project: the project's folder.
        source: the file or the folder, relative to that folder.
        root: the repository.
        made_by: the command that makes the file, for the remedy if it is missing.
        may_query: whether a `query:` may stand in place of the source, for the remedy.

    Raises:
        DataError: the file is missing, is outside of the repository, or is no CSV or Parquet file.
    """
    path = data_file.locate(project, source, root=root, made_by=made_by, may_query=may_query)
    where = path.relative_to(root).as_posix()
    if path.is_dir():
        return ParquetFolder.open(path, where, root)
    file_format = next((FORMATS[end] for end in FORMATS if path.name.lower().endswith(end)), None)
    if file_format is None:
        if path.name.endswith(".dvc"):
            remedy = (
                f"name the data file, `source: {source.removesuffix('.dvc')}`, and run `dvc pull {where}`"
            )
            raise DataError("is the note of DVC about a file", remedy=remedy, where=where)
        raise unread_file.refuse(Unread(path, PurePosixPath(source), where, may_query))
    with reading_errors(where):
        table = file_format.open(path, where)
    if not table.columns:
        raise DataError("is empty", remedy="make it again with a header line and its rows", where=where)
    return table
