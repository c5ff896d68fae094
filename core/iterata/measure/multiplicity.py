"""Several tests at once: p-values adjusted for their number, and the verdict that follows from them.

Plain Python: `check` derives the verdicts of a result file again, and loads no numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.enums import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

LEVEL = 0.05
"""An adjusted two-sided p up to this decides."""


def holm(p: Sequence[float]) -> list[float]:
    """p-values adjusted for multiple tests (Holm, 1979): they control the probability of any false positive.

    The smallest is multiplied by their number, the next by one less, and so on; none becomes smaller than one
    before it.

    >>> [round(adjusted, 2) for adjusted in holm([0.01, 0.04, 0.03, 0.005])]
    [0.03, 0.06, 0.06, 0.02]
    """
    adjusted, largest = [0.0] * len(p), 0.0
    for rank, index in enumerate(_ascending(p)):
        largest = max(largest, p[index] * (len(p) - rank))
        adjusted[index] = min(largest, 1.0)
    return adjusted


def false_discovery(p: Sequence[float | None]) -> list[float | None]:
    """p-values adjusted by the method of Benjamini and Hochberg (1995), where there are any.

    They control the share of false positives among all positives, which suits many exploratory questions.

    >>> [value and round(value, 3) for value in false_discovery([0.01, None, 0.04, 0.03])]
    [0.03, None, 0.04, 0.04]
    """
    known = [(index, value) for index, value in enumerate(p) if value is not None]
    adjusted: list[float | None] = [None] * len(p)
    smallest, order = 1.0, _ascending([value for _, value in known])
    for rank in range(len(known), 0, -1):
        index, value = known[order[rank - 1]]
        smallest = min(smallest, value * (len(known) / rank))
        adjusted[index] = smallest
    return adjusted


def _ascending(p: Sequence[float]) -> list[int]:
    """The positions of the p-values, the smallest first."""
    return sorted(range(len(p)), key=p.__getitem__)


def verdict(p_adjusted: float | None, *, reached: bool) -> Verdict:
    """The verdict on a hypothesis, from p adjusted for the number of hypotheses.

    With one hypothesis it says the same as the 95 % interval: supported if all of it reaches the required
    difference, refuted if all of it misses it.

    Args:
        p_adjusted: of the difference from the required one; None if the rows are too few to tell.
        reached: on which side of the required difference the difference lies.
    """
    if p_adjusted is None:
        return Verdict.TOO_FEW
    if p_adjusted > LEVEL:
        return Verdict.INCONCLUSIVE
    return Verdict.SUPPORTED if reached else Verdict.REFUTED
