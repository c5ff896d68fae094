"""Several tests at once: p-values that are adjusted for their number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import false_discovery_control

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
    order = np.argsort(p, kind="stable")
    increasing = np.maximum.accumulate(np.asarray(p)[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(increasing, 1)
    return adjusted.tolist()


def false_discovery(p: Sequence[float | None]) -> list[float | None]:
    """p-values adjusted by the method of Benjamini and Hochberg (1995), where there are any.

    They control the share of false positives among all positives, which suits many exploratory questions.
    """
    known = [value for value in p if value is not None]
    adjusted = iter(false_discovery_control(known).tolist() if known else [])
    return [None if value is None else next(adjusted) for value in p]
