"""Which columns a model may use."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.columns import ColumnKind
from iterata.errors import DataError
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from iterata.errors import Location

EXCLUDE = "!"
"""The first character of a pattern that removes columns."""

REASONS = {
    ColumnKind.ID: "an id",
    ColumnKind.DATE: "dates",
    ColumnKind.KNOWN_AFTER: "known only after the decision",
}
"""Why columns of these kinds are no features, for patterns that match them."""


class NoFeatures(DataError):
    """A feature set selects no column."""

    def __init__(self, left_out: Mapping[str, str], where: Location) -> None:
        reasons = ", ".join(f"{column} ({reason})" for column, reason in left_out.items())
        remedy = "begin with a pattern that adds columns, such as '*'"
        if left_out:
            remedy = f"add columns that can be features; these cannot: {reasons}"
        super().__init__("the feature set is empty", remedy=remedy, where=where)


class FeatureSet(NamedTuple):
    """The columns of a feature set."""

    columns: list[str]
    """In the table's order."""
    named: Mapping[str, int]
    """The columns that are written out rather than matched by a pattern, with the number of their entry."""
    left_out: Mapping[str, str]
    """The columns that a pattern matches and that are no features, with the reason."""


def feature_columns(
    patterns: Sequence[str],
    table: Sequence[str],
    *,
    target: str,
    never: Mapping[str, str],
    kinds: Mapping[str, ColumnKind],
    where: Location,
) -> FeatureSet:
    """The columns of a feature set, as far as names and declarations show it.

    Patterns are read from left to right. A plain pattern adds the columns that it matches (`*`, `?` and
    `[...]` as in file names; upper and lower case differ). A pattern that begins with `!` removes them. A
    pattern leaves out ids and dates that the data's description declares; a program, or an estimator with a
    pipeline of its own, gets them where they are written out.

    Args:
        patterns: the feature set.
        table: the columns of the data.
        target: the column that models predict; it is never a feature.
        never: columns that are never features, such as the unit, with the reason.
        kinds: the declared kinds of columns.
        where: the field of the feature set.

    Raises:
        DataError: a pattern matches no column, names the target or a column that is known afterwards, or no
            column is left.
    """
    selected: set[str] = set()
    named: dict[str, int] = {}
    for number, pattern in enumerate(patterns):
        matches = _matches(pattern.removeprefix(EXCLUDE), table, where / number)
        if pattern in (target, *kinds):
            _check_named(pattern, target, kinds, where / number)
        if pattern.startswith(EXCLUDE):
            selected = selected - matches
            named = {column: entry for column, entry in named.items() if column not in matches}
        else:
            selected = selected | matches
            named |= {pattern: number} if pattern in table else {}
    kept = selected - {target}
    left_out = {
        column: reason
        for column in table
        if column in kept and (reason := never.get(column) or _declared(column, kinds, named))
    }
    columns = [column for column in table if column in kept and column not in left_out]
    if not columns:
        raise NoFeatures(left_out, where)
    return FeatureSet(columns, named, left_out)


def _check_named(column: str, target: str, kinds: Mapping[str, ColumnKind], where: Location) -> None:
    if column == target:
        remedy = "remove it: a model must not see what it is to predict"
        raise DataError(f"the target {target} is among the features", remedy=remedy, where=where)
    if kinds[column] is ColumnKind.KNOWN_AFTER:
        remedy = "remove it; or, if it is known in time, do not declare it as `known_after`"
        raise DataError(f"{column} is known only after the decision", remedy=remedy, where=where)


def _declared(column: str, kinds: Mapping[str, ColumnKind], named: Mapping[str, int]) -> str | None:
    """Why a declared column is no feature; None if it is one."""
    kind = kinds.get(column)
    return None if kind is None or column in named else REASONS.get(kind)


def _matches(pattern: str, table: Collection[str], where: Location) -> set[str]:
    if pattern in table:  # the name of a column may contain brackets
        return {pattern}
    matches = {column for column in table if fnmatchcase(column, pattern)}
    if not matches:
        guess = closest(pattern, list(table))
        remedy = f"did you mean {guess}?" if guess else "write a column's name, or a pattern such as 'age_*'"
        raise DataError(f"{pattern!r} matches no column", remedy=remedy, where=where)
    return matches
