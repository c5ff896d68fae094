"""The data files documents name: where they are, and what they are."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from iterata.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path


def locate(project: Path, source: str, *, root: Path, made_by: str | None = None) -> Path:
    """The file a document names, by its path within the project's folder.

    Raises:
        DataError: it is missing, is no file, or leads outside the repository at `root`.
    """
    path = project / source
    where = str(path.relative_to(root))
    try:
        inside = path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):  # links in a circle, characters no path may have
        remedy = "put the file there, or correct `source:`"
        raise DataError("leads nowhere", remedy=remedy, where=where) from None
    if not inside:
        remedy = "keep the data below the repository's folder"
        raise DataError("leads outside the repository", remedy=remedy, where=where)
    if path.is_dir():
        remedy = "name a file in it as `source:`, or put the file in its place"
        raise DataError("is a folder, not a data file", remedy=remedy, where=where)
    if not path.exists():
        remedy = f"make it with `{made_by}`" if made_by else "put the file there, or correct `source:`"
        if path.with_name(f"{path.name}.dvc").exists():
            remedy = f"fetch it with `dvc pull {where}`"
        raise DataError("the data file does not exist", remedy=remedy, where=where)
    if not path.is_file():
        remedy = "write what it gives to a file, and name that one"
        raise DataError("is a pipe or a device, not a data file", remedy=remedy, where=where)
    return path


def digest(path: Path) -> str:
    """`sha256:…` of a file's bytes, read in pieces."""
    with path.open("rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"
