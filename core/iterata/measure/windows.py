"""Figures of rows in the order of time: every window is measured on its own, and the windows are added up.

A model that is fitted again before each window has other scores in each, and the base rate drifts. Pooled,
its scores would rank whole windows against each other: a model of noise would seem to gain from the drift.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from iterata.measure.measures import Measure, combine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iterata.arrays import Bools, Floats
    from iterata.measure.kpi.base import Kpi
    from iterata.measure.outcomes import Outcomes


def windows(outcomes: Outcomes) -> Iterator[tuple[Bools, Outcomes, float]]:
    """For each window: which rows it has, `(n,)`, their outcomes, and its share of all rows by weight."""
    if outcomes.window is None:
        yield np.ones(len(outcomes), dtype=bool), outcomes, 1.0
        return
    total = float(outcomes.counts.sum())
    for code in np.unique(outcomes.window):
        rows = outcomes.window == code
        part = replace(outcomes.among(rows), window=None)
        yield rows, part, float(outcomes.counts[rows].sum()) / total


def by_window(outcomes: Outcomes, measure: Callable[[Outcomes, Bools], Measure]) -> Measure:
    """A figure of each window, averaged by the windows' rows; of all rows if there are no windows.

    A window in which the figure is not defined, such as ROC AUC without a positive row, is left out.

    The shares of the windows are those of the sample. If the base rate is known, they are those of each
    resample: a resample keeps the rate of all rows, but with other shares the windows do not add up to it.

    Args:
        outcomes: of all rows.
        measure: from the outcomes of a window and the mask of its rows to the figure of the window.
    """
    if outcomes.window is None:
        return measure(outcomes, np.ones(len(outcomes), dtype=bool))
    parts = list(windows(outcomes))
    figures = [measure(part, rows).among(rows) for rows, part, _ in parts]
    if outcomes.base_rate is None:
        shares = np.array([[share] for _, _, share in parts])
        added_up = combine(lambda *columns: _mean(np.stack(columns), shares), *figures)
    else:
        weights = [_weight(part).among(rows) for rows, part, _ in parts]
        added_up = combine(lambda *columns: _mean(*np.split(np.stack(columns), 2)), *figures, *weights)
    return added_up.of_outcomes(outcomes)


def _weight(outcomes: Outcomes) -> Measure:
    """The weight of all rows."""
    by_outcome = outcomes.by_outcome  # equal weights in a class
    return Measure.of_sums(by_outcome, lambda sums: sums.sum(axis=0))


def _mean(figures: Floats, weights: Floats) -> Floats:
    """The weighted mean over windows, of `(windows, r)` figures; those that are NaN are left out."""
    weight = weights * ~np.isnan(figures)
    total = weight.sum(axis=0)
    undefined = np.full_like(total, np.nan)
    summed = (weight * np.nan_to_num(figures)).sum(axis=0)
    means: Floats = np.divide(summed, total, out=undefined, where=total > 0)
    return means


def in_windows(kpi: Kpi, outcomes: Outcomes) -> Kpi:
    """The KPI, of each window if the outcomes have windows."""
    return kpi if outcomes.window is None else KpiByWindow(kpi)


@dataclass(frozen=True, slots=True)
class KpiByWindow:
    """A KPI of which every window has its own budget, its own random model and its own perfect model."""

    kpi: Kpi

    @property
    def adds_up(self) -> bool:
        """Whether twice as many rows make twice the KPI."""
        return self.kpi.adds_up

    @property
    def random_meaning(self) -> str:
        """Which random model it is."""
        return f"{self.kpi.random_meaning}, in each window"

    @property
    def budget(self) -> float | None:
        """The share of rows acted upon in every window; None if the KPI has no budget."""
        return self.kpi.budget

    def measure(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        """The KPI of a column of predictions."""
        return by_window(outcomes, lambda part, rows: self.kpi.measure(part, prediction[rows]))

    def perfect(self, outcomes: Outcomes) -> Measure:
        """The KPI of a model that knows every outcome, and spends the budget of each window in it."""
        return by_window(outcomes, lambda part, _: self.kpi.perfect(part))

    def random(self, outcomes: Outcomes, status_quo: Floats) -> Measure:
        """The expected KPI of a blind choice in each window."""
        return by_window(outcomes, lambda part, rows: self.kpi.random(part, status_quo[rows]))

    def random_sd(self, outcomes: Outcomes, status_quo: Floats) -> float | None:
        """The standard deviation of one blind choice in each window, which are independent."""
        parts = [
            (share, self.kpi.random_sd(part, status_quo[rows])) for rows, part, share in windows(outcomes)
        ]
        known = [share * sd for share, sd in parts if sd is not None]
        return float(np.sqrt(np.sum(np.square(known)))) if len(known) == len(parts) else None

    def do_nothing(self, outcomes: Outcomes) -> float | None:
        """The KPI of acting on no row."""
        return self.kpi.do_nothing(outcomes)

    def treat_all(self, outcomes: Outcomes) -> float | None:
        """The KPI of acting on every row."""
        return self.kpi.treat_all(outcomes)
