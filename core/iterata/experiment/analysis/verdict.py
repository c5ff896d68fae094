"""The verdict on a hypothesis, from the test of its difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.measure.multiplicity import verdict
from iterata.results import Estimate

if TYPE_CHECKING:
    from iterata.documents.models.enums import Verdict
    from iterata.experiment.analysis.evidence import Figure
    from iterata.experiment.analysis.learners import PairTest

FITTED_AGAIN = "this learner trained on other rows: corrected resampled t over"
THESE_PREDICTIONS = "these predictions on other rows: paired bootstrap of"


class Claim(NamedTuple):
    """What the rows say about the claim that a difference is at least `by`, or above 0."""

    difference: Estimate
    """In utility: positive is better."""
    reached: bool
    """On which side of `by` the difference lies."""
    p: float | None
    """Two-sided, of the difference from `by`; None if the rows are too few to tell."""
    method: str
    """Which uncertainty this is, in words."""
    needed: str = ""
    """What is missing to tell, in words; empty if nothing is."""

    def verdict(self, p_adjusted: float | None) -> Verdict:
        """The verdict, from p adjusted for the number of hypotheses."""
        return verdict(p_adjusted, reached=self.reached)


def claim_of_predictions(gain: Figure, by: float, method: str, needed: str) -> Claim:
    """What these predictions say: from the gain on the sample and on every resample.

    If `by` is 0, the claim is that there is any gain, so that a gain of 0 itself counts against it.
    """
    resampled = gain.resampled[~np.isnan(gain.resampled)]
    if needed:
        return Claim(
            Estimate(value=gain.value if gain.is_defined else 0.0), gain.value > by, None, method, needed
        )
    missed = (resampled <= by if by == 0 else resampled < by).sum()
    fewer = min(missed, len(resampled) - missed)
    p = min(1.0, 2 * (1 + float(fewer)) / (1 + len(resampled)))
    return Claim(gain.estimate(), bool(missed <= len(resampled) - missed), p, method)


def claim_of_folds(pair: PairTest, by: float, needed: str) -> Claim:
    """What the folds say: from the corrected t-test of the pair's own differences."""
    folds = f"{pair.folds} folds"
    if pair.undefined:
        folds += f" ({pair.undefined} without this KPI left out)"
    method = f"{FITTED_AGAIN} {folds}"
    test = pair.test
    if needed or test is None:
        value = 0.0 if np.isnan(pair.difference) else pair.difference
        return Claim(Estimate(value=value), value > by, None, method, needed)
    difference = Estimate(value=test.difference, low=test.low, high=test.high)
    return Claim(difference, test.difference > by, test.p, method)
