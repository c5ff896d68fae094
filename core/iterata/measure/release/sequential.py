"""Intervals of a split test that is looked at several times."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, NamedTuple

from iterata.measure.release.spending import obrien_fleming, planned_looks, pocock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.measure.release.information import Timing
    from iterata.measure.release.spending import PlannedLook, Spending


class Interval(NamedTuple):
    """An interval; infinite where nothing is known."""

    low: float
    high: float


def looks_of(
    timings: Sequence[Timing], alpha: float = 0.05, spending: Spending = obrien_fleming
) -> tuple[PlannedLook, ...]:
    """The looks at the ends of phases; one without information spends nothing and shows nothing."""
    first = next((index for index, timing in enumerate(timings) if timing.information > 0), len(timings))
    empty = planned_looks([1.0], alpha, spending, [0.0]) * first
    if first == len(timings):
        return empty
    found = timings[first:]
    return empty + planned_looks(
        [timing.information for timing in found], alpha, spending, [timing.fraction for timing in found]
    )


def non_inferiority_looks_of(timings: Sequence[Timing], alpha: float = 0.05) -> tuple[PlannedLook, ...]:
    """The same looks, as they are held against a margin: with Pocock-type spending.

    A harmful variant must pass every phase, so a release of it is at most as probable as passing one look;
    the spending also covers looks at a phase that goes on. Early looks need not be as strict as for a gain.
    """
    return looks_of(timings, alpha, pocock)


def repeated_interval(difference: float, standard_error: float, critical: float) -> Interval:
    """The repeated confidence interval at a planned look (Jennison and Turnbull 1989).

    The intervals of all looks contain the truth together with the probability 1 - alpha, whether a look
    before was significant or not. So a release may go on after a significant look, or stay after another.

    Args:
        difference: the estimate at the look.
        standard_error: its standard error.
        critical: the critical value of the look, from `spending.planned_looks`.
    """
    if critical == inf:
        return Interval(-inf, inf)
    return Interval(difference - critical * standard_error, difference + critical * standard_error)
