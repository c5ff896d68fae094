"""Every call to Git. Paths are separated by zero bytes, and the caller's Git variables have no effect."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from iterata.repository.git_process import RunningGit, finished, start
from iterata.repository.git_refusals import (
    ForeignRepositoryError,
    GitMissingError,
    IncompleteCloneError,
    UnreadableRepositoryError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path


def _git(root: Path, *arguments: str) -> str | None:
    """What Git prints; None if it fails or is not installed."""
    output = run(root, "-c", "core.quotePath=false", *arguments)
    return None if output is None else output.decode("utf-8", "surrogateescape")


def run(
    root: Path, *arguments: str, stdin: bytes = b"", variables: Mapping[str, str] = MappingProxyType({})
) -> bytes | None:
    """What Git prints; None if it fails or is not installed."""
    process = finished(root, "--literal-pathspecs", *arguments, stdin=stdin, variables=variables)
    return process.stdout if process is not None and process.returncode == 0 else None


def _git_or_raise(root: Path, *arguments: str) -> str:
    """What Git prints; a failure must not pass for empty output."""
    output = _git(root, *arguments)
    if output is None:
        raise IncompleteCloneError
    return output


def head(root: Path) -> str | None:
    """The commit of HEAD; None outside Git, without Git, or before the first commit."""
    return resolve_commit(root, "HEAD")


def resolve_commit(root: Path, revision: str) -> str | None:
    """The full name of the commit that `revision` names; None if there is none.

    Raises:
        ForeignRepositoryError: Git does not read the repository, because it belongs to another user.
        UnreadableRepositoryError: its files cannot be read.
    """
    name = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if name is None:
        _check_access(root)
    return name.strip() if name else None


def _check_access(root: Path) -> None:
    process = finished(root, "rev-parse", "--git-dir")
    words = process.stderr.decode("utf-8", "replace") if process is not None else ""
    if "dubious ownership" in words:
        named = re.search(r"dubious ownership in repository at '(.+)'", words)
        raise ForeignRepositoryError(root, named[1] if named else str(root))
    folder = next((place / ".git" for place in (root, *root.parents) if (place / ".git").is_dir()), None)
    if words and folder is not None:
        for place in (folder, *(folder / name for name in ("HEAD", "objects", "refs"))):
            if not os.access(place, os.R_OK):
                raise UnreadableRepositoryError(place)


def require(root: Path) -> None:
    """Make sure that Git is installed and reads the repository at `root`; a folder outside Git is fine.

    Raises:
        GitMissingError: it is not installed.
        ForeignRepositoryError: the repository belongs to another user.
    """
    if shutil.which("git") is None:
        raise GitMissingError
    _check_access(root)


def is_partial(root: Path) -> bool:
    """Whether this is a partial clone, whose missing objects Git fetches when they are needed."""
    return "true" in (_git(root, "config", "--get-regexp", r"^remote\..*\.promisor$") or "")


def setting(root: Path, name: str) -> str:
    """The value of a setting of Git; empty if it is not set."""
    return (_git(root, "config", "--get", name) or "").strip()


def skipped_files(root: Path) -> dict[str, Blob]:
    """The files below `root` that a sparse checkout leaves out, by their path relative to `root`.

    Raises:
        ForeignRepositoryError: the repository belongs to another user.
    """
    output = _git(root, "ls-files", "-z", "-s", "-t", "--", ".")
    if output is None:
        require(root)
    entries = (entry.split("\t", 1) for entry in (output or "").split("\0") if entry.startswith("S "))
    return {path: Blob(meta.split()[1], meta.split()[2]) for meta, path in entries}


def is_dirty(root: Path, paths: Sequence[str]) -> bool:
    """Whether any of `paths` (relative to `root`) differs from HEAD, or is untracked."""
    if not paths:
        return False
    return bool(_git(root, "status", "--porcelain", "-z", "--untracked-files=all", "--", *paths))


def add_worktree(root: Path, place: Path, commit: str) -> bool:
    """Check a commit out at `place` as a worktree; return whether it worked."""
    return _git(root, "worktree", "add", "--detach", "--force", str(place), commit) is not None


def remove_worktree(root: Path, place: Path) -> None:
    """Remove a worktree with its changes, and Git's record of it."""
    shutil.rmtree(place, ignore_errors=True)
    _git(root, "worktree", "unlock", str(place))  # locked by a `git worktree add` that was killed
    _git(root, "worktree", "prune")


