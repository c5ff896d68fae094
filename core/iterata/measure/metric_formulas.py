"""Formulas of metrics and losses, over arrays. The table in `iterata.measure.metrics` names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from iterata.arrays import Floats


def share(part: Floats, whole: Floats) -> Floats:
    """`part / whole`, and 0 where the whole is 0, like scikit-learn's scorers."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def rate(part: Floats, whole: Floats) -> Floats:
    """`part / whole`, and NaN where the whole is 0: a resample without such rows has no rate."""
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)


def matthews_correlation(tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> Floats:
    """The correlation between predicted and observed classes (Matthews 1975)."""
    spread = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    return share(tp * tn - fp * fn, spread)


def blind_confusions(sums: Floats, rows: int) -> tuple[Floats, Floats]:
    """Confusion matrices of a blind choice of as many rows as are predicted positive, as shares of the rows.

    The number of true positives is then hypergeometric, and the margins of the matrix are fixed. The two
    matrices have one standard deviation fewer and more of them than expected. The mean of a metric over both
    is its expectation: exactly if the metric is linear in the true positives, as almost all are (of those in
    our table all but jaccard); otherwise to second order.

    Args:
        sums: `(4, r)`, the weight of the true positives, false positives, false negatives and true negatives
            under each weighting.
        rows: how many rows there are, or are represented.
    """
    tp, fp, fn, _ = sums / sums.sum(axis=0)
    acted, positive = tp + fp, tp + fn
    variance = acted * (1 - acted) * positive * (1 - positive) / max(rows - 1, 1)
    hits = acted * positive
    expected = np.stack([hits, acted - hits, positive - hits, 1 - acted - positive + hits]).clip(0)
    sd = np.minimum(np.sqrt(variance.clip(0)), expected.min(axis=0))
    swap = np.array([[1.0], [-1.0], [-1.0], [1.0]]) * sd
    return expected - swap, expected + swap


def log_loss(target_values: Floats, probability: Floats) -> Floats:
    """The log-loss of each row: `(n,)`; target values are 1 or 0."""
    tiny = np.finfo(
        np.float64
    ).eps  # clipped like in scikit-learn, so that one wrong certainty is not infinite
    likelihood = np.where(target_values > 0, probability, 1 - probability)
    losses: Floats = -np.log(np.clip(likelihood, tiny, 1 - tiny))
    return losses


def inverse_log_loss(loss: Floats) -> Floats:
    """The absolute error of a probability whose log-loss this is."""
    errors: Floats = -np.expm1(-loss)
    return errors


def squared_error(target_values: Floats, prediction: Floats) -> Floats:
    """The squared error of each row: `(n,)`."""
    errors: Floats = np.square(target_values - prediction)
    return errors


def absolute_error(target_values: Floats, prediction: Floats) -> Floats:
    """The absolute error of each row: `(n,)`."""
    errors: Floats = np.abs(target_values - prediction)
    return errors


def square_root(values: Floats) -> Floats:
    """The square root of each number."""
    roots: Floats = np.sqrt(values)
    return roots


def newsvendor_loss(shortfall: Floats, under: float, over: float) -> Floats:
    """The cost of each forecast: `under` for every unit short, `over` for every unit in excess.

    `shortfall` is `(n,)`: the target value minus the forecast.
    """
    return np.where(shortfall > 0, under * shortfall, -over * shortfall)
