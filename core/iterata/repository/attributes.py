"""Documents that Git stores in another form than the working tree has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.repository import git

if TYPE_CHECKING:
    from pathlib import Path

_CONVERSIONS = ("working-tree-encoding", "filter", "ident")
"""Attributes that change what a file says; conversions of line ends do not."""

_UNSET = frozenset({"unspecified", "unset"})


def converted_documents(root: Path, folder: str) -> dict[str, str]:
    """The tracked Markdown files below a folder that Git converts: each with the attribute that asks for it.

    Empty outside Git.
    """
    listed = git.run(root, "ls-files", "-z", "--", folder) or b""
    paths = [path for path in listed.split(b"\0") if path]
    inside = any(path.endswith(b".gitattributes") for path in paths)
    if not inside and not any((above / ".gitattributes").exists() for above in (root, *root.parents)):
        return {}
    documents = b"\0".join(path for path in paths if path.endswith(b".md"))
    output = git.run(root, "check-attr", "-z", "--stdin", *_CONVERSIONS, stdin=documents) or b""
    fields = iter(output.decode("utf-8", "surrogateescape").split("\0"))
    triples = zip(fields, fields, fields, strict=False)
    return {path: attribute for path, attribute, value in triples if value not in _UNSET}
