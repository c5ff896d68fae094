"""Windows of time: each is measured on its own, and they are added up by rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from iterata.documents.models.kpi import MetricSpec, OutcomeValueSpec, TargetingSpec
from iterata.measure.bootstrap import bootstrap
from iterata.measure.bootstrap import weights as resampled_weights
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.measures import nested
from iterata.measure.outcomes import Outcomes

RNG = np.random.default_rng(2)
WINDOW = np.repeat([1, 2, 3], [50, 100, 150])
POSITIVE = RNG.random(300) < np.array([0.3, 0.2, 0.5])[WINDOW - 1]
SCORE = RNG.random(300) + WINDOW
"""Pooled, all rows of the last window come first."""
TARGETING = TargetingSpec(kind="targeting", name="sales", unit="sales", budget=0.2)
AUC = MetricSpec(kind="metric", name="order", unit="points", metric="roc_auc")


def scale(spec: Any, weight: Any = None) -> KpiScale:
    outcomes = replace(Outcomes.of(POSITIVE), window=WINDOW, weight=weight)
    return KpiScale.of(spec, outcomes, np.zeros(300), None)


def in_window(number: int) -> KpiScale:
    rows = number == WINDOW
    return KpiScale.of(TARGETING, Outcomes.of(POSITIVE[rows]), np.zeros(rows.sum()), None)


def test_each_window_has_its_own_budget() -> None:
    """A fifth of each window is contacted, by every model."""
    windows = [in_window(number) for number in (1, 2, 3)]
    parts = [SCORE[number == WINDOW] for number in (1, 2, 3)]
    whole = scale(TARGETING)
    assert whole.column(SCORE).on_sample(300) == pytest.approx(
        sum(part.column(score).on_sample(len(score)) for part, score in zip(windows, parts, strict=True))
    )
    for model in ("random", "status_quo", "perfect"):
        expected = sum(part.bounds[model].on_sample(len(part.outcomes)) for part in windows)
        assert whole.bounds[model].on_sample(300) == pytest.approx(expected)


def test_metric_is_the_mean_of_the_windows_by_weight() -> None:
    weight = RNG.uniform(0.5, 2, size=300)
    areas, shares = [], []
    for number in (1, 2, 3):
        rows = number == WINDOW
        areas.append(roc_auc_score(POSITIVE[rows], SCORE[rows], sample_weight=weight[rows]))
        shares.append(weight[rows].sum())
    assert scale(AUC, weight).column(SCORE).on_sample(300) == pytest.approx(np.average(areas, weights=shares))


def test_window_without_the_metric_is_left_out() -> None:
    positive = POSITIVE & (WINDOW > 1)
    outcomes = replace(Outcomes.of(positive), window=WINDOW)
    rows = [number == WINDOW for number in (2, 3)]
    expected = np.average([roc_auc_score(positive[part], SCORE[part]) for part in rows], weights=[100, 150])
    found = KpiScale.of(AUC, outcomes, np.zeros(300), None).column(SCORE).on_sample(300)
    assert found == pytest.approx(expected)


def test_resamples_of_a_segment_within_windows_equal_physical_ones() -> None:
    """The masks of windows and of a segment are nested."""
    segment = np.arange(300) % 2 == 0
    part = scale(TARGETING).among(segment)
    measure = part.column(SCORE[segment]).among(segment)
    whole, _ = bootstrap({"figure": measure}, 300, 1, np.random.default_rng(0))
    assert whole["figure"] == pytest.approx(part.column(SCORE[segment]).on_sample(150))
    copies = np.random.default_rng(0).multinomial(300, np.full(300, 1 / 300))
    drawn = np.repeat(np.arange(300), copies)
    physical = replace(Outcomes.of(POSITIVE[drawn]), window=WINDOW[drawn]).among(segment[drawn])
    by_hand = KpiScale.of(AUC, physical, np.zeros(len(physical)), None)
    shares = [np.mean(WINDOW[segment] == number) for number in (1, 2, 3)]
    chosen = drawn[segment[drawn]]
    areas = [
        roc_auc_score(POSITIVE[rows], SCORE[rows])
        for number in (1, 2, 3)
        for rows in [chosen[WINDOW[chosen] == number]]
    ]
    drawn_shares = [np.mean(WINDOW[chosen] == number) for number in (1, 2, 3)]
    assert by_hand.column(SCORE[chosen]).on_sample(len(chosen)) == pytest.approx(
        np.average(areas, weights=drawn_shares)
    )
    assert np.abs(np.subtract(shares, drawn_shares)).max() < 0.1


VALUES = OutcomeValueSpec(
    kind="outcome_value",
    name="profit",
    unit="€",
    values={"tp": 9, "fp": -1, "fn": -2, "tn": 0},
    random="half",
)
AMPLE = TARGETING.model_copy(update={"budget": 0.6, "cost_per_contact": 0.05})
"""A budget above the positives of every window."""
KINDS = {"targeting": AMPLE, "outcome value": VALUES}


def known_rate(copies: int = 1) -> Outcomes:
    outcomes = Outcomes.of(np.tile(POSITIVE, copies))
    return replace(outcomes, window=np.tile(WINDOW, copies)).with_base_rate(0.1)


def drawn_bounds(spec: Any, outcomes: Outcomes, units: Any = None) -> tuple[dict[str, float], dict[str, Any]]:
    whole = KpiScale.of(spec, outcomes, np.zeros(len(outcomes)), None)
    rng = np.random.default_rng(4)
    return bootstrap(whole.bounds, len(outcomes), 200, rng, units, outcomes)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("copies", "rows_per_unit"), [(1, 1), (1, 5), (100, 1), (100, 5)])
def test_known_base_rate_leaves_bounds_no_width(kind: str, copies: int, rows_per_unit: int) -> None:
    """Linear in the outcomes, they follow from the rate of all rows, whatever way resamples are drawn."""
    outcomes = known_rate(copies)
    units = None if rows_per_unit == 1 else np.arange(len(outcomes)) // rows_per_unit
    values, drawn = drawn_bounds(KINDS[kind], outcomes, units)
    by_hand = {
        "targeting": {"perfect": 0.1 - 0.6 * 0.05, "random": 0.6 * (0.1 - 0.05)},
        "outcome value": {"perfect": 0.1 * 9, "random": (0.1 * 9 - 0.9 - 0.1 * 2) / 2},
    }[kind]
    for model, figure in by_hand.items():
        expected = figure * len(outcomes)
        assert values[model] == pytest.approx(expected, abs=1e-9 * len(outcomes))
        assert drawn[model] == pytest.approx(np.full(200, expected), abs=1e-9 * len(outcomes))


def test_known_base_rate_leaves_the_order_to_chance() -> None:
    outcomes = known_rate()
    whole = KpiScale.of(TARGETING, outcomes, np.zeros(300), None)
    rng = np.random.default_rng(4)
    values, drawn = bootstrap({"model": whole.column(SCORE)}, 300, 400, rng, None, outcomes)
    low, high = np.quantile(drawn["model"], [0.025, 0.975])
    assert low < values["model"] < high


def test_estimated_base_rate_keeps_the_shares_of_windows() -> None:
    """Without a known rate, each window counts as many rows in a resample as in the sample."""
    outcomes = replace(Outcomes.of(POSITIVE), window=WINDOW)
    _, drawn = drawn_bounds(VALUES, outcomes)
    rng, expected = np.random.default_rng(4), []
    for weights in next(resampled_weights(300, 200, rng)):
        parts = [number == WINDOW for number in (1, 2, 3)]
        rates = [np.average(POSITIVE[rows], weights=weights[rows]) for rows in parts]
        expected.append(9 * np.dot(rates, [50, 100, 150]))
    assert drawn["perfect"] == pytest.approx(np.array(expected))
    assert np.std(drawn["perfect"]) > 0


def test_nested_masks_select_rows_of_rows() -> None:
    outer = np.array([True, False, True, True])
    assert nested(outer, np.array([False, True, True])).tolist() == [False, False, True, True]
    assert nested(outer, None).tolist() == outer.tolist()
