"""The models of this project: they choose items by their clicks, and know nothing of the visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


class ClickRate(ClassifierMixin, BaseEstimator):
    """The click rate of each item: a Beta distribution that begins flat and learns from impressions.

    With `draw`, the score of an impression is one draw from its item's distribution, as in Thompson sampling
    (Thompson 1933; Chapelle and Li 2011). Otherwise it is the distribution's mean.
    """

    def __init__(self, *, draw: bool = False, random_state: int = 0) -> None:
        self.draw = draw
        self.random_state = random_state

    def fit(self, features: pd.DataFrame, target: NDArray[np.int_]) -> ClickRate:
        """Count the clicks and the other impressions of each item."""
        counts: dict[str, list[int]] = {}
        for item, clicked in zip(features["item"].astype(str), np.asarray(target).astype(int), strict=True):
            counts.setdefault(item, [0, 0])[1 - clicked] += 1
        self.counts_ = counts
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, features: pd.DataFrame) -> NDArray[np.float64]:
        """The score of each impression as the probability of a click; an unknown item has the flat prior."""
        found = [self.counts_.get(item, [0, 0]) for item in features["item"].astype(str)]
        clicks, others = np.array(found, dtype=float).reshape(-1, 2).T + 1
        rate = clicks / (clicks + others)
        if self.draw:
            rate = np.random.default_rng(self.random_state).beta(clicks, others)
        return np.column_stack([1 - rate, rate])


def thompson_sampling() -> ClickRate:
    """Items by draws: those that may be good are tried, too."""
    return ClickRate(draw=True)


def best_so_far() -> ClickRate:
    """Items by their mean: what was best so far."""
    return ClickRate()
