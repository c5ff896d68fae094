"""The bootstrap: repeatable weights, units drawn together, intervals with their nominal coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from iterata.documents.models.kpi import TargetingSpec
from iterata.measure import bootstrap
from iterata.measure.intervals import estimate
from iterata.measure.kpi import from_spec
from iterata.measure.measures import Measure, combine, ratio_of
from iterata.measure.outcomes import Outcomes
from iterata.measure.weightings import Values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from iterata.arrays import Floats

    from ...helpers.rates import Rates


def all_weights(rows: int, resamples: int, seed: int, units: NDArray[np.intp] | None = None) -> Floats:
    return np.concatenate(list(bootstrap.weights(rows, resamples, np.random.default_rng(seed), units)))


def weighted_sum(values: Floats) -> Measure:
    return Measure.of_sums(Values(values[None]), lambda sums: sums[0])


def mean(values: Floats) -> Measure:
    return ratio_of(values, np.ones(len(values)))


def difference(one: Measure, other: Measure) -> Measure:
    return combine(np.subtract, one, other)


class TestWeights:
    def test_every_resample_draws_as_many_rows_as_the_sample_has(self) -> None:
        weights = all_weights(50, 300, seed=1)
        assert weights.shape == (300, 50)
        assert (weights.sum(axis=1) == 50).all()

    def test_rows_of_a_unit_are_drawn_together(self) -> None:
        units = np.array([0, 1, 0, 2, 1, 0])
        weights = all_weights(6, 100, seed=2, units=units)
        assert (weights[:, [0, 0, 1]] == weights[:, [2, 5, 4]]).all()
        assert (weights[:, [0, 1, 3]].sum(axis=1) == 3).all(), "three units, three draws"

    def test_same_seed_gives_the_same_weights_and_another_seed_does_not(self) -> None:
        assert (all_weights(20, 10, seed=3) == all_weights(20, 10, seed=3)).all()
        assert (all_weights(20, 10, seed=3) != all_weights(20, 10, seed=4)).any()

    def test_chunk_size_does_not_change_the_weights(self, monkeypatch: pytest.MonkeyPatch) -> None:
        weights = all_weights(33, 101, seed=5)
        for entries in (1, 33 * 7, 33 * 64):
            monkeypatch.setattr(bootstrap, "CHUNK_ENTRIES", entries)
            assert (all_weights(33, 101, seed=5) == weights).all()

    def test_chunks_are_at_most_four_megabytes(self) -> None:
        chunks = bootstrap.weights(200_000, 20, np.random.default_rng(6))
        assert max(chunk.nbytes for chunk in chunks) <= 4 * 2**20

    def test_weights_follow_the_multinomial_distribution(self) -> None:
        weights = all_weights(10, 20_000, seed=7)
        assert weights.mean() == pytest.approx(1)
        assert weights.var() == pytest.approx(0.9, abs=0.02)  # n p (1 - p)
        assert np.cov(weights[:, 0], weights[:, 1])[0, 1] == pytest.approx(-0.1, abs=0.02)  # - n p p


def test_all_figures_see_the_same_resamples() -> None:
    values = np.arange(30.0)
    measures = {"once": weighted_sum(values), "twice": weighted_sum(2 * values)}
    sample, replicates = bootstrap.bootstrap(measures, 30, 200, np.random.default_rng(1))
    assert sample == {"once": values.sum(), "twice": 2 * values.sum()}
    assert (replicates["twice"] == 2 * replicates["once"]).all()


REPETITIONS = 400
"""The simulated samples of each test of coverage."""


@pytest.mark.statistical
class TestCoverage:
    """95 % intervals contain the true value in about 95 of 100 samples."""

    RATES = np.array([0.02, 0.03, 0.05, 0.08, 0.15])
    """The rate of positives at each of five equally frequent scores."""

    CORRELATED = "60 units of 10 rows, intraclass correlation .2"

    def test_intervals_with_tied_scores_have_nominal_coverage(self, rates: Rates) -> None:
        """The budget ends within a tie; potential lift and risk are paired differences."""
        kpi = from_spec(TargetingSpec(name="n", unit="u", kind="targeting", budget=0.3), 1)
        base_rate = self.RATES.mean()
        status_quo = 0.2 * self.RATES[4] + 0.1 * self.RATES[3]
        truth = {"potential lift": base_rate - status_quo, "risk": status_quo - 0.3 * base_rate}
        rows, rng, covered = 800, np.random.default_rng(11), dict.fromkeys(truth, 0)
        for _ in range(REPETITIONS):
            level = rng.integers(0, 5, rows)
            outcomes, score = Outcomes.of(rng.random(rows) < self.RATES[level]), level.astype(float)
            measures = {
                "potential lift": difference(kpi.perfect(outcomes), kpi.measure(outcomes, score)),
                "risk": difference(kpi.measure(outcomes, score), kpi.random(outcomes, score)),
            }
            sample, replicates = bootstrap.bootstrap(measures, rows, 300, rng)
            for name, value in truth.items():
                interval = estimate(sample[name], replicates[name])
                covered[name] += interval.low <= value <= interval.high
        for name, count in covered.items():
            where = f"{rows} rows, 53 positive, budget of 30 % ends within tied scores"
            rates.record(
                f"interval of the {name} misses the truth",
                where,
                wrong=REPETITIONS - count,
                of=REPETITIONS,
                at_most=0.08,  # percentile intervals of few positives are a little too narrow
            )

    def misses_of_a_mean(self, *, by_unit: bool, count: int = 60) -> int:
        """How many intervals miss the mean, for units of 10 rows with an intraclass correlation of .2."""
        units, rng, missed = np.repeat(np.arange(count), 10), np.random.default_rng(12), 0
        for _ in range(REPETITIONS):
            values = np.sqrt(0.2) * rng.normal(size=count)[units]
            values += np.sqrt(0.8) * rng.normal(size=10 * count)
            sample, replicates = bootstrap.bootstrap(
                {"mean": mean(values)}, 10 * count, 300, rng, units if by_unit else None
            )
            interval = estimate(sample["mean"], replicates["mean"])
            missed += not interval.low <= 0 <= interval.high
        return missed

    def test_correlated_rows_resampled_by_unit_have_nominal_coverage(self, rates: Rates) -> None:
        wrong = self.misses_of_a_mean(by_unit=True)
        rates.record("interval of a mean misses the truth", self.CORRELATED, wrong=wrong, of=REPETITIONS)

    @pytest.mark.parametrize(("units", "at_most"), [(8, 0.16), (15, 0.11), (30, 0.08)])
    def test_few_units_are_covered_too_rarely(self, rates: Rates, units: int, at_most: float) -> None:
        """The page of a result says so below 30 units."""
        wrong, where = self.misses_of_a_mean(by_unit=True, count=units), f"{units} units of 10 rows"
        what = "interval of a mean misses the truth"
        rates.record(
            what, f"{where}, intraclass correlation .2", wrong=wrong, of=REPETITIONS, at_most=at_most
        )

    def test_correlated_rows_resampled_by_row_are_covered_too_rarely(self, rates: Rates) -> None:
        wrong = self.misses_of_a_mean(by_unit=False)
        where = f"{self.CORRELATED}, but without `unit_id`"
        rates.record("interval of a mean misses the truth", where, wrong=wrong, of=REPETITIONS, at_most=0.3)
        assert wrong / REPETITIONS > 0.2
