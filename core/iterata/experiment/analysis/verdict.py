"""What an interval says of a hypothesis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.enums import Verdict

if TYPE_CHECKING:
    from iterata.results import Estimate


def judge(difference: Estimate, by: float) -> Verdict:
    """The verdict on the claim that a difference (in utility, positive is better) is at least `by`.

    Supported if the whole interval lies at or above `by`, refuted if all of it lies below. With `by` 0 the
    claim is of any gain at all, so the border itself speaks against it: supported strictly above 0, refuted
    at or below.
    """
    if by == 0:
        reached, missed = difference.low > 0, difference.high <= 0
    else:
        reached, missed = difference.low >= by, difference.high < by
    if reached:
        return Verdict.SUPPORTED
    return Verdict.REFUTED if missed else Verdict.INCONCLUSIVE
