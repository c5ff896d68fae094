"""The data files that documents name: their paths and digests."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from iterata.data.refusals import OutsideRepository
from iterata.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path


def locate(project: Path, source: str, *, root: Path, made_by: str | None = None) -> Path:
    """The path of a data file that a document names relative to the project's folder.

    Args:
        project: the project's folder.
        source: the path that the document names.
        root: the repository.
        made_by: the command that writes the file, for the remedy if it is missing.

    Raises:
        DataError: it is missing, is not a file, or is outside the repository.
    """
    path = project / source
    where = str(path.relative_to(root))
    try:
        inside = path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):  # circular links, characters that no path may have
        message = "is not a usable path: its links are circular, or it has invalid characters"
        raise DataError(message, remedy="correct the links, or `source:`", where=where) from None
    if not inside:
        raise OutsideRepository(where)
    if path.is_dir():
        remedy = "name a file in it as `source:`, or put the file in its place"
        raise DataError("is a folder, not a data file", remedy=remedy, where=where)
    if not path.exists():
        raise DataError("the data file does not exist", remedy=_how_to_get(path, where, made_by), where=where)
    if not path.is_file():
        remedy = "write its output to a file, and name that file"
        raise DataError("is a pipe or a device, not a data file", remedy=remedy, where=where)
    return path


def digest(path: Path) -> str:
    """`sha256:…` of the file's bytes."""
    with path.open("rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"


def _how_to_get(path: Path, where: str, made_by: str | None) -> str:
    if path.with_name(f"{path.name}.dvc").exists():
        return f"run `dvc pull {where}`"
    return f"make it with `{made_by}`" if made_by else "put the file there, or correct `source:`"
