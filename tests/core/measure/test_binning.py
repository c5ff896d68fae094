"""The prediction that represents a bin has the KPI of the bin's rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from iterata.kpi import describe
from iterata.measure.binning import Binning, binning
from iterata.measure.kpi.metric import PredictionsAreScores
from iterata.measure.metrics import METRICS, LossFormula, Needs

if TYPE_CHECKING:
    from iterata.documents.models.kpi import KpiSpec

RNG = np.random.default_rng(1)
PROBABILITIES, AMOUNTS = RNG.random(50), RNG.gamma(2, 5, 50)
LOSSES = [name for name, metric in METRICS.items() if isinstance(metric.formula, LossFormula)]


def bins_of(kpi: KpiSpec, share: float = 1.0) -> Binning:
    bins = binning(kpi, share)
    assert bins is not None
    return bins


@pytest.mark.parametrize("target", [0.0, 1.0])
@pytest.mark.parametrize("name", LOSSES)
def test_representative_of_a_bin_has_its_mean_loss(name: str, target: float) -> None:
    metric = METRICS[name]
    assert isinstance(metric.formula, LossFormula)
    of_numbers = metric.needs is Needs.NUMBER
    targets, predictions = np.full(50, target), AMOUNTS if of_numbers else PROBABILITIES
    bins = bins_of(describe("metric", metric=name))
    mean = bins.summary(targets, predictions).mean()
    representative = bins.prediction(np.array([target]), np.array([mean]))
    assert metric.formula.loss(np.array([target]), representative) == pytest.approx([mean])
    assert bins.binary is not of_numbers


def test_representative_of_forecasts_has_their_mean_cost() -> None:
    bins = bins_of(describe("forecast_cost", under=3, over=1))
    targets = np.full(50, 10.0)
    mean = bins.summary(targets, AMOUNTS).mean()
    representative = bins.prediction(np.array([10.0]), np.array([mean]))
    assert bins.summary(np.array([10.0]), representative) == pytest.approx([mean])


@pytest.mark.parametrize("name", [name for name in LOSSES if METRICS[name].needs is Needs.PROBABILITY])
def test_scores_are_refused_by_a_loss_of_probabilities(name: str) -> None:
    with pytest.raises(PredictionsAreScores):
        bins_of(describe("metric", metric=name)).summary(np.ones(50), AMOUNTS)


def test_decisions_are_split_at_their_threshold() -> None:
    values = {"tp": 1.0, "fp": 0.0, "fn": 0.0, "tn": 0.0}
    (edge,) = np.asarray(bins_of(describe("outcome_value", values=values, threshold=0.7)).edges)
    assert edge < 0.7 <= np.nextafter(edge, 1)


def test_levels_are_denser_around_the_cutoff_of_a_budget() -> None:
    edges = bins_of(describe("targeting", budget=0.1), 0.1).edges
    assert callable(edges)
    levels = edges(np.linspace(0, 1, 100_000), np.zeros(0))
    near, far = (np.count_nonzero(np.abs(levels - place) < 0.005) for place in (0.9, 0.5))
    assert near > 10 * far


def test_function_of_the_project_needs_every_row() -> None:
    assert binning(describe("python", function="kpis:margin"), 1.0) is None
