"""Data files: CSV and Parquet, by their path within a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.data.sources import location
from iterata.data.sources.csv_file import CsvFile
from iterata.data.sources.file import guarded
from iterata.data.sources.parquet_file import ParquetFile
from iterata.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.data.sources.file import FileTable

FORMATS: dict[str, type[CsvFile | ParquetFile]] = {".csv": CsvFile, ".parquet": ParquetFile}


def open_table(project: Path, source: str, *, root: Path, made_by: str | None = None) -> FileTable:
    """The table a document names by its path within the project's folder; only its header is read.

    Raises:
        DataError: the file is missing, leads outside the repository at `root`, or is no CSV or Parquet file.
    """
    path = location.locate(project, source, root=root, made_by=made_by)
    where = path.relative_to(root).as_posix()
    if path.suffix.lower() not in FORMATS:
        remedy = "save it as .csv or .parquet"
        raise DataError("is neither CSV nor Parquet by its name", remedy=remedy, where=where)
    with guarded(where):
        table = FORMATS[path.suffix.lower()].open(path, where)
    if not table.columns:
        raise DataError("is empty", remedy="make it again with a header line and its rows", where=where)
    return table
