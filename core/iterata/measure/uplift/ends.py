"""Perfect's gain cannot be known row by row: its sharp bounds, from the rates of both arms.

Nobody is seen both treated and untreated. The share of rows that the treatment turns to the better outcome
lies between `max(0, p1 - p0)` and `min(p1, 1 - p0)`, and both ends are possible (Frechet 1935, Hoeffding
1940); what perfect gains under a budget and a cost rises with it. Each end is a smallest or a largest of
smooth figures, its *leaves*. A percentile interval of the end itself covers too rarely where two leaves meet,
so the limits of an end are the smallest or the largest of the limits of its leaves.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.measure.measures import Measure, combine
from iterata.measure.uplift.arm_sums import ArmLevels, ArmSums, arms_within
from iterata.measure.weightings import Classes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iterata.arrays import Floats
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.uplift.terms import Terms

    Combination = Callable[[Mapping[str, Floats]], Floats]
    """From a figure for each leaf to the end's: it falls with none of them, and shifts as they do."""

BUDGET, NOTHING, EFFECT, REST = "budget", "nothing", "effect", "rest of a forced budget"
TREATED_RATE, UNTREATED_REST, HARM = "treated rate", "untreated rest", "effect and assumed harm"


@dataclass(frozen=True)
class End:
    """One end of what perfect gains, a row, in utility: positive is better."""

    leaves: Mapping[str, Measure]
    combination: Combination
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Exact 95 % limits of leaves whose outcomes are too few for a resample."""

    @property
    def measure(self) -> Measure:
        """The end itself, under any weighting."""
        names, combination = list(self.leaves), self.combination
        return combine(
            lambda *figures: combination(dict(zip(names, figures, strict=True))), *self.leaves.values()
        )

    def affine(self, factor: float, less: float = 0.0) -> End:
        """The same end, of which every leaf is multiplied with a factor from 0 up, less a number."""
        return replace(
            self,
            leaves={
                name: leaf.map(lambda figures: factor * figures - less) for name, leaf in self.leaves.items()
            },
            limits={
                name: (factor * low - less, factor * high - less) for name, (low, high) in self.limits.items()
            },
        )


class Ends(NamedTuple):
    """Both ends of what perfect gains."""

    lower: End
    upper: End


def smallest(figures: Mapping[str, Floats]) -> Floats:
    """The smallest of all leaves."""
    return reduce(np.minimum, figures.values())


def largest(figures: Mapping[str, Floats]) -> Floats:
    """The largest of all leaves."""
    return reduce(np.maximum, figures.values())


def within_budget(figures: Mapping[str, Floats]) -> Floats:
    """The share turned, at least 0 and the effect, as far as the budget reaches."""
    turned = largest({name: figures[name] for name in (NOTHING, EFFECT)})
    return np.minimum(figures[BUDGET], turned)


def within_forced_budget(figures: Mapping[str, Floats]) -> Floats:
    """The same, if what is left of the budget is spent on rows that the treatment may turn away."""
    return np.minimum(within_budget(figures), figures[REST])


def turned_ends(terms: Terms, arms: ArmLevels) -> Ends:
    """The ends of the share of rows that the treatment turns to the better outcome, from one stratum."""
    rate = _rates(terms, arms)
    upper = {
        TREATED_RATE: rate(lambda treated, control: treated),
        UNTREATED_REST: rate(lambda treated, control: 1 - control),
    }
    if terms.turned_away is not None:
        upper[HARM] = effect_of(terms, arms).map(with_harm(terms.turned_away))
    lower = {NOTHING: constant(arms.outcomes, 0.0), EFFECT: rate(lambda treated, control: treated - control)}
    return Ends(End(lower, largest), End(upper, smallest))


def _rates(terms: Terms, arms: ArmLevels) -> Callable[[Callable[[Floats, Floats], Floats]], Measure]:
    """Measures of the rates of the better outcome in both arms, of rows in one level."""
    parts = arms_within(arms.outcomes)

    def measure(figure: Callable[[Floats, Floats], Floats]) -> Measure:
        def of_sums(sums: ArmSums) -> Floats:
            treated, control = (rate[0] for rate in sums.rates)
            return figure(treated, control) if terms.outcome_sign > 0 else figure(1 - treated, 1 - control)

        return arms.measure(of_sums).of_parts(parts)

    return measure


def away_ends(terms: Terms, outcomes: Outcomes, turned: Ends, effect: Measure) -> Ends:
    """The ends of the share that the treatment turns away: the share turned less the effect."""
    lower, upper = (
        {
            name: combine(np.subtract, leaf, effect).map(lambda share: np.maximum(share, 0.0))
            for name, leaf in end.leaves.items()
            if name != HARM
        }
        for end in turned  # within strata, noise can make the share turned smaller than the effect
    )
    if terms.turned_away is not None:
        harm = terms.turned_away
        upper[HARM] = effect.map(lambda tau: np.maximum(harm, -tau))
    return Ends(End(lower, largest), End(upper, smallest))


def with_harm(turned_away: float) -> Callable[[Floats], Floats]:
    """The most that can be turned, from the effect and the share that is at most turned away."""
    return lambda effect: np.maximum(effect + turned_away, 0.0)


def constant(outcomes: Outcomes, value: float) -> Measure:
    """A figure that no weighting changes."""
    rows = Classes(np.zeros(len(outcomes), dtype=np.uint8), 1)
    return Measure.of_sums(rows, lambda sums: np.full(sums.shape[1], value))


def perfect_ends(terms: Terms, outcomes: Outcomes) -> Ends:
    """The ends of what perfect gains within the budget, from one stratum of yes / no outcomes.

    With a value `v`, a cost `c` and a budget `d`, a share turned `pi` and the effect `tau`, perfect gains
    `max(v - c, 0) min(d, pi)` with optional spend, and `v (min(d, pi) - max(0, d - 1 + pi - tau)) - c d` with
    a forced one, which is the smallest of `d`, `pi` and `1 - d + tau` times `v`, less the cost.
    """
    arms = ArmLevels.whole(outcomes)
    return of_turned(terms, outcomes, turned_ends(terms, arms), effect_of(terms, arms))


def effect_of(terms: Terms, arms: ArmLevels) -> Measure:
    """The average effect on the better outcome, from rows in one level."""
    return _rates(terms, arms)(lambda treated, control: treated - control)


def of_turned(terms: Terms, outcomes: Outcomes, turned: Ends, effect: Measure) -> Ends:
    """What perfect gains, from the ends of the share turned and the average effect."""
    limits = turned.upper.limits
    value, cost = terms.value, terms.cost
    budget = constant(outcomes, terms.budget)
    if not terms.forced:
        factor, less = max(value - cost, 0.0), 0.0
        lower, upper = {BUDGET: budget, **turned.lower.leaves}, {BUDGET: budget, **turned.upper.leaves}
        ends = Ends(End(lower, within_budget, limits), End(upper, smallest, limits))
    else:
        factor, less = value, cost * terms.budget
        rest = effect.map(lambda tau: 1 - terms.budget + tau)
        lower = {BUDGET: budget, REST: rest, **turned.lower.leaves}
        upper = {BUDGET: budget, REST: rest, **turned.upper.leaves}
        ends = Ends(End(lower, within_forced_budget, limits), End(upper, smallest, limits))

    return Ends(*(end.affine(factor, less) for end in ends))
