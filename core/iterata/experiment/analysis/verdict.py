"""The verdict on a hypothesis, from a confidence interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.enums import Verdict

if TYPE_CHECKING:
    from iterata.results import Estimate


def decide(difference: Estimate, by: float) -> Verdict:
    """The verdict on the claim that a difference (in utility: positive is better) is at least `by`.

    Supported if the whole interval is at or above `by`, refuted if the whole interval is below it. If `by` is
    0, the claim is that there is any gain, so 0 itself counts against it: supported strictly above 0, refuted
    at or below 0.
    """
    if difference.interval is None:
        return Verdict.TOO_FEW
    low, high = difference.interval
    reached, missed = (low > 0, high <= 0) if by == 0 else (low >= by, high < by)
    if reached:
        return Verdict.SUPPORTED
    return Verdict.REFUTED if missed else Verdict.INCONCLUSIVE
