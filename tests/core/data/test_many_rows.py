"""Many rows are weighed in groups: the same figures, intervals that cover, in far less time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest
from sklearn.metrics import average_precision_score, roc_auc_score

from iterata.measure import bootstrap, score_order
from iterata.measure.kpi.outcome_value import OutcomeValue
from iterata.measure.kpi.targeting import Targeting
from iterata.measure.outcomes import Outcomes
from iterata.measure.score_order import ScoreOrder
from iterata.measure.weightings import (
    Classes,
    MultinomialClasses,
    ObservedSample,
    Weightings,
    ratio_of,
    weighed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iterata.arrays import Bools, Floats
    from iterata.measure.weightings import Measure

REPLICATES = 300
MONTE_CARLO = 3 * float(np.sqrt(0.95 * 0.05 / REPLICATES))


@pytest.fixture
def _many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a thousand rows for many already."""
    monkeypatch.setattr(bootstrap, "FEW_ROWS", 1000)
    monkeypatch.setattr(score_order, "FEW_ROWS", 1000)


def people(rng: np.random.Generator, rows: int) -> tuple[Bools, Floats]:
    score = rng.normal(size=rows)
    return rng.random(rows) < 1 / (1 + np.exp(2 - score)), score


@pytest.mark.usefixtures("_many")
class TestRanking:
    @pytest.mark.parametrize("digits", [12, 1], ids=["no ties", "many ties"])
    def test_curves_are_exact_for_the_sample(self, digits: int) -> None:
        positive, score = people(np.random.default_rng(1), 5000)
        score = np.round(score, digits)
        once, ranked = weighed(np.ones((1, 5000))), ScoreOrder(positive, score)
        assert ranked.roc_auc()(once).item() == pytest.approx(roc_auc_score(positive, score), rel=1e-12)
        expected = average_precision_score(positive, score)
        assert ranked.average_precision()(once).item() == pytest.approx(expected, rel=1e-12)

    def test_resamples_differ_as_the_fine_ones_do(self, monkeypatch: pytest.MonkeyPatch) -> None:
        rng = np.random.default_rng(2)
        positive, score = people(rng, 5000)
        draws = weighed(rng.multinomial(5000, np.full(5000, 1 / 5000), size=200))
        coarse = ScoreOrder(positive, score)
        monkeypatch.setattr(score_order, "FEW_ROWS", 5000)
        fine = ScoreOrder(positive, score)
        for of in (ScoreOrder.roc_auc, ScoreOrder.average_precision, lambda each: each.found(0.2)):
            ours, theirs = of(coarse)(draws), of(fine)(draws)
            assert np.corrcoef(ours, theirs)[0, 1] > 0.998
            assert ours.std() == pytest.approx(theirs.std(), rel=0.02)

    @settings(max_examples=60, deadline=None)
    @given(st.integers(1, 3000), st.data(), st.sampled_from([0, 1, 12]), st.integers(0, 2**16))
    def test_places_between_two_ranks_are_found(
        self, rows: int, data: st.DataObject, digits: int, seed: int
    ) -> None:
        first = data.draw(st.integers(0, rows - 1))
        last = data.draw(st.integers(first, rows - 1))
        place = np.round(np.random.default_rng(seed).standard_t(2, rows), digits)
        found = score_order._between(place, first, last)
        assert found.tolist() == np.sort(place)[first : last + 1].tolist()

    def test_a_misleading_sample_does_no_harm(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(score_order, "SAMPLE", 3)
        monkeypatch.setattr(score_order, "EDGE_WIDTH", 0.0)
        place = np.random.default_rng(1).normal(size=2000)
        assert score_order._between(place, 1200, 1300).tolist() == np.sort(place)[1200:1301].tolist()

    @settings(max_examples=60, deadline=None)
    @given(
        st.floats(0.01, 1),
        st.sampled_from([0, 1, 2, 12]),
        st.booleans(),
        st.integers(0, 2**16),
    )
    def test_the_edge_of_a_budget_is_exact_for_the_sample(
        self,
        share: float,
        digits: int,
        weigh: bool,
        seed: int,  # drawn by hypothesis
    ) -> None:
        rng = np.random.default_rng(seed)
        positive, score = people(rng, 1500)
        score = np.round(score, digits)
        weight = rng.integers(1, 5, 1500).astype(float) if weigh else None
        kept = score_order.FEW_ROWS
        found = (
            ScoreOrder(positive, score, weight, around=share)
            .found(share)(Weightings(ObservedSample(1500)))
            .item()
        )
        score_order.FEW_ROWS = 1500
        try:
            fine = (
                ScoreOrder(positive, score, weight, around=share)
                .found(share)(Weightings(ObservedSample(1500)))
                .item()
            )
        finally:
            score_order.FEW_ROWS = kept
        assert found == pytest.approx(fine, rel=1e-9)


def intervals(
    figures: Callable[[np.random.Generator], tuple[dict[str, Measure], int, object]], truth: dict[str, float]
) -> Iterator[tuple[str, float]]:
    """How often the interval of each figure holds its truth, over new samples."""
    rng, held = np.random.default_rng(17), dict.fromkeys(truth, 0)
    for _ in range(REPLICATES):
        measures, rows, units = figures(rng)
        sample, draws = bootstrap.bootstrap(measures, rows, 300, rng, units)  # type: ignore[arg-type]
        for name, value in truth.items():
            found = bootstrap.estimate(sample[name], draws[name])
            held[name] += found.low <= value <= found.high
    for name, count in held.items():
        yield name, count / REPLICATES


@pytest.mark.usefixtures("_many")
class TestCoverage:
    def test_of_decisions_and_of_the_best_scored(self) -> None:
        """Both figures see classes only, so rows of a kind are interchangeable: multinomial draws."""
        crowd, ranks = people(np.random.default_rng(3), 2_000_000)
        decide, target = OutcomeValue(5, -1, 0, 0, threshold=1), Targeting(0.2, 5, 1, True)
        once = Weightings(ObservedSample(len(crowd)))
        truth = {
            "decide": decide.measure(Outcomes.of(crowd), ranks)(once).item(),
            "target": target.measure(Outcomes.of(crowd), ranks)(once).item(),
        }

        def figures(rng: np.random.Generator) -> tuple[dict[str, Measure], int, None]:
            positive, score = people(rng, 3000)
            outcomes = Outcomes.of(positive)
            return (
                {"decide": decide.measure(outcomes, score), "target": target.measure(outcomes, score)},
                3000,
                None,
            )

        for name, covered in intervals(figures, truth):
            assert covered == pytest.approx(0.95, abs=MONTE_CARLO), name

    def test_of_means_and_areas(self) -> None:
        """Amounts are no classes: rows are thrown into buckets."""
        crowd, ranks = people(np.random.default_rng(4), 2_000_000)
        truth = {"mean": 1.0, "area": roc_auc_score(crowd, ranks)}

        def figures(rng: np.random.Generator) -> tuple[dict[str, Measure], int, None]:
            positive, score = people(rng, 4000)
            mean = ratio_of(rng.exponential(size=4000), np.ones(4000))
            return {"mean": mean, "area": ScoreOrder(positive, score).roc_auc()}, 4000, None

        for name, covered in intervals(figures, truth):
            assert covered == pytest.approx(0.95, abs=MONTE_CARLO), name

    @pytest.mark.parametrize("units", [600, 6000], ids=["units as groups", "buckets of units"])
    def test_of_rows_that_resemble_each_other(self, units: int) -> None:
        """Ten rows a unit, intraclass correlation .2; by row these intervals would cover 73 %."""

        def figures(rng: np.random.Generator) -> tuple[dict[str, Measure], int, object]:
            unit = np.repeat(np.arange(units), 10)
            value = np.sqrt(0.2) * rng.normal(size=units)[unit] + np.sqrt(0.8) * rng.normal(size=len(unit))
            shuffled = rng.permutation(len(unit))
            return {"mean": ratio_of(value[shuffled], np.ones(len(unit)))}, len(unit), unit[shuffled]

        for _, covered in intervals(figures, {"mean": 0.0}):
            assert covered == pytest.approx(0.95, abs=MONTE_CARLO)


class TestKinds:
    def test_rows_of_the_same_classes_are_of_one_kind(self) -> None:
        one, other = np.array([0, 0, 1, 1, 0]), np.array([2, 2, 0, 0, 1])
        kinds = bootstrap.kinds_of_rows([(Classes(one, 2), None), (Classes(other, 3), None)], 5)
        assert kinds is not None
        assert len(set(kinds.tolist())) == 3
        assert (kinds[0], kinds[2]) == (kinds[1], kinds[3])

    def test_many_figures_of_short_codes_do_not_overflow(self) -> None:
        rng = np.random.default_rng(2)
        codes = [rng.integers(0, 3, 3000).astype(np.uint8) for _ in range(6)]
        rare = [np.where(np.arange(3000) < 5, 2, each // 2).astype(np.uint8) for each in codes]
        kinds = bootstrap.kinds_of_rows([(Classes(each, 200), None) for each in rare], 3000)
        assert kinds is not None
        told = {tuple(each) for each in np.stack([*rare, kinds], axis=1).tolist()}
        assert len({each[:-1] for each in told}) == len({each[-1] for each in told}) == len(told)

    def test_amounts_and_weights_make_no_kinds(self) -> None:
        code = np.zeros(4, dtype=int)
        assert bootstrap.kinds_of_rows([(Classes(code, 1, np.arange(4.0)), None)], 4) is None

    def test_too_many_combinations_make_no_kinds(self) -> None:
        code = np.random.default_rng(1).permutation(10_000)
        assert bootstrap.kinds_of_rows([(Classes(code, 10_000), None)], 10_000) is None

    def test_their_sums_are_those_of_the_rows(self) -> None:
        """Also for figures of a part of the rows only."""
        rng = np.random.default_rng(6)
        code, within = rng.integers(0, 3, 200), rng.random(200) < 0.4
        whole, part = Classes(code, 3), Classes(rng.integers(0, 2, within.sum()), 2)
        kinds = bootstrap.kinds_of_rows([(whole, None), (part, within)], 200)
        assert kinds is not None
        example = np.array([np.flatnonzero(kinds == kind)[0] for kind in range(kinds.max() + 1)])
        as_they_are = np.bincount(kinds)[:, None].astype(float)
        found = Weightings(MultinomialClasses(example, as_they_are))
        assert found.sums(whole)[:, 0].tolist() == whole.total().tolist()
        assert found.among(within).sums(part)[:, 0].tolist() == part.total().tolist()

    @pytest.mark.usefixtures("_many")
    def test_draws_by_kind_are_distributed_as_draws_by_row(self, monkeypatch: pytest.MonkeyPatch) -> None:
        positive, score = people(np.random.default_rng(8), 1500)
        figure = {"value": Targeting(0.3, 5, 1, True).measure(Outcomes.of(positive), score)}
        _, by_kind = bootstrap.bootstrap(figure, 1500, 4000, np.random.default_rng(1))
        monkeypatch.setattr(bootstrap, "FEW_ROWS", 1500)
        _, by_row = bootstrap.bootstrap(figure, 1500, 4000, np.random.default_rng(2))
        spread = by_row["value"].std()
        assert by_kind["value"].mean() == pytest.approx(by_row["value"].mean(), abs=0.1 * spread)
        assert by_kind["value"].std() == pytest.approx(spread, rel=0.05)
        assert kstest(by_kind["value"], by_row["value"]).pvalue > 1e-4
