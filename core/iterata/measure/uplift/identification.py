"""What no experiment can tell, as an interval: perfect's gain, the potential lift, and shares of it.

Each figure is at one end of what perfect gains. Its interval of chance follows from those of the end's
leaves, on the same resamples as the status quo and random: of a smallest leaf the smallest limits, of a
largest the largest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.measure.intervals import UNDEFINED_EFFECTS_AT_MOST, percentile_interval
from iterata.measure.uplift import couplings
from iterata.measure.uplift.arm_sums import ArmLevels
from iterata.measure.uplift.bound_strata import BoundStrata
from iterata.measure.uplift.cross_fit import effect_of_strata, turned_within_strata
from iterata.measure.uplift.ends import (
    EFFECT,
    NOTHING,
    End,
    Ends,
    away_ends,
    constant,
    largest,
    of_turned,
    turned_ends,
)
from iterata.measure.uplift.rare_outcomes import exact_limits
from iterata.results import Estimate, Identified

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from iterata.arrays import Floats
    from iterata.measure.measures import Measure
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.uplift.terms import Terms

LOWER, UPPER = "perfect, lower end", "perfect, upper end"
TURNED, TURNED_AWAY = "share turned", "share turned away"
ENDS = "lower", "upper"


class Drawn(NamedTuple):
    """A figure on the sample, and `(r,)` on each resample."""

    value: float
    replicates: Floats


@dataclass(frozen=True)
class Identification:
    """The ends of perfect's gain in the KPI's period, in utility, and of the shares behind it."""

    perfect: Ends
    turned: Ends | None
    """The share of rows that the treatment turns to the better outcome; None for a number."""
    turned_away: Ends | None
    strata: BoundStrata
    sign: float
    """The factor from a figure of the KPI to utility."""
    plug_in_lower: float | None = None
    """For a number: perfect at its sharp lower end as the rows show it, a row."""
    shares_that_gain: tuple[float, float] | None = None
    """For a number: Makarov's bounds of the share of rows that gain."""
    effect: Measure | None = None
    """The average effect on the better outcome; None for a number."""

    @classmethod
    def of_binary(
        cls,
        terms: Terms,
        outcomes: Outcomes,
        chosen: Floats | None,
        units: NDArray[np.intp] | None,
        factor: float,
        sign: float,
    ) -> Identification:
        """For yes / no outcomes.

        Args:
            terms: on which rows are treated.
            outcomes: of the rows.
            chosen: `(n,)`, how much of each row the status quo treats; None if it is not known.
            units: `(n,)`, the independent unit of each row; None if every row is one.
            factor: from a figure a row to one of the period.
            sign: from a figure of the KPI to utility.
        """
        strata = BoundStrata.of(outcomes, chosen)
        arms = ArmLevels(outcomes, strata.code, strata.number)
        effect = effect_of_strata(terms, arms)
        if strata.number > 1:
            turned = turned_within_strata(terms, arms, strata, units)
        else:
            turned = turned_ends(terms, arms)
            if units is None:
                limits = exact_limits(terms, outcomes)
                turned = Ends(*(replace(end, limits=limits) for end in turned))
        perfect = Ends(*(end.affine(factor) for end in of_turned(terms, outcomes, turned, effect)))
        away = away_ends(terms, outcomes, turned, effect)
        return cls(perfect, turned, away, strata, sign, effect=effect)

    @classmethod
    def of_number(
        cls,
        terms: Terms,
        outcomes: Outcomes,
        policies: Mapping[str, Measure],
        factor: float,
        sign: float,
    ) -> Identification:
        """For outcomes that are numbers; `policies` have a known gain in the period, in utility.

        The sharp lower end leans upwards in samples. What is shown is the largest gain of a policy that is
        known: nobody, a random choice within the budget, and the status quo. The upper end is not below it:
        in windows of time, gains add up from the rates of each window, and the coupling is of all rows.
        """
        nobody = {} if terms.forced else {NOTHING: constant(outcomes, 0.0)}
        lower = End({**policies, **nobody}, largest)
        coupling = couplings.upper_measure(terms, outcomes).map(lambda gain: factor * gain)
        upper = End({"coupling": coupling, **policies}, largest)
        steps = couplings.steps_of(terms, outcomes)
        return cls(
            Ends(lower, upper),
            None,
            None,
            BoundStrata(np.zeros(len(outcomes), dtype=np.intp), 1),
            sign,
            plug_in_lower=couplings.coupling_bound(terms, outcomes, upper=False),
            shares_that_gain=couplings.shares_that_gain(*steps),
        )

    def at_budget(self, terms: Terms, outcomes: Outcomes) -> tuple[float, float] | None:
        """Perfect's gain a row under another budget, in utility, from the same shares turned.

        Returns None for a number, whose shares are not known.
        """
        if self.turned is None or self.effect is None:
            return None
        lower, upper = of_turned(terms, outcomes, self.turned, self.effect)
        return lower.measure.on_sample(len(outcomes)), upper.measure.on_sample(len(outcomes))

    @property
    def measures(self) -> dict[str, Measure]:
        """Every leaf by its name, for the bootstrap."""
        parts = {LOWER: self.perfect.lower, UPPER: self.perfect.upper}
        for name, ends in ((TURNED, self.turned), (TURNED_AWAY, self.turned_away)):
            if ends is not None:
                parts |= {_key(name, side): end for side, end in zip(ENDS, ends, strict=True)}
        return {
            _key(name, leaf): measure for name, end in parts.items() for leaf, measure in end.leaves.items()
        }

    def perfect_gain(self, sample: Mapping[str, float], replicates: Mapping[str, Floats]) -> Identified:
        """What perfect gains over nobody, as figures of the KPI."""
        return self._gain_over(None, sample, replicates).turned(self.sign)

    def potential_lift(self, sample: Mapping[str, float], replicates: Mapping[str, Floats]) -> Identified:
        """What perfect gains over the status quo, in utility."""
        return self._gain_over(self._model("status_quo", sample, replicates), sample, replicates)

    def position(
        self, sample: Mapping[str, float], replicates: Mapping[str, Floats], rounding: float
    ) -> Identified | None:
        """The status quo's share of the way from random to perfect, as of `captured`."""
        status_quo, random = (self._model(name, sample, replicates) for name in ("status_quo", "random"))
        return self._share_of(status_quo, random, sample, replicates, rounding)

    def captured(
        self,
        model: Drawn,
        sample: Mapping[str, float],
        replicates: Mapping[str, Floats],
        rounding: float,
    ) -> Identified | None:
        """The share of the potential lift that a model captures: at most 1, whatever is not known.

        Perfect is at least the model, and at most its upper end. Returns None if a share has no meaning:
        perfect's upper end is the status quo, or the model is worse than a status quo that may be perfect.

        Args:
            model: its KPI.
            sample: the figures of the KPI's bounds.
            replicates: the same on each resample.
            rounding: the largest difference that rounding can cause.
        """
        turned = Drawn(self.sign * model.value, self.sign * model.replicates)
        status_quo = self._model("status_quo", sample, replicates)
        return self._share_of(turned, status_quo, sample, replicates, rounding)

    def _model(self, name: str, sample: Mapping[str, float], replicates: Mapping[str, Floats]) -> Drawn:
        return Drawn(self.sign * sample[name], self.sign * replicates[name])

    def _gain_over(
        self, base: Drawn | None, sample: Mapping[str, float], replicates: Mapping[str, Floats]
    ) -> Identified:
        floor = None if base is None else 0.0  # perfect is at least the base
        lower, upper = (
            _estimate(end, _drawn(name, end, sample, replicates), base, floor)
            for name, end in ((LOWER, self.perfect.lower), (UPPER, self.perfect.upper))
        )
        return Identified(lower=lower, upper=upper)

    def shares(
        self, name: str, sample: Mapping[str, float], replicates: Mapping[str, Floats]
    ) -> Identified | None:
        """The ends of the share turned, or turned away."""
        ends = self.turned if name == TURNED else self.turned_away
        if ends is None:
            return None
        lower, upper = (
            _estimate(end, _drawn(_key(name, side), end, sample, replicates), None, None)
            for side, end in zip(ENDS, ends, strict=True)
        )
        return Identified(lower=lower, upper=upper)

    def _share_of(
        self,
        model: Drawn,
        base: Drawn,
        sample: Mapping[str, float],
        replicates: Mapping[str, Floats],
        rounding: float,
    ) -> Identified | None:
        part = Drawn(model.value - base.value, model.replicates - base.replicates)
        found = [
            _share(end, _drawn(name, end, sample, replicates), part, base, rounding)
            for name, end in ((UPPER, self.perfect.upper), (LOWER, self.perfect.lower))
        ]
        at_upper, at_lower = found
        if at_upper is None or at_lower is None:
            return None
        lower, upper = sorted((at_upper, at_lower), key=lambda estimate: estimate.value)
        return Identified(lower=lower, upper=upper)


