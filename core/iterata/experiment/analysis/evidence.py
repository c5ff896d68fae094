"""The evidence of a comparison: every figure of every model, on the sample and on the same resamples.

Because all figures see the same resamples, a difference of two of them is a paired difference.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import numpy as np
from scipy.stats import norm as normal
from scipy.stats import t as student

from iterata.documents.models.enums import STATUS_QUO
from iterata.measure.bootstrap import bootstrap
from iterata.measure.intervals import (
    CONFIDENCE,
    UNDEFINED_AT_MOST,
    UNDEFINED_EFFECTS_AT_MOST,
    estimate,
    upper_bound,
)
from iterata.measure.measures import mean_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from iterata.arrays import Floats
    from iterata.measure.measures import Measure
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.predictions import PredictionColumn
    from iterata.results import Estimate

    Predictions = Mapping[str, Sequence[PredictionColumn]]
    """The predictions of the status quo and of every variant, by name; one column for each repeat."""

T = TypeVar("T")
U = TypeVar("U")


class Figure(NamedTuple):
    """A number on the sample and on every resample."""

    value: float
    """On the sample; NaN if it is not defined there."""
    resampled: Floats
    """`(resamples,)`; NaN for a resample on which it is not defined."""
    widening: float = 1.0
    """What the deviations of a difference are multiplied by: more than 1 if there are few units."""
    undefined_at_most: float = UNDEFINED_AT_MOST
    """In which share of the resamples it may be undefined and have an interval."""

    def minus(self, other: Figure, sign: float = 1.0) -> Figure:
        """The paired difference, times `sign`."""
        value, resampled = sign * (self.value - other.value), sign * (self.resampled - other.resampled)
        wider = resampled if self.widening == 1 else value + self.widening * (resampled - value)
        return Figure(value, wider, undefined_at_most=min(self.undefined_at_most, other.undefined_at_most))

    @property
    def is_defined(self) -> bool:
        """Whether the sample has this figure."""
        return not np.isnan(self.value)

    def estimate(self) -> Estimate:
        """The number with its confidence interval; it must be defined."""
        return estimate(self.value, self.resampled, undefined_at_most=self.undefined_at_most)

    def estimate_if_defined(self) -> Estimate | None:
        """The number with its confidence interval; None if it is not defined."""
        return self.estimate() if self.is_defined else None

    def upper_bound(self) -> float | None:
        """The upper end of the one-sided confidence interval; None if there is too little data for one."""
        return upper_bound(self.resampled)


@dataclass(frozen=True, slots=True)
class SegmentKey:
    """A part of the population: the rows with one value of a column."""

    column: str
    value: str


@dataclass(frozen=True, slots=True)
class FigureSet(Generic[T]):
    """One entry for every figure of a comparison: how it is measured, or the figure itself."""

    bounds: Mapping[str, T]
    """By the three models that need no training: `random`, `status_quo` and `perfect`."""
    kpis: Mapping[str, T]
    """By variant."""
    metrics: Mapping[str, Mapping[str, T | None]]
    """By metric and model; None if the metric cannot evaluate predictions of that kind."""
    shares: Mapping[str, Mapping[str, T]]
    """By guardrail and model."""
    segments: Mapping[SegmentKey, Mapping[str, T]]
    """The KPI by segment and model."""
    curves: Mapping[str, Mapping[float, T]] = field(default_factory=dict)
    """By model and depth: the gain of treating the best share of the rows; for a KPI of effects only."""
    areas: Mapping[str, T] = field(default_factory=dict)
    """By model: the area of that curve."""
    answers: Mapping[str, Mapping[tuple[str, str], T]] = field(default_factory=dict)
    """By model, then by class and figure; empty if the target has no classes."""

    def map(self, function: Callable[[T], U]) -> FigureSet[U]:
        """Replace every entry; the function is called in the order of the entries."""

        def by_model(entries: Mapping[str, T]) -> dict[str, U]:
            return {model: function(entry) for model, entry in entries.items()}

        def where_measurable(entries: Mapping[str, T | None]) -> dict[str, U | None]:
            return {model: None if entry is None else function(entry) for model, entry in entries.items()}

        return FigureSet(
            by_model(self.bounds),
            by_model(self.kpis),
            {name: where_measurable(entries) for name, entries in self.metrics.items()},
            {name: by_model(entries) for name, entries in self.shares.items()},
            {key: by_model(entries) for key, entries in self.segments.items()},
            {
                model: {depth: function(entry) for depth, entry in entries.items()}
                for model, entries in self.curves.items()
            },
            by_model(self.areas),
            {
                model: {key: function(entry) for key, entry in entries.items()}
                for model, entries in self.answers.items()
            },
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the comparison measured. A name that is not part of the comparison raises a KeyError."""

    _figures: FigureSet[Figure]

    @property
    def bounds(self) -> Mapping[str, Figure]:
        """The KPI of the models `random`, `status_quo` and `perfect`."""
        return self._figures.bounds

    def kpi(self, model: str) -> Figure:
        """The KPI of a variant or of the status quo."""
        return self._figures.bounds["status_quo"] if model == STATUS_QUO else self._figures.kpis[model]

    def metric(self, name: str, model: str) -> Figure | None:
        """A metric of a model; None if it cannot evaluate the model's kind of predictions."""
        return self._figures.metrics[name][model]

    def share(self, guardrail: str, model: str) -> Figure:
        """The share that a guardrail watches, among the rows that a model acts on."""
        return self._figures.shares[guardrail][model]

    def curve(self, model: str) -> tuple[Mapping[float, Figure], Figure] | None:
        """The gain by depth of a model, and the area of that curve; None if the KPI is not one of effects."""
        curve = self._figures.curves.get(model)
        return None if curve is None else (curve, self._figures.areas[model])

    def segment(self, key: SegmentKey, model: str) -> Figure:
        """The KPI of a model within a segment."""
        return self._figures.segments[key][model]

    def answers(self, model: str) -> Mapping[tuple[str, str], Figure]:
        """The figures of the classes under a model, by class and figure."""
        return self._figures.answers[model]


