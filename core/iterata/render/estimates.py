"""Estimates and their intervals as text, for tables and sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.render.markdown import escape
from iterata.text import decimal_places, number, percent, signed

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.results.parts import Estimate, Identified, IntervalMethod, Sample

TOO_FEW = "too few to tell"
"""What stands in place of an interval if there is too little data to give one."""


def status_quo_row(label: str) -> str:
    """The name of the status quo's row: `status quo: newest first`."""
    return "status quo" if label == "status quo" else f"status quo: {escape(label)}"


def parts(estimate: Estimate, *, sign: bool = False) -> tuple[str, str]:
    """A figure and its interval, with the decimals of the largest: `58.9`, `50.1 to 68.3`.

    Without an interval: `58.9`, `too few to tell`.
    """
    places = decimal_places(max(map(abs, estimate.extent)))
    write = signed if sign else number
    ends = estimate.interval
    span = f"{write(ends[0], places)} to {write(ends[1], places)}" if ends else TOO_FEW
    return write(estimate.value, places), span


def interval(estimate: Estimate, *, sign: bool = False) -> str:
    """A figure with its interval in brackets: `58.9 (50.1 to 68.3)`."""
    figure, span = parts(estimate, sign=sign)
    return f"{figure} ({span})"


def parts_in_words(estimate: Estimate, *, sign: bool = False) -> tuple[str, str]:
    """A figure and its interval for a sentence: `+22`, `95 % interval +3 to +41`."""
    figure, span = parts(estimate, sign=sign)
    return figure, f"95 % interval {span}" if estimate.interval else span


def percent_parts(estimate: Estimate) -> tuple[str, str]:
    """A share and its interval: `24.7 %`, `10.1 to 37.9 %`."""
    ends = estimate.interval
    span = f"{percent(ends[0]).removesuffix(' %')} to {percent(ends[1])}" if ends else TOO_FEW
    return percent(estimate.value), span


def percent_interval(estimate: Estimate) -> str:
    """A share with its interval in brackets: `24.7 % (10.1 to 37.9 %)`."""
    figure, span = percent_parts(estimate)
    return f"{figure} ({span})"


def identified_parts(figure: Identified, *, sign: bool = False) -> tuple[str, str]:
    """The interval of identification, and how chance widens it: `52.2 to 180`, `40.1 to 195`."""
    ends = (figure.lower.value, figure.upper.value, *(figure.widened or ()))
    places = decimal_places(max(map(abs, ends)))
    write = signed if sign else number
    return _span(figure, lambda value: write(value, places))


def identified_percent(figure: Identified) -> tuple[str, str]:
    """The same for a share: `16.2 to 54.0 %`, `8.1 to 100 %`."""
    between, widened = _span(figure, lambda value: percent(value).removesuffix(" %"))
    return f"{between} %", f"{widened} %" if figure.widened else widened


def _span(figure: Identified, write: Callable[[float], str]) -> tuple[str, str]:
    between = " to ".join(dict.fromkeys((write(figure.lower.value), write(figure.upper.value))))
    widened = figure.widened
    return between, f"{write(widened[0])} to {write(widened[1])}" if widened else TOO_FEW


def resampled_unit(method: IntervalMethod) -> str:
    """What the bootstrap resampled: `rows`, or the units of a column."""
    if method.unit == "row" or method.unit.startswith("blocks of "):
        return "rows" if method.unit == "row" else escape(method.unit)
    return f"units (`{escape(method.unit)}`)"


FEW_UNITS = 30
"""Below this number of units, percentile intervals miss the truth clearly more often than they say."""


def few_units(sample: Sample, method: IntervalMethod) -> str:
    """A warning, with a space before it, if few units were resampled; empty if there are enough.

    Rows that are units of their own need no warning: too few positives have one.
    """
    if method.unit == "row" or method.unit.startswith("blocks of ") or sample.units >= FEW_UNITS:
        return ""
    return (
        f" There are only {sample.units} units: intervals of fewer than {FEW_UNITS} are too narrow, and "
        "those of ten miss the true value twice as often as they say."
    )
