"""Which columns a model may use."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from iterata.errors import DataError
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from iterata.errors import Location

EXCLUDE = "!"
"""The first character of a pattern that removes columns."""


def feature_columns(
    patterns: Sequence[str], table: Sequence[str], *, target: str, never: Collection[str], where: Location
) -> list[str]:
    """The columns of a feature set, in the table's order.

    Patterns are read from left to right. A plain pattern adds the columns that it matches (`*`, `?` and
    `[...]` as in file names; upper and lower case differ). A pattern that begins with `!` removes them.

    Args:
        patterns: the feature set.
        table: the columns of the data.
        target: the column that models predict; it is never a feature.
        never: columns that identify or divide rows; they are never features.
        where: the field of the feature set.

    Raises:
        DataError: a pattern matches no column, names the target, or no column is left.
    """
    selected: set[str] = set()
    for number, pattern in enumerate(patterns):
        matches = _matches(pattern.removeprefix(EXCLUDE), table, where / number)
        if pattern == target:
            remedy = "remove it: a model must not see what it is to predict"
            raise DataError(f"the target {target} is among the features", remedy=remedy, where=where / number)
        selected = selected - matches if pattern.startswith(EXCLUDE) else selected | matches
    columns = [column for column in table if column in selected - {target, *never}]
    if not columns:
        remedy = (
            "begin with a pattern that adds columns, such as '*'; the target, the unit's id and the columns "
            "of the split are never features"
        )
        raise DataError("the feature set is empty", remedy=remedy, where=where)
    return columns


def _matches(pattern: str, table: Collection[str], where: Location) -> set[str]:
    if pattern in table:  # the name of a column may contain brackets
        return {pattern}
    matches = {column for column in table if fnmatchcase(column, pattern)}
    if not matches:
        guess = closest(pattern, list(table))
        remedy = f"did you mean {guess}?" if guess else "write a column's name, or a pattern such as 'age_*'"
        raise DataError(f"{pattern!r} matches no column", remedy=remedy, where=where)
    return matches
