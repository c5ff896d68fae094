"""Many rows are weighted in groups: the same figures, and intervals with their nominal coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest
from sklearn.metrics import average_precision_score, roc_auc_score

from iterata.measure import bootstrap, score_levels, score_order
from iterata.measure.intervals import estimate
from iterata.measure.kpi.outcome_value import OutcomeValue
from iterata.measure.kpi.targeting import Targeting
from iterata.measure.measures import Measure, Requirements, ratio_of
from iterata.measure.outcomes import Outcomes
from iterata.measure.score_order import ScoreOrder
from iterata.measure.weightings import Classes, MultinomialClasses, RowByRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from iterata.arrays import Bools, Codes, Floats

    from ...helpers.rates import Rates

    Sample = tuple[dict[str, Measure], int, NDArray[np.intp] | None]
    """The figures of a sample, its number of rows, and the unit of each row."""

REPETITIONS = 300
"""The simulated samples of each test of coverage."""


@pytest.fixture
def _many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Treat a thousand rows as many."""
    monkeypatch.setattr(bootstrap, "ROW_BY_ROW_LIMIT", 1000)
    monkeypatch.setattr(score_order, "EXACT_ROWS", 1000)


def draw_people(rng: np.random.Generator, rows: int) -> tuple[Bools, Floats]:
    """Outcomes, and scores that predict them."""
    score = rng.normal(size=rows)
    return rng.random(rows) < 1 / (1 + np.exp(2 - score)), score


