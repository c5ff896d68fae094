"""Figures that only the rows themselves can give, one weighting at a time."""

from __future__ import annotations

import inspect
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.arrays import Floats
    from iterata.measure.weightings import Measure, Weightings


def by_rows(figure: Callable[[Floats], float]) -> Measure:
    """A figure of the weights `(n,)` of rows. Where it is undefined for a resample it is not a number."""

    def measure(draws: Weightings) -> Floats:
        return np.array([figure(line) for line in draws.weights()])

    return measure


def weighted(function: Callable[..., Any], *columns: Any, **fixed: Any) -> Callable[[Floats], float]:
    """A function of columns as a figure of the rows' weights.

    One that takes `sample_weight` is given them; to any other, rows are repeated as often as they were drawn.
    """
    takes_weights = "sample_weight" in inspect.signature(function).parameters

    def figure(line: Floats) -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of resamples with one outcome only, for which it is undefined
            if takes_weights:
                drawn = line > 0
                found = function(*(column[drawn] for column in columns), sample_weight=line[drawn], **fixed)
            else:
                rows = np.repeat(np.arange(len(line)), np.rint(line).astype(np.intp))
                found = function(*(column[rows] for column in columns), **fixed)
        return float(found)

    return figure
