"""How an assessment describes its assumptions if there are no data yet: numbers or ranges."""

from __future__ import annotations

from functools import partial
from math import isfinite
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, Field, WithJsonSchema

from iterata.documents.models.base import Name, Part
from iterata.text import one_line

Written = float | list[float]
"""A number, `[low, high]` or `[low, likely, high]`."""


class Range(NamedTuple):
    """An uncertain number: between `low` and `high`, most likely `likely`."""

    low: float
    likely: float
    high: float
    distribution: str
    """`fixed` for a single number, `uniform` if only the ends are given, else `PERT`."""

    @classmethod
    def of(cls, written: Written) -> Range:
        """The range as it is written; the middle of two numbers is the likely one."""
        ends = written if isinstance(written, list) else [written]
        low, high = ends[0], ends[-1]
        likely = ends[1] if len(ends) == 3 else (low + high) / 2
        spread = "fixed" if low == high else "PERT" if len(ends) == 3 else "uniform"
        return cls(low, likely, high, spread)


class Limits(NamedTuple):
    """The limits of an assumption."""

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

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of a number or a range within these limits."""
        low, high = ("minimum", "maximum") if self.inclusive else ("exclusiveMinimum", "exclusiveMaximum")
        limits = {key: limit for key, limit in ((low, self.least), (high, self.most)) if limit is not None}
        number = {"type": "number", **limits}
        return {"anyOf": [number, {"type": "array", "items": number, "minItems": 2, "maxItems": 3}]}


_PROPORTION = Limits("a share from 0 to 1", 0, 1)
_RATE = Limits("a share between 0 and 1", 0, 1, inclusive=False)
_COUNT = Limits("at least 1", 1)
_BURDEN = Limits("at least 0", 0)
_ANY = Limits("a number")


def _checked(written: Any, limits: Limits) -> Written:
    """The number or the range, if it is valid; errors use words that need no knowledge of YAML."""
    numbers = [_number(item, limits) for item in (written if isinstance(written, list) else [written])]
    if isinstance(written, list) and len(numbers) not in (2, 3):
        raise ValueError(
            f"must be [low, high] or [low, likely, high], not {len(numbers)} numbers; a decimal has a point"
        )
    if not all(map(limits.include, numbers)):
        raise ValueError(f"must be {limits.description}, not {shown(numbers)}{_guess(numbers, limits)}")
    if numbers != sorted(numbers):
        raise ValueError(f"{shown(numbers)} is not ascending: did you mean {shown(sorted(numbers))}?")
    return numbers if isinstance(written, list) else numbers[0]


def _number(written: Any, limits: Limits) -> float:
    text = written.strip() if isinstance(written, str) else ""
    percent = _float(text.removesuffix("%")) if text.endswith("%") else None
    if percent is not None and limits.most == 1:
        raise ValueError(f"must be {limits.description}, not `{text}`: did you mean {percent / 100:g}?")
    number = None if isinstance(written, bool) else _float(written)
    if number is None or not isfinite(number):
        from iterata.documents.error_messages import kind_of  # noqa: PLC0415  # only when something is wrong

        given = f"`{one_line(text, 40)}`" if text else "infinity" if number is not None else kind_of(written)
        raise ValueError(f"must be a number such as 0.06, or a range such as [0.05, 0.06, 0.07], not {given}")
    return number


def _float(written: Any) -> float | None:
    try:
        return float(written)
    except (TypeError, ValueError):
        return None


def _guess(numbers: list[float], limits: Limits) -> str:
    """A guess for a percentage that was written instead of a share."""
    if limits.most == 1 and min(numbers) >= 0 and 1 < max(numbers) < 100:
        return f": did you mean {shown([number / 100 for number in numbers])}?"
    return ""


def shown(numbers: list[float]) -> str:
    """Numbers as they are written in a document."""
    listed = ", ".join(f"{number:.10g}" for number in numbers)
    return listed if len(numbers) == 1 else f"[{listed}]"


def _within(limits: Limits) -> tuple[BeforeValidator, WithJsonSchema]:
    return BeforeValidator(partial(_checked, limits=limits)), WithJsonSchema(limits.schema())


Proportion = Annotated[Written, *_within(_PROPORTION)]
Rate = Annotated[Written, *_within(_RATE)]
Count = Annotated[Written, *_within(_COUNT)]
Burden = Annotated[Written, *_within(_BURDEN)]
Amount = Annotated[Written, *_within(_ANY)]


class AssumedStatusQuo(Part):
    """How well the status quo does: one figure for `targeting`, two for `outcome_value`."""

    capture: Proportion | None = Field(
        None, description="The share of all positives that the status quo contacts; for targeting."
    )
    lift_over_random: Burden | None = Field(
        None,
        description="How many times as many positives as random contacts reach (the lift); for targeting.",
    )
    precision: Proportion | None = Field(
        None, description="The share of the rows acted upon that is positive."
    )
    recall: Proportion | None = Field(
        None, description="The share of all positives that is acted upon; for outcome_value."
    )
    action_rate: Proportion | None = Field(
        None, description="The share of all rows that is acted upon; for outcome_value."
    )
    kpi: Amount | None = Field(None, description="The KPI that the status quo reaches in a period.")
    label: Name = Field("status quo", description="The name in tables, such as today's mailing rule.")


class AssumedValues(Part):
    """Uncertain values of the KPI; each replaces the one under `kpi`."""

    value_per_hit: Amount | None = Field(None, description="What one contacted positive is worth.")
    cost_per_contact: Burden | None = Field(None, description="What one contact costs.")
    tp: Amount | None = Field(None, description="Positive, and acted upon.")
    fp: Amount | None = Field(None, description="Negative, and acted upon.")
    fn: Amount | None = Field(None, description="Positive, and left alone.")
    tn: Amount | None = Field(None, description="Negative, and left alone.")


class Assumptions(Part):
    """What is assumed instead of data; each a number, `[low, high]` or `[low, likely, high]`."""

    volume: Count | None = Field(
        None, description="Rows in a period; leave it out to take them from `period`. Number or range."
    )
    base_rate: Rate = Field(description="The share of rows that are positive. Number or range.")
    status_quo: AssumedStatusQuo = Field(description="How well the status quo does.")
    values: AssumedValues | None = Field(None, description="Uncertain values of the KPI.")
    draws: int = Field(10_000, ge=1000, le=1_000_000, description="The number of draws from the ranges.")
