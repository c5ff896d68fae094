"""Measures: figures of weighted rows that state what they require of a weighting.

The bootstrap reads the requirements before it draws, and chooses the cheapest way to draw that meets them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.measure.weightings import ObservedSample, RowWeightings, Values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from iterata.arrays import Bools, Floats
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.weightings import Features, Weightings


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a measure needs to know of a weighting."""

    features: tuple[tuple[Features, Bools | None], ...] = ()
    """The features whose weighted sums it needs, each with the `(n,)` mask of the rows that they describe;
    None if they describe all rows."""
    row_weights: bool = False
    """Whether it needs the weight of every single row."""
    outcomes: tuple[tuple[Outcomes, Bools | None], ...] = ()
    """The outcomes that it is a figure of, with the mask of their rows: from few of them it has no
    interval."""
    within_arms: bool = False
    """Whether resamples keep the number of units in each arm of a campaign."""

    @classmethod
    def joined(cls, requirements: Iterable[Requirements]) -> Requirements:
        """The requirements of several measures together, in their order."""
        parts = list(requirements)
        features = tuple(feature for part in parts for feature in part.features)
        outcomes = tuple(entry for part in parts for entry in part.outcomes)
        row_weights = any(part.row_weights for part in parts)
        return cls(features, row_weights, outcomes, any(part.within_arms for part in parts))

    def among(self, rows: Bools) -> Requirements:
        """The same requirements of features that describe some of the rows only."""
        return Requirements(
            tuple((features, nested(rows, mask)) for features, mask in self.features),
            self.row_weights,
            tuple((outcomes, nested(rows, mask)) for outcomes, mask in self.outcomes),
            self.within_arms,
        )


class Proportion(NamedTuple):
    """A figure as a function of a proportion of independent rows."""

    proportion: Measure
    trials: Measure
    """How many rows the proportion is of."""
    figure: Callable[[Floats], Floats]
    """From the proportion, `(r,)`, to the figure."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of weighted rows: maps `r` weightings to `(r,)` numbers.

    It is built from weighted sums, from row weights, or from other measures, so it cannot use anything that
    its requirements do not state.
    """

    requires: Requirements
    _compute: Callable[[Weightings, Bools | None], Floats]
    proportion: Proportion | None = None
    """The proportion that it is a function of, if it is one of a proportion of independent rows."""

    def __call__(self, weightings: Weightings) -> Floats:
        """The figure under every weighting: `(r,)`."""
        return self._compute(weightings, None)

    @classmethod
    def of_sums(cls, features: Features, formula: Callable[[Floats], Floats]) -> Measure:
        """A figure of weighted sums; `formula` maps `(width, r)` sums to `(r,)` figures."""
        return cls(
            Requirements(((features, None),)),
            lambda weightings, rows: formula(weightings.sums(features, rows)),
        )

    @classmethod
    def of_several_sums(cls, formula: Callable[..., Floats], *features: Features) -> Measure:
        """The same of several features: `formula` maps `(width, r)` sums of each to `(r,)` figures."""
        return cls(
            Requirements(tuple((part, None) for part in features)),
            lambda weightings, rows: formula(*(weightings.sums(part, rows) for part in features)),
        )

    @classmethod
    def of_row_weights(cls, formula: Callable[[Floats], float]) -> Measure:
        """A figure that only the weights of all rows determine; `formula` maps `(n,)` weights to one number.

        It is evaluated once for every weighting, so it is slow.
        """

        def compute(weightings: Weightings, rows: Bools | None) -> Floats:
            if not isinstance(weightings, RowWeightings):
                raise TypeError(f"{type(weightings).__name__} has no weight for every row")
            weights = weightings.row_weights()
            lines = weights if rows is None else weights[:, rows]
            return np.array([np.nan if np.isnan(line).any() else formula(line) for line in lines])

        return cls(Requirements(row_weights=True), compute)

    def map(self, formula: Callable[[Floats], Floats]) -> Measure:
        """A function of this figure: `formula` maps `(r,)` to `(r,)`."""
        mapped, inner = combine(formula, self), self.proportion
        if inner is None:
            return mapped
        figure = inner.figure
        return replace(mapped, proportion=inner._replace(figure=lambda share: formula(figure(share))))

    def of_outcomes(self, outcomes: Outcomes) -> Measure:
        """The same figure, which is one of these outcomes: from few of them it has no interval."""
        return replace(self, requires=replace(self.requires, outcomes=((outcomes, None),)))

    def of_parts(self, parts: Sequence[tuple[Outcomes, Bools]]) -> Measure:
        """The same figure, which has no interval if any of these parts of the rows has too few outcomes."""
        return replace(self, requires=replace(self.requires, outcomes=tuple(parts)))

    def within_arms(self) -> Measure:
        """The same figure of a campaign, whose resamples keep the number of units in each arm."""
        return replace(self, requires=replace(self.requires, within_arms=True))

    def without_proportion(self) -> Measure:
        """The same figure, which is the same in every resample for another reason than chance."""
        return replace(self, proportion=None)

    def of_trials(
        self,
        trials: Measure,
        proportion: Measure | None = None,
        figure: Callable[[Floats], Floats] | None = None,
    ) -> Measure:
        """The same figure, which is a proportion of independent rows, or a function of one.

        Args:
            trials: how many rows the proportion is of.
            proportion: the proportion; the default is this figure.
            figure: from the proportion, `(r,)`, to this figure; the default leaves it as it is.
        """
        of = Proportion(proportion or self, trials, figure or (lambda share: share))
        return replace(self, proportion=of)

    def among(self, rows: Bools) -> Measure:
        """The figure under weightings of all rows, if its features describe the rows of a mask only."""
        inner = self.proportion
        return Measure(
            self.requires.among(rows),
            lambda weightings, outer: self._compute(
                weightings, rows if outer is None else nested(outer, rows)
            ),
            inner and Proportion(inner.proportion.among(rows), inner.trials.among(rows), inner.figure),
        )

    def on_sample(self, rows: int) -> float:
        """The figure of the sample itself, where each of its `rows` counts once."""
        return self(ObservedSample(rows)).item()


