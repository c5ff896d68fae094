"""Files that a sparse checkout leaves out of the working tree, although the repository has them."""

from __future__ import annotations

import os
import re
import weakref
from functools import cached_property
from typing import TYPE_CHECKING

from iterata.errors import ContentMissingError, IterataError
from iterata.repository.file_names import names_by_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from iterata.repository.git import Blob
    from iterata.repository.git_objects import BlobReader


_SPARSE = re.compile(r"^\s*sparseCheckout\s*=\s*(?:true|yes|on|1)\s*$", re.MULTILINE | re.IGNORECASE)


class SkippedFiles:
    """The files that Git tracks and a sparse checkout leaves out; their content is read from the index."""

    def __init__(self, root: Path, files: Mapping[str, Blob]) -> None:
        self._root, self.files = root, files

    @cached_property
    def folders(self) -> Mapping[str, Mapping[str, bool]]:
        """For every folder with such files, the names in it and whether each is a folder."""
        return names_by_folder(self.files)

    @cached_property
    def _blobs(self) -> BlobReader:
        from iterata.repository.git_objects import BlobReader  # noqa: PLC0415  # only in a sparse checkout

        reader = BlobReader(self._root)
        weakref.finalize(self, reader.close)
        return reader

    def read(self, path: str) -> bytes:
        """The content of a file.

        Raises:
            IterataError: it is a link or a submodule.
        ContentMissingError: a partial clone does not have its content.
        """
        remedy, blob = how_to_add(self._root, path), self.files[path]
        if not blob.mode.startswith("100"):
            message = "is left out by the sparse checkout, and is a link or a submodule"
            raise IterataError(message, remedy=remedy, where=path)
        try:
            return self._blobs.read(blob.sha)
        except KeyError:
            del self.__dict__["_blobs"]
            top = how_to_add(self._root, path.partition("/")[0], is_folder=True)
            message = "is left out by the sparse checkout, and its content is not in this partial clone"
            raise ContentMissingError(message, remedy=f"with a connection, {top}", where=path) from None


def skipped_files(root: Path) -> SkippedFiles | None:
    """The files of `root` that a sparse checkout leaves out; None if there are none."""
    folder = git_folder(root)
    if folder is None or not _is_sparse(folder):
        return None
    from iterata.repository import git  # noqa: PLC0415  # only in a sparse checkout

    files = git.skipped_files(root)
    return SkippedFiles(root, files) if files else None


def _is_sparse(folder: Path) -> bool:
    """Whether a checkout is sparse, from Git's files; the patterns are kept when it is not any more."""
    if not os.path.exists(f"{folder}/info/sparse-checkout"):  # noqa: PTH110  # half the time of a Path
        return False
    settings = [folder / name for name in ("config.worktree", "config") if (folder / name).is_file()]
    return not settings or any(_SPARSE.search(place.read_text("utf-8", "replace")) for place in settings)


def refuse_skipped(root: Path, path: str) -> None:
    """Refuse to write a file that exists in the repository and is left out of the working tree.

    Raises:
        IterataError: it is such a file.
    """
    if (root / path).exists():
        return
    skipped = skipped_files(root)
    if skipped is not None and path in skipped.files:
        message = "is left out by the sparse checkout; nothing was written"
        raise IterataError(message, remedy=how_to_add(root, path), where=path)


def how_to_add(root: Path, path: str, *, is_folder: bool = False) -> str:
    """How to add a file or a folder to the sparse checkout, in its two modes: patterns, or only folders."""
    from iterata.repository import git  # noqa: PLC0415  # only in a sparse checkout

    whole = f"{git.prefix(root)}{path}"
    if git.setting(root, "core.sparseCheckoutCone") == "false":
        return f"run `git sparse-checkout add /{whole}`"
    return f"run `git sparse-checkout add {whole if is_folder else whole.rpartition('/')[0]}`"


def git_folder(root: Path) -> Path | None:
    """Git's folder for a working tree, without asking Git; None outside Git."""
    for folder in (root, *root.parents):
        place = folder / ".git"
        if place.is_dir():
            return place
        if place.is_file():  # a worktree, or a submodule
            text = place.read_text("utf-8", "replace").strip()
            return folder / text.removeprefix("gitdir:").strip()
    return None