def _key(name: str, leaf: str) -> str:
    return f"{name}: {leaf}"


def _drawn(
    name: str, end: End, sample: Mapping[str, float], replicates: Mapping[str, Floats]
) -> dict[str, Drawn]:
    keys = {leaf: _key(name, leaf) for leaf in end.leaves}
    return {leaf: Drawn(sample[key], replicates[key]) for leaf, key in keys.items()}


def _estimate(end: End, leaves: Mapping[str, Drawn], base: Drawn | None, floor: float | None) -> Estimate:
    """An end with its limits, less a base."""
    less = 0.0 if base is None else base.value
    limits = {leaf: _limits(end, leaf, drawn, base) for leaf, drawn in leaves.items()}

    def combined(values: Mapping[str, float]) -> float:
        end_value = _combined(end, values)
        return end_value if floor is None else max(floor, end_value)

    value = combined({leaf: drawn.value - less for leaf, drawn in leaves.items()})
    known = {leaf: ends for leaf, ends in limits.items() if ends is not None}
    if np.isnan(value):
        raise ValueError("an end of perfect is not defined on the sample")
    if len(known) < len(limits):
        return Estimate(value=value)
    low, high = (combined({leaf: ends[side] for leaf, ends in known.items()}) for side in (0, 1))
    return Estimate(value=value, low=min(low, value), high=max(high, value))


