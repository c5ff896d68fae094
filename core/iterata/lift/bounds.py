"""The imagined models from assumed shares: closed forms, on numbers and on arrays of draws alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.documents.models.assumed_status_quo import budget_share, payoff_matrix, status_quo_shares
from iterata.documents.models.enums import Direction, RandomModel, Spend
from iterata.documents.models.kpi import TargetingSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.arrays import Floats
    from iterata.documents.models.assumed_status_quo import (
        AssumableKpi,
        Number,
        PayoffMatrix,
        StatusQuoShares,
    )

ROUNDING = 1e-9
"""A difference below this share of the largest figure is none."""


class Figures(NamedTuple):
    """The KPI of the imagined models in its unit, for a period: numbers, or `(n,)` with one for each draw."""

    random: Floats
    status_quo: Floats
    perfect: Floats
    do_nothing: Floats
    treat_all: Floats


class Gains(NamedTuple):
    """What the figures mean for a project, in utility (positive is better)."""

    potential: Floats
    """From the status quo up to perfect."""
    risk: Floats
    """From random up to the status quo."""
    span: Floats
    """From random up to perfect."""


def figures(kpi: AssumableKpi, inputs: Mapping[str, Number]) -> Figures:
    """The imagined models under what is assumed.

    A blind choice acts upon as many rows as the budget allows, or as the KPI says. The formulas are those of
    Provost and Fawcett, Data Science for Business, chapter 7; a budget limits how many rows are acted upon
    (Berry and Linoff, Data Mining Techniques, chapter 4).
    """
    at, worth, volume = (
        status_quo_shares(kpi, inputs),
        payoff_matrix(kpi, inputs),
        np.asarray(inputs["volume"], dtype=float),
    )
    hit, miss = worth.gains_of_acting
    blind = at.base_rate * hit + (1 - at.base_rate) * miss
    added = Figures(
        random=drawn_blindly(kpi, at) * blind,
        status_quo=at.true_positives * hit + (at.action_rate - at.true_positives) * miss,
        perfect=_best(kpi, at.base_rate, budget_share(kpi, inputs["volume"]), worth),
        do_nothing=np.zeros(()),
        treat_all=blind,
    )
    return Figures(*(np.asarray(volume * (worth.without_action(at.base_rate) + each)) for each in added))


def _best(kpi: AssumableKpi, base: Number, limit: Number | None, worth: PayoffMatrix) -> Floats:
    """What the best choice of rows adds: those who gain most come first, within the budget if there is one.

    Nobody is acted upon at a loss, unless a budget is spent whoever is left.
    """
    sign = sign_of(kpi)
    forced = isinstance(kpi, TargetingSpec) and kpi.spend is Spend.FORCED
    left, total = np.asarray(1.0 if limit is None else limit), np.zeros(())
    hit, miss = np.asarray(worth.gains_of_acting[0]), np.asarray(worth.gains_of_acting[1])
    positives_first = sign * (hit - miss) >= 0
    for first in (positives_first, ~positives_first):
        gain, available = np.where(first, hit, miss), np.where(first, base, 1 - base)
        taken = np.where(forced | (sign * gain > 0), np.minimum(left, available), 0.0)
        total, left = total + gain * taken, left - taken
    return total


def gains(kpi: AssumableKpi, found: Figures) -> Gains:
    """Potential lift, risk and the whole scale; what rounding leaves of a difference is none."""
    largest = np.max(np.abs(np.stack(np.broadcast_arrays(*found[:3]))), axis=0)

    def gain(better: Floats, worse: Floats) -> Floats:
        difference = sign_of(kpi) * (better - worse)
        return np.where(np.abs(difference) > ROUNDING * largest, difference, 0.0)

    return Gains(
        gain(found.perfect, found.status_quo),
        gain(found.status_quo, found.random),
        gain(found.perfect, found.random),
    )


def sd_of_one_draw(kpi: AssumableKpi, inputs: Mapping[str, Number]) -> float:
    """How far the KPI of a single blind choice strays from its mean: hypergeometric hits, or coins."""
    at, (hit, miss), rows = (
        status_quo_shares(kpi, inputs),
        payoff_matrix(kpi, inputs).gains_of_acting,
        inputs["volume"],
    )
    if _blindly(kpi) is RandomModel.HALF:  # every row's coin is its own
        return float(np.sqrt(rows * (at.base_rate * hit**2 + (1 - at.base_rate) * miss**2)) / 2)
    acted = drawn_blindly(kpi, at)
    spread = at.base_rate * (1 - at.base_rate) * acted * (1 - acted)
    return float(abs(hit - miss) * rows * np.sqrt(max(spread, 0.0) / (rows - 1))) if rows > 1 else 0.0


def drawn_blindly(kpi: AssumableKpi, at: StatusQuoShares) -> Number:
    """The share of rows that a blind choice acts upon."""
    rates = {RandomModel.BASE_RATE: at.base_rate, RandomModel.HALF: 0.5}
    return rates.get(_blindly(kpi), at.action_rate)


def _blindly(kpi: AssumableKpi) -> RandomModel:
    return RandomModel.STATUS_QUO_RATE if isinstance(kpi, TargetingSpec) else kpi.random


def random_meaning(kpi: AssumableKpi, volume: float) -> str:
    """Which blind choice it is, in words."""
    share = budget_share(kpi, volume)
    if share is None:
        return _IN_WORDS[_blindly(kpi)]
    return f"{share * 100:.4g} % of the rows, drawn blindly" if share < 1 else "every row"


_IN_WORDS = {
    RandomModel.STATUS_QUO_RATE: "as many rows as the status quo acts upon, drawn blindly",
    RandomModel.BASE_RATE: "as many rows as are positive, drawn blindly",
    RandomModel.HALF: "a coin thrown for every row",
}


def sign_of(kpi: AssumableKpi) -> float:
    """What turns the KPI into utility: 1 where more is better, -1 where less is."""
    return 1.0 if kpi.direction is Direction.MAXIMISE else -1.0
