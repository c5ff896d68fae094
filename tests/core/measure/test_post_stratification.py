"""A known base rate: every resample keeps it, however its rows are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from iterata.measure import bootstrap
from iterata.measure.kpi.targeting import Targeting
from iterata.measure.measures import Measure, ratio_of
from iterata.measure.outcomes import Outcomes
from iterata.measure.weightings import Classes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from iterata.arrays import Bools, Floats

RATE = 0.02
HITS = Targeting(0.1, 1, 0, forced=True)


def oversampled(rows: int, seed: int = 3) -> tuple[Outcomes, Floats]:
    """Half positive by design, and a score that predicts it."""
    rng = np.random.default_rng(seed)
    positive = np.arange(rows) % 2 == 0
    return Outcomes.of(positive).with_base_rate(RATE), rng.normal(size=rows) + positive


def by_hand(outcomes: Outcomes, score: Floats, weights: NDArray[np.intp], share: float = 0.1) -> float:
    """Hits in the top share of a resample whose outcomes are weighted to the known rate."""
    positive = outcomes.positive
    drawn = weights * np.where(
        positive,
        RATE / weights[positive].sum(),
        (1 - RATE) / weights[~positive].sum(),
    )
    order = np.argsort(-score)
    through = np.cumsum(drawn[order])
    included = np.clip(share - (through - drawn[order]), 0, drawn[order])
    return float(included @ positive[order])


def replicates(
    measure: Measure,
    outcomes: Outcomes,
    units: NDArray[np.intp] | None = None,
    resamples: int = 2000,
) -> Floats:
    _, drawn = bootstrap.bootstrap(
        {"figure": measure}, len(outcomes), resamples, np.random.default_rng(1), units, outcomes
    )
    return drawn["figure"]


@pytest.mark.parametrize("rows", [400, 40_000], ids=["row by row", "by class"])
def test_known_rate_does_not_vary(rows: int) -> None:
    outcomes, score = oversampled(rows)
    assert replicates(HITS.perfect(outcomes), outcomes) == pytest.approx(np.full(2000, RATE))
    assert replicates(HITS.random(outcomes, score), outcomes) == pytest.approx(np.full(2000, 0.1 * RATE))


@pytest.mark.parametrize("rows", [400, 40_000], ids=["row by row", "by group"])
def test_known_rate_of_whole_units_does_not_vary(rows: int) -> None:
    outcomes, _ = oversampled(rows)
    drawn = replicates(HITS.perfect(outcomes), outcomes, np.arange(rows) // 5, resamples=200)
    assert drawn == pytest.approx(np.full(200, RATE))


def test_amounts_of_a_known_rate_are_weighted_in_groups() -> None:
    outcomes, _ = oversampled(40_000)
    share = ratio_of(outcomes.counts * outcomes.positive, outcomes.counts)
    assert replicates(share, outcomes, resamples=50) == pytest.approx(np.full(50, RATE))


def test_without_a_known_rate_it_varies() -> None:
    rows = Outcomes.of(oversampled(400)[0].positive)
    assert replicates(Targeting(0.9, 1, 0, forced=True).perfect(rows), rows).std() > 0.02


@pytest.mark.parametrize("rows", [500, 30_000], ids=["row by row", "by class"])
def test_spread_is_that_of_a_bootstrap_by_hand(rows: int) -> None:
    outcomes, score = oversampled(rows)
    rng = np.random.default_rng(4)
    theirs = np.array(
        [
            by_hand(outcomes, score, np.bincount(rng.integers(0, rows, rows), minlength=rows))
            for _ in range(1000)
        ]
    )
    ours = replicates(HITS.measure(outcomes, score), outcomes)
    assert ours.std() == pytest.approx(theirs.std(), rel=0.08)  # two sd from 1000 have a spread of 3 %
    assert ours.mean() == pytest.approx(theirs.mean(), abs=0.15 * theirs.std())


def test_resample_without_an_outcome_has_no_figure() -> None:
    outcomes = Outcomes.of(np.arange(20) < 1).with_base_rate(RATE)
    drawn = replicates(HITS.measure(outcomes, np.arange(20.0)), outcomes)
    assert np.isnan(drawn).mean() == pytest.approx((1 - 1 / 20) ** 20, abs=0.04)


def test_function_of_row_weights_is_not_asked_about_such_a_resample() -> None:
    outcomes = Outcomes.of(np.arange(20) < 1).with_base_rate(RATE)

    def positives(weights: Floats) -> float:
        assert np.isfinite(weights).all()
        return float(weights[0] * outcomes.counts[0] / (weights @ outcomes.counts))

    drawn = replicates(Measure.of_row_weights(positives), outcomes)
    assert drawn[~np.isnan(drawn)] == pytest.approx(RATE)


def test_rate_of_a_part_is_not_known() -> None:
    outcomes, _ = oversampled(40)
    part: Bools = np.arange(40) < 10
    assert outcomes.base_rate == RATE
    assert outcomes.among(part).base_rate is None


def test_weights_reproduce_the_known_rate() -> None:
    outcomes = Outcomes(np.array([1.0, 0, 0, 1]), np.array([1.0, 2, 3, 4])).with_base_rate(RATE)
    assert outcomes.mean(outcomes.target) == pytest.approx(RATE)
    assert outcomes.counts[3] / outcomes.counts[0] == pytest.approx(4)


def test_class_of_part_of_the_rows_is_weighted_too() -> None:
    outcomes, _ = oversampled(30_000)
    rows = np.arange(30_000) < 20_000
    part = Classes(outcomes.positive[rows].view(np.uint8), 2, outcomes.counts[rows])
    share = Measure.of_sums(part, lambda sums: sums[1] / sums.sum(axis=0)).among(rows)
    drawn = replicates(share, outcomes, resamples=300)
    assert drawn.mean() == pytest.approx(RATE, rel=0.01)
    assert drawn.std() < 0.001
