"""The data files that documents name: their paths and digests."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from iterata.data.refusals import OutsideRepository
from iterata.data.sources import data_folder
from iterata.data.sources.absent_content import check_is_content, how_to_get
from iterata.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path


def locate(
    project: Path, source: str, *, root: Path, made_by: str | None = None, may_query: bool = False
) -> Path:
    """The path of a data file, or a folder of Parquet files, that a document names relative to the project.

    Args:
        project: the project's folder.
        source: the path that the document names.
        root: the repository.
        made_by: the command that writes the file, for the remedy if it is missing.
        may_query: whether a `query:` may stand in its place, for the remedy.

    Raises:
        DataError: it is missing, is outside the repository, or cannot be a table.
    """
    path = project / source
    where = str(path.relative_to(root))
    try:
        inside = path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):  # circular links, characters that no path may have
        message = "is not a usable path: its links are circular, or it has invalid characters"
        raise DataError(message, remedy="correct the links, or `source:`", where=where) from None
    if path.is_symlink() and not path.exists():
        raise DataError("is a link to a file that is not here", remedy=how_to_get(path, root), where=where)
    if not inside:
        raise OutsideRepository(where)
    if path.is_dir():
        data_folder.parts_of(path, root, source if may_query else "")
        return path
    if not path.exists():
        raise DataError("the data file does not exist", remedy=how_to_get(path, root, made_by), where=where)
    if not path.is_file():
        remedy = "write its output to a file, and name that file"
        raise DataError("is a pipe or a device, not a data file", remedy=remedy, where=where)
    check_is_content(path, where)
    return path


def digest(path: Path) -> str:
    """`sha256:…` of the file's bytes."""
    with path.open("rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"


def source_digest(project: Path, source: str, *, root: Path, made_by: str | None = None) -> str:
    """`sha256:…` of what a document names as a source: a file, or a folder of Parquet files.

    Raises:
        DataError: it is missing, or cannot be read as a table (see `locate`).
    """
    path = locate(project, source, root=root, made_by=made_by)
    return data_folder.digest(data_folder.parts_of(path, root)) if path.is_dir() else digest(path)
