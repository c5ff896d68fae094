"""Which columns a model may see."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from iterata.errors import DataError
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from iterata.errors import Location

NOT = "!"
"""A pattern that begins so leaves columns out."""


def feature_columns(
    patterns: Sequence[str], table: Sequence[str], *, target: str, never: Collection[str], where: Location
) -> list[str]:
    """The columns of a feature set, in the table's order.

    Patterns are read from left to right: a plain one adds the columns it matches (`*`, `?` and `[...]` as in
    file names, upper and lower case told apart), one that begins with `!` takes them out again. The target
    and the columns in `never`, which name or divide rows, never come in, whatever a pattern matches.

    Raises:
        DataError: a pattern matches no column, names the target, or nothing is left; `where` is the field.
    """
    chosen: set[str] = set()
    for number, pattern in enumerate(patterns):
        place = where / number
        matched = _matched(pattern.removeprefix(NOT), table, place)
        if pattern == target:
            remedy = "take it out: a model must not see what it is to predict"
            raise DataError(f"the target {target} is among the features", remedy=remedy, where=place)
        chosen = chosen - matched if pattern.startswith(NOT) else chosen | matched
    columns = [column for column in table if column in chosen - {target, *never}]
    if not columns:
        remedy = (
            "begin with a pattern that adds columns, such as '*'; the target, the unit's id and what "
            "the rows are divided by never count"
        )
        raise DataError("the feature set is empty", remedy=remedy, where=where)
    return columns


def _matched(pattern: str, table: Collection[str], place: Location) -> set[str]:
    if pattern in table:  # a column's own name may hold brackets
        return {pattern}
    matched = {column for column in table if fnmatchcase(column, pattern)}
    if not matched:
        guess = closest(pattern, list(table))
        remedy = f"did you mean {guess}?" if guess else "write a column's name, or a pattern such as 'age_*'"
        raise DataError(f"{pattern!r} matches no column", remedy=remedy, where=place)
    return matched