@pytest.mark.usefixtures("_many")
class TestScoreOrder:
    @pytest.mark.parametrize("digits", [12, 1], ids=["no ties", "many ties"])
    def test_coarse_curves_are_exact_for_the_sample(self, digits: int) -> None:
        positive, score = draw_people(np.random.default_rng(1), 5000)
        score = np.round(score, digits)
        order = ScoreOrder(positive, score)
        assert order.roc_auc().on_sample(5000) == pytest.approx(roc_auc_score(positive, score), rel=1e-12)
        expected = average_precision_score(positive, score)
        assert order.average_precision().on_sample(5000) == pytest.approx(expected, rel=1e-12)

    def test_coarse_figures_vary_between_resamples_like_exact_ones(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rng = np.random.default_rng(2)
        positive, score = draw_people(rng, 5000)
        weightings = RowByRow.of(rng.multinomial(5000, np.full(5000, 1 / 5000), size=200))
        coarse = ScoreOrder(positive, score)
        monkeypatch.setattr(score_order, "EXACT_ROWS", 5000)
        exact = ScoreOrder(positive, score)
        for measure_of in (ScoreOrder.roc_auc, ScoreOrder.average_precision, lambda order: order.hits(0.2)):
            ours, theirs = measure_of(coarse)(weightings), measure_of(exact)(weightings)
            assert np.corrcoef(ours, theirs)[0, 1] > 0.998
            assert ours.std() == pytest.approx(theirs.std(), rel=0.02)

    @settings(max_examples=60, deadline=None)
    @given(st.integers(1, 3000), st.data(), st.sampled_from([0, 1, 12]), st.integers(0, 2**16))
    def test_order_statistics_equal_the_sorted_values(
        self, rows: int, data: st.DataObject, digits: int, seed: int
    ) -> None:
        first = data.draw(st.integers(0, rows - 1))
        last = data.draw(st.integers(first, rows - 1))
        values = np.round(np.random.default_rng(seed).standard_t(2, rows), digits)
        statistics = score_levels.order_statistics(values, first, last)
        assert statistics.tolist() == np.sort(values)[first : last + 1].tolist()

    def test_order_statistics_are_exact_if_the_sample_misses_them(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(score_levels, "QUANTILE_SAMPLE", 3)
        monkeypatch.setattr(score_levels, "NEAR_WIDTH", 0.0)
        values = np.random.default_rng(1).normal(size=2000)
        assert (
            score_levels.order_statistics(values, 1200, 1300).tolist() == np.sort(values)[1200:1301].tolist()
        )

    @settings(max_examples=60, deadline=None)
    @given(
        share=st.floats(0.01, 1),
        digits=st.sampled_from([0, 1, 2, 12]),
        weighted=st.booleans(),
        seed=st.integers(0, 2**16),
    )
    def test_hits_at_the_cutoff_are_exact_for_the_sample(
        self, share: float, digits: int, weighted: bool, seed: int
    ) -> None:
        rng = np.random.default_rng(seed)
        positive, score = draw_people(rng, 1500)
        score = np.round(score, digits)
        weight = rng.integers(1, 5, 1500).astype(float) if weighted else None
        near_cutoff = ScoreOrder(positive, score, weight, cutoff=share).hits(share).on_sample(1500)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(score_order, "EXACT_ROWS", 1500)
            exact = ScoreOrder(positive, score, weight).hits(share).on_sample(1500)
        assert near_cutoff == pytest.approx(exact, rel=1e-9)


def misses(draw: Callable[[np.random.Generator], Sample], truth: dict[str, float]) -> dict[str, int]:
    """How often the interval of each figure misses its true value, over new samples."""
    rng, missed = np.random.default_rng(17), dict.fromkeys(truth, 0)
    for _ in range(REPETITIONS):
        measures, rows, units = draw(rng)
        sample, replicates = bootstrap.bootstrap(measures, rows, 300, rng, units)
        for name, value in truth.items():
            interval = estimate(sample[name], replicates[name])
            missed[name] += not interval.low <= value <= interval.high
    return missed


@pytest.mark.statistical
@pytest.mark.usefixtures("_many")
class TestCoverage:
    """95 % intervals contain the true value in about 95 of 100 samples."""

    def test_multinomial_intervals_of_decisions_and_targeting_have_nominal_coverage(
        self, rates: Rates
    ) -> None:
        """Both figures depend on classes only, so rows of the same classes are interchangeable."""
        population, ranks = draw_people(np.random.default_rng(3), 2_000_000)
        decide, target = OutcomeValue(5, -1, 0, 0, threshold=1), Targeting(0.2, 5, 1, forced=True)
        truth = {
            "value of decisions": decide.measure(Outcomes.of(population), ranks).on_sample(len(population)),
            "value of a mailing": target.measure(Outcomes.of(population), ranks).on_sample(len(population)),
        }

        def draw(rng: np.random.Generator) -> Sample:
            positive, score = draw_people(rng, 3000)
            outcomes = Outcomes.of(positive)
            measures = {
                "value of decisions": decide.measure(outcomes, score),
                "value of a mailing": target.measure(outcomes, score),
            }
            return measures, 3000, None

        for name, wrong in misses(draw, truth).items():
            where = "3,000 of many rows, drawn by class"
            rates.record(f"interval of the {name} misses the truth", where, wrong=wrong, of=REPETITIONS)

    def test_intervals_by_groups_of_means_and_areas_have_nominal_coverage(self, rates: Rates) -> None:
        """Amounts are not classes, so rows are assigned to groups."""
        population, ranks = draw_people(np.random.default_rng(4), 2_000_000)
        truth = {"mean": 1.0, "AUC": roc_auc_score(population, ranks)}

        def draw(rng: np.random.Generator) -> Sample:
            positive, score = draw_people(rng, 4000)
            mean = ratio_of(rng.exponential(size=4000), np.ones(4000))
            return {"mean": mean, "AUC": ScoreOrder(positive, score).roc_auc()}, 4000, None

        for name, wrong in misses(draw, truth).items():
            where = "4,000 of many rows, drawn by group"
            rates.record(f"interval of the {name} misses the truth", where, wrong=wrong, of=REPETITIONS)

    @pytest.mark.parametrize("units", [600, 6000], ids=["units as groups", "groups of units"])
    def test_intervals_of_correlated_rows_have_nominal_coverage(self, rates: Rates, units: int) -> None:
        """Ten rows per unit, intraclass correlation .2; resampled by row, the coverage would be 73 %."""

        def draw(rng: np.random.Generator) -> Sample:
            unit = np.repeat(np.arange(units), 10)
            values = np.sqrt(0.2) * rng.normal(size=units)[unit] + np.sqrt(0.8) * rng.normal(size=len(unit))
            order = rng.permutation(len(unit))
            return {"mean": ratio_of(values[order], np.ones(len(unit)))}, len(unit), unit[order]

        wrong, where = misses(draw, {"mean": 0.0})["mean"], f"{units:,} units of 10 rows, drawn by group"
        rates.record("interval of the mean misses the truth", where, wrong=wrong, of=REPETITIONS)


def joint_classes(rows: int, *features: tuple[Classes, Bools | None]) -> Codes | None:
    return bootstrap.joint_classes(Requirements(features), rows)


class TestJointClasses:
    def test_rows_of_the_same_classes_share_a_joint_class(self) -> None:
        one, other = np.array([0, 0, 1, 1, 0]), np.array([2, 2, 0, 0, 1])
        joint = joint_classes(5, (Classes(one, 2), None), (Classes(other, 3), None))
        assert joint is not None
        assert len(set(joint.tolist())) == 3
        assert (joint[0], joint[2]) == (joint[1], joint[3])

    def test_many_features_with_short_codes_do_not_overflow(self) -> None:
        rng = np.random.default_rng(2)
        codes = [rng.integers(0, 3, 3000).astype(np.uint8) for _ in range(6)]
        rare = [np.where(np.arange(3000) < 5, 2, code // 2).astype(np.uint8) for code in codes]
        joint = joint_classes(3000, *((Classes(code, 200), None) for code in rare))
        assert joint is not None
        rows = {tuple(row) for row in np.stack([*rare, joint], axis=1).tolist()}
        assert len({row[:-1] for row in rows}) == len({row[-1] for row in rows}) == len(rows)

    def test_weighted_classes_have_no_joint_classes(self) -> None:
        code = np.zeros(4, dtype=int)
        assert joint_classes(4, (Classes(code, 1, np.arange(4.0)), None)) is None

    def test_weights_that_differ_between_classes_only_have_joint_classes(self) -> None:
        code = np.array([0, 1, 0, 1])
        joint = joint_classes(4, (Classes(code, 2, np.where(code, 0.1, 3.0)), None))
        assert joint is not None
        assert joint.tolist() == code.tolist()

    def test_too_many_combinations_have_no_joint_classes(self) -> None:
        code = np.random.default_rng(1).permutation(10_000)
        assert joint_classes(10_000, (Classes(code, 10_000), None)) is None

    def test_sums_by_joint_class_equal_sums_by_row(self) -> None:
        """Also for features that describe some of the rows only."""
        rng = np.random.default_rng(6)
        code, mask = rng.integers(0, 3, 200), rng.random(200) < 0.4
        whole, part = Classes(code, 3), Classes(rng.integers(0, 2, mask.sum()), 2)
        joint = joint_classes(200, (whole, None), (part, mask))
        assert joint is not None
        example = np.array([np.flatnonzero(joint == number)[0] for number in range(joint.max() + 1)])
        weightings = MultinomialClasses(example, np.bincount(joint)[:, None].astype(float))
        assert weightings.sums(whole)[:, 0].tolist() == whole.total().tolist()
        assert weightings.sums(part, mask)[:, 0].tolist() == part.total().tolist()

    @pytest.mark.statistical
    @pytest.mark.usefixtures("_many")
    def test_multinomial_draws_are_distributed_like_draws_of_rows(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        positive, score = draw_people(np.random.default_rng(8), 1500)
        measures = {"value": Targeting(0.3, 5, 1, forced=True).measure(Outcomes.of(positive), score)}
        _, by_class = bootstrap.bootstrap(measures, 1500, 4000, np.random.default_rng(1))
        monkeypatch.setattr(bootstrap, "ROW_BY_ROW_LIMIT", 1500)
        _, by_row = bootstrap.bootstrap(measures, 1500, 4000, np.random.default_rng(2))
        spread = by_row["value"].std()
        assert by_class["value"].mean() == pytest.approx(by_row["value"].mean(), abs=0.1 * spread)
        assert by_class["value"].std() == pytest.approx(spread, rel=0.05)
        assert kstest(by_class["value"], by_row["value"]).pvalue > 1e-4


class TestHowResamplesAreDrawn:
    """The requirements of the figures decide it, before any of them is evaluated."""

    POSITIVE, SCORE = draw_people(np.random.default_rng(5), 1500)

    def drawn_as(self, measure: Measure, units: NDArray[np.intp] | None = None) -> str:
        rng = np.random.default_rng(1)
        sampled = bootstrap._Sampled(1500, units, None, None)
        weightings = next(iter(bootstrap._weightings(measure.requires, sampled, 10, rng)))
        return type(weightings).__name__

    @pytest.fixture
    def decisions(self) -> Measure:
        return OutcomeValue(5, -1, 0, 0).measure(Outcomes.of(self.POSITIVE), self.SCORE)

    def test_few_rows_are_weighted_row_by_row(self, decisions: Measure) -> None:
        assert self.drawn_as(decisions) == "RowByRow"

    @pytest.mark.usefixtures("_many")
    def test_figures_of_classes_are_drawn_by_multinomial(self, decisions: Measure) -> None:
        assert self.drawn_as(decisions) == "MultinomialClasses"

    @pytest.mark.usefixtures("_many")
    def test_units_and_amounts_are_drawn_by_group(self, decisions: Measure) -> None:
        assert self.drawn_as(decisions, np.arange(1500) // 2) == "Grouped"
        assert self.drawn_as(ratio_of(self.SCORE, np.ones(1500))) == "Grouped"

    @pytest.mark.usefixtures("_many")
    def test_figures_of_row_weights_are_weighted_row_by_row(self) -> None:
        assert self.drawn_as(Measure.of_row_weights(lambda weights: weights.sum())) == "RowByRow"