def gather(
    measures: FigureSet[Measure],
    outcomes: Outcomes,
    *,
    resamples: int,
    seed: int,
    units: NDArray[np.intp] | None,
) -> Evidence:
    """Measure every figure on the sample, and on the same resamples of its units.

    Args:
        measures: how each figure is measured.
        outcomes: of the `n` rows of the sample.
        resamples: how many resamples to draw.
        seed: makes them repeatable.
        units: `(n,)`, the independent unit of each row; None if every row is a unit.
    """
    ordered: list[Measure] = []
    measures.map(ordered.append)
    values, resampled = bootstrap(
        dict(enumerate(ordered)), len(outcomes), resamples, np.random.default_rng(seed), units, outcomes
    )
    numbers, widening = iter(range(len(ordered))), _widening(units)

    def figure(measure: Measure) -> Figure:
        number = next(numbers)
        at_most = UNDEFINED_EFFECTS_AT_MOST if measure.requires.within_arms else UNDEFINED_AT_MOST
        return Figure(values[number], resampled[number], widening, at_most)

    return Evidence(measures.map(figure))


def _widening(units: NDArray[np.intp] | None) -> float:
    """How much wider an interval from a few units must be than the percentiles of resamples of them.

    As for the mean of `k` normal values: their spread is estimated from `k - 1` deviations, and the
    interval is one of Student's t.
    """
    if units is None:
        return 1.0
    count = int(units.max()) + 1
    quantile = (1 + CONFIDENCE) / 2
    return float(np.sqrt(count / (count - 1)) * student.ppf(quantile, count - 1) / normal.ppf(quantile))


def by_model(predictions: Predictions, measure: Callable[[PredictionColumn], Measure]) -> dict[str, Measure]:
    """One measure for each model, averaged over the repeats of its predictions."""
    return {model: mean_of([measure(column) for column in columns]) for model, columns in predictions.items()}
