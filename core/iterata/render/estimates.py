"""Estimates and their intervals as text, for tables and sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.render.markdown import escape
from iterata.text import decimal_places, number, percent, signed

if TYPE_CHECKING:
    from iterata.results.parts import Estimate, IntervalMethod


def status_quo_row(label: str) -> str:
    """The name of the status quo's row: `status quo: newest first`."""
    return "status quo" if label == "status quo" else f"status quo: {escape(label)}"


def parts(estimate: Estimate, *, sign: bool = False) -> tuple[str, str]:
    """A figure and its interval, with the decimals of the largest: `58.9`, `50.1 to 68.3`."""
    places = decimal_places(max(abs(estimate.value), abs(estimate.low), abs(estimate.high)))
    write = signed if sign else number
    return write(estimate.value, places), f"{write(estimate.low, places)} to {write(estimate.high, places)}"


def interval(estimate: Estimate, *, sign: bool = False) -> str:
    """A figure with its interval in brackets: `58.9 (50.1 to 68.3)`."""
    figure, span = parts(estimate, sign=sign)
    return f"{figure} ({span})"


def percent_parts(estimate: Estimate) -> tuple[str, str]:
    """A share and its interval: `24.7 %`, `10.1 to 37.9 %`."""
    return percent(estimate.value), f"{percent(estimate.low).removesuffix(' %')} to {percent(estimate.high)}"


def percent_interval(estimate: Estimate) -> str:
    """A share with its interval in brackets: `24.7 % (10.1 to 37.9 %)`."""
    figure, span = percent_parts(estimate)
    return f"{figure} ({span})"


def resampled_unit(method: IntervalMethod) -> str:
    """What the bootstrap resampled: `rows`, or the units of a column."""
    return "rows" if method.unit == "row" else f"units (`{escape(method.unit)}`)"
