"""What an interval of a difference shows about harm: a wide interval is no proof that all is well."""

from __future__ import annotations

from math import isnan, nan
from statistics import NormalDist
from typing import Literal

Evidence = Literal["better", "not_worse", "inconclusive", "worse"]


def evidence(low: float, high: float, margin: float | None, *, worse_beyond: float = 0.0) -> Evidence:
    """What an interval of the treatment's advantage shows.

    `better` and `not_worse` come from the lower end, `worse` from the upper one. If the interval is a
    sequential one, each end errs in at most half of its alpha over all looks.

    >>> evidence(-0.4, 0.9, 0.5), evidence(-0.6, 0.9, 0.5), evidence(-2, -0.1, None)
    ('not_worse', 'inconclusive', 'worse')

    Args:
        low: the lower end, where positive is better for the metric.
        high: the upper end.
        margin: how much worse than the control is acceptable; None if nothing is declared.
        worse_beyond: the loss from which on the metric is worse: 0, or the margin for a guardrail.
    """
    if isnan(low) or isnan(high):
        return "inconclusive"
    if low > 0:
        return "better"
    if high < -worse_beyond:
        return "worse"
    return "not_worse" if margin is not None and low > -margin else "inconclusive"


def non_inferiority_p_value(difference: float, standard_error: float, margin: float) -> float:
    """The one-sided p-value of the hypothesis that the loss is at least the margin, in a single look.

    Args:
        difference: the treatment's advantage, where positive is better.
        standard_error: its standard error.
        margin: how much worse than the control is acceptable.
    """
    return NormalDist().cdf(-(difference + margin) / standard_error) if standard_error > 0 else nan
