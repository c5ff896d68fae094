"""Rows of tables of what is confused with what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.render.markdown import escape
from iterata.text import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.results.classes import ConfusionTable


def confusion_headers(unit: str, *, valued: bool) -> list[str]:
    """The columns; `unit` is that of the KPI."""
    return ["answer", "truth", "rows", *([f"worth ({unit})", "costs"] if valued else [])]


def confusion_rows(table: ConfusionTable, shown_pairs: int, *, valued: bool) -> Iterator[list[str]]:
    """The costliest pairs, and all others together; without values the most frequent wrong answers."""
    costly = [pair for pair in table.pairs if (pair.cost if valued else pair.answer != pair.truth)]
    shown = costly[:shown_pairs]
    for pair in shown:
        cells = (pair.rows, pair.value, pair.cost)
        yield [escape(pair.answer), escape(pair.truth), *_amounts(*cells, valued=valued)]
    left = [pair for pair in table.pairs if pair not in shown]
    others = table.others
    pairs = len(left) + (others.pairs if others else 0)
    if pairs:
        cells = (
            sum(pair.rows for pair in left) + (others.rows if others else 0.0),
            sum(pair.value or 0.0 for pair in left) + ((others and others.value) or 0.0),
            sum(pair.cost or 0.0 for pair in left) + ((others and others.cost) or 0.0),
        )
        name = "all other pairs" if shown else "all pairs"
        yield [f"{name} ({pairs:,})", "", *_amounts(*cells, valued=valued)]


def _amounts(rows: float, value: float | None, cost: float | None, *, valued: bool) -> list[str]:
    counted = number(rows, 0 if rows == int(rows) else 1)
    return [counted, *([number(value or 0.0), number(cost or 0.0)] if valued else [])]
