"""What an interval of a difference shows about harm: a wide interval is no proof that all is well."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.measure.release.differences import Difference

    Ends = tuple[float, float]

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


def shown_at_look(
    superiority: Ends | None,
    non_inferiority: Ends | None,
    margin: float | None,
    *,
    harm: Sequence[Ends] = (),
    worse_beyond: float = 0.0,
) -> Evidence:
    """What the intervals of a look show together: each question has its own.

    >>> shown_at_look((-0.7, 0.9), (-0.4, 0.6), 0.5)
    'not_worse'

    Args:
        superiority: the interval of the treatment's advantage that shows a gain, and harm; None if it is
            infinite.
        non_inferiority: the interval that is held against the margin; None if there is none, so that the
            first one is.
        margin: how much worse than the control is acceptable; None if nothing is declared.
        harm: further intervals of which only harm is read.
        worse_beyond: the loss from which on the metric is worse: 0, or the margin for a guardrail.
    """
    intervals = [*harm] if superiority is None else [superiority, *harm]
    if any(evidence(*ends, margin, worse_beyond=worse_beyond) == "worse" for ends in intervals):
        return "worse"
    if superiority is not None and superiority[0] > 0:
        return "better"
    against_margin = non_inferiority or superiority
    is_kept = margin is not None and against_margin is not None and against_margin[0] > -margin
    return "not_worse" if is_kept else "inconclusive"


def with_variance_under(share: Difference, loss: float) -> Difference:
    """A difference of shares whose treated variance is at least the one under a hypothesis.

    Args:
        share: the difference; an arm's variance is p (1 - p) / n.
        loss: what the hypothesis adds to the control's share: 0, or the margin, negative if more is better.
    """
    boundary = min(max(share.control + loss, 0.0), 1.0)
    variance = boundary * (1 - boundary) / share.treatment_units if share.treatment_units else 0.0
    return share._replace(treatment_variance=max(share.treatment_variance, variance))
