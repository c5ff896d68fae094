"""A working tree that notes what it read: later there may be something else."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from iterata.repository.tree import DiskTree

if TYPE_CHECKING:
    from pathlib import Path

_FRONT_MATTER = re.compile(rb"\s*---[ \t]*\r?\n.*?^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)


class Noted(NamedTuple):
    """Digests of what was read of a file."""

    whole: str
    front_matter: str
    """Of the front matter of a Markdown file; of the whole of every other file."""


class NotedTree(DiskTree):
    """The working tree, with the digest of each file as it was when it was read first."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._noted: dict[str, Noted] = {}

    def read(self, path: str) -> bytes:
        """The bytes of a file; see `DiskTree.read`."""
        content = super().read(path)
        if path not in self._noted:
            self._noted[path] = noted(path, content)
        return content

    def noted(self, path: str) -> Noted | None:
        """The digests of a file; None if it was not read yet."""
        return self._noted.get(path)


def noted(path: str, content: bytes) -> Noted:
    """The digests of a file's content."""
    whole = sha256(content).hexdigest()
    found = _FRONT_MATTER.match(content) if path.endswith(".md") else None
    return Noted(whole, sha256(found[0]).hexdigest() if found else whole)
