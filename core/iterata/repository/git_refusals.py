"""What Git refuses, or cannot do here: each refusal names it as Git does, with the command that helps."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from iterata.errors import IterataError
from iterata.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FETCH_EVERYTHING = "fetch everything: `git fetch --refetch --no-filter`, or clone again without `--filter`"
"""How to complete a partial clone."""


class IncompleteCloneError(IterataError):
    """Objects of the compared revisions are missing, as in a partial clone without a network."""

    def __init__(self, path: str = "") -> None:
        message = "Git cannot compare these revisions; parts of them are not in this clone"
        super().__init__(message, remedy=FETCH_EVERYTHING, where=path)


class GitMissingError(IterataError):
    """Git is needed, and is not installed."""

    def __init__(self) -> None:
        remedy = "install it (https://git-scm.com/downloads), or add its folder to PATH"
        super().__init__("is not installed, or not on PATH", remedy=remedy, where="git")


class ForeignRepositoryError(IterataError):
    """Git refuses a repository that belongs to another user, as in a container of CI."""

    def __init__(self, root: Path, top: str) -> None:
        remedy = (
            f"run `git config --global --add safe.directory {shlex.quote(top)}`, if you trust its content"
        )
        super().__init__(
            "Git refuses the repository, which belongs to another user", remedy=remedy, where=str(root)
        )


class GitStalledError(IterataError):
    """A command of Git does not answer."""

    def __init__(self, arguments: Sequence[str], seconds: float) -> None:
        command = shlex.join(["git", *(word for word in arguments if word != "--literal-pathspecs")])
        message = f"has not answered for {seconds / 60:,.0f} minutes, and was ended: {one_line(command, 120)}"
        remedy = "`git status` in a terminal shows what it waits for: a network drive, a server, a program"
        super().__init__(message, remedy=remedy, where="git")


class UnreadableRepositoryError(IterataError):
    """Git's own folder cannot be read."""

    def __init__(self, place: Path) -> None:
        remedy = "check who owns it, and its permissions"
        super().__init__("cannot be read: Permission denied", remedy=remedy, where=str(place))
