"""Which of a target's values are positive, and which negative."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self, SupportsFloat

from iterata.data.refusals import (
    SHOWN_VALUES,
    AlwaysPositive,
    NeverPositive,
    SeveralSpellings,
    UndeclaredValues,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from iterata.documents.models.rows import TargetValue

ALL_OTHERS = "*"
"""`negative: "*"`: every value that is not positive is negative."""

_YAML_WORDS = {True: {"true", "yes", "on", "y"}, False: {"false", "no", "off", "n"}}
"""The words that authors write for true and false: `positive: true` must match the text Yes."""

_BOOLS = {"True": True, "False": False}
"""The values of a column of booleans, as text."""


class TargetClasses(NamedTuple):
    """Which values of the target are positive, and which are negative."""

    positive: tuple[TargetValue, ...] = (1,)
    negative: tuple[TargetValue, ...] | None = None
    """None: one other value, whichever it is. `*` stands for all other values."""

    @classmethod
    def of(
        cls,
        positive: TargetValue | list[TargetValue],
        negative: TargetValue | list[TargetValue] | None = None,
    ) -> Self:
        """The classes that a document describes: each a value, or a list of values."""
        return cls(_listed(positive), None if negative is None else _listed(negative))

    def is_positive(self, values: Iterable[object]) -> list[bool]:
        """Whether each of the distinct values of a column is positive."""
        return [self._is_positive(value) for value in values]

    def _is_positive(self, value: object) -> bool:
        """Whether a value is positive; as the document writes it has precedence: `01` differs from `1`."""
        written = str(value)
        if written in map(str, self.positive) or written in map(str, self.negative or ()):
            return written in map(str, self.positive)
        return any(is_equal(value, positive) for positive in self.positive)

    def check(self, column: object, counts: Mapping[object, int], where: str) -> None:
        """Make sure that every value of the column has one class, and that both classes have rows.

        Args:
            column: the name of the target column.
            counts: how many rows have each value.
            where: the table.

        Raises:
            DataError: a class is empty, or a value has no class or two.
        """
        values = list(counts)
        shown = [str(value) for value in values[:SHOWN_VALUES]]
        for expected in self.positive:
            if not any(is_equal(value, expected) for value in values):
                raise NeverPositive(column, expected, shown, where)
        positive = {value for value, is_one in zip(values, self.is_positive(values), strict=True) if is_one}
        self._check_spellings(column, counts, positive, where)
        others = [value for value in values if value not in positive]
        if not others:
            raise AlwaysPositive(column, " or ".join(map(str, self.positive)), where)
        if undeclared := self._undeclared(others):
            raise UndeclaredValues(column, counts, undeclared, others, self.negative is not None, where)

    def _check_spellings(
        self, column: object, counts: Mapping[object, int], positive: set[object], where: str
    ) -> None:
        """Refuse `Yes` and `yes ` beside `yes`: one of them would silently count as negative."""
        negative = self.negative or ()
        spelled = {
            value
            for value in counts
            if value not in positive
            and any(_is_spelling(value, expected) for expected in self.positive)
            and not any(is_equal(value, expected) for expected in negative)
        }
        if spelled or (len(self.positive) == 1 and len(positive) > 1):
            found = {value: rows for value, rows in counts.items() if value in positive | spelled}
            raise SeveralSpellings(column, found, where)

    def _undeclared(self, others: list[object]) -> list[object]:
        """The values that are neither positive nor negative."""
        if self.negative is None:
            return others if len({_spelling(value) for value in others}) > 1 else []
        if ALL_OTHERS in self.negative:
            return []
        return [value for value in others if not any(is_equal(value, known) for known in self.negative)]


def is_equal(value: object, expected: TargetValue) -> bool:
    """Whether a cell holds the value that a document names.

    Numbers are compared as numbers, and true and false with the words that stand for them.

    >>> is_equal("1.0", 1), is_equal("Yes", True), is_equal("Yes", "yes")
    (True, True, False)
    """
    if str(value) == str(expected):
        return True
    if isinstance(expected, bool):
        return _word(value) in _YAML_WORDS[expected] or _number(value) == expected
    if str(value) in _BOOLS and isinstance(expected, str):
        return _word(expected) in _YAML_WORDS[_BOOLS[str(value)]]
    number = _number(expected)
    return number is not None and _number(value) == number


def _is_spelling(value: object, expected: TargetValue) -> bool:
    """Whether a cell looks like another way to write a value: `Yes`, or `yes` with a blank behind it."""
    return _spelling(value) == _spelling(expected)


def _spelling(value: object) -> str:
    """What is left of a value without upper case, and without blanks around it."""
    number = _number(value)
    return str(value).strip().casefold() if number is None else f"{number:g}"


def _listed(values: TargetValue | list[TargetValue]) -> tuple[TargetValue, ...]:
    return tuple(values) if isinstance(values, list) else (values,)


def _word(value: object) -> str:
    return str(value).strip().lower()


def _number(value: object) -> float | None:
    if not isinstance(value, SupportsFloat | str):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
