"""Bounds of perfect's gain if the outcome is a number: the two extreme ways to pair both arms.

Which untreated outcome belongs to which treated one is unknown. If both are paired in the same order, the
effects differ least; if in the reverse order, most. Both are extreme for every convex function of the effect
(Cambanis, Simons and Stout 1976), and what the largest effects add up to is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.measure.measures import Measure
from iterata.measure.uplift.arm_sums import arm_features, assignment_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from iterata.arrays import Floats
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.uplift.terms import Terms

LEVELS = 400
"""Up to this many different outcomes are levels of their own; of more, equally many rows share a level."""


class Steps(NamedTuple):
    """A distribution in steps: ascending values, and the share of each."""

    values: Floats
    shares: Floats


class Segments(NamedTuple):
    """Effects of paired outcomes, and the share of the rows of each."""

    effects: Floats
    shares: Floats


def paired(treated: Steps, control: Steps, *, reverse: bool) -> Segments:
    """The effects if the outcomes of both arms are paired in the same or in the reverse order."""
    if reverse:
        control = Steps(control.values[::-1], control.shares[::-1])
    ends_treated, ends_control = np.cumsum(treated.shares), np.cumsum(control.shares)
    ends_treated[-1] = ends_control[-1] = 1.0
    ends = np.union1d(ends_treated, ends_control)
    at_treated = np.minimum(np.searchsorted(ends_treated, ends), len(ends_treated) - 1)
    at_control = np.minimum(np.searchsorted(ends_control, ends), len(ends_control) - 1)
    return Segments(treated.values[at_treated] - control.values[at_control], np.diff(ends, prepend=0.0))


def best_share(segments: Segments, terms: Terms) -> float:
    """What the share of the budget with the largest effects gains, less the cost."""
    gains = terms.value * segments.effects - terms.cost
    order = np.argsort(-gains)
    shares, gains = segments.shares[order], gains[order]
    treated = np.clip(terms.budget - (np.cumsum(shares) - shares), 0, shares)
    if not terms.forced:
        gains = np.maximum(gains, 0.0)
    return float(treated @ gains)


def shares_that_gain(treated: Steps, control: Steps) -> tuple[float, float]:
    """Makarov's bounds of the share of rows whose outcome the treatment makes better.

    This is another question than what perfect gains. (Makarov 1981; Fan and Park 2010.)
    """
    at = np.union1d(treated.values, control.values)
    lower = max(0.0, float((_up_to(control, at) - _up_to(treated, at)).max()))
    upper = 1.0 + min(0.0, float((_below(control, at) - _up_to(treated, at)).min()))
    return lower, upper


def _up_to(steps: Steps, at: Floats) -> Floats:
    reached: Floats = np.append(0.0, np.cumsum(steps.shares))[np.searchsorted(steps.values, at, "right")]
    return reached


def _below(steps: Steps, at: Floats) -> Floats:
    reached: Floats = np.append(0.0, np.cumsum(steps.shares))[np.searchsorted(steps.values, at, "left")]
    return reached


def steps_of(terms: Terms, outcomes: Outcomes) -> tuple[Steps, Steps]:
    """The outcomes of the treated and of the untreated rows, turned so that more is better."""
    assignment = assignment_of(outcomes)
    weight, target = outcomes.counts * assignment.inverse, terms.outcome_sign * outcomes.target
    arms = []
    for rows in (assignment.treated, ~assignment.treated):
        values, position = np.unique(target[rows], return_inverse=True)
        shares = np.bincount(position, weight[rows])
        arms.append(Steps(values, shares / shares.sum()))
    return arms[0], arms[1]


def coupling_bound(terms: Terms, outcomes: Outcomes, *, upper: bool) -> float:
    """One sharp end of what perfect gains, as the rows show it."""
    return best_share(paired(*steps_of(terms, outcomes), reverse=upper), terms)


def upper_measure(terms: Terms, outcomes: Outcomes) -> Measure:
    """The upper end under any weighting; outcomes of many different numbers share levels."""
    target = terms.outcome_sign * outcomes.target
    level, levels = _levels(target)
    features, read = arm_features(outcomes, level, levels)
    exact = coupling_bound(terms, outcomes, upper=True)

    def figure(sums: Floats) -> Floats:
        parts = read(sums)
        columns = zip(
            parts.treated.T, parts.treated_outcome.T, parts.control.T, parts.control_outcome.T, strict=True
        )
        return np.array([_of_levels(terms, *column) for column in columns])

    measure = Measure.of_sums(features, figure).within_arms()
    shift = exact - measure.on_sample(len(outcomes))
    return measure.map(lambda figures: figures + shift)


def _levels(target: Floats) -> tuple[NDArray[np.intp], int]:
    different, level = np.unique(target, return_inverse=True)
    if len(different) > LEVELS:
        edges = np.unique(np.quantile(target, np.linspace(0, 1, LEVELS + 1)[1:-1], method="inverted_cdf"))
        level = np.searchsorted(edges, target)
    return level.astype(np.intp), int(level.max()) + 1


def _of_levels(
    terms: Terms, treated: Floats, treated_outcome: Floats, control: Floats, control_outcome: Floats
) -> float:
    if not treated.any() or not control.any():
        return np.nan
    arms = []
    for weight, outcome in ((treated, treated_outcome), (control, control_outcome)):
        used = weight > 0
        arms.append(Steps(terms.outcome_sign * outcome[used] / weight[used], weight[used] / weight.sum()))
    return best_share(paired(arms[0], arms[1], reverse=True), terms)
