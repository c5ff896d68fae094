"""Monte Carlo draws of the assumptions, without the draws that contradict themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.documents.models.assumed_status_quo import CONTRADICTIONS, status_quo_shares
from iterata.errors import DataError
from iterata.text import percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.arrays import Bools, Floats
    from iterata.documents.models.assumed_status_quo import AssumableKpi
    from iterata.documents.models.ranges import Range
    from iterata.errors import Location

MIN_CONSISTENT = 0.5
"""If a smaller share of the draws is consistent, the ranges do not mean what their author meant."""

PERT_WEIGHT = 4
"""How much heavier the likely value weighs than an end in the mean: (low + 4 likely + high) / 6."""


class MostDrawsContradict(DataError):
    """Most combinations of the assumed ranges are impossible."""

    def __init__(self, share: float, reason: str, ranged: list[str], where: str | Location) -> None:
        super().__init__(
            f"{percent(share)} of the draws contradict themselves: {reason}",
            remedy=f"make the ranges of these narrower, or move them apart: {', '.join(ranged)}",
            where=where,
        )


def draw(ranges: Mapping[str, Range], draws: int, rng: np.random.Generator) -> dict[str, Floats]:
    """`(draws,)` of every number; the numbers are independent.

    A range with a likely value is drawn from the PERT distribution, a beta distribution stretched from `low`
    to `high` whose mode is `likely` (Malcolm, Roseboom, Clark and Fazar 1959; Vose, Risk Analysis). It is the
    usual choice for three figures from an expert: the ends, which people estimate worst, influence it less
    than they influence a triangular distribution. A range of two ends is uniform.
    """
    return {name: _draw(range_, draws, rng) for name, range_ in ranges.items()}


def _draw(range_: Range, draws: int, rng: np.random.Generator) -> Floats:
    low, likely, high = range_.low, range_.likely, range_.high
    if range_.distribution == "fixed":
        return np.full(draws, likely)
    if range_.distribution == "uniform":
        return rng.uniform(low, high, draws)
    mode = (likely - low) / (high - low)
    fractions = rng.beta(1 + PERT_WEIGHT * mode, 1 + PERT_WEIGHT * (1 - mode), draws)
    return np.clip(low + (high - low) * fractions, low, high)  # rounding can exceed an end


class ConsistentDraws(NamedTuple):
    """The draws whose numbers can be true together."""

    values: dict[str, Floats]
    """`(n,)` of each number."""
    dropped: float
    """The share of draws that was left out."""
    reason: str
    """What most of those would have meant; empty if there are none."""


def consistent(kpi: AssumableKpi, drawn: Mapping[str, Floats], where: str | Location = "") -> ConsistentDraws:
    """Leave out the draws that contradict themselves.

    Raises:
        DataError: most draws do; `where` names the document.
    """
    contradicts, reason = contradictions(kpi, drawn)
    return without(drawn, contradicts, reason, where)


def without(
    drawn: Mapping[str, Floats], contradicts: Bools, reason: str, where: str | Location
) -> ConsistentDraws:
    """The draws that are not impossible: `contradicts`, `(n,)`, tells which are, `reason` why most of them.

    Raises:
        DataError: most draws are impossible; `where` names the document.
    """
    dropped = float(contradicts.mean())
    if dropped > 1 - MIN_CONSISTENT:
        ranged = [name for name, values in drawn.items() if np.ptp(values) > 0]
        raise MostDrawsContradict(dropped, reason, ranged, where)
    return ConsistentDraws({name: values[~contradicts] for name, values in drawn.items()}, dropped, reason)


def contradictions(kpi: AssumableKpi, drawn: Mapping[str, Floats]) -> tuple[Bools, str]:
    """Which draws are impossible: `(n,)`, and what most of these would mean; empty if there are none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = status_quo_shares(kpi, drawn)
        tests = {reason: np.asarray(holds(shares), dtype=bool) for reason, holds in CONTRADICTIONS}
        undefined = ~np.isfinite(np.asarray(shares.true_positives) + np.asarray(shares.action_rate))
    masks = np.broadcast_arrays(drawn["base_rate"], undefined, *tests.values())[1:]
    impossible: Bools = np.any(masks, axis=0)
    if not impossible.any():
        return impossible, ""
    return impossible, max(tests, key=lambda reason: int(tests[reason].sum()))
