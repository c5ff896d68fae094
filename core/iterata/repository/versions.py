"""Every version that files had in a history, whatever became of them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, NamedTuple

from iterata.repository.git_process import RunningGit
from iterata.repository.git_refusals import IncompleteCloneError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


class Version(NamedTuple):
    """A file as a commit changed it."""

    commit: str
    path: str
    """Relative to the folder that was asked about."""
    blob: str
    """Empty if the commit deleted the file, or made it a link or a submodule."""
    added: bool
    """Whether the commit before it had no such file."""


def versions(
    root: Path, paths: Iterable[str], revisions: Iterable[str], *, merged_only: bool
) -> list[Version]:
    """The versions of some files, and of the files below some folders, the oldest first.

    Args:
        root: the folder that paths are relative to.
        paths: files and folders.
        revisions: a commit, and commits with `^` before them whose history is left out.
        merged_only: only the states that the branch itself had, not those within the branches that were
            merged into it.

    Raises:
        IncompleteCloneError: parts of the history are not in this clone.
    """
    chain = ["--first-parent"] if merged_only else ["--full-history"]
    try:
        with RunningGit(
            root, "-c", "log.showRoot=true", "log", "-z", *chain, "-m", "--topo-order", "--raw", "--relative",
            "--no-abbrev", "--no-renames", "--no-show-signature", "--format=%H", *revisions, "--", *paths,
        ) as log:  # fmt: skip
            found = list(_parse(log.fields()))
    except subprocess.CalledProcessError:
        raise IncompleteCloneError from None
    return found[::-1]


def _parse(fields: Iterator[str]) -> Iterator[Version]:
    commit = ""
    for field in fields:
        if not field.lstrip("\n").startswith(":"):
            commit = field.strip()
            continue
        _, mode, _, blob, status = field.lstrip("\n").split()
        plain = mode.startswith("100")
        yield Version(commit, next(fields), blob if plain else "", status == "A")


def renamed_from(root: Path, commit: str, path: str) -> str | None:
    """The path that a file had before the commit that added it under this name; None if it was new."""
    try:
        with RunningGit(
            root, "diff-tree", "-r", "-z", "--relative", "-M", "--diff-filter=R", "--name-status",
            f"{commit}^1", commit,
        ) as changes:  # fmt: skip
            fields = iter(list(changes.fields()))
    except subprocess.CalledProcessError:  # a commit without parents
        return None
    return next(
        (before for _, before, after in zip(fields, fields, fields, strict=False) if after == path), None
    )