def nested(outer: Bools, inner: Bools | None) -> Bools:
    """The mask of all rows, `(n,)`, for a mask of the rows in `outer`; None stands for all of these.

    >>> nested(np.array([True, False, True]), np.array([False, True])).tolist()
    [False, False, True]
    """
    if inner is None:
        return outer
    rows = np.zeros(len(outer), dtype=bool)
    rows[outer] = inner
    return rows


def combine(formula: Callable[..., Floats], *measures: Measure) -> Measure:
    """A function of several figures of the same rows: `formula` maps one `(r,)` each to `(r,)`."""

    def compute(weightings: Weightings, rows: Bools | None) -> Floats:
        return formula(*(measure._compute(weightings, rows) for measure in measures))  # noqa: SLF001

    return Measure(Requirements.joined(measure.requires for measure in measures), compute)


def mean_of(measures: Sequence[Measure]) -> Measure:
    """The average of several figures within each weighting, for example over the repeats of a split."""
    if len(measures) == 1:
        return measures[0]
    return combine(lambda *figures: np.mean(figures, axis=0), *measures)


def ratio_of(numerator: Floats, denominator: Floats) -> Measure:
    """The weighted sum of one number per row over that of another, each `(n,)`; NaN where the latter is 0."""

    def ratio(sums: Floats) -> Floats:
        numerators, denominators = sums
        undefined = np.full_like(numerators, np.nan)
        ratios: Floats = np.divide(numerators, denominators, out=undefined, where=denominators != 0)
        return ratios

    return Measure.of_sums(Values(np.stack([numerator, denominator])), ratio)


def weighted_mean(values: Floats, counts: Floats) -> Measure:
    """The mean of a number per row, `(n,)`, by the sample weights of the rows, `(n,)`."""
    return ratio_of(counts * values, counts)
