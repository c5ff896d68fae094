"""The checkout: whether Git has the whole history and all files, which some rules need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.actions.doctor.finding import Finding, Part, State
from iterata.errors import IterataError
from iterata.repository import git
from iterata.repository.git_refusals import FETCH_EVERYTHING, GitMissingError
from iterata.repository.sparse_checkout import git_folder, skipped_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def findings(root: Path) -> Iterator[Finding]:
    """What limits this clone."""
    try:
        git.require(root)
    except GitMissingError:
        return  # it is a finding of the installation
    except IterataError as error:
        yield Finding(Part.CHECKOUT, "owner", State.PROBLEM, str(root), error.message, error.remedy)
        return
    if git_folder(root) is None:
        message, fix = "not in a Git repository; nothing is compared with history", "`git init`, and commit"
        yield Finding(Part.CHECKOUT, "repository", State.NOTE, "", message, fix)
        return
    yield Finding(Part.CHECKOUT, "commit", State.OK, (git.head(root) or "none yet")[:12])
    yield _history(root)
    yield _files(root)


def _history(root: Path) -> Finding:
    if git.is_shallow(root):
        message = "older commits are missing; rules and dates that need them say so"
        return Finding(Part.CHECKOUT, "history", State.NOTE, "shallow", message, "`git fetch --unshallow`")
    if git.is_partial(root):
        message = "contents are fetched when they are needed, over the network"
        return Finding(Part.CHECKOUT, "history", State.NOTE, "partial", message, FETCH_EVERYTHING)
    return Finding(Part.CHECKOUT, "history", State.OK, "complete")


def _files(root: Path) -> Finding:
    skipped = skipped_files(root)
    if skipped is None:
        return Finding(Part.CHECKOUT, "files", State.OK, "complete")
    message = f"{len(skipped.files):,} files are left out; they are read from Git, and cannot be written"
    return Finding(Part.CHECKOUT, "files", State.NOTE, "sparse", message, "`git sparse-checkout disable`")
