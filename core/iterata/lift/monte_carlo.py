"""Draws from what is assumed, those of them that can be, and the intervals they give."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.documents.models.assumed_status_quo import CONTRADICTIONS, status_quo_shares
from iterata.errors import DataError
from iterata.results import Estimate
from iterata.text import percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.arrays import Bools, Floats
    from iterata.documents.models.assumed_status_quo import AssumableKpi
    from iterata.documents.models.assumptions import Range
    from iterata.errors import Location

CONFIDENCE = 0.95

FEWEST_POSSIBLE = 0.5
"""Where fewer of the draws can be, the ranges say something else than was meant."""

UNDEFINED_AT_MOST = 0.025
"""The share of draws that may leave nothing to share before a share says nothing."""

PERT_WEIGHT = 4
"""How much heavier the likely value weighs than an end in the mean: (low + 4 likely + high) / 6."""


def draw(assumed: Mapping[str, Range], draws: int, rng: np.random.Generator) -> dict[str, Floats]:
    """`(draws,)` of every number, each drawn on its own.

    A range with a likely value is drawn from the PERT distribution, a beta stretched from `low` to `high`
    whose mode is `likely` (Malcolm, Roseboom, Clark and Fazar 1959; Vose, Risk Analysis). It is what the
    field takes for an expert's three figures: the ends, which people judge worst, sway it less than they
    sway a triangle. A range of two ends is uniform.
    """
    return {name: _draw(each, draws, rng) for name, each in assumed.items()}


def _draw(each: Range, draws: int, rng: np.random.Generator) -> Floats:
    width = each.high - each.low
    if each.distribution == "fixed":
        return np.full(draws, each.likely)
    if each.distribution == "uniform":
        return rng.uniform(each.low, each.high, draws)
    mode = (each.likely - each.low) / width
    drawn = rng.beta(1 + PERT_WEIGHT * mode, 1 + PERT_WEIGHT * (1 - mode), draws)
    return np.clip(each.low + width * drawn, each.low, each.high)  # rounding may step over an end


class Possible(NamedTuple):
    """The draws whose numbers can be true together."""

    draws: dict[str, Floats]
    """`(n,)` of each number."""
    dropped: float
    """The share of draws that was left out."""
    because: str
    """What most of those would have meant; empty where there are none."""


def possible(kpi: AssumableKpi, drawn: Mapping[str, Floats], where: str | Location = "") -> Possible:
    """Leave out the draws that contradict themselves.

    Raises:
        DataError: most draws do; `where` names the document.
    """
    bad, because = contradictions(kpi, drawn)
    dropped = float(bad.mean())
    if dropped > 1 - FEWEST_POSSIBLE:
        ranged = ", ".join(name for name, values in drawn.items() if np.ptp(values) > 0)
        message = f"{percent(dropped)} of the draws contradict themselves: {because}"
        remedy = f"make ranges narrower, or move them apart: these are drawn together: {ranged}"
        raise DataError(message, remedy=remedy, where=where)
    return Possible({name: values[~bad] for name, values in drawn.items()}, dropped, because)


def contradictions(kpi: AssumableKpi, drawn: Mapping[str, Floats]) -> tuple[Bools, str]:
    """Which draws cannot be: `(n,)`, and what most of these would mean, empty where there are none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        at = status_quo_shares(kpi, drawn)
        tests = {reason: np.asarray(holds(at), dtype=bool) for reason, holds in CONTRADICTIONS}
        undefined = ~np.isfinite(np.asarray(at.true_positives) + np.asarray(at.action_rate))
    every = np.broadcast_arrays(drawn["base_rate"], undefined, *tests.values())[1:]
    bad: Bools = np.any(every, axis=0)
    return bad, max(tests, key=lambda reason: int(tests[reason].sum())) if bad.any() else ""


def estimate(value: float, draws: Floats) -> Estimate:
    """A figure with the middle 95 % of its draws.

    Where the likely value stands at an end of its range the figure may lie beyond that; then the interval
    reaches as far as the figure.
    """
    tail = (1 - CONFIDENCE) / 2
    low, high = np.nanquantile(draws, [tail, 1 - tail])
    return Estimate(value=value, low=min(float(low), value), high=max(float(high), value))


def share(part: tuple[float, Floats], whole: tuple[float, Floats]) -> Estimate | None:
    """The estimate of a share; none where there is nothing to share, likely or in too many draws."""
    if whole[0] <= 0 or np.mean(whole[1] <= 0) > UNDEFINED_AT_MOST:
        return None
    undefined = np.full(np.shape(whole[1]), np.nan)
    shares = np.divide(part[1], whole[1], out=undefined, where=whole[1] > 0)
    return estimate(part[0] / whole[0], shares)
