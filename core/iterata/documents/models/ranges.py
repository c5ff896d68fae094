"""Uncertain numbers in front matter: a number, `[low, high]` or `[low, likely, high]`, within limits."""

from __future__ import annotations

from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import BeforeValidator, WithJsonSchema

from iterata.text import one_line

if TYPE_CHECKING:
    from pydantic.config import JsonDict

NumberOrRange = float | list[float]
"""A number, `[low, high]` or `[low, likely, high]`."""


class Range(NamedTuple):
    """An uncertain number: between `low` and `high`, most likely `likely`."""

    low: float
    likely: float
    high: float
    distribution: str
    """`fixed` for a single number, `uniform` if only the ends are given, else `PERT`."""

    @classmethod
    def of(cls, value: NumberOrRange) -> Range:
        """The range of a value in a document; the middle of two numbers is the likely one."""
        numbers = value if isinstance(value, list) else [value]
        low, high = numbers[0], numbers[-1]
        likely = numbers[1] if len(numbers) == 3 else (low + high) / 2
        distribution = "fixed" if low == high else "PERT" if len(numbers) == 3 else "uniform"
        return cls(low, likely, high, distribution)


class Limits(NamedTuple):
    """The limits of a number."""

    description: str
    least: float | None = None
    most: float | None = None
    inclusive: bool = True
    """Whether the limits themselves are allowed."""

    def include(self, number: float) -> bool:
        """Whether a number is within the limits."""
        above = self.least is None or (number >= self.least if self.inclusive else number > self.least)
        below = self.most is None or (number <= self.most if self.inclusive else number < self.most)
        return above and below

    @property
    def is_share(self) -> bool:
        """Whether numbers are at most 1."""
        return self.most == 1

    def json_schema(self) -> JsonDict:
        """The JSON Schema of a number or a range within these limits."""
        low, high = ("minimum", "maximum") if self.inclusive else ("exclusiveMinimum", "exclusiveMaximum")
        limits: JsonDict = {
            key: limit for key, limit in ((low, self.least), (high, self.most)) if limit is not None
        }
        number: JsonDict = {"type": "number", **limits}
        return {"anyOf": [number, {"type": "array", "items": number, "minItems": 2, "maxItems": 3}]}


def _validated(value: object, limits: Limits) -> NumberOrRange:
    """The number or the range, if it is valid.

    Raises:
        ValueError: it is not; the message needs no knowledge of YAML.
    """
    numbers = [_number(item, limits) for item in (value if isinstance(value, list) else [value])]
    if isinstance(value, list) and len(numbers) not in (2, 3):
        count = len(numbers)
        raise ValueError(
            f"must be [low, high] or [low, likely, high], not {count} numbers (a decimal has a point)"
        )
    if not all(map(limits.include, numbers)):
        raise ValueError(
            f"must be {limits.description}, not {format_numbers(numbers)}{_guess(numbers, limits)}"
        )
    if numbers != sorted(numbers):
        raise ValueError(
            f"{format_numbers(numbers)} is not ascending: did you mean {format_numbers(sorted(numbers))}?"
        )
    return numbers if isinstance(value, list) else numbers[0]


def _number(value: object, limits: Limits) -> float:
    text = value.strip() if isinstance(value, str) else ""
    percent = _float(text.removesuffix("%")) if text.endswith("%") else None
    if percent is not None and limits.is_share:
        raise ValueError(f"must be {limits.description}, not `{text}`: did you mean {percent / 100:g}?")
    number = _float(value)
    if number is None or not isfinite(number):
        from iterata.documents.error_messages import kind_of  # noqa: PLC0415  # only if something is wrong

        wrong = f"`{one_line(text, 40)}`" if text else "infinity" if number is not None else kind_of(value)
        raise ValueError(f"must be a number such as 0.06, or a range such as [0.05, 0.06, 0.07], not {wrong}")
    return number


def _float(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _guess(numbers: list[float], limits: Limits) -> str:
    """A guess for a percentage that was written instead of a share."""
    if limits.is_share and min(numbers) >= 0 and 1 < max(numbers) < 100:
        return f": did you mean {format_numbers([number / 100 for number in numbers])}?"
    return ""


def format_numbers(numbers: list[float]) -> str:
    """Numbers in the notation of a document."""
    listed = ", ".join(f"{number:.10g}" for number in numbers)
    return listed if len(numbers) == 1 else f"[{listed}]"


def _within(limits: Limits) -> tuple[BeforeValidator, WithJsonSchema]:
    return BeforeValidator(partial(_validated, limits=limits)), WithJsonSchema(limits.json_schema())


Proportion = Annotated[NumberOrRange, *_within(Limits("a share from 0 to 1", 0, 1))]
Rate = Annotated[NumberOrRange, *_within(Limits("a share between 0 and 1", 0, 1, inclusive=False))]
Count = Annotated[NumberOrRange, *_within(Limits("at least 1", 1))]
Cost = Annotated[NumberOrRange, *_within(Limits("at least 0", 0))]
Amount = Annotated[NumberOrRange, *_within(Limits("a number"))]
