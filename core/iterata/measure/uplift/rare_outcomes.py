"""Exact limits of rates of few outcomes, for which a percentile interval covers too rarely."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iterata.measure.intervals import FEWEST
from iterata.measure.uplift.arm_sums import assignment_of
from iterata.measure.uplift.ends import BUDGET, EFFECT, HARM, NOTHING, REST, TREATED_RATE, UNTREATED_REST

if TYPE_CHECKING:
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.uplift.terms import Terms

ALPHA = 0.05


def clopper_pearson(positives: int, rows: int) -> tuple[float, float]:
    """The exact 95 % limits of a proportion (Clopper and Pearson 1934)."""
    from scipy.special import betaincinv  # noqa: PLC0415  # slow to import, and only for rare outcomes

    low = 0.0 if positives == 0 else float(betaincinv(positives, rows - positives + 1, ALPHA / 2))
    high = 1.0 if positives == rows else float(betaincinv(positives + 1, rows - positives, 1 - ALPHA / 2))
    return low, high


def exact_limits(terms: Terms, outcomes: Outcomes) -> dict[str, tuple[float, float]]:
    """The limits of every leaf of the share turned, from one stratum of rows that count alike.

    Returns nothing if no outcome is rare, or if rows have weights or different probabilities. The limits of
    the effect are Newcombe's (1998): those of both rates, combined as independent ones.
    """
    assignment = assignment_of(outcomes)
    if outcomes.weight is not None or not assignment.is_constant or outcomes.represents is not None:
        return {}
    better = outcomes.positive if terms.outcome_sign > 0 else ~outcomes.positive
    counts = [
        (int(better[rows].sum()), int(rows.sum())) for rows in (assignment.treated, ~assignment.treated)
    ]
    if all(FEWEST <= positives <= rows - FEWEST for positives, rows in counts):
        return {}
    (treated, control), rates = (clopper_pearson(*count) for count in counts), [p / n for p, n in counts]
    effect = rates[0] - rates[1]
    low = effect - float(np.hypot(rates[0] - treated[0], control[1] - rates[1]))
    high = effect + float(np.hypot(treated[1] - rates[0], rates[1] - control[0]))
    harm = terms.turned_away or 0.0
    return {
        NOTHING: (0.0, 0.0),
        BUDGET: (terms.budget, terms.budget),
        EFFECT: (low, high),
        REST: (1 - terms.budget + low, 1 - terms.budget + high),
        HARM: (max(low + harm, 0.0), max(high + harm, 0.0)),
        TREATED_RATE: treated,
        UNTREATED_REST: (1 - control[1], 1 - control[0]),
    }
