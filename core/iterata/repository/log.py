"""The commits of a history, read from one `git log`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Changes: TypeAlias = "dict[str, str | None]"
"""The files that differ from a parent, each with its path there, or with none where it is new."""

_COMMIT = re.compile(
    r"commit (?P<id>\w+)(?P<parents>(?: \w+)*)(?: \(from (?P<against>\w+)\))?\n"
    r"(?:Merge: .*\n)?(?:Author: {5}(?P<author>.*) <.*\n)?(?:AuthorDate: .*\n)?(?:Commit: .*\n)?"
    r"(?:CommitDate: (?P<day>.*))?"
)
"""A commit as `--pretty=fuller` shows it; its message follows, every line of it indented."""

_MOVED = "R100"
_STATUSES = frozenset({"A", "D", "M", "T", _MOVED})


class Moment(NamedTuple):
    """A commit, as far as readers care."""

    day: str
    """The committer's date, YYYY-MM-DD in the committer's own zone: the same wherever the site is built."""
    author: str
    """As in Git, or as `.mailmap` puts it."""


class Commit(NamedTuple):
    """A commit and what it changed."""

    id: str
    moment: Moment
    parents: list[str]
    changes: dict[str, Changes]
    """By parent; what a commit without parents holds stands under an empty name."""

    def against(self, parent: str) -> Changes:
        """What differs from a parent."""
        return self.changes.get(parent, {})


def commits(fields: Iterable[str]) -> Iterator[Commit]:
    """The commits of a log in its own order, from its fields.

    A merge is told once for each parent that it differs from. The first change of a commit follows the
    message, in the same field; of a moved file two paths are told.
    """
    commit: Commit | None = None
    changes: Changes = {}
    rest = iter(fields)
    for field in rest:
        status = field
        if field.startswith("commit ") and (found := _COMMIT.match(field)):
            if commit is None or commit.id != found["id"]:
                if commit:
                    yield commit
                commit = _commit(found)
            parent = found["against"] or (commit.parents[0] if commit.parents else "")
            changes = commit.changes.setdefault(parent, {})
            status = field.rpartition("\n")[2]
        if status in _STATUSES:
            before = next(rest)
            path = next(rest) if status == _MOVED else before
            changes[path] = None if status == "A" else before
    if commit:
        yield commit


def _commit(found: re.Match[str]) -> Commit:
    author = (found["author"] or "").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return Commit(found["id"], Moment(found["day"] or "", author), found["parents"].split(), {})
