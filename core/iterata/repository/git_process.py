"""Starts Git: what it may execute and which variables it sees, and how long it may take to answer."""

from __future__ import annotations

import io
import os
import select
import subprocess
from types import MappingProxyType
from typing import TYPE_CHECKING

from iterata.repository.git_refusals import GitMissingError, GitStalledError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from _typeshed import WriteableBuffer

_HARMLESS_VARIABLES = frozenset(
    {
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_ASKPASS",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CEILING_DIRECTORIES",
    }
)

_FIXED_VARIABLES = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_HTTP_LOW_SPEED_LIMIT": "1",  # a partial clone fetches on demand; give up on a server that hangs
    "GIT_HTTP_LOW_SPEED_TIME": "60",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
}
"""Replace refs and grafts would show another history than the one that is merged."""


_EXECUTE_NOTHING = (
    "-c", "safe.bareRepository=explicit",  # a folder that was checked out is no repository
    "-c", "core.fsmonitor=false",
    "-c", f"core.hooksPath={os.devnull}",
)  # fmt: skip
"""Options of every command: Git starts no program that a folder of the checkout or a hook names."""


TIME_LIMIT = 1800.0
"""Seconds without an answer after which Git is ended: it waits for something that does not come."""


def environment() -> dict[str, str]:
    """This process's environment without the variables by which a hook points Git at another repository."""
    variables = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("GIT_") or key in _HARMLESS_VARIABLES
    }
    return {**variables, **_FIXED_VARIABLES}


def finished(
    root: Path, *arguments: str, stdin: bytes = b"", variables: Mapping[str, str] = MappingProxyType({})
) -> subprocess.CompletedProcess[bytes] | None:
    """A command of Git that ended; None if Git is not installed."""
    try:
        return subprocess.run(
            ["git", *_EXECUTE_NOTHING, *arguments], cwd=root, env={**environment(), **variables},
            input=stdin, capture_output=True, check=False, timeout=TIME_LIMIT,
        )  # fmt: skip
    except FileNotFoundError:
        return None
    except subprocess.TimeoutExpired:
        raise GitStalledError(arguments, TIME_LIMIT) from None


_CHUNK = 1 << 16


class RunningGit:
    """A Git command that runs concurrently with its caller; its output is read on demand."""

    def __init__(self, root: Path, *arguments: str) -> None:
        self._process = start(root, "--literal-pathspecs", *arguments)

    def __enter__(self) -> RunningGit:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.__exit__(None, None, None)

    def fields(self) -> Iterator[str]:
        """Its output, split at zero bytes.

        Raises:
            subprocess.CalledProcessError: it failed, so that fields are missing.
        """
        pipe, rest = _pipe(self._process), b""
        while chunk := pipe.chunk(_CHUNK):
            complete, separator, rest = (rest + chunk).rpartition(b"\0")
            if separator:
                yield from complete.decode("utf-8", "surrogateescape").split("\0")
        if rest:
            yield rest.decode("utf-8", "surrogateescape")
        if code := self._process.wait():
            raise subprocess.CalledProcessError(code, self._process.args)


class _Pipe(io.RawIOBase):
    """The output of a command of Git; each wait for more of it has an end."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self._process, self._descriptor = process, descriptor
        self._poll = select.poll() if hasattr(select, "poll") else None  # Windows cannot wait for a pipe
        if self._poll is not None:
            self._poll.register(descriptor, select.POLLIN)

    def readable(self) -> bool:
        return True

    def chunk(self, size: int) -> bytes:
        """What the command prints next, at most `size` bytes; empty if it ended.

        Raises:
            GitStalledError: it neither prints nor ends for too long; it was killed.
        """
        if self._poll is not None and not self._poll.poll(TIME_LIMIT * 1000):
            self._process.kill()
            raise GitStalledError(_words(self._process), TIME_LIMIT)
        return os.read(self._descriptor, size)

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        chunk = self.chunk(len(view))
        view[: len(chunk)] = chunk
        return len(chunk)


def answers(process: subprocess.Popen[bytes]) -> io.BufferedReader:
    """The output of a command of Git, buffered; only an empty buffer waits for the command.

    Reading raises `GitStalledError` if the command prints nothing and does not end for too long.
    """
    return io.BufferedReader(_pipe(process), _CHUNK)


def _pipe(process: subprocess.Popen[bytes]) -> _Pipe:
    if process.stdout is None:
        raise TypeError("the output of the process is not a pipe")
    return _Pipe(process, process.stdout.fileno())


def _words(process: subprocess.Popen[bytes]) -> list[str]:
    words = process.args if isinstance(process.args, list) else []
    return [str(word) for word in words[1 + len(_EXECUTE_NOTHING) :]]


def start(root: Path, *arguments: str, stdin: int | None = None) -> subprocess.Popen[bytes]:
    """Start a command of Git whose output is read while it runs.

    Raises:
        GitMissingError: Git is not installed.
    """
    try:
        return subprocess.Popen(
            ["git", *_EXECUTE_NOTHING, *arguments],
            cwd=root, env=environment(), stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except FileNotFoundError:
        raise GitMissingError from None
