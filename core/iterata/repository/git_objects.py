"""The blobs of many revisions, read through one process of Git."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from iterata.repository import git

if TYPE_CHECKING:
    from pathlib import Path


class _CatFile:
    """One `git cat-file` that answers many requests."""

    def __init__(self, root: Path, option: str) -> None:
        self._process = git.cat_file(root, option)

    def _header(self, name: str) -> list[bytes]:
        """The first line of the answer about an object; empty if there is no such object."""
        requests, replies = self._process.stdin, self._process.stdout
        if requests is None or replies is None:  # pragma: no cover  # both are pipes
            return []
        try:
            requests.write(f"{name}\n".encode("utf-8", "surrogateescape"))
            requests.flush()
        except BrokenPipeError:  # Git ended at the previous object
            return []
        line = replies.readline()
        header = line.split()
        return [] if line.endswith(b" missing\n") or len(header) != 3 else header

    def close(self) -> None:
        """End the process."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()
        self._process.wait()


class BlobReader(_CatFile):
    """Reads the content of many blobs."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, "--batch")

    def read(self, sha: str) -> bytes:
        """The bytes of a blob.

        Raises:
            KeyError: the blob is not in this clone, as in a partial clone without a network.
        """
        header, replies = self._header(sha), self._process.stdout
        if not header or replies is None:
            raise KeyError(sha)
        content = replies.read(int(header[2]))
        replies.read(1)
        return content


class BlobNames(_CatFile):
    """Finds the blobs of many revisions and paths."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, "--batch-check")
        self._prefix = git.prefix(root)

    def sha(self, revision: str, path: str) -> str | None:
        """The blob of a file at a revision, by its path relative to the root; None if it is not there."""
        header = [] if {"\n", "\0"} & set(path) else self._header(f"{revision}:{self._prefix}{path}")
        return header[0].decode() if header and header[1] == b"blob" else None
