"""The bounds from assumed shares: closed forms, for numbers and for arrays of draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata import results
from iterata.documents.models.assumed_status_quo import budget_share, payoff_matrix, status_quo_shares
from iterata.documents.models.enums import RandomModel, Spend
from iterata.documents.models.kpi import TargetingSpec, may_stop
from iterata.measure import random_model
from iterata.measure.intervals import ROUNDING, without_rounding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.arrays import Floats
    from iterata.documents.models.assumed_status_quo import (
        AssumableKpi,
        Number,
        PayoffMatrix,
        StatusQuoShares,
    )


class Figures(NamedTuple):
    """The KPI of the bounds in its unit, for a period: numbers, or `(n,)` with one for each draw."""

    random: Floats
    status_quo: Floats
    perfect: Floats
    do_nothing: Floats
    treat_all: Floats


class Gains(NamedTuple):
    """What the figures mean for a project, in utility (positive is better)."""

    potential: Floats
    """From the status quo to perfect."""
    risk: Floats
    """From random to the status quo."""
    span: Floats
    """From random to perfect."""


def figures(kpi: AssumableKpi, inputs: Mapping[str, Number]) -> Figures:
    """The bounds under the assumptions.

    The random model acts on as many rows as the budget allows, or as the KPI says. The formulas are those of
    Provost and Fawcett, Data Science for Business, chapter 7; a budget limits how many rows are acted upon
    (Berry and Linoff, Data Mining Techniques, chapter 4).
    """
    shares, worth = status_quo_shares(kpi, inputs), payoff_matrix(kpi, inputs)
    volume = np.asarray(inputs["volume"], dtype=float)
    hit, miss = worth.gains_of_acting
    random_row = shares.base_rate * hit + (1 - shares.base_rate) * miss
    gains_over_nothing = Figures(
        random=random_share(kpi, shares) * random_row,
        status_quo=shares.true_positives * hit + (shares.action_rate - shares.true_positives) * miss,
        perfect=_best(kpi, shares.base_rate, budget_share(kpi, inputs["volume"]), worth),
        do_nothing=np.zeros(()),
        treat_all=random_row,
    )
    idle = worth.without_action(shares.base_rate)
    return Figures(*(np.asarray(volume * (idle + gain)) for gain in gains_over_nothing))


def _best(kpi: AssumableKpi, base: Number, limit: Number | None, worth: PayoffMatrix) -> Floats:
    """What the best choice of rows adds: the rows with the largest gain come first, within the budget if
    there is one.

    No row is acted upon at a loss, unless the budget is forced.
    """
    sign = kpi.direction.sign
    forced = isinstance(kpi, TargetingSpec) and kpi.spend is Spend.FORCED
    left, total = np.asarray(1.0 if limit is None else limit), np.zeros(())
    hit, miss = np.asarray(worth.gains_of_acting[0]), np.asarray(worth.gains_of_acting[1])
    positives_first = sign * (hit - miss) >= 0
    for positives in (positives_first, ~positives_first):
        gain, available = np.where(positives, hit, miss), np.where(positives, base, 1 - base)
        acted = np.where(forced | (sign * gain > 0), np.minimum(left, available), 0.0)
        total, left = total + gain * acted, left - acted
    return total


def contacts(kpi: AssumableKpi, inputs: Mapping[str, float]) -> results.Contacts | None:
    """Which share of the rows is contacted, if a part of the budget may be left; None without a budget."""
    budget = budget_share(kpi, inputs["volume"])
    if budget is None or not may_stop(kpi):
        return None
    gains_of_acting = payoff_matrix(kpi, inputs).gains_of_acting
    shares = zip(gains_of_acting, (inputs["base_rate"], 1 - inputs["base_rate"]), strict=True)
    worthwhile = sum(share for gain, share in shares if kpi.direction.sign * gain > 0)
    return results.Contacts(budget=budget, status_quo=budget, perfect=min(budget, worthwhile))


def gains(kpi: AssumableKpi, bounds: Figures) -> Gains:
    """Potential lift, risk and the span of the scale; differences that rounding can cause are 0."""
    return gains_of(kpi.direction.sign, bounds.random, bounds.status_quo, bounds.perfect)


def gains_of(sign: float, random: Floats, status_quo: Floats, perfect: Floats) -> Gains:
    """The same for figures of any kind of KPI; `sign` is 1 if more is better, -1 if less is."""
    models = random, status_quo, perfect
    largest = np.max(np.abs(np.stack(np.broadcast_arrays(*models))), axis=0)

    def gain(better: Floats, worse: Floats) -> Floats:
        return without_rounding(sign * (better - worse), ROUNDING * largest)

    return Gains(
        potential=gain(perfect, status_quo),
        risk=gain(status_quo, random),
        span=gain(perfect, random),
    )


def sd_of_one_draw(kpi: AssumableKpi, inputs: Mapping[str, Number]) -> float:
    """The standard deviation of the KPI of a single random choice of rows."""
    shares, (hit, miss), rows = (
        status_quo_shares(kpi, inputs),
        payoff_matrix(kpi, inputs).gains_of_acting,
        inputs["volume"],
    )
    if _random_model(kpi) is RandomModel.HALF:
        mean_squared_gain = shares.base_rate * hit**2 + (1 - shares.base_rate) * miss**2
        return float(rows * random_model.coin_toss_sd(mean_squared_gain, rows))
    hits_sd = random_model.hits_sd(rows, shares.base_rate, random_share(kpi, shares))
    return float(abs(hit - miss) * hits_sd)


def random_share(kpi: AssumableKpi, shares: StatusQuoShares) -> Number:
    """The share of rows that the random model acts upon."""
    rates = {RandomModel.BASE_RATE: shares.base_rate, RandomModel.HALF: 0.5}
    return rates.get(_random_model(kpi), shares.action_rate)


def _random_model(kpi: AssumableKpi) -> RandomModel:
    return RandomModel.STATUS_QUO_RATE if isinstance(kpi, TargetingSpec) else kpi.random


def random_meaning(kpi: AssumableKpi, volume: float) -> str:
    """What the random model is, in words for the page."""
    share = budget_share(kpi, volume)
    if share is None:
        return random_model.MEANINGS[_random_model(kpi)]
    return random_model.budget_meaning(share)
