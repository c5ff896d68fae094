"""Where front matter names a column of the data, or the file that holds it."""

from __future__ import annotations

import re
from enum import IntEnum
from fnmatch import fnmatchcase
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.errors import FieldPath

_NAMES = frozenset(
    {"column", "target", "unit_id", "group", "key", "score", "date", "segments", "known_after", "columns"}
)
"""Keys whose values are names of columns."""

_EXPRESSIONS = frozenset({"rule", "rows", "share_of", "of", "per", "where"})
"""Keys whose values are expressions over columns."""

_INDEX = re.compile(r"\[\d+\]")


class Rank(IntEnum):
    """How well a place in front matter shows what an error is about, the best first."""

    FIELD = 0
    """The field that the error concerns."""
    NAME = 1
    """The column's name."""
    EXPRESSION = 2
    """An expression that reads the column."""
    DECLARATION = 3
    """The column's entry in `columns`."""
    PATTERN = 4
    """A pattern of features that matches the column."""
    FILE = 5
    """What names the file or the query."""


class Mention(NamedTuple):
    """A place in front matter."""

    rank: Rank
    path: FieldPath
    is_key: bool = False
    """Whether the key at the path is meant, not its value."""


class Part(NamedTuple):
    """A part of a document's front matter, with the path at which it begins."""

    data: object
    path: FieldPath = ()

    def mentions(self, column: str, fields: Sequence[str], source: str) -> Iterator[Mention]:
        """Places for an error about data.

        Args:
            column: the column that the error names; empty if it names none.
            fields: the fields that it concerns, without what is above them; the first one counts.
            source: the name of the table, which ends in the path that the document names.
        """
        named = sorted(self._mentions_of(column)) if column else []
        for path in chain.from_iterable(map(self._paths_of, filter(None, fields))):
            inside = (mention for mention in named if mention.path[: len(path)] == path)
            yield next(inside, Mention(Rank.FIELD, path))._replace(rank=Rank.FIELD)
        yield from named
        yield from self._mentions_of_file(source)

    def _mentions_of(self, column: str) -> Iterator[Mention]:
        word = re.compile(rf"(?<!\w){re.escape(column)}(?!\w)")
        for path, value in _scalars(self.data, self.path):
            key = next((step for step in reversed(path) if isinstance(step, str)), "")
            is_feature = "features" in path[:-1]
            if value == column and (key in _NAMES or is_feature):
                yield Mention(Rank.NAME, path)
            elif key in _EXPRESSIONS and word.search(str(value)):
                yield Mention(Rank.EXPRESSION, path)
            elif is_feature and fnmatchcase(column, str(value)):
                yield Mention(Rank.PATTERN, path)
        for path in self._paths_of("columns"):
            declared = self._at(path)
            if isinstance(declared, dict) and column in declared:
                yield Mention(Rank.DECLARATION, (*path, column), is_key=True)

    def _mentions_of_file(self, source: str) -> Iterator[Mention]:
        for path in _paths(self.data, self.path):
            value = self._at(path)
            if not isinstance(value, str) or not source:
                continue
            is_query = path[-1] == "query" and not _is_path(source)
            if is_query or (path[-1] == "source" and _names_file(value, source)):
                yield Mention(Rank.FILE, path)

    def has(self, path: FieldPath) -> bool:
        """Whether there is a field at this path."""
        try:
            self._at(path)
        except (KeyError, IndexError, TypeError):
            return False
        return True

    def _at(self, path: FieldPath) -> object:
        value: object = self.data
        for step in path[len(self.path) :]:
            if isinstance(value, dict):
                value = value[step]
                continue
            if not isinstance(value, list) or not isinstance(step, int):
                raise KeyError(step)
            value = value[step]
        return value

    def _paths_of(self, field: str) -> Iterator[FieldPath]:
        """The paths that end in these keys, with or without the indices of lists."""
        for path in _paths(self.data, self.path):
            text = dotted(path)
            if any(
                form == field or form.endswith(f".{field}") or (field.endswith(f".{form}") and "." in form)
                for form in (text, _INDEX.sub("", text))
            ):
                yield path


def _paths(value: object, path: FieldPath) -> Iterator[FieldPath]:
    """Every path below a value, parents first."""
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, inner in entries:
        yield (*path, step)
        yield from _paths(inner, (*path, step))


def _scalars(value: object, path: FieldPath) -> Iterator[tuple[FieldPath, object]]:
    if isinstance(value, dict):
        for step, inner in value.items():
            yield from _scalars(inner, (*path, step))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _scalars(inner, (*path, index))
    else:
        yield path, value


def _names_file(written: str, source: str) -> bool:
    """Whether a table's name contains the path that a document writes: the file, or a folder above it."""
    return f"/{written.strip('/')}/" in f"/{source}/"


def _is_path(source: str) -> bool:
    return "/" in source and " " not in source
