"""What models answer where each class is true: what costs most first, and each class by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.render.estimates import interval, percent_interval
from iterata.results import ExperimentResult
from iterata.text import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.results import Estimate, LiftResult
    from iterata.results.classes import ClassFigure, ConfusedPair, ConfusionTable

SHOWN_PAIRS = 12
"""How many pairs of a model are shown at once; the others follow on request."""

SHOWN_CLASSES = 15
"""Of how many classes the figures are shown at once: of those with most rows."""

LONGEST_NAME = 60
"""How many characters of a class's name are shown."""


class PairRow(NamedTuple):
    """The rows with one answer whose truth is one class."""

    answer: str
    truth: str
    rows: str
    worth: str
    """Empty if the KPI has no values."""
    cost: str
    """What they cost against the best answer; without values the number of wrong rows."""
    heat: float
    """The cost in percent of the largest one, for the length of a bar beside the figure."""


class Share(NamedTuple):
    """A share of 0 to 1 with its interval, as text and as positions in percent."""

    text: str
    x: float
    low: float
    high: float


class ClassRow(NamedTuple):
    """One class."""

    name: str
    rows: str
    shares: tuple[Share | None, ...]
    """Precision, recall and F1; None if there is no such figure."""
    worth: str


class Answers(NamedTuple):
    """The tables of one model."""

    name: str
    has_values: bool
    pairs: tuple[PairRow, ...]
    """The costly pairs, most first."""
    total: int
    """How many pairs of an answer and a truth have rows."""
    classes: tuple[ClassRow, ...]
    """The classes, those with most rows first."""
    to_person: str
    """The share of rows that is handed to a person; empty if the KPI has no person."""


def answers(result: LiftResult | ExperimentResult) -> tuple[Answers, ...]:
    """The tables of all models: the variant with the largest gain first, the status quo last.

    Empty for a target without classes.
    """
    if isinstance(result, ExperimentResult):
        return tuple(_all(result))
    name, table = result.scale.status_quo_label.capitalize(), result.confusion
    return () if table is None else (_answers(name, table, (), None),)


def _all(result: ExperimentResult) -> Iterator[Answers]:
    for variant in sorted(result.variants, key=lambda variant: -variant.difference.value):
        if variant.confusion is not None:
            yield _answers(variant.name, variant.confusion, variant.classes, variant.to_person)
    if result.status_quo_confusion is not None:
        yield _answers(
            result.scale.status_quo_label.capitalize(),
            result.status_quo_confusion,
            result.status_quo_classes,
            result.status_quo_to_person,
        )


def _answers(
    name: str, table: ConfusionTable, classes: Sequence[ClassFigure], to_person: Estimate | None
) -> Answers:
    has_values = any(pair.cost is not None for pair in table.pairs)
    costly = [pair for pair in table.pairs if _cost(pair, has_values=has_values)]
    largest = max((_cost(pair, has_values=has_values) for pair in costly), default=1.0)
    others = table.others.pairs if table.others else 0
    return Answers(
        name,
        has_values,
        tuple(_pair(pair, largest, has_values=has_values) for pair in costly),
        len(table.pairs) + others,
        tuple(map(_class, sorted(classes, key=lambda figure: -figure.rows))),
        percent_interval(to_person) if to_person else "",
    )


def _cost(pair: ConfusedPair, *, has_values: bool) -> float:
    """What a pair costs; without values, how many rows of it are wrong."""
    if has_values:
        return pair.cost or 0.0
    return 0.0 if pair.answer == pair.truth else pair.rows


def _pair(pair: ConfusedPair, largest: float, *, has_values: bool) -> PairRow:
    cost = _cost(pair, has_values=has_values)
    return PairRow(
        pair.answer,
        pair.truth,
        _count(pair.rows),
        number(pair.value or 0.0) if has_values else "",
        number(cost) if has_values else _count(cost),
        round(100 * cost / largest, 1),
    )


def _count(rows: float) -> str:
    return number(rows, 0 if rows == int(rows) else 1)


def _class(figure: ClassFigure) -> ClassRow:
    shares = tuple(map(_share, (figure.precision, figure.recall, figure.f1)))
    worth = interval(figure.value) if figure.value else ""
    return ClassRow(figure.name, f"{figure.rows:,}", shares, worth)


def _share(estimate: Estimate | None) -> Share | None:
    if estimate is None:
        return None
    low, high = estimate.interval or (estimate.value, estimate.value)
    at = (round(100 * min(max(figure, 0.0), 1.0), 1) for figure in (estimate.value, low, high))
    return Share(percent_interval(estimate), *at)