def _limits(end: End, leaf: str, drawn: Drawn, base: Drawn | None) -> tuple[float, float] | None:
    """The 95 % limits of a leaf, less a base; exact ones if its outcomes are few and the base is certain."""
    less = np.zeros(1) if base is None else base.replicates
    found = percentile_interval(drawn.replicates - less, undefined_at_most=UNDEFINED_EFFECTS_AT_MOST)
    if found is not None or leaf not in end.limits or np.isnan(less).any() or np.ptp(less) > 0:
        return found
    low, high = end.limits[leaf]
    return low - float(less[0]), high - float(less[0])


def _share(
    end: End, leaves: Mapping[str, Drawn], part: Drawn, base: Drawn, rounding: float
) -> Estimate | None:
    """The share at one end of perfect, by the shares at its leaves."""
    falls = -1.0 if part.value >= 0 else 1.0  # a share of a larger whole is smaller
    if EFFECT in leaves and leaves[NOTHING].value <= base.value + rounding < leaves[EFFECT].value:
        leaves = {**leaves, NOTHING: leaves[EFFECT]}  # no share of nothing

    def combined(shares: Mapping[str, float]) -> float:
        return falls * _combined(end, {leaf: falls * share for leaf, share in shares.items()})

    whole = _combined(end, {leaf: drawn.value for leaf, drawn in leaves.items()}) - base.value
    value = combined(
        {
            leaf: _capped(np.array([part.value]), np.array([drawn.value - base.value]), rounding).item()
            for leaf, drawn in leaves.items()
        }
    )
    if max(whole, part.value) <= rounding or not np.isfinite(value):
        return None
    limits = {
        leaf: percentile_interval(
            _finite(_capped(part.replicates, drawn.replicates - base.replicates, rounding)),
            undefined_at_most=UNDEFINED_EFFECTS_AT_MOST,
        )
        for leaf, drawn in leaves.items()
    }
    known = {leaf: ends for leaf, ends in limits.items() if ends is not None}
    if len(known) < len(limits):
        return Estimate(value=value)
    low, high = (combined({leaf: ends[side] for leaf, ends in known.items()}) for side in (0, 1))
    if not np.isfinite(low) or not np.isfinite(high):
        return Estimate(value=value)
    return Estimate(value=value, low=min(low, value), high=max(high, value))


def _combined(end: End, values: Mapping[str, float]) -> float:
    return float(end.combination({leaf: np.asarray(value) for leaf, value in values.items()}))


def _finite(shares: Floats) -> Floats:
    return np.where(np.isfinite(shares), shares, np.nan)


def _capped(part: Floats, whole: Floats, rounding: float) -> Floats:
    """A share of the whole, which is at least the part; minus infinity for a loss without a whole."""
    large = np.maximum(whole, np.maximum(part, 0.0))
    without = np.where(part < -rounding, -np.inf, 0.0)
    shares: Floats = np.divide(part, large, out=without, where=large > rounding)
    return np.where(np.isnan(part) | np.isnan(whole), np.nan, shares)
