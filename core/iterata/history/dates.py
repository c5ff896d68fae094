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
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from iterata import git
from iterata.errors import IterataError
from iterata.history.log import commits
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set
    from pathlib import Path

    from iterata.config import Config
    from iterata.history.log import Commit, Moment

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


@dataclass(frozen=True, slots=True)
class History:
    """The dates of all documents of a working tree."""

    _known: Known
    _pending: Set[str]

    def of(self, path: str) -> Dates | None:
        """The dates of a document, by its path relative to `mkdocs.yml`.

        None where Git says nothing of it: it is ignored, part of a submodule, or lies beyond a link.
        """
        pending = path in self._pending
        if path in self._known:
            return Dates(*self._known[path], committed=True, pending=pending)
        return Dates(None, None, committed=False, pending=True) if pending else None

    @property
    def undated(self) -> int:
        """How many documents changed last before the history was cut off, in a clone that is not whole."""
        return sum(changed is None for _, changed in self._known.values())


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
        with git.uncommitted(base.root, folder) as status:
            known = _known(base.root, folder, standing)
            pending = {each[3:].removeprefix(standing.prefix) for each in status.fields() if each}
    except subprocess.CalledProcessError:
        message = "Git cannot read the history to its end, so documents have no dates"
        remedy = "see what `git log --raw` and `git fsck` say, or set the option `dates: false`"
        raise IterataError(message, remedy=remedy, where=str(base.root)) from None
    return History(known, pending)


@lru_cache(maxsize=4)
def _known(root: Path, folder: str, standing: git.Standing) -> Known:
    with git.log(root, standing.head, among_others=bool(standing.prefix)) as log:
        files = git.files(root, standing.head, folder)
        documents = [path for path in files if path.rpartition("/")[2] in FILENAMES]
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
            documents = group.pop(path)
            same = next((each for each in commit.parents if path not in commit.against(each)), None)
            if same:
                self._hand_on(same, {path: documents})
            else:
                self._change(commit, path, documents)
        if first:
            self._hand_on(first, group)

    def _change(self, commit: Commit, path: str, documents: list[str]) -> None:
        for document in documents:
            self._changed.setdefault(document, commit.moment)
        for parent in commit.parents:
            change = commit.against(parent)[path]
            if not change.is_new:
                self._hand_on(parent, {change.before: documents})
                return
        self._created |= dict.fromkeys(documents, commit.moment)

    def _hand_on(self, commit: str, group: Group) -> None:
        small, large = sorted((group, self._at.get(commit, {})), key=len)
        for path, documents in small.items():
            large[path] = large.get(path, []) + documents
        self._at[commit] = large
