"""Values that no sum can contain, counted over all rows, and the refusal of the first kind of them."""

from __future__ import annotations

from collections import Counter
from math import floor, log10
from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import DataError, Location

if TYPE_CHECKING:
    from iterata.rollout.reading.quantities import Quantity

MISSING, INFINITE, TOO_LOW, TOO_LARGE, CHANGING, WITHOUT_BEFORE = (
    "missing", "infinite", "too low", "too large", "changing", "without before",
)  # fmt: skip

LARGEST = 1e50
"""Beyond it the squares of variances, which give the degrees of freedom, may overflow."""


class Faults(NamedTuple):
    """How many rows or units have each fault, by the position of the quantity and the fault."""

    counts: Counter[tuple[int, str]]
    examples: dict[tuple[int, str], str]

    @classmethod
    def none(cls) -> Faults:
        """No faults yet."""
        return cls(Counter(), {})

    def add(self, position: int, fault: str, count: int, example: object = "") -> None:
        """Count further rows or units with a fault; the first example is kept."""
        if count:
            self.counts[position, fault] += count
            self.examples.setdefault((position, fault), str(example))

    def check(self, quantities: tuple[Quantity, ...], rows: int, where: str) -> None:
        """Refuse the first fault, if there is one.

        Raises:
            DataError: a value cannot be added up.
        """
        for key in sorted(self.counts, key=lambda item: (_ORDER.index(item[1]), item[0])):
            position, fault = key
            raise _refusal(quantities[position], fault, self.counts[key], rows, self.examples[key], where)


_ORDER = (MISSING, INFINITE, TOO_LOW, TOO_LARGE, WITHOUT_BEFORE, CHANGING)


def _refusal(quantity: Quantity, fault: str, count: int, rows: int, example: str, where: str) -> DataError:
    message, remedy = _TEXTS[fault]
    first = quantity.columns[0] if quantity.columns else "x"
    words = {
        "what": f"`{quantity.key}: {quantity.expression}`", "count": f"{count:,}", "rows": f"{rows:,}",
        "example": example, "metric": quantity.metric, "expression": quantity.expression,
        "at_least": f"{quantity.at_least or 0:g}", "column": first, "largest": f"{LARGEST:g}",
        "divisor": _divisor(example) if fault == TOO_LARGE else "",
    }  # fmt: skip
    field = f"split_test.metrics.{quantity.metric}.at_least" if fault == TOO_LOW else quantity.field
    place = Location(where, data_column=first if quantity.columns else "")
    error = DataError(message.format(**words), remedy=remedy.format(**words), where=place)
    return error.about(field)


def _divisor(example: str) -> str:
    """A power of ten that brings a number of the largest size to an ordinary one."""
    return f"1e{floor(log10(abs(float(example))))}"


_TEXTS = {
    MISSING: (
        "{what} is missing in {count} of {rows} rows",
        "write `if_missing({expression}, 0)` if a missing value means none, or leave these rows out with a "
        "`query:`",
    ),
    INFINITE: (
        "{what} is infinite in {count} of {rows} rows",
        "correct these rows, avoid a division by 0, or leave them out with a `query:`",
    ),
    TOO_LOW: (
        "{what} is below {at_least} in {count} of {rows} rows, such as {example}",
        "correct these rows, leave them out with a `query:`, or remove `at_least` if such a value is right",
    ),
    TOO_LARGE: (
        "{what} is beyond {largest} in {count} of {rows} rows, such as {example}",
        "correct these rows, or write another unit, such as `({expression}) / {divisor}`",
    ),
    WITHOUT_BEFORE: (
        "{what} is missing for {count} units",
        "write `if_missing({expression}, 0)` if a unit without an earlier value had none, or remove `before`",
    ),
    CHANGING: (
        "{what} differs between rows of the same unit for {count} units",
        "write into every row of a unit the same value, measured before its first exposure, or remove "
        "`before`",
    ),
}
