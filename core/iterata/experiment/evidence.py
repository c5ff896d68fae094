"""Figures on the sample and on its resamples: everything that is compared sees the same draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.resampling import CONFIDENCE, bootstrap, estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from iterata.experiment.metrics import Column
    from iterata.kpi.base import Bools, Floats, Measure
    from iterata.results import Estimate

    Key = tuple[str, ...]
    """What a figure is of, such as `("metric", "roc_auc", "logistic")`."""

    Evidence = Mapping[Key, "Figure"]

    Columns = Mapping[str, Sequence[Column]]
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

    def at_most(self) -> float:
        """The upper end of the one-sided interval."""
        return float(np.nanquantile(self.draws, CONFIDENCE))


class Part(NamedTuple):
    """What is computed from the weights of all rows, or of some."""

    figures: Callable[[Floats], Mapping[Key, Floats]]
    """From weights `(r, rows)` to figures `(r,)`."""
    rows: Bools | None = None
    """`(n,)`; only the weights of these rows are seen. None for all."""

    @classmethod
    def of(cls, measures: Mapping[Key, Measure], rows: Bools | None = None) -> Part:
        """A part of independent measures."""
        return cls(lambda weights: {key: measure(weights) for key, measure in measures.items()}, rows)


def gather(
    parts: Sequence[Part], rows: int, *, resamples: int, seed: int, units: NDArray[np.intp] | None
) -> dict[Key, Figure]:
    """The figures of every part, on the sample and on the same resamples of its units."""

    def figures(weights: Floats) -> dict[Key, Floats]:
        found: dict[Key, Floats] = {}
        with np.errstate(divide="ignore", invalid="ignore"):  # a resample may hold nothing of a small segment
            for part in parts:
                found |= part.figures(weights if part.rows is None else weights[:, part.rows])
        return found

    sample, draws = bootstrap(figures, rows, resamples, np.random.default_rng(seed), units)
    return {key: Figure(value, draws[key]) for key, value in sample.items()}


def mean(measures: Iterable[Measure]) -> Measure:
    """The average of several measures within each resample, as over the repeats of a split."""
    each = list(measures)
    return each[0] if len(each) == 1 else lambda weights: np.mean([one(weights) for one in each], axis=0)


def per_model(columns: Columns, prepare: Callable[[Column], Measure], *key: str) -> dict[Key, Measure]:
    """One measure per model, averaged over its columns, by `key` and the model's name."""
    return {(*key, model): mean(prepare(column) for column in each) for model, each in columns.items()}
