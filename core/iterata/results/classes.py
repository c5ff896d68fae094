"""The parts of a result that are about many classes: what is confused with what, and each class by itself."""

from __future__ import annotations

from iterata.results.parts import Estimate, ResultPart, RoundedFloat


class ConfusedPair(ResultPart):
    """The rows with one answer whose truth is one class."""

    answer: str
    """A class, or the answer that hands a row to a person."""
    truth: str
    """The class that is true."""
    rows: RoundedFloat
    """How many rows of the sample; the mean over repeats. Rows are counted, never weighted."""
    value: RoundedFloat | None = None
    """What they are worth together, in the KPI's unit and period; None if it has no values."""
    cost: RoundedFloat | None = None
    """What they are worth less than the best answer would be, as above; never negative."""


class OtherPairs(ResultPart):
    """All pairs of answer and truth that are not listed, together."""

    pairs: int
    rows: RoundedFloat
    value: RoundedFloat | None = None
    cost: RoundedFloat | None = None


class ConfusionTable(ResultPart):
    """What a model answers where each class is true: the pairs that cost most come first.

    Without values, wrong answers come first, the most frequent of them at the top.
    """

    pairs: list[ConfusedPair]
    """Pairs without rows are left out, and so are those after the first 100."""
    others: OtherPairs | None = None
    """None if all pairs with rows are listed."""


class ClassFigure(ResultPart):
    """How well one class is told, and what its rows are worth."""

    name: str
    rows: int
    """How many rows of the sample have this class."""
    answered: RoundedFloat
    """How many rows have this answer; the mean over repeats."""
    precision: Estimate | None
    """The share of rows with this answer that have this class; None if no row has the answer."""
    recall: Estimate | None
    """The share of rows of this class that have this answer."""
    f1: Estimate | None
    """The harmonic mean of precision and recall."""
    value: Estimate | None = None
    """What its rows are worth together, in the unit of the KPI and for its period; None without values."""


class UnlearnedClass(ResultPart):
    """A class of rows that a fold predicts, and of which it has none to learn from."""

    name: str
    folds: int
    """In how many folds, of all repeats."""
    rows: int
    """How many rows are predicted like this, in all of them together."""