class Blob(NamedTuple):
    """A file of a revision."""

    mode: str
    """`100644`, `100755`, `120000` for a symbolic link, `160000` for a submodule."""
    sha: str


class Difference(NamedTuple):
    """A path that differs between two revisions, or between a revision and the working tree."""

    before: str | None
    """Its path before; None if it was added."""
    after: str | None
    """Its path after; None if it was deleted."""


def show(root: Path, revision: str, path: str) -> bytes | None:
    """The content of a file at a revision, by its path relative to `root`; None if it did not exist."""
    text = _git(root, "show", "--end-of-options", f"{revision}:./{path}")
    return text.encode("utf-8", "surrogateescape") if text is not None else None


def prefix(root: Path) -> str:
    """The path of `root` within the repository: empty at its top, otherwise with a trailing slash."""
    return (_git(root, "rev-parse", "--show-prefix") or "").removesuffix("\n")


def merge_bases(root: Path, one: str, other: str, *merged: str) -> list[str]:
    """The best common ancestors of two commits; empty if they have none.

    Args:
        root: a folder of the repository.
        one: a commit.
        other: a commit, or the first parent of a merge that is not committed yet.
        merged: the further parents of that merge.
    """
    return (_git(root, "merge-base", "--all", one, other, *merged) or "").split()


def unfinished_merge(root: Path) -> tuple[str, ...]:
    """The commits that are being merged into the one that is checked out; empty if there is no such merge."""
    return tuple(_lines_of_git_file(root, "MERGE_HEAD"))


def merged_tree(root: Path, one: str, other: str) -> str | None:
    """The tree that Git makes of two commits, with its marks of conflicts; None if it makes none."""
    process = finished(root, "merge-tree", "--write-tree", "--no-messages", one, other)
    if process is None or process.returncode not in (0, 1):
        return None
    tree = process.stdout.split(b"\n", 1)[0].decode("ascii", "replace").strip()
    return tree or None


class HeadInfo(NamedTuple):
    """The commit of HEAD, and what limits the history behind it."""

    head: str
    prefix: str
    """The path of the folder within the repository: empty at its top, otherwise with a trailing slash."""
    shallow_boundary: frozenset[str]
    """The commits whose parents are missing in a shallow clone; empty in a full clone."""


def head_info(root: Path) -> HeadInfo | None:
    """The state of HEAD; None outside Git, without Git, or before the first commit."""
    output = _git(root, "rev-parse", "HEAD^{commit}", "--is-shallow-repository", "--show-prefix")
    if output is None:
        return None
    commit, shallow, path = output.split("\n", 2)
    boundary = _shallow_boundary(root) if shallow == "true" else frozenset()
    return HeadInfo(commit, path.removesuffix("\n"), boundary)


def _shallow_boundary(root: Path) -> frozenset[str]:
    return frozenset(_lines_of_git_file(root, "shallow"))


def _lines_of_git_file(root: Path, name: str) -> list[str]:
    """The lines of a file in the folder `.git`; empty if there is none."""
    path = (_git(root, "rev-parse", "--git-path", name) or "").removesuffix("\n")
    try:
        return (root / path).read_text("ascii").split() if path else []
    except OSError:
        return []


def is_shallow(root: Path) -> bool:
    """Whether this is a shallow clone."""
    return (_git(root, "rev-parse", "--is-shallow-repository") or "").strip() == "true"


def is_ancestor(root: Path, older: str, newer: str) -> bool:
    """Whether `older` is part of the history of `newer`."""
    return _git(root, "merge-base", "--is-ancestor", "--end-of-options", older, newer) is not None


def commits_changing(root: Path, revision: str, path: str) -> list[str]:
    """The commits up to `revision` that changed a file, newest first."""
    return (_git(root, "log", "--format=%H", "--end-of-options", revision, "--", path) or "").split()


def commits_touching(root: Path, revision: str, paths: Sequence[str], most: int) -> list[str]:
    """The newest commits up to `revision` that changed one of these files, on any branch that was merged."""
    limits = ("--full-history", f"--max-count={most}", "--end-of-options", revision)
    return (_git(root, "rev-list", *limits, "--", *paths) or "").split()


def list_files(root: Path, revision: str, folder: str) -> dict[str, Blob]:
    """The files below a folder at a revision, by their path relative to `root`.

    Raises:
        IncompleteCloneError: parts of the revision are not in this clone.
    """
    output = _git_or_raise(root, "ls-tree", "-r", "-z", revision, "--", f"{folder}/")
    entries = (entry.split("\t", 1) for entry in output.split("\0") if entry)
    return {path: Blob(meta.split()[0], meta.split()[2]) for meta, path in entries}


