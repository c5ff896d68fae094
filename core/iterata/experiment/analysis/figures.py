"""Figures on the sample and on its resamples: everything that is compared sees the same draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.measure.bootstrap import CONFIDENCE, bootstrap, estimate
from iterata.measure.weightings import mean_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from iterata.arrays import Floats
    from iterata.measure.metrics import PredictionColumn
    from iterata.measure.weightings import Measure
    from iterata.results import Estimate

    Key = tuple[str, ...]
    """What a figure is of, such as `("metric", "roc_auc", "logistic")`."""

    Evidence = Mapping[Key, "Figure"]

    Columns = Mapping[str, Sequence[PredictionColumn]]
    """Predictions by model, the status quo among them; one column per repeat."""


class Figure(NamedTuple):
    """A number on the sample, and on every resample."""

    value: float
    draws: Floats
    """`(resamples,)`; not a number where a resample does not have it."""

    def minus(self, other: Figure, sign: float = 1.0) -> Figure:
        """The paired difference, times `sign`."""
        return Figure(sign * (self.value - other.value), sign * (self.draws - other.draws))

    @property
    def defined(self) -> bool:
        """Whether the sample has it."""
        return not np.isnan(self.value)

    def estimate(self) -> Estimate:
        """The number, which must be defined, with its interval."""
        return estimate(self.value, self.draws)

    def known(self) -> Estimate | None:
        """The number with its interval; none where it is not defined."""
        return self.estimate() if self.defined else None

    def at_most(self) -> float:
        """The upper end of the one-sided interval."""
        return float(np.nanquantile(self.draws, CONFIDENCE))


def gather(
    measures: Mapping[Key, Measure], rows: int, *, resamples: int, seed: int, units: NDArray[np.intp] | None
) -> dict[Key, Figure]:
    """The figures on the sample, and on the same resamples of its units."""
    sample, draws = bootstrap(measures, rows, resamples, np.random.default_rng(seed), units)
    return {key: Figure(value, draws[key]) for key, value in sample.items()}


def per_model(
    columns: Columns, prepare: Callable[[PredictionColumn], Measure], *key: str
) -> dict[Key, Measure]:
    """One measure per model, averaged over its columns, by `key` and the model's name."""
    return {(*key, model): mean_of([prepare(column) for column in each]) for model, each in columns.items()}
