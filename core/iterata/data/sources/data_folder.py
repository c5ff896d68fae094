"""Folders of Parquet files that are one table: their parts and digest, and the columns in folders' names."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from iterata.data.refusals import OutsideRepository
from iterata.data.sources import unread_folder
from iterata.data.sources.absent_content import check_is_content, how_to_get
from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
"""The value of a partition whose rows have none."""


class Part(NamedTuple):
    """A Parquet file of the folder."""

    name: str
    """Its path in the folder."""
    path: Path

    @property
    def partition(self) -> Mapping[str, str | None]:
        """Columns that only folders name: in `year=2024/part-0.parquet`, `year` is `2024` in every row."""
        pairs = (folder.split("=", 1) for folder in self.name.split("/")[:-1] if "=" in folder)
        return {unquote(name): None if text == NO_VALUE else unquote(text) for name, text in pairs}


def parts_of(folder: Path, root: Path, source: str = "") -> list[Part]:
    """The Parquet files of a folder and the folders in it, sorted by name.

    Names that start with `.` or `_` are skipped, because programs leave notes of that name (`_SUCCESS`).

    Args:
        folder: the folder.
        root: the repository.
        source: the folder as a document names it, if a query may stand in its place.

    Raises:
        DataError: there are none, another file is among them, or a link leads out of the repository.
    """
    where = folder.relative_to(root).as_posix()
    parts = sorted(_files(folder, "", root, ()), key=lambda part: part.name)
    others = [part.name for part in parts if not part.name.lower().endswith(".parquet")]
    if len(others) == len(parts):
        remedy = unread_folder.how_to_read(source, where, others)
        if not parts:
            remedy = how_to_get(folder, root, otherwise=remedy)
        raise DataError("is a folder without Parquet files", remedy=remedy, where=where)
    if others:
        remedy = "name a file as `source:`, or keep nothing but Parquet files in the folder"
        message = "is not a Parquet file, but in a folder that is read as one table"
        raise DataError(message, remedy=remedy, where=f"{where}/{others[0]}")
    keys = list(parts[0].partition)
    for part in parts:
        if list(part.partition) != keys:
            message = (
                f"is in folders of other columns ({_listed(part)}) than {parts[0].name} ({_listed(parts[0])})"
            )
            remedy = "put every file below one folder for each column, such as `year=2024/`"
            raise DataError(message, remedy=remedy, where=f"{where}/{part.name}")
    return parts


def digest(parts: list[Part]) -> str:
    """`sha256:…` of the parts' names and bytes."""
    whole = hashlib.sha256()
    for part in parts:
        with part.path.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
        whole.update(f"{content}  {part.name}\n".encode("utf-8", "surrogateescape"))
    return f"sha256:{whole.hexdigest()}"


def _files(folder: Path, prefix: str, root: Path, parents: tuple[Path, ...]) -> Iterator[Part]:
    unread_folder.check_has_no_log(folder, folder.relative_to(root).as_posix())
    resolved = folder.resolve()
    for path in folder.iterdir():
        name = f"{prefix}{path.name}"
        if path.name.startswith(".") or (path.name.startswith("_") and "=" not in path.name):
            continue
        where = path.relative_to(root).as_posix()
        if not path.resolve().is_relative_to(root.resolve()):
            raise OutsideRepository(where)
        if path.is_dir():
            if resolved in parents or path.resolve() in (resolved, *parents):
                raise DataError(
                    "is a link to a folder that contains it", remedy="remove the link", where=where
                )
            yield from _files(path, f"{name}/", root, (*parents, resolved))
        elif path.is_file():
            check_is_content(path, where)
            yield Part(name, path)
        else:
            remedy = how_to_get(path, root) if path.is_symlink() else "remove it"
            raise DataError("is a broken link, a pipe or a device", remedy=remedy, where=where)


def _listed(part: Part) -> str:
    return ", ".join(part.partition) or "none"