def files_with(root: Path, revision: str, folder: str, patterns: Sequence[str]) -> set[str] | None:
    """The files below a folder at a revision in which a line has one of Perl's regular expressions.

    None if Git cannot tell: it is built without these expressions, or a file is not in this clone.
    """
    options = (
        "--files-with-matches", "-z", "--perl-regexp", "--text", "--no-recurse-submodules", "--no-color",
        "--no-full-name",
    )  # fmt: skip
    words = (*options, *(word for pattern in patterns for word in ("-e", pattern)))
    quiet = ("-c", "advice.graftFileDeprecated=false")  # what is left to say is that a file is missing
    process = finished(root, "--literal-pathspecs", *quiet, "grep", *words, revision, "--", folder)
    if process is None or process.returncode not in (0, 1) or process.stderr:
        return None
    entries = process.stdout.decode("utf-8", "surrogateescape").split("\0")
    return {entry.removeprefix(f"{revision}:") for entry in entries if entry}


def mode(root: Path, revision: str, path: str) -> str | None:
    """The mode of a path at a revision: `040000` for a folder, otherwise as in `Blob`; None if missing."""
    output = _git(root, "ls-tree", "-z", revision, "--", path) or ""
    return output.split(maxsplit=1)[0] if output else None


def diff(root: Path, base: str, head: str | None, folder: str) -> list[Difference]:
    """What differs below a folder between `base` and `head`; a `head` of None is the working tree.

    Renames are detected; untracked files count as added. A submodule is one path.

    Raises:
        IncompleteCloneError: parts of the revisions are not in this clone.
    """
    revisions = [base] if head is None else [base, head]
    options = ("--raw", "-z", "-M", "--no-abbrev", "--relative", "--ignore-submodules=none")
    differences = list(_raw_differences(_git_or_raise(root, "diff", *options, *revisions, "--", folder)))
    if head is None:
        untracked = _git_or_raise(root, "ls-files", "--others", "--exclude-standard", "-z", "--", folder)
        differences += [Difference(None, path) for path in untracked.split("\0") if path]
    return differences


def _raw_differences(output: str) -> Iterator[Difference]:
    fields = iter(output.split("\0"))
    for meta in fields:
        if not meta:
            return
        kind, path = meta.split()[-1][0], next(fields)
        match kind:
            case "R":
                yield Difference(path, next(fields))
            case "C":
                yield Difference(None, next(fields))
            case "A":
                yield Difference(None, path)
            case "D":
                yield Difference(path, None)
            case _:
                yield Difference(path, path)


_LOG = (
    "log", "-z", "--topo-order", "--parents", "-m", "--name-status", "-M100%", "--relative",
    "--pretty=fuller", "--date=short", "--use-mailmap", "--encoding=UTF-8",
    "--no-abbrev-commit", "--no-color", "--no-decorate", "--no-notes", "--no-show-signature",
)  # fmt: skip


def log(root: Path, head: str, *, only_root: bool) -> RunningGit:
    """Every commit up to `head` with what it changed, newest first; a merge once for each of its parents.

    Args:
        root: the folder whose history is read.
        head: the newest commit.
        only_root: whether to leave out commits that do not change `root`. This pays if the repository has
            much besides: Git then looks at all other commits twice.

    The user's configuration of `git log` has no effect.
    """
    pruning = ["--full-history", "--", "."] if only_root else []
    return RunningGit(root, "-c", "log.showRoot=true", "-c", "log.diffMerges=separate", *_LOG, head, *pruning)


def list_names(root: Path, revision: str, folder: str) -> RunningGit:
    """The paths of the files below a folder at a revision, relative to `root`."""
    return RunningGit(root, "ls-tree", "-r", "-z", "--name-only", revision, "--", f"{folder}/")


def status(root: Path, folder: str, *, untracked: bool) -> RunningGit:
    """The files below a folder that differ from HEAD, in the porcelain format of `git status`.

    With `untracked`, Git reads every folder and takes more than twice as long.
    """
    return RunningGit(
        root, "status", "--porcelain", "-z", "--no-renames", "--ignore-submodules=all",
        f"--untracked-files={'all' if untracked else 'no'}", "--", folder,
    )  # fmt: skip


def cat_file(root: Path, option: str) -> subprocess.Popen[bytes]:
    """A `git cat-file` that answers requests on its standard input."""
    return start(root, "cat-file", option, stdin=subprocess.PIPE)
