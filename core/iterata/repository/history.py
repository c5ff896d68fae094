"""The dates of all documents at once, equal to those that Git gives each of them alone.

What is found is what `git log -1 -- PATH` finds. Its rule, which matters at merges: go back from HEAD as long
as a parent holds the very same content, to the first of several such parents; the commit of which no parent
holds it is the last that changed it (git-log(1), "History Simplification"). Going on from there, to the first
parent that holds any version, leads to the commit that created the document. One that was moved without a
change is followed to where it was.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from iterata.errors import IterataError
from iterata.repository import git
from iterata.repository.log import commits
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set
    from pathlib import Path

    from iterata.repository.config import Config
    from iterata.repository.log import Commit, Moment

    Known: TypeAlias = Mapping[str, tuple[Moment | None, Moment | None]]
    """When each document was created and last changed, by path."""
    Group: TypeAlias = dict[str, list[str]]
    """Documents on their way back, by the path that they have at a commit."""

FILENAMES = frozenset(stage.filename for stage in Stage)


class Dates(NamedTuple):
    """What the history tells of a document."""

    created: Moment | None
    """None where it is not committed, or was there before the history was cut off."""
    changed: Moment | None
    """Where nothing has changed since, the same as `created`. None in the same cases."""
    committed: bool
    """Whether the last commit holds it."""
    pending: bool
    """Whether it differs from the last commit."""


@dataclass(frozen=True)
class History:
    """The dates of all documents of a working tree."""

    _base: Config
    _standing: git.HeadInfo
    _known: Known
    _changed: Set[str]
    """The tracked files that differ from the last commit."""

    def of(self, path: str) -> Dates | None:
        """The dates of a document, by its path relative to `mkdocs.yml`.

        None where Git says nothing of it: it is ignored, part of a submodule, or lies beyond a link.
        """
        if path in self._known:
            return Dates(*self._known[path], committed=True, pending=path in self._changed)
        return Dates(None, None, committed=False, pending=True) if path in self._new else None

    @property
    def undated(self) -> int:
        """How many documents changed last before the history was cut off, in a clone that is not whole."""
        return sum(changed is None for _, changed in self._known.values())

    @cached_property
    def _new(self) -> Set[str]:
        """The files that differ from the last commit or are not in it; asked for only where one is met."""
        with git.uncommitted(self._base.root, self._base.settings.projects_dir, untracked=True) as status:
            return _paths(status, self._standing)


def read(base: Config) -> History | None:
    """The history of a knowledge base; none outside Git, without Git, or before the first commit.

    What is committed is read once a process for each commit that HEAD stands on.

    Raises:
        IterataError: Git cannot read the history to its end.
    """
    standing = git.standing(base.root)
    if standing is None:
        return None
    folder = base.settings.projects_dir
    try:
        with git.uncommitted(base.root, folder, untracked=False) as status:
            known = _known(base.root, folder, standing)
            return History(base, standing, known, _paths(status, standing))
    except subprocess.CalledProcessError:
        message = "Git cannot read the history to its end, so documents have no dates"
        remedy = "see what `git log --raw` and `git fsck` say, or set the option `dates: false`"
        raise IterataError(message, remedy=remedy, where=str(base.root)) from None


def _paths(status: git.RunningGit, standing: git.HeadInfo) -> Set[str]:
    """The paths that `git status` tells; they count from the top of the repository."""
    return {each[3:].removeprefix(standing.prefix) for each in status.fields() if each}


@lru_cache(maxsize=4)
def _known(root: Path, folder: str, standing: git.HeadInfo) -> Known:
    with git.log(root, standing.head, among_others=bool(standing.prefix)) as log:
        with git.names(root, standing.head, folder) as names:
            documents = [path for path in names.fields() if path.rpartition("/")[2] in FILENAMES]
        return _Way(documents).back(commits(log.fields()), standing.cut)


class _Way:
    """The way of all documents back through the history, together wherever they came from the same parent.

    A group is handed on as it is, so that a commit costs what it changed; where two meet, the smaller one is
    copied.
    """

    def __init__(self, documents: Iterable[str]) -> None:
        self._documents = tuple(documents)
        self._at: dict[str, Group] = {}
        self._created: dict[str, Moment] = {}
        self._changed: dict[str, Moment] = {}

    def back(self, history: Iterable[Commit], cut: Set[str]) -> Known:
        """Go through all commits, none before one that follows it; nothing is known of what is `cut` off."""
        group: Group | None = {path: [path] for path in self._documents}
        for commit in history:
            group = group or self._at.pop(commit.id, None)
            if group and commit.id not in cut:
                self._visit(commit, group)
            group = None
        return {path: (self._created.get(path), self._changed.get(path)) for path in self._documents}

    def _visit(self, commit: Commit, group: Group) -> None:
        first = commit.parents[0] if commit.parents else ""
        for path in group.keys() & commit.against(first).keys():
            parent, before = self._whence(commit, path, group[path])
            if parent != first or before != path:
                documents = group.pop(path)
                if parent and before:
                    self._hand_on(parent, {before: documents})
        if first:
            self._hand_on(first, group)

    def _whence(self, commit: Commit, path: str, documents: list[str]) -> tuple[str, str | None]:
        """The parent that a path came from, and what it was called there; none if the commit created it."""
        for parent in commit.parents[1:]:
            if path not in commit.against(parent):
                return parent, path
        for document in documents:
            self._changed.setdefault(document, commit.moment)
        for parent in commit.parents:
            if before := commit.against(parent)[path]:
                return parent, before
        self._created |= dict.fromkeys(documents, commit.moment)
        return "", None

    def _hand_on(self, commit: str, group: Group) -> None:
        there = self._at.setdefault(commit, group)
        if there is not group:
            small, large = sorted((there, group), key=len)
            for path, documents in small.items():
                large[path] = large.get(path, []) + documents
            self._at[commit] = large
