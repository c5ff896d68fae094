"""A table of Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def table(rows: Sequence[Sequence[str]]) -> str:
    """The rows of a table, the first of which is its head; empty without any text.

    >>> print(table([["name", "value"], ["a"]]))
    | name | value |
    | --- | --- |
    | a |  |
    """
    shown = [row for row in rows if any(row)]
    if not shown:
        return ""
    width = max(map(len, shown))
    first, *rest = (f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in shown)
    return "\n".join((first, "|" + " --- |" * width, *rest))
