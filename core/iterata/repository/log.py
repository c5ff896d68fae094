"""The commits of a history, parsed from one `git log`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Changes: TypeAlias = "dict[str, str | None]"
"""The files that differ from a parent, each with its path there; None if it is new."""

_COMMIT = re.compile(
    r"commit (?P<id>\w+)(?P<parents>(?: \w+)*)(?: \(from (?P<against>\w+)\))?\n"
    r"(?:Merge: .*\n)?(?:Author: {5}(?P<author>.*) <.*\n)?(?:AuthorDate: .*\n)?(?:Commit: .*\n)?"
    r"(?:CommitDate: (?P<day>.*))?"
)
"""A commit in the format `--pretty=fuller`; its message follows, every line indented."""

_RENAMED = "R100"
_STATUSES = frozenset({"A", "D", "M", "T", _RENAMED})


class Authorship(NamedTuple):
    """The date and the author of a commit."""

    day: str
    """The committer's date as YYYY-MM-DD, in the committer's time zone: the same wherever a site is built."""
    author: str
    """The author's name, mapped by `.mailmap`."""


class Commit(NamedTuple):
    """A commit and what it changed."""

    id: str
    authorship: Authorship
    parents: list[str]
    changes: dict[str, Changes]
    """By parent; the files of a commit without parents are under an empty name."""

    def against(self, parent: str) -> Changes:
        """What differs from a parent."""
        return self.changes.get(parent, {})


def commits(fields: Iterable[str]) -> Iterator[Commit]:
    """The commits of a log, in its order, from its fields.

    The log has a merge once for each parent that it differs from. The first change of a commit follows the
    message in the same field. A renamed file has two paths.
    """
    commit: Commit | None = None
    changes: Changes = {}
    remaining = iter(fields)
    for field in remaining:
        status = field
        if field.startswith("commit ") and (header := _COMMIT.match(field)):
            if commit is None or commit.id != header["id"]:
                if commit:
                    yield commit
                commit = _commit(header)
            parent = header["against"] or (commit.parents[0] if commit.parents else "")
            changes = commit.changes.setdefault(parent, {})
            status = field.rpartition("\n")[2]
        if status in _STATUSES:
            before = next(remaining)
            path = next(remaining) if status == _RENAMED else before
            changes[path] = None if status == "A" else before
    if commit:
        yield commit


def _commit(header: re.Match[str]) -> Commit:
    author = (header["author"] or "").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return Commit(header["id"], Authorship(header["day"] or "", author), header["parents"].split(), {})
