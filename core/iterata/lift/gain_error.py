"""How uncertain a gain would be on these rows, before there is any model.

The model is a twin of the status quo: as good, but with errors of its own. Its predictions are those of the
status quo, shuffled among the rows of the same outcome. A real model errs partly on the same rows, so its
gain varies less.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iterata.measure.bootstrap import bootstrap
from iterata.measure.kpi.class_metric import ClassMetricKpi
from iterata.measure.kpi.class_value import ClassValue
from iterata.measure.kpi.forecast_cost import ForecastCost
from iterata.measure.kpi.metric import MetricKpi
from iterata.measure.kpi.outcome_value import OutcomeValue
from iterata.measure.kpi.targeting import Targeting
from iterata.measure.kpi.uplift import Uplift
from iterata.measure.predictions import is_constant
from iterata.measure.uplift.arm_sums import assignment_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from iterata.arrays import Floats
    from iterata.measure.kpi_scale import KpiScale
    from iterata.measure.outcomes import Outcomes

MAX_ROWS = 50_000
"""The most rows that are resampled; of more rows, a random sample of this size gives the error of all.

More than the bootstrap weights one by one, so it draws classes or groups of rows, which is faster.
"""

OUTCOME_BINS = 50
"""Bins of equally many rows, for outcomes that are numbers."""

RESAMPLES = 400
"""Enough for a standard error within 4 %."""


WITH_TWIN = (Targeting, Uplift, OutcomeValue, ClassValue, ClassMetricKpi, ForecastCost, MetricKpi)
"""The kinds of KPI for which a twin of the status quo is known."""


def gain_error(kpi_scale: KpiScale, units: NDArray[np.intp] | None) -> float | None:
    """The standard error of a gain over the status quo on all rows, in the KPI's unit and period.

    None if only the KPI of the status quo is known, for aggregated rows, and for kinds of KPI without a twin.

    Args:
        kpi_scale: measures the KPI.
        units: `(n,)`, the independent unit of each row; None if every row is one.
    """
    kpi, outcomes, factor = kpi_scale.kpi, kpi_scale.outcomes, kpi_scale.factor
    covered = isinstance(kpi, WITH_TWIN)
    if not covered or isinstance(kpi_scale.status_quo, float) or outcomes.represents is not None:
        return None
    rng = np.random.default_rng(0)
    count = len(outcomes) if units is None else int(units.max()) + 1
    drawn = max(2, round(count * MAX_ROWS / len(outcomes)))
    share = 1.0
    if drawn < count:
        is_drawn = np.zeros(count, dtype=bool)
        is_drawn[rng.choice(count, drawn, replace=False, shuffle=False)] = True
        rows = is_drawn if units is None else is_drawn[units]
        share, kpi_scale = drawn / count, kpi_scale.among(rows)
        units = None if units is None else np.unique(units[rows], return_inverse=True)[1]
    twin = kpi_scale.column(_twin(kpi_scale, rng))
    campaign = kpi_scale.outcomes if kpi_scale.uplift else None  # resamples keep its arms
    measures = {"status_quo": kpi_scale.bounds["status_quo"], "twin": twin}
    _, drawn_figures = bootstrap(measures, len(kpi_scale.outcomes), RESAMPLES, rng, units, campaign)
    gains = drawn_figures["twin"] - drawn_figures["status_quo"]
    defined = gains[~np.isnan(gains)]
    if not len(defined) or not np.ptp(defined):
        return None
    return float(np.std(defined) * np.sqrt(share) * factor / kpi_scale.factor)


def _twin(kpi_scale: KpiScale, rng: np.random.Generator) -> Floats:
    """The status quo's predictions, shuffled among rows of the same outcome; of forecasts, their errors."""
    target, prediction = kpi_scale.outcomes.target, kpi_scale.status_quo_predictions
    if isinstance(kpi_scale.kpi, ForecastCost) or getattr(kpi_scale.kpi, "of_numbers", False):
        forecast: Floats = target - rng.permutation(target - prediction)
        return forecast
    if kpi_scale.uplift is not None:
        return _twin_of_effects(kpi_scale.uplift, kpi_scale.outcomes, prediction, rng)
    if isinstance(kpi_scale.kpi, Targeting):
        prediction = _without_ties(prediction, rng)
    twin = prediction.copy()
    outcomes = np.unique(target) if kpi_scale.outcomes.classes else (True, False)
    for outcome in outcomes:
        rows = np.flatnonzero((target if kpi_scale.outcomes.classes else target > 0) == outcome)
        twin[rows] = prediction[rng.permutation(rows)]
    return twin


def _twin_of_effects(
    uplift: Uplift, outcomes: Outcomes, prediction: Floats, rng: np.random.Generator
) -> Floats:
    """The status quo's scores, shuffled among rows of the same arm and outcome.

    A status quo that treats nobody, or everybody, has no errors: its twin treats rows at random.
    """
    if is_constant(prediction):
        scores = rng.random(len(prediction))
        everybody = uplift.budget == 1 and prediction[0] > -np.inf
        return np.where(scores < 0.5, -np.inf, scores) if everybody else scores  # a coin
    twin = _without_ties(prediction, rng)
    rank = np.argsort(np.argsort(outcomes.target)) * OUTCOME_BINS // len(outcomes)
    outcome = outcomes.positive.astype(np.intp) if outcomes.is_binary else rank
    cell = assignment_of(outcomes).stratum * OUTCOME_BINS + outcome
    order = np.lexsort((rng.random(len(cell)), cell))
    shuffled = np.empty_like(twin)
    shuffled[order] = twin[np.argsort(cell, kind="stable")]
    return shuffled


def _without_ties(scores: Floats, rng: np.random.Generator) -> Floats:
    """The ranks of the scores, with ties in a random order; a row that is never acted upon stays so."""
    ranks = np.empty(len(scores))
    ranks[np.lexsort((rng.random(len(scores)), scores))] = np.arange(len(scores), dtype=float)
    return np.where(np.isneginf(scores), -np.inf, ranks)
