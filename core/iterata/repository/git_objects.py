"""The blobs of many revisions, read through one process of Git."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from iterata.repository import git
from iterata.repository.git_process import answers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

AT_ONCE = 64
"""How many blobs are requested at once: their names fit into the smallest buffer that a pipe has."""


class _CatFile:
    """One `git cat-file` that answers many requests."""

    def __init__(self, root: Path, option: str) -> None:
        self._process = git.cat_file(root, option)
        self._replies = answers(self._process)

    def _header(self, name: str) -> list[bytes]:
        """The first line of the answer about an object; empty if there is no such object."""
        return self._next_header() if self._request([name]) else []

    def _request(self, names: Sequence[str]) -> bool:
        """Ask about objects; False if Git ended at an earlier one. The answers come in the same order."""
        requests = self._process.stdin
        if requests is None:  # pragma: no cover  # it is a pipe
            return False
        try:
            requests.write("".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape"))
            requests.flush()
        except BrokenPipeError:
            return False
        return True

    def _next_header(self) -> list[bytes]:
        line = self._replies.readline()
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
        content = self._content(self._header(sha))
        if content is None:
            raise KeyError(sha)
        return content

    def read_many(self, shas: Sequence[str]) -> dict[str, bytes]:
        """The bytes of many blobs, without those that are not in this clone.

        Several are requested at once, which spares a change of process for each.
        """
        contents: dict[str, bytes] = {}
        for start in range(0, len(shas), AT_ONCE):
            requested = shas[start : start + AT_ONCE]
            if not self._request(requested):
                break
            for sha in requested:
                content = self._content(self._next_header())
                if content is not None:
                    contents[sha] = content
        return contents

    def _content(self, header: list[bytes]) -> bytes | None:
        """What follows the first line of an answer; None if there is no such object."""
        if not header:
            return None
        content = self._replies.read(int(header[2]))
        self._replies.read(1)
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

    def size(self, sha: str) -> int | None:
        """The number of bytes of a blob; None if it is not in this clone."""
        header = self._header(sha)
        return int(header[2]) if header else None
