"""What a lift from assumptions shows besides: which of them matters most, and how they were drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.render.lift.assumption_names import named
from iterata.render.markdown import escape, markdown_table
from iterata.text import number, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.results import Assumption, AssumptionAnalysis, IntervalMethod

HEAD = ("assumption", "low", "likely", "high", "lift at low", "lift at high", "explains")

_SHAPES = {
    "PERT": "low, likely and high give a PERT distribution",
    "uniform": "where only low and high are known, all between them is as likely",
}


def assumptions_table(assumed: AssumptionAnalysis) -> str:
    """The uncertain assumptions, the one that matters most first; empty where all are single numbers."""
    return markdown_table(HEAD, list(_rows(assumed))) if assumed.sensitivity else ""


def _rows(assumed: AssumptionAnalysis) -> Iterator[tuple[str, ...]]:
    inputs = {each.name: each for each in assumed.inputs}
    for each in assumed.sensitivity:
        words, write = named(each.name)
        written = inputs[each.name]
        ends = ["cannot be" if figure is None else number(figure) for figure in (each.at_low, each.at_high)]
        numbers = [write(value) for value in (written.low, written.likely, written.high)]
        yield escape(words), *numbers, *ends, percent(each.variance)


def how_assumed(assumed: AssumptionAnalysis, made: IntervalMethod) -> str:
    """How the figures and their intervals came about."""
    fixed = ", ".join(_fixed(each) for each in assumed.inputs if each.distribution == "fixed")
    also = f" Taken as certain: {fixed}." if fixed else ""
    if not made.resamples:
        return f"From assumptions, each a single number.{also}"
    used = {each.distribution for each in assumed.inputs}
    shapes = "; ".join(words for shape, words in _SHAPES.items() if shape in used)
    return (
        f"From assumptions, drawn {made.resamples:,} times, each on its own: {shapes}. An interval holds the "
        "middle 95 % of what the draws come to: it tells how uncertain the assumptions are, and is no "
        f"confidence interval.{_dropped(assumed)} Lift at low and at high is the potential lift with all "
        "other numbers as is likely; the last column is the share of its variance that an assumption "
        f"explains alone (first-order Sobol index).{also}"
    )


def _fixed(each: Assumption) -> str:
    words, write = named(each.name)
    return f"{escape(words)} {write(each.likely)}"


def _dropped(assumed: AssumptionAnalysis) -> str:
    if not assumed.dropped:
        return ""
    return (
        f" {percent(assumed.dropped)} of the draws cannot be and were left out, mostly because in them "
        f"{escape(assumed.dropped_because)}."
    )
