"""The share of rows turned by the treatment, bounded within strata without being fooled by noise.

In a population, bounds within strata add up to bounds that are at least as tight. In a sample, the larger of
0 and a noisy effect is above 0 on average: with 50 strata of 20 and 20 rows and no effect, it says that 6 %
of the rows are turned. So the term that holds in a stratum is chosen on one half of the units and measured on
the other half, and the reverse: noise then widens the bounds, and never tightens them on average.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.measure.uplift.arm_sums import ArmLevels, ArmSums, arms_within, assignment_of
from iterata.measure.uplift.ends import (
    EFFECT,
    HARM,
    NOTHING,
    End,
    Ends,
    constant,
    largest,
    smallest,
    with_harm,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from iterata.arrays import Bools, Floats
    from iterata.measure.measures import Measure
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.uplift.bound_strata import BoundStrata
    from iterata.measure.uplift.terms import Terms

SPLITS = 20
"""How often the units are halved at random; the median of the halvings is taken."""

BALANCED_ROWS = 20_000
"""Up to this many units, halves have equally many of every arm of a stratum."""

TURNED = "turned within strata"


class StratumRates(NamedTuple):
    """The rates of the better outcome and the share of each stratum: `(strata,)`, or `(strata, r)`."""

    treated: Floats
    control: Floats
    share: Floats

    @property
    def lower_terms(self) -> Floats:
        """What the share turned is at least, in each stratum: `(2, strata)`; the larger one holds."""
        effect = self.treated - self.control
        return np.stack([np.zeros_like(effect), effect])

    @property
    def upper_terms(self) -> Floats:
        """What it is at most: `(2, strata)`; the smaller one holds."""
        return np.stack([self.treated, 1 - self.control])


def rates_of(terms: Terms, sums: ArmSums) -> StratumRates:
    """The rates by stratum from sums of the strata."""
    treated, control = sums.rates
    if terms.outcome_sign < 0:
        treated, control = 1 - treated, 1 - control
    return StratumRates(treated, control, sums.size / sums.size.sum(axis=0))


def stratum_rates(terms: Terms, outcomes: Outcomes, strata: BoundStrata) -> StratumRates:
    """The rates of the strata on the rows."""
    sums = ArmLevels(outcomes, strata.code, strata.number).sums
    return StratumRates(*(part[:, 0] for part in rates_of(terms, sums)))


def plug_in(rates: StratumRates) -> tuple[float, float]:
    """The bounds if the terms are chosen and measured on the same rows: too tight if strata are noisy."""
    return (
        float(rates.share @ rates.lower_terms.max(axis=0)),
        float(rates.share @ rates.upper_terms.min(axis=0)),
    )


class CrossFit(NamedTuple):
    """Bounds of one halving, and how often each term was chosen: `(2, strata)`."""

    lower: float
    upper: float
    lower_chosen: Floats
    upper_chosen: Floats


def cross_fitted(
    terms: Terms, outcomes: Outcomes, strata: BoundStrata, half: Bools, *, whole: StratumRates | None = None
) -> CrossFit:
    """The bounds whose terms are chosen on one half and measured on the other, both ways.

    Args:
        terms: on which rows are treated.
        outcomes: of the rows.
        strata: of the rows.
        half: `(n,)`, the rows of one half.
        whole: the rates of all rows, which measure a term that both halves choose; None to measure it on the
            halves, too, which have other rates by rounding.
    """
    rows = len(outcomes)
    judged = []
    for part in (half, ~half):
        code = strata._replace(code=strata.code[part])
        rates = stratum_rates(terms, outcomes.among(part), code)
        judged.append(rates._replace(share=np.nan_to_num(rates.share) * part.sum() / rows))
    lower = _both_ways(judged, whole, lower=True)
    upper = _both_ways(judged, whole, lower=False)
    return CrossFit(lower[0], upper[0], lower[1], upper[1])


def _both_ways(
    judged: list[StratumRates], whole: StratumRates | None, *, lower: bool
) -> tuple[float, Floats]:
    """The sum over strata, and how often each term was chosen."""
    measured = [rates.lower_terms if lower else rates.upper_terms for rates in judged]
    chosen = [
        np.nanargmax(_safe(term), axis=0) if lower else np.nanargmin(_safe(term), axis=0) for term in measured
    ]
    strata = np.arange(measured[0].shape[1])
    total, counts = np.zeros(len(strata)), np.zeros_like(measured[0])
    for rates, term, choice in zip(judged, measured, reversed(chosen), strict=True):
        value = term[choice, strata]
        careful = 0.0 if lower else 1.0  # an arm without a row in a half tells nothing
        total += rates.share * np.where(np.isnan(value), careful, value)
        counts[choice, strata] += 0.5
    if whole is not None:
        agreed = chosen[0] == chosen[1]
        term = whole.lower_terms if lower else whole.upper_terms
        total = np.where(agreed, whole.share * term[chosen[0], strata], total)
    return float(total.sum()), counts


def _safe(term: Floats) -> Floats:
    """The terms with those of empty arms out of the choice; 0 in a stratum without any."""
    return np.where(np.isnan(term).all(axis=0), 0.0, term)


def turned_within_strata(
    terms: Terms, arms: ArmLevels, strata: BoundStrata, units: NDArray[np.intp] | None
) -> Ends:
    """The ends of the share turned from strata: the median of the halvings, and how it varies.

    A leaf varies as the sum of its chosen terms does. A term that only some halves choose is measured on half
    of the rows, so it counts with the root of how often it is chosen.
    """
    outcomes = arms.outcomes
    whole, rng = stratum_rates(terms, outcomes, strata), np.random.default_rng(0)
    fits = [
        cross_fitted(terms, outcomes, strata, half, whole=whole)
        for half in _halves(outcomes, strata, units, rng)
    ]
    lower = _leaf(terms, arms, fits, lower=True)
    leaves = {TURNED: _leaf(terms, arms, fits, lower=False)}
    if terms.turned_away is not None:
        leaves[HARM] = effect_of_strata(terms, arms).map(with_harm(terms.turned_away))
    return Ends(End({NOTHING: constant(outcomes, 0.0), EFFECT: lower}, largest), End(leaves, smallest))


def effect_of_strata(terms: Terms, arms: ArmLevels) -> Measure:
    """The average effect, from the effects of the strata."""

    def figure(sums: ArmSums) -> Floats:
        rates = rates_of(terms, sums)
        effect: Floats = (rates.share * (rates.treated - rates.control)).sum(axis=0)
        return effect

    return arms.measure(figure).of_parts(arms_within(arms.outcomes))


def _leaf(terms: Terms, arms: ArmLevels, fits: list[CrossFit], *, lower: bool) -> Measure:
    """The median of the halvings, which varies as the chosen terms of the strata do."""
    values = [fit.lower if lower else fit.upper for fit in fits]
    often = np.mean([fit.lower_chosen if lower else fit.upper_chosen for fit in fits], axis=0)
    weight = np.sqrt(often)[:, :, None]

    def figure(sums: ArmSums) -> Floats:
        rates = rates_of(terms, sums)
        term = rates.lower_terms if lower else rates.upper_terms
        total: Floats = (np.where(weight > 0, weight * term, 0.0) * rates.share).sum(axis=(0, 1))
        return total

    varying = arms.measure(figure)
    shift = float(np.median(values)) - varying.on_sample(len(arms.outcomes))
    return varying.map(lambda figures: figures + shift).of_parts(arms_within(arms.outcomes))


def _halves(
    outcomes: Outcomes, strata: BoundStrata, units: NDArray[np.intp] | None, rng: np.random.Generator
) -> Iterator[Bools]:
    """Halves of the units at random: `(n,)` masks of their rows."""
    cell = 2 * strata.code + assignment_of(outcomes).treated
    of_unit = cell
    if units is not None:
        of_unit = np.zeros(int(units.max()) + 1, dtype=np.intp)
        of_unit[units[::-1]] = cell[::-1]
    count = len(of_unit)
    for _ in range(SPLITS):
        half = rng.random(count) < 0.5
        if count <= BALANCED_ROWS:
            order = np.lexsort((rng.random(count), of_unit))
            half[order] = np.arange(count) % 2 == 0
        yield half if units is None else half[units]
