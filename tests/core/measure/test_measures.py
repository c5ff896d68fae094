"""Measures state what they require of a weighting, and use nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from iterata.measure.kpi.forecast_cost import ForecastCost
from iterata.measure.kpi.outcome_value import OutcomeValue
from iterata.measure.kpi.python import PythonKpi
from iterata.measure.kpi.ranking import RankingKpi
from iterata.measure.kpi.targeting import Targeting
from iterata.measure.measures import Measure, Requirements, combine, mean_of, ratio_of
from iterata.measure.metrics import METRICS
from iterata.measure.outcomes import Outcomes
from iterata.measure.predictions import LabelledPredictions, column, metric_measure
from iterata.measure.weightings import Classes, Grouped, ObservedSample, RowByRow, Values

if TYPE_CHECKING:
    from iterata.arrays import Bools, Floats
    from iterata.measure.weightings import Features

ROWS = 40
RNG = np.random.default_rng(1)
POSITIVE = RNG.random(ROWS) < 0.4
SCORE = RNG.random(ROWS)
ONES, TWOS = Classes(np.zeros(4, dtype=int), 1), Values(np.full((1, 4), 2.0))
FIRST_TWO = np.array([True, True, False, False])


def total(features: Features) -> Measure:
    return Measure.of_sums(features, lambda sums: sums[0])


class Recorder:
    """A sample that records what a measure uses."""

    def __init__(self, rows: int) -> None:
        self.sample = ObservedSample(rows)
        self.features: list[tuple[Features, Bools | None]] = []
        self.uses_row_weights = False

    def sums(self, features: Features, rows: Bools | None = None) -> Floats:
        self.features.append((features, rows))
        return self.sample.sums(features, rows)

    def row_weights(self) -> Floats:
        self.uses_row_weights = True
        return self.sample.row_weights()


def every_kpi() -> dict[str, Measure]:
    outcomes = Outcomes.of(POSITIVE)
    kpis = {
        "targeting": Targeting(0.3, 5, 1, forced=False),
        "outcome value": OutcomeValue(5, -1, -2, 0),
        "forecast cost": ForecastCost(3, 1),
        "ranking": RankingKpi("ndcg", 3, count_empty=True),
    }
    return {
        f"{name}: {model}": measure
        for name, kpi in kpis.items()
        for model, measure in (
            ("predictions", kpi.measure(outcomes, SCORE)),
            ("random", kpi.random(outcomes, SCORE)),
            ("perfect", kpi.perfect(outcomes)),
        )
    }


def every_metric() -> dict[str, Measure]:
    predictions = LabelledPredictions(Outcomes.of(POSITIVE), column(SCORE))
    return {
        name: metric_measure(metric.formula, predictions)
        for name, metric in METRICS.items()
        if metric.formula
    }


@pytest.mark.parametrize("measures", [every_kpi(), every_metric()], ids=["KPIs", "metrics"])
def test_requirements_are_exactly_what_is_used(measures: dict[str, Measure]) -> None:
    for name, measure in measures.items():
        recorder = Recorder(ROWS)
        measure(recorder)
        assert measure.requires.features == tuple(recorder.features), name
        assert measure.requires.row_weights == recorder.uses_row_weights, name
        assert recorder.features, name


def test_combined_measures_join_the_requirements_of_their_parts_in_order() -> None:
    one, two, by_row = total(ONES), total(TWOS), Measure.of_row_weights(lambda weights: weights.sum())
    difference = combine(np.subtract, two, one)
    assert difference.requires == Requirements(((TWOS, None), (ONES, None)))
    assert mean_of([one, two, by_row]).requires == Requirements(
        ((ONES, None), (TWOS, None)), row_weights=True
    )
    assert one.map(np.negative).requires == one.requires


def test_measure_of_some_rows_requires_features_of_these_rows() -> None:
    assert total(ONES).among(FIRST_TWO).requires.features == ((ONES, FIRST_TWO),)


def test_measure_of_some_rows_is_weighted_by_their_weights_only() -> None:
    weights = RowByRow.of(np.array([[1.0, 2, 3, 4], [5, 0, 1, 1]]))
    part = ratio_of(np.array([10.0, 20]), np.ones(2)).among(FIRST_TWO)
    assert part(weights).tolist() == [50 / 3, 10]
    by_row = Measure.of_row_weights(lambda line: line.sum()).among(FIRST_TWO)
    assert by_row(weights).tolist() == [3, 5]
    assert by_row.requires.row_weights


def test_function_of_the_project_requires_row_weights() -> None:
    outcomes = Outcomes.of(POSITIVE)
    kpi = PythonKpi(lambda frame, prediction, weight: float(weight @ prediction), "notebook:kpi")
    assert kpi.measure(outcomes, SCORE).requires == Requirements(row_weights=True)


def test_row_weights_cannot_be_taken_from_groups() -> None:
    grouped = Grouped(np.array([0, 0, 1, 1]), np.ones((2, 3)))
    with pytest.raises(TypeError):
        Measure.of_row_weights(lambda weights: weights.sum())(grouped)


def test_mean_of_one_measure_is_that_measure() -> None:
    one = total(ONES)
    assert mean_of([one]) is one


def test_ratio_to_zero_is_nan() -> None:
    ratio = ratio_of(np.array([1.0, 2]), np.array([0.0, 1]))
    assert ratio(RowByRow.of(np.array([[1.0, 0], [1, 1]]))) == pytest.approx([np.nan, 3], nan_ok=True)
