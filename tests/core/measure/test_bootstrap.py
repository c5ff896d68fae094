"""The bootstrap keeps its promises: the same draws, units together, intervals that cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from iterata.documents.models.kpi import TargetingSpec
from iterata.measure import bootstrap
from iterata.measure.kpi import from_spec
from iterata.measure.outcomes import Outcomes
from iterata.measure.weightings import Values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from iterata.arrays import Floats
    from iterata.measure.weightings import Measure, Weightings


def all_weights(rows: int, resamples: int, seed: int, units: NDArray[np.intp] | None = None) -> Floats:
    return np.concatenate(list(bootstrap.weights(rows, resamples, np.random.default_rng(seed), units)))


def summed(value: Floats) -> Measure:
    values = Values(value[None])
    return lambda draws: draws.sums(values)[0]


def average(value: Floats) -> Measure:
    values = Values(np.stack([value, np.ones(len(value))]))

    def mean(draws: Weightings) -> Floats:
        total, rows = draws.sums(values)
        return np.asarray(total / rows)

    return mean


def less(one: Measure, other: Measure) -> Measure:
    return lambda draws: one(draws) - other(draws)


class TestWeights:
    def test_every_resample_draws_as_many_rows_as_there_are(self) -> None:
        drawn = all_weights(50, 300, seed=1)
        assert drawn.shape == (300, 50)
        assert (drawn.sum(axis=1) == 50).all()

    def test_rows_of_a_unit_are_drawn_together(self) -> None:
        units = np.array([0, 1, 0, 2, 1, 0])
        drawn = all_weights(6, 100, seed=2, units=units)
        assert (drawn[:, [0, 0, 1]] == drawn[:, [2, 5, 4]]).all()
        assert (drawn[:, [0, 1, 3]].sum(axis=1) == 3).all(), "three units, three draws"

    def test_a_seed_repeats_them_and_another_does_not(self) -> None:
        assert (all_weights(20, 10, seed=3) == all_weights(20, 10, seed=3)).all()
        assert (all_weights(20, 10, seed=3) != all_weights(20, 10, seed=4)).any()

    def test_how_they_are_cut_into_pieces_does_not_matter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        whole = all_weights(33, 101, seed=5)
        for entries in (1, 33 * 7, 33 * 64):
            monkeypatch.setattr(bootstrap, "CHUNK_ENTRIES", entries)
            assert (all_weights(33, 101, seed=5) == whole).all()

    def test_a_piece_stays_small(self) -> None:
        pieces = bootstrap.weights(200_000, 20, np.random.default_rng(6))
        assert max(piece.nbytes for piece in pieces) <= 4 * 2**20

    def test_counts_follow_the_multinomial_distribution(self) -> None:
        drawn = all_weights(10, 20_000, seed=7)
        assert drawn.mean() == pytest.approx(1)
        assert drawn.var() == pytest.approx(0.9, abs=0.02)  # n p (1 - p)
        assert np.cov(drawn[:, 0], drawn[:, 1])[0, 1] == pytest.approx(-0.1, abs=0.02)  # - n p p


class TestBootstrap:
    def test_all_figures_see_the_same_resamples(self) -> None:
        value = np.arange(30.0)
        sample, draws = bootstrap.bootstrap(
            {name: summed(factor * value) for name, factor in (("one", 1), ("twice", 2))},
            30,
            200,
            np.random.default_rng(1),
        )
        assert sample == {"one": value.sum(), "twice": 2 * value.sum()}
        assert (draws["twice"] == 2 * draws["one"]).all()

    def test_an_estimate_is_the_percentile_interval(self) -> None:
        found = bootstrap.estimate(5.0, np.arange(1001.0))
        assert (found.value, found.low, found.high) == (5, 25, 975)

    def test_draws_that_are_not_a_number_are_left_out(self) -> None:
        found = bootstrap.estimate(5.0, np.concatenate([np.arange(1001.0), np.full(40, np.nan)]))
        assert (found.low, found.high) == (25, 975)


REPLICATES = 400
MONTE_CARLO = 3 * float(np.sqrt(0.95 * 0.05 / REPLICATES))
"""Three standard errors of a coverage of 95 % found in so many replicates: 3.3 points."""


class TestCoverage:
    """95 % intervals hold the truth in about 95 of 100 samples."""

    RATES = np.array([0.02, 0.03, 0.05, 0.08, 0.15])
    """How often each of five equally frequent scores comes with a positive."""

    def test_of_targeting_with_tied_scores(self) -> None:
        """The budget ends within a group of ties; potential lift and risk are paired differences."""
        kpi = from_spec(TargetingSpec(name="n", unit="u", kind="targeting", budget=0.3), 1)
        base = self.RATES.mean()
        status_quo = 0.2 * self.RATES[4] + 0.1 * self.RATES[3]
        truth = {"potential": base - status_quo, "risk": status_quo - 0.3 * base}
        rows, rng, held = 800, np.random.default_rng(11), dict.fromkeys(truth, 0)
        for _ in range(REPLICATES):
            score = rng.integers(0, 5, rows)
            positive = rng.random(rows) < self.RATES[score]
            outcomes, today = Outcomes.of(positive), score.astype(float)
            figures = {
                "potential": less(kpi.perfect(outcomes), kpi.measure(outcomes, today)),
                "risk": less(kpi.measure(outcomes, today), kpi.random(outcomes, today)),
            }
            sample, draws = bootstrap.bootstrap(figures, rows, 300, rng)
            for name, value in truth.items():
                interval = bootstrap.estimate(sample[name], draws[name])
                held[name] += interval.low <= value <= interval.high
        for name, count in held.items():
            assert count / REPLICATES == pytest.approx(0.95, abs=MONTE_CARLO), name

    def coverage(self, *, by_unit: bool) -> float:
        """How often the interval of a mean holds it: 60 units of 10 rows, intraclass correlation .2."""
        units, rng, held = np.repeat(np.arange(60), 10), np.random.default_rng(12), 0
        for _ in range(REPLICATES):
            value = np.sqrt(0.2) * rng.normal(size=60)[units] + np.sqrt(0.8) * rng.normal(size=600)
            sample, draws = bootstrap.bootstrap(
                {"mean": average(value)},
                600,
                300,
                rng,
                units if by_unit else None,
            )
            interval = bootstrap.estimate(sample["mean"], draws["mean"])
            held += interval.low <= 0 <= interval.high
        return held / REPLICATES

    def test_of_rows_that_resemble_each_other_needs_units(self) -> None:
        assert self.coverage(by_unit=True) == pytest.approx(0.94, abs=MONTE_CARLO)

    def test_by_rows_would_promise_too_much(self) -> None:
        assert self.coverage(by_unit=False) == pytest.approx(0.73, abs=0.07)
