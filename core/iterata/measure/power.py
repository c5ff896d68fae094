"""Power before anything is trained: the smallest gain that a plan's split would show in most experiments.

The gain of a model over the status quo has a standard error on all rows; see `iterata.lift.gain_error`. How
large a gain must be to be *supported* depends on the split and on the test that gives the verdict. This
module uses the standard library only, because rules and pages read it.
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

from iterata.documents.models.splits import GroupFolds, HoldOut, StratifiedFolds, TimeOrdered

if TYPE_CHECKING:
    from iterata.documents.models.splits import Split

ALPHA, POWER = 0.05, 0.8
"""The two-sided level of a verdict, and how often a detectable gain is supported."""

FEWEST_FOLDS = 5
"""The fewest folds, over all repeats, from which a verdict about trained models is given."""

CORRELATION, MAX_FREEDOM = 1.5, 9
"""How cautious the test is: the same numbers as in `iterata.experiment.analysis.learners`."""


def detectable_gain(standard_error: float, split: Split) -> float | None:
    """The gain that is supported with a power of 80 %, in the unit of its standard error on all rows.

    None if the split gives no verdict, or it is not known how many rows it predicts.
    """
    if isinstance(split, StratifiedFolds | GroupFolds):
        return _over_folds(standard_error, split.folds, split.repeats)
    share = _predicted_share(split)
    if share is None:
        return None
    return (_normal(1 - ALPHA / 2) + _normal(POWER)) * standard_error / sqrt(share)


def _over_folds(standard_error: float, folds: int, repeats: int) -> float | None:
    """The same for the corrected t-test over all folds (Nadeau and Bengio 2003).

    A fold has `1 / folds` of the rows, so the variance of its gain is `folds` times that on all rows. The
    test multiplies it by `1 / (folds * repeats) + test / train`, although the mean gain over the folds of one
    repeat varies as the gain on all rows does. The standard deviation is estimated from few folds, so it
    varies too, with a variance of about `1 / (2 * freedom)` of its square.
    """
    count = folds * repeats
    if count < FEWEST_FOLDS:
        return None
    freedom = min(count - 1, MAX_FREEDOM)
    corrected = sqrt(folds * (1 / count + CORRELATION / (folds - 1)))
    required = _student(1 - ALPHA / 2, freedom) * corrected
    mean, spread = 1 - 1 / (4 * freedom), sqrt(1 + required**2 / (2 * freedom))
    return (required * mean + _normal(POWER) * spread) * standard_error


def _predicted_share(split: HoldOut | TimeOrdered) -> float | None:
    if isinstance(split, HoldOut):
        return split.share
    first = 1 / (split.folds + 1) if split.learn_first is None else split.learn_first
    return 1 - first


def _normal(probability: float) -> float:
    return NormalDist().inv_cdf(probability)


def _student(probability: float, freedom: int) -> float:
    """A quantile of Student's t (Abramowitz and Stegun 1964, 26.7.5); within .5 % from 4 degrees on.

    >>> round(_student(0.975, 4), 2), round(_student(0.975, 49), 3)
    (2.78, 2.01)
    """
    z = _normal(probability)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / float(freedom**power) for power, term in enumerate(terms, 1))
