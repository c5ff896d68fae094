"""Reads classes: those that are true, and the answers of the status quo."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from iterata.data.class_refusals import (
    ClassesAreIds,
    ClassSpellings,
    LongClass,
    OneClass,
    SeveralLabels,
    UnknownAnswer,
)
from iterata.data.columns import require_values
from iterata.data.plain_columns import as_text
from iterata.data.refusals import in_column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from iterata.arrays import Floats

LONGEST = 200
"""The most characters of a class's name."""

MOST_CLASSES = 500
"""A target of more classes is no choice between classes; the limit is ours."""

FEW_CLASSES, FEWEST_ROWS = 20, 5
"""From more classes than this on, classes that have fewer rows than this on average are ids."""

SEPARATORS = (";", "|", ",", "/", "+", "&")
"""Between the labels of a row that has several."""

LISTED = re.compile(r"\[.*\]|\{.*\}")
"""A list that was written as text."""


@dataclass(slots=True)
class ClassReader:
    """Numbers the classes of a table, all rows at once or batch by batch.

    The numbers are in the order of appearance; `codes` puts them into the order of the classes' text.
    """

    column: str
    """The target."""
    where: str
    """The table."""
    person: str | None = None
    """The answer that hands a row to a person."""
    _numbers: dict[str, int] = field(default_factory=dict)
    _rows: Counter[str] = field(default_factory=Counter)
    """How many rows have each class."""
    _answers: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Where each answer was found first: the column, or the field of the document, and the row."""
    _read: int = 0

    def true(self, series: pd.Series) -> NDArray[np.intp]:
        """The number of each row's class: `(n,)`.

        Raises:
            DataError: classes are missing.
        """
        require_values(series, "target", self.where)
        codes, texts = _distinct(series)
        counts = np.bincount(codes, minlength=len(texts))
        self._rows.update(dict(zip(texts, counts.tolist(), strict=True)))
        return self._numbered(codes, texts)

    def answers(self, series: pd.Series, place: str) -> NDArray[np.intp]:
        """The number of each row's answer: `(n,)`; `place` is the column or the field that has them.

        Raises:
            DataError: answers are missing.
        """
        codes, texts = _distinct(series)
        first = np.full(len(texts), -1)
        first[codes[::-1]] = np.arange(len(codes))[::-1]
        for text, row in zip(texts, first.tolist(), strict=True):
            self._answers.setdefault(text, (place, self._read + row + 1))
        self._read += len(codes)
        return self._numbered(codes, texts)

    def check(self) -> None:
        """Make sure that there are classes, and that every answer is one of them.

        Raises:
            DataError: the target holds ids, one class, several labels in a row or spellings of one class; or
                an answer is no class.
        """
        place = in_column(self.where, self.column)
        rows, classes = sum(self._rows.values()), len(self._rows)
        if several := several_labels(self._rows):
            raise SeveralLabels(self.column, several, place)
        if classes > MOST_CLASSES or (classes > FEW_CLASSES and rows < FEWEST_ROWS * classes):
            raise ClassesAreIds(self.column, classes, rows, place)
        if (longest := max(map(len, self._rows), default=0)) > LONGEST:
            raise LongClass(self.column, longest, place)
        if spellings := _spellings(self._rows):
            raise ClassSpellings(self.column, {text: self._rows[text] for text in spellings}, place)
        if classes == 1:
            raise OneClass(self.column, next(iter(self._rows)), place)
        for answer, (origin, row) in self._answers.items():
            if answer not in self._rows and answer != self.person:
                raise UnknownAnswer(answer, origin, self.names, self.where, row)

    @property
    def numbers(self) -> int:
        """How many numbers were given to classes and answers."""
        return len(self._numbers)

    @property
    def names(self) -> tuple[str, ...]:
        """The classes in the order of their text."""
        return tuple(sorted(self._rows))

    def codes(self, numbers: NDArray[np.intp]) -> Floats:
        """The code of each row: the position of its class in `names`, and after them the person."""
        order = {name: float(code) for code, name in enumerate(self.names)}
        by_number = np.array([order.get(name, float(len(order))) for name in self._numbers])
        return by_number[numbers]

    def _numbered(self, codes: NDArray[np.intp], texts: list[str]) -> NDArray[np.intp]:
        numbers = [self._numbers.setdefault(text, len(self._numbers)) for text in texts]
        return np.array(numbers, dtype=np.intp)[codes]


def several_labels(rows: Counter[str]) -> str:
    """A class that names several: a list, or classes of their own with a separator; empty if none does."""
    for text in rows:
        if LISTED.fullmatch(text.strip()):
            return text
        for separator in SEPARATORS:
            parts = [part.strip() for part in text.split(separator)]
            if len(parts) > 1 and all(parts) and all(part in rows for part in parts):
                return text
    return _combined(rows)


def _combined(rows: Counter[str]) -> str:
    """A class whose parts are all parts of other classes, too: `a;b` beside `b;c` and `a;c`."""
    for separator in SEPARATORS[:2]:
        parts = {text: [part.strip() for part in text.split(separator)] for text in rows}
        found = Counter(part for names in parts.values() for part in set(names))
        for text, names in parts.items():
            if len(names) > 1 and all(found[name] > 1 for name in names):
                return text
    return ""


def _spellings(rows: Counter[str]) -> list[str]:
    """Classes that differ in case or blanks only; empty if there are none."""
    by_spelling: dict[str, list[str]] = {}
    for text in rows:
        by_spelling.setdefault(" ".join(text.split()).casefold(), []).append(text)
    return next((texts for texts in by_spelling.values() if len(texts) > 1), [])


def _distinct(series: pd.Series) -> tuple[NDArray[np.intp], list[str]]:
    """The rows' positions in a list of distinct texts, and the list."""
    codes, values = pd.factorize(series)
    texts = as_text(pd.Series(values)).astype(object).tolist()
    if len(set(texts)) == len(texts):
        return codes.astype(np.intp), texts
    again, distinct = pd.factorize(np.array(texts, dtype=object))
    return again[codes].astype(np.intp), list(distinct)
