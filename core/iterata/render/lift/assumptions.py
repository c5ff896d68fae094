"""What a lift from assumptions also shows: which assumption matters most, and how values were drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.render.lift.assumption_names import term
from iterata.render.markdown import escape, markdown_table
from iterata.text import number, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.results import Assumption, AssumptionAnalysis, IntervalMethod, Sensitivity

HEADERS = ("assumption", "low", "likely", "high", "lift at low", "lift at high", "explains")

IMPOSSIBLE = "impossible"
"""The cell of a lift at an end that contradicts the likely values of the other assumptions."""

_DISTRIBUTIONS = {
    "PERT": "low, likely and high give a PERT distribution",
    "uniform": "low and high alone give a uniform distribution",
}


def assumptions_table(assumed: AssumptionAnalysis) -> str:
    """The uncertain assumptions by decreasing influence; empty if all are single numbers."""
    return markdown_table(HEADERS, list(_rows(assumed))) if assumed.sensitivity else ""


def _rows(assumed: AssumptionAnalysis) -> Iterator[tuple[str, ...]]:
    assumptions = {assumption.name: assumption for assumption in assumed.inputs}
    for sensitivity in assumed.sensitivity:
        words, write = term(sensitivity.name)
        assumption = assumptions[sensitivity.name]
        values = [write(value) for value in (assumption.low, assumption.likely, assumption.high)]
        lifts = [
            IMPOSSIBLE if lift is None else number(lift) for lift in (sensitivity.at_low, sensitivity.at_high)
        ]
        yield escape(words), *values, *lifts, explained(sensitivity)


def explained(sensitivity: Sensitivity) -> str:
    """The share of the variance that an assumption explains, with its standard error: `44.2 ± 0.9 %`."""
    share, error = percent(sensitivity.variance), sensitivity.standard_error
    return share if error is None else f"{share.removesuffix(' %')} ± {percent(error)}"


def how_assumed(assumed: AssumptionAnalysis, method: IntervalMethod) -> str:
    """How the figures and their intervals were computed."""
    fixed = [_value(entry) for entry in assumed.inputs if entry.distribution == "fixed"]
    certain = f" Taken as certain: {', '.join(fixed)}." if fixed else ""
    certain += _of_classes(assumed)
    if not method.resamples:
        return f"From assumptions, each a single number.{certain}"
    used = {assumption.distribution for assumption in assumed.inputs}
    distributions = "; ".join(words for name, words in _DISTRIBUTIONS.items() if name in used)
    return (
        f"From assumptions, {method.resamples:,} independent draws: {distributions}. An interval holds the "
        "middle 95 % of the draws: it shows the uncertainty of the assumptions and is not a confidence "
        f"interval.{_dropped(assumed)} Lift at low and at high is the potential lift with all other "
        "assumptions at their likely values; the last column is the share of its variance that an assumption "
        f"explains alone (first-order Sobol index), with its standard error.{certain}"
    )


def _of_classes(assumed: AssumptionAnalysis) -> str:
    """What is taken for granted of several classes."""
    names = [entry.name for entry in assumed.inputs]
    if not any(name.startswith("classes.") for name in names):
        return ""
    errors = ("status_quo.accuracy", "status_quo.recall_by_class.")
    if not any(name.startswith(errors) for name in names):
        return " The shares of the classes are divided by their sum."
    handed = " Rows are handed over whatever their class is." if "status_quo.handed_over" in names else ""
    return (
        " The shares of the classes are divided by their sum; wrong answers fall on the other classes in "
        f"proportion to these shares.{handed}"
    )


def _value(assumption: Assumption) -> str:
    words, write = term(assumption.name)
    return f"{escape(words)} {write(assumption.likely)}"


def _dropped(assumed: AssumptionAnalysis) -> str:
    if not assumed.dropped:
        return ""
    return (
        f" {percent(assumed.dropped)} of the draws are impossible and were left out, mostly because in them "
        f"{escape(assumed.dropped_because)}."
    )
