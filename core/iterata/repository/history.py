"""When each document was created and last changed, for all documents in one pass over the history.

The dates are those that `git log -1 -- PATH` finds for each document. Its rule matters at merges: go back
from HEAD as long as a parent has the same content, to the first of several such parents. The first commit
without such a parent is the one that last changed the document (git-log(1), "History Simplification"). From
there, continuing to the first parent that has any version leads to the commit that created the document. A
document that was renamed without a change is followed to its earlier path.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from iterata.errors import IterataError
from iterata.repository import git
from iterata.repository.git_refusals import FETCH_EVERYTHING
from iterata.repository.log import commits
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set
    from pathlib import Path

    from iterata.repository.config import Config
    from iterata.repository.git_process import RunningGit
    from iterata.repository.log import Authorship, Commit

    CommittedDates: TypeAlias = Mapping[str, tuple[Authorship | None, Authorship | None]]
    """The creation and the last change of each committed document, by its path at HEAD."""
    EarlierPaths: TypeAlias = Mapping[str, tuple[str, ...]]
    """The paths that each renamed document had before, the latest first, by its path at HEAD."""
    PathGroup: TypeAlias = dict[str, list[str]]
    """Documents that are traced together: their paths at HEAD, by the path that they have at a commit."""

FILENAMES = frozenset(stage.filename for stage in Stage)


class Dates(NamedTuple):
    """The dates of a document."""

    created: Authorship | None
    """None if it is not committed, or is older than the boundary of a shallow clone."""
    changed: Authorship | None
    """The same as `created` if it has not changed since; None in the same cases."""
    committed: bool
    """Whether HEAD has it."""
    pending: bool
    """Whether it differs from HEAD."""


@dataclass(frozen=True)
class History:
    """The dates of all documents of a working tree."""

    _config: Config
    _head: git.HeadInfo
    _committed: CommittedDates
    _modified: Set[str]
    """The tracked files that differ from HEAD."""
    _earlier: EarlierPaths

    def of(self, path: str) -> Dates | None:
        """The dates of a document, by its path relative to `mkdocs.yml`.

        None if Git does not track it: it is ignored, part of a submodule, or behind a symbolic link.
        """
        if path in self._committed:
            created, changed = self._committed[path]
            return Dates(created, changed, committed=True, pending=path in self._modified)
        return Dates(None, None, committed=False, pending=True) if path in self._untracked else None

    def earlier_paths(self, path: str) -> tuple[str, ...]:
        """The paths that a document had before it or its folder was renamed, the latest first."""
        return self._earlier.get(path, ())

    @property
    def undated(self) -> int:
        """How many documents last changed before the boundary of a shallow clone."""
        return sum(changed is None for _, changed in self._committed.values())

    @cached_property
    def _untracked(self) -> Set[str]:
        """The files that differ from HEAD or are not in it; read only if a document is not committed."""
        folder = self._config.settings.projects_dir
        with git.status(self._config.root, folder, untracked=True) as status:
            return _paths(status, self._head)


def read(config: Config) -> History | None:
    """The history of a knowledge base; None outside Git, without Git, or before the first commit.

    The history of a commit is read once per process.

    Raises:
        IterataError: Git cannot read the whole history.
    """
    head = git.head_info(config.root)
    if head is None:
        return None
    folder = config.settings.projects_dir
    try:
        with git.status(config.root, folder, untracked=False) as status:
            committed, earlier = _committed_documents(config.root, folder, head)
            return History(config, head, committed, _paths(status, head), earlier)
    except subprocess.CalledProcessError:
        message = "Git cannot read the whole history, so documents have no dates"
        remedy = "see what `git log --raw` and `git fsck` report, or set the option `dates: false`"
        if git.is_partial(config.root):
            message = f"{message}: parts of it are not in this partial clone"
            remedy = f"{FETCH_EVERYTHING}; or set the option `dates: false`"
        raise IterataError(message, remedy=remedy, where=str(config.root)) from None


def _paths(status: RunningGit, head: git.HeadInfo) -> Set[str]:
    """The paths that `git status` prints, relative to `mkdocs.yml` instead of the repository's top."""
    return {entry[3:].removeprefix(head.prefix) for entry in status.fields() if entry}


@lru_cache(maxsize=4)
def _committed_documents(root: Path, folder: str, head: git.HeadInfo) -> tuple[CommittedDates, EarlierPaths]:
    with git.log(root, head.head, only_root=bool(head.prefix)) as log:
        with git.list_names(root, head.head, folder) as names:
            documents = [path for path in names.fields() if path.rpartition("/")[2] in FILENAMES]
        trace = _Trace(documents)
        dates = trace.run(commits(log.fields()), head.shallow_boundary)
        return dates, {path: tuple(dict.fromkeys(earlier)) for path, earlier in trace.earlier.items()}


class _Trace:
    """Traces all documents back through the history; those that come from the same parent are one group.

    A group is passed on as it is, so the cost of a commit is what it changed. If two groups meet at a
    commit, the smaller one is copied into the larger one.
    """

    def __init__(self, documents: Iterable[str]) -> None:
        self._documents = tuple(documents)
        self._groups: dict[str, PathGroup] = {}
        self._created: dict[str, Authorship] = {}
        self._changed: dict[str, Authorship] = {}
        self.earlier: dict[str, list[str]] = {}
        """The paths that each renamed document had before, the latest first."""

    def run(self, history: Iterable[Commit], boundary: Set[str]) -> CommittedDates:
        """Visit all commits, each after all of its children, up to the boundary of a shallow clone."""
        group: PathGroup | None = {path: [path] for path in self._documents}
        for commit in history:
            group = group or self._groups.pop(commit.id, None)
            if group and commit.id not in boundary:
                self._visit(commit, group)
            group = None
        return {path: (self._created.get(path), self._changed.get(path)) for path in self._documents}

    def _visit(self, commit: Commit, group: PathGroup) -> None:
        first = commit.parents[0] if commit.parents else ""
        for path in group.keys() & commit.against(first).keys():
            parent, before = self._origin(commit, path, group[path])
            if parent != first or before != path:
                documents = group.pop(path)
                if before and before != path:
                    for document in documents:
                        self.earlier.setdefault(document, []).append(before)
                if parent and before:
                    self._pass_on(parent, {before: documents})
        if first:
            self._pass_on(first, group)

    def _origin(self, commit: Commit, path: str, documents: list[str]) -> tuple[str, str | None]:
        """The parent that a path comes from, and its path there; empty and None if the commit created it."""
        for parent in commit.parents[1:]:
            if path not in commit.against(parent):
                return parent, path
        for document in documents:
            self._changed.setdefault(document, commit.authorship)
        for parent in commit.parents:
            if before := commit.against(parent)[path]:
                return parent, before
        self._created |= dict.fromkeys(documents, commit.authorship)
        return "", None

    def _pass_on(self, commit: str, group: PathGroup) -> None:
        present = self._groups.setdefault(commit, group)
        if present is not group:
            small, large = sorted((present, group), key=len)
            for path, documents in small.items():
                large[path] = large.get(path, []) + documents
            self._groups[commit] = large
