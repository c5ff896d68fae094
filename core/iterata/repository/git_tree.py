"""The tree of projects at a revision."""

from __future__ import annotations

from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from iterata.errors import IterataError
from iterata.repository import git
from iterata.repository.file_names import names_by_folder
from iterata.repository.git_index import own_folder
from iterata.repository.git_objects import BlobNames, BlobReader
from iterata.repository.tree import DirEntry, DiskTree

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from iterata.repository.tree import Tree


SUBMODULE = "160000"
"""The mode of a submodule in a tree of Git."""


class MissingBlobError(Exception):
    """The content of a file is not in this clone. No rule may report the file as missing from the project."""


class GitTree:
    """A revision of the repository, read through one listing and one batch of blobs."""

    def __init__(self, root: Path, revision: str, folder: str) -> None:
        self.root, self.revision, self.folder = root, revision, folder
        self._read_ahead: dict[str, bytes] = {}

    @cached_property
    def _files(self) -> dict[str, git.Blob]:
        return git.list_files(self.root, self.revision, self.folder)

    @cached_property
    def _folders(self) -> dict[str, dict[str, bool]]:
        return names_by_folder(self._files)

    @cached_property
    def _blobs(self) -> BlobReader:
        return BlobReader(self.root)

    @cached_property
    def _sizes(self) -> BlobNames:
        return BlobNames(self.root)

    def entries(self, folder: str) -> list[DirEntry]:
        """The files and folders in a folder, by name, without hidden ones."""
        names = self._folders.get(folder, {})
        return sorted(DirEntry(name, is_dir) for name, is_dir in names.items() if not name.startswith("."))

    def read(self, path: str) -> bytes:
        """The bytes of a file.

        Raises:
            IterataError: the file is a symbolic link or a submodule.
            MissingBlobError: its content is not in this clone.
        """
        blob = self._files.get(path)
        if blob is None or not blob.mode.startswith("100"):
            remedy = "replace the link or the submodule by the file"
            raise IterataError("is not a file", remedy=remedy, where=path)
        if path in self._read_ahead:
            return self._read_ahead.pop(path)
        try:
            return self._blobs.read(blob.sha)
        except KeyError:
            raise MissingBlobError(path) from None

    def size(self, path: str) -> int | None:
        """The number of bytes of a file; None if it is none, or its content is not in this clone."""
        blob = self._files.get(path)
        return self._sizes.size(blob.sha) if blob is not None else None

    def read_ahead(self, paths: Iterable[str]) -> None:
        """Read several files at once; their bytes are kept until each is read for the first time.

        Files that cannot be read are left out; `read` says why.
        """
        files = {path: blob for path in paths if (blob := self._files.get(path)) is not None}
        blobs = {path: blob.sha for path, blob in files.items() if blob.mode.startswith("100")}
        contents = self._blobs.read_many(list(blobs.values())) if blobs else {}
        self._read_ahead |= {path: contents[sha] for path, sha in blobs.items() if sha in contents}

    def files_with(self, patterns: Sequence[str]) -> set[str] | None:
        """The files in which a line has one of Perl's regular expressions; None if Git cannot tell."""
        return git.files_with(self.root, self.revision, self.folder, patterns)

    def is_plain(self, path: str) -> bool:
        """Whether a path is neither a symbolic link nor a submodule."""
        blob = self._files.get(path)
        return blob is None or blob.mode.startswith("100")

    def is_submodule(self, path: str) -> bool:
        """Whether a path is a submodule."""
        blob = self._files.get(path)
        return blob is not None and blob.mode == SUBMODULE

    def close(self) -> None:
        """End Git's processes."""
        if "_blobs" in self.__dict__:
            self._blobs.close()
        if "_sizes" in self.__dict__:
            self._sizes.close()


def names_in(root: Path, revision: str, folder: str) -> list[str]:
    """The paths of the files and folders in a folder at a revision; of the top if it is empty."""
    places = ["--", f"{folder}/"] if folder else []
    output = git.run(root, "ls-tree", "-z", "--name-only", revision, *places) or b""
    return [path for path in output.decode("utf-8", "surrogateescape").split("\0") if path]


def is_plain(tree: Tree, path: str) -> bool:
    """Whether a path is a file, or missing: neither a symbolic link nor another repository."""
    match tree:
        case GitTree():
            return tree.is_plain(path)
        case DiskTree():
            place = tree.root / path
            return not place.is_symlink() and not place.is_dir()
    return True


def refuse_links(tree: GitTree, folder: str) -> None:
    """Check that the folder of the projects belongs to this repository; Git does not compare links.

    Raises:
        IterataError: the folder, or one above it, is a symbolic link or a submodule.
    """
    path = PurePosixPath(folder)
    for step in [step.as_posix() for step in (path, *path.parents[:-1])]:
        mode = git.mode(tree.root, tree.revision, step)
        if mode == SUBMODULE:
            message = "is a submodule; changes in it cannot be compared here"
            raise IterataError(message, remedy=own_folder(step), where=step)
        if mode not in (None, "040000"):
            message = "is a link; changes in it cannot be compared"
            raise IterataError(message, remedy="make it a folder of this repository", where=step)
