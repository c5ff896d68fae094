"""Every call to Git. Paths come `-z`-separated, and the caller's Git variables never leak in."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import IterataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_KEPT = (
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_ASKPASS",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CEILING_DIRECTORIES",
)


NOT_ALL_HERE = "Git cannot compare these revisions; parts of them are not in this clone"
FETCH = "fetch all of it: `git fetch --refetch --no-filter`, or clone again without `--filter`"


def environment() -> dict[str, str]:
    """This process's environment without the variables by which a hook points Git at another repository."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") or key in _KEPT}
    return {**kept, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "--literal-pathspecs", "-c", "core.quotePath=false", *arguments],
            cwd=root, env=environment(), capture_output=True, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        return None
    return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else None


def _surely(root: Path, *arguments: str) -> str:
    """What Git printed; an answer that was not given is not taken for an empty one."""
    answer = _git(root, *arguments)
    if answer is None:
        raise IterataError(NOT_ALL_HERE, remedy=FETCH)
    return answer


def head(root: Path) -> str | None:
    """The commit the working tree stands on; none outside Git, without Git, or before the first commit."""
    commit = _git(root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    return commit.strip() if commit else None


def dirty(root: Path, paths: Sequence[str]) -> bool:
    """Whether any of `paths` (relative to `root`) differs from the commit, or is not in it."""
    return (
        bool(_git(root, "status", "--porcelain", "-z", "--untracked-files=all", "--", *paths))
        if paths
        else False
    )


def add_worktree(root: Path, place: Path, commit: str) -> bool:
    """Check a commit out at `place`, apart from what is being worked on; no hook is run."""
    hooks = f"core.hooksPath={os.devnull}"
    return _git(root, "-c", hooks, "worktree", "add", "--detach", "--force", str(place), commit) is not None


def remove_worktree(root: Path, place: Path) -> None:
    """Remove what was checked out there, whatever was changed in it, and what Git remembers of it."""
    _git(root, "worktree", "remove", "--force", "--force", str(place))
    shutil.rmtree(place, ignore_errors=True)
    _git(root, "worktree", "prune")


class Blob(NamedTuple):
    """A file of a revision."""

    mode: str
    """`100644`, `100755`, `120000` for a link, `160000` for a submodule."""
    sha: str


class Difference(NamedTuple):
    """A path that differs between two revisions, or between one and the working tree."""

    before: str | None
    after: str | None


def commit(root: Path, revision: str) -> str | None:
    """The full name of the commit that `revision` means, or none."""
    found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    return found.strip() if found else None


def show(root: Path, revision: str, path: str) -> bytes | None:
    """A file at a revision, by its path relative to `root`; none where it was not there."""
    text = _git(root, "show", "--end-of-options", f"{revision}:./{path}")
    return text.encode("utf-8", "surrogateescape") if text is not None else None


def prefix(root: Path) -> str:
    """Where `root` is within the repository: empty at its top, else a path that ends with a slash."""
    return (_git(root, "rev-parse", "--show-prefix") or "").removesuffix("\n")


def merge_bases(root: Path, one: str, other: str) -> list[str]:
    """The best common ancestors of two commits; none where their histories do not meet."""
    return (_git(root, "merge-base", "--all", one, other) or "").split()


class HeadInfo(NamedTuple):
    """Where a folder stands in the history."""

    head: str
    """The commit of the working tree."""
    prefix: str
    """The folder within the repository: empty at its top, else a path that ends with a slash."""
    cut: frozenset[str]
    """The commits whose parents were left behind when the repository was cloned; none in a whole clone."""


def standing(root: Path) -> HeadInfo | None:
    """Where `root` stands; none outside Git, without Git, or before the first commit."""
    said = _git(root, "rev-parse", "HEAD^{commit}", "--is-shallow-repository", "--show-prefix")
    if said is None:
        return None
    head, shallow, within = said.split("\n", 2)
    return HeadInfo(head, within.removesuffix("\n"), _cut(root) if shallow == "true" else frozenset())


def _cut(root: Path) -> frozenset[str]:
    place = (_git(root, "rev-parse", "--git-path", "shallow") or "").removesuffix("\n")
    try:
        return frozenset((root / place).read_text("ascii").split())
    except OSError:
        return frozenset()


def is_shallow(root: Path) -> bool:
    """Whether the history was cut off when the repository was cloned."""
    return (_git(root, "rev-parse", "--is-shallow-repository") or "").strip() == "true"


def is_ancestor(root: Path, older: str, newer: str) -> bool:
    """Whether `older` is part of the history of `newer`."""
    return _git(root, "merge-base", "--is-ancestor", "--end-of-options", older, newer) is not None


def changing(root: Path, revision: str, path: str) -> list[str]:
    """The commits up to `revision` that changed a file, newest first."""
    return (_git(root, "log", "--format=%H", "--end-of-options", revision, "--", path) or "").split()


def files(root: Path, revision: str, folder: str) -> dict[str, Blob]:
    """The files below a folder at a revision, by path relative to `root`.

    Raises:
        IterataError: parts of the revision are not in this clone.
    """
    listed = _surely(root, "ls-tree", "-r", "-z", revision, "--", f"{folder}/")
    entries = (entry.split("\t", 1) for entry in listed.split("\0") if entry)
    return {path: Blob(meta.split()[0], meta.split()[2]) for meta, path in entries}


def mode(root: Path, revision: str, path: str) -> str | None:
    """What a path is at a revision: `040000` for a folder, else as in `Blob`; none where it was not there."""
    listed = _git(root, "ls-tree", "-z", revision, "--", path) or ""
    return listed.split(maxsplit=1)[0] if listed else None


def differences(root: Path, base: str, head: str | None, folder: str) -> list[Difference]:
    """What differs below a folder between `base` and `head`, or the working tree where `head` is none.

    Renames are found; files that Git does not track count as added. A submodule is one path.

    Raises:
        IterataError: parts of the revisions are not in this clone.
    """
    revisions = [base] if head is None else [base, head]
    how = ("--raw", "-z", "-M", "--no-abbrev", "--relative", "--ignore-submodules=none")
    found = list(_raw(_surely(root, "diff", *how, *revisions, "--", folder)))
    if head is None:
        others = _surely(root, "ls-files", "--others", "--exclude-standard", "-z", "--", folder)
        found += [Difference(None, path) for path in others.split("\0") if path]
    return found


def _raw(text: str) -> Iterator[Difference]:
    parts = iter(text.split("\0"))
    for meta in parts:
        if not meta:
            return
        kind, path = meta.split()[-1][0], next(parts)
        match kind:
            case "R":
                yield Difference(path, next(parts))
            case "C":
                yield Difference(None, next(parts))
            case "A":
                yield Difference(None, path)
            case "D":
                yield Difference(path, None)
            case _:
                yield Difference(path, path)


_CHUNK = 1 << 16
_LOG = (
    "log", "-z", "--topo-order", "--parents", "-m", "--name-status", "-M100%", "--relative",
    "--pretty=fuller", "--date=short", "--use-mailmap", "--encoding=UTF-8",
    "--no-abbrev-commit", "--no-color", "--no-decorate", "--no-notes", "--no-show-signature",
)  # fmt: skip


class RunningGit:
    """A command that runs while its caller goes on; its fields are read when they are needed."""

    def __init__(self, root: Path, *arguments: str) -> None:
        self._process = subprocess.Popen(
            ["git", "--literal-pathspecs", *arguments],
            cwd=root,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> RunningGit:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.__exit__(None, None, None)

    def fields(self) -> Iterator[str]:
        """What it prints, between zero bytes.

        Raises:
            subprocess.CalledProcessError: it failed, so that something is missing.
        """
        rest = b""
        while chunk := self._process.stdout.read1(_CHUNK):  # type: ignore[union-attr]  # it was asked for
            whole, zero, rest = (rest + chunk).rpartition(b"\0")
            if zero:
                yield from whole.decode("utf-8", "surrogateescape").split("\0")
        if rest:
            yield rest.decode("utf-8", "surrogateescape")
        if code := self._process.wait():
            raise subprocess.CalledProcessError(code, self._process.args)


def log(root: Path, head: str, *, among_others: bool) -> RunningGit:
    """Every commit up to `head` with what it changed, newest first; a merge once for each of its parents.

    Where the repository holds much besides `root` (`among_others`), commits that leave `root` alone are left
    out, at the price of looking at all others twice. What a user configured for `git log` changes nothing.
    """
    pruned = ["--full-history", "--", "."] if among_others else []
    return RunningGit(root, "-c", "log.showRoot=true", "-c", "log.diffMerges=separate", *_LOG, head, *pruned)


def names(root: Path, revision: str, folder: str) -> RunningGit:
    """The paths of the files below a folder at a revision, relative to `root`."""
    return RunningGit(root, "ls-tree", "-r", "-z", "--name-only", revision, "--", f"{folder}/")


def uncommitted(root: Path, folder: str, *, untracked: bool) -> RunningGit:
    """The files below a folder that differ from the last commit, as `git status` tells them.

    Looking for `untracked` ones as well reads every folder, and takes more than twice the time.
    """
    return RunningGit(
        root, "status", "--porcelain", "-z", "--no-renames", "--ignore-submodules=all",
        f"--untracked-files={'all' if untracked else 'no'}", "--", folder,
    )  # fmt: skip


class Blobs:
    """Reads many blobs through one `git cat-file --batch`."""

    def __init__(self, root: Path) -> None:
        self._process = subprocess.Popen(
            ["git", "cat-file", "--batch"],
            cwd=root,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def read(self, sha: str) -> bytes:
        """The bytes of a blob.

        Raises:
            KeyError: there is no such blob here, as in a partial clone without a network.
        """
        source, sink = self._process.stdin, self._process.stdout
        if source is None or sink is None:  # pragma: no cover  # both were asked for
            raise KeyError(sha)
        try:
            source.write(f"{sha}\n".encode())
            source.flush()
        except BrokenPipeError:  # Git gave up on the blob before this one
            raise KeyError(sha) from None
        header = sink.readline().split()
        if len(header) != 3:
            raise KeyError(sha)
        raw = sink.read(int(header[2]))
        sink.read(1)
        return raw

    def close(self) -> None:
        """End the process."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()
        self._process.wait()
