"""Intervals of many rows with rare positives or few units, against a bootstrap by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from iterata.measure.bootstrap import bootstrap
from iterata.measure.intervals import estimate
from iterata.measure.outcomes import Outcomes
from iterata.measure.score_order import ScoreOrder
from iterata.measure.unit_groups import BUCKETS, FEW_WITH_POSITIVES, UnitGroups
from iterata.measure.weightings import Grouped, RowByRow

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from iterata.arrays import Bools, Floats


class ByHand(NamedTuple):
    """Figures of resamples, each `(r,)`, from sorted rows without ties."""

    area: Floats
    precision: Floats
    hits: Floats


def by_hand(positive: Bools, score: Floats, weights: NDArray[np.generic], share: float = 0.1) -> ByHand:
    """Every figure under `(r, n)` weights."""
    order = np.argsort(-score)
    is_positive = positive[order].astype(float)
    figures = []
    for line in weights[:, order]:
        through, reached = np.cumsum(line), np.cumsum(line * is_positive)
        positives, rows = reached[-1], through[-1]
        below = rows - positives - (through - reached)
        precision = np.divide(reached, through, out=np.zeros(len(line)), where=through > 0)
        included = np.clip(share * rows - (through - line), 0, line)
        figures.append(
            (
                (line * is_positive) @ below / positives / (rows - positives),
                (line * is_positive) @ precision / positives,
                included @ is_positive / rows,
            )
        )
    return ByHand(*np.array(figures).T)


def rows_with(positives: int, rows: int, distance: float, seed: int = 0) -> tuple[Bools, Floats]:
    """Positive rows whose scores are this many standard deviations higher."""
    positive = np.arange(rows) < positives
    return positive, np.random.default_rng(seed).normal(size=rows) + distance * positive


RARE = [(40, 5.0), (40, 2.0), (80, 3.0), (400, 2.0), (4000, 1.5), (4000, 4.0), (4000, -1.0)]
"""Positives of 40,000 rows, and how far they are separated."""


@pytest.mark.parametrize(("positives", "distance"), RARE)
def test_curves_are_exact_for_the_sample(positives: int, distance: float) -> None:
    positive, score = rows_with(positives, 40_000, distance)
    order = ScoreOrder(positive, score)
    assert order.roc_auc().on_sample(40_000) == pytest.approx(roc_auc_score(positive, score), rel=1e-12)
    expected = average_precision_score(positive, score)
    assert order.average_precision().on_sample(40_000) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("positives", "distance"), RARE)
def test_curves_of_resamples_are_those_by_hand(positives: int, distance: float) -> None:
    """The same resamples, so no Monte Carlo error: sd within 3 %, and almost the same figures."""
    positive, score = rows_with(positives, 40_000, distance)
    weights = np.random.default_rng(1).multinomial(40_000, np.full(40_000, 1 / 40_000), size=60)
    order, theirs = ScoreOrder(positive, score), by_hand(positive, score, weights)
    for measure, expected in (
        (order.roc_auc(), theirs.area),
        (order.average_precision(), theirs.precision),
    ):
        ours = measure(RowByRow.of(weights))
        assert ours.std() == pytest.approx(expected.std(), rel=0.03)
        assert ours == pytest.approx(expected, abs=0.3 * expected.std())


def test_weighted_curves_of_resamples_are_those_by_hand() -> None:
    positive, score = rows_with(3000, 40_000, 1.5)
    rng = np.random.default_rng(1)
    weight = rng.exponential(size=40_000)
    weights = rng.multinomial(40_000, np.full(40_000, 1 / 40_000), size=60)
    order, theirs = ScoreOrder(positive, score, weight), by_hand(positive, score, weights * weight)
    for measure, expected in (
        (order.roc_auc(), theirs.area),
        (order.average_precision(), theirs.precision),
    ):
        assert measure(RowByRow.of(weights)).std() == pytest.approx(expected.std(), rel=0.03)


@pytest.mark.parametrize("distance", [3.0, 6.0])
@pytest.mark.parametrize("positives", [20, 400, 3000])
def test_no_interval_exceeds_the_range_of_its_metric(positives: int, distance: float) -> None:
    positive, score = rows_with(positives, 40_000, distance)
    order = ScoreOrder(positive, score)
    measures = {"area": order.roc_auc(), "precision": order.average_precision()}
    _, drawn = bootstrap(measures, 40_000, 500, np.random.default_rng(1), None, Outcomes.of(positive))
    for replicates in drawn.values():
        assert replicates.min() >= 0
        assert replicates.max() <= 1


def test_hits_of_whole_orders_are_exact_for_the_sample_and_stay_within_the_share() -> None:
    positive, score = rows_with(4000, 40_000, 3.0)
    for share in (0.01, 0.1, 0.5, 0.95):
        hits = ScoreOrder(positive, score).hits(share)
        ones = np.ones((1, 40_000))
        assert hits.on_sample(40_000) == pytest.approx(by_hand(positive, score, ones, share).hits.item())
        weights = np.random.default_rng(1).multinomial(40_000, np.full(40_000, 1 / 40_000), size=20)
        assert hits(RowByRow.of(weights)).max() <= share


UNITS = [
    (20, 0.95, 0.1),
    (60, 0.95, 0.1),
    (60, 0.5, 0.1),
    (60, 0.0, 0.3),
    (300, 0.8, 0.01),
    (3000, 0.95, 0.5),
]
"""Units of 30,000 rows, their intraclass correlation, and the share at the top."""


def clustered(units: int, correlation: float) -> tuple[NDArray[np.intp], Bools, Floats]:
    rng = np.random.default_rng(2)
    unit = np.arange(30_000) % units
    common, own = rng.normal(size=units)[unit], rng.normal(size=30_000)
    score = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own
    return unit, rng.random(30_000) < 1 / (1 + np.exp(3 - 2.5 * score)), score


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("units", "correlation", "share"), UNITS)
def test_hits_of_resampled_units_are_those_by_hand(
    units: int, correlation: float, share: float, *, weighted: bool
) -> None:
    """The cutoff moves as far as whole units move it; the same resamples, so no Monte Carlo error."""
    unit, positive, score = clustered(units, correlation)
    rng = np.random.default_rng(3)
    weight = rng.exponential(size=30_000) if weighted else None
    drawn = rng.multinomial(units, np.full(units, 1 / units), size=60)
    counts = drawn[:, unit] * (1.0 if weight is None else weight)
    expected = by_hand(positive, score, counts, share).hits
    hits = ScoreOrder(positive, score, weight, cutoff=share).hits(share)
    ours = hits(Grouped(unit, np.ascontiguousarray(drawn.T, dtype=np.float64)))
    assert ours.std() == pytest.approx(expected.std(), rel=0.03)
    assert np.corrcoef(ours, expected)[0, 1] > 0.995


@pytest.mark.statistical
def test_interval_of_sixty_branches_is_that_of_a_bootstrap_by_hand() -> None:
    unit, positive, score = clustered(60, 0.95)
    rng = np.random.default_rng(4)
    drawn = rng.multinomial(60, np.full(60, 1 / 60), size=2000)
    theirs = np.concatenate(
        [by_hand(positive, score, part[:, unit]).hits for part in np.array_split(drawn, 20)]
    )
    hits = ScoreOrder(positive, score, cutoff=0.1).hits(0.1)
    sample, replicates = bootstrap({"hits": hits}, 30_000, 4000, rng, unit, Outcomes.of(positive))
    found = estimate(sample["hits"], replicates["hits"])
    # The Monte Carlo error of a quantile of n draws is about 2.7 / sqrt(n) deviations; three of both.
    error = 3 * 2.7 * theirs.std() * np.sqrt(1 / 2000 + 1 / 4000)
    assert found.interval == pytest.approx(tuple(np.quantile(theirs, [0.025, 0.975])), abs=error)


class TestUnitGroups:
    ROWS = 30_000

    def counts(self, groups: UnitGroups, resamples: int = 400) -> Floats:
        return groups.draw(resamples, np.random.default_rng(1))

    def test_few_units_are_drawn_exactly(self) -> None:
        units = np.arange(self.ROWS) % 3000
        groups = UnitGroups.of(self.ROWS, np.random.default_rng(1), units)
        assert groups.group.tolist() == units.tolist()
        assert (self.counts(groups).sum(axis=0) == 3000).all()

    def test_units_with_rare_positives_are_groups_of_their_own(self) -> None:
        units = np.arange(self.ROWS) // 2
        positive = np.arange(self.ROWS) < 100
        groups = UnitGroups.of(self.ROWS, np.random.default_rng(1), units, positive)
        assert groups.single == 50
        assert np.unique(groups.group[positive]).tolist() == list(range(50))
        assert (groups.group[100:] >= 50).all()
        drawn = self.counts(groups, 4000)[:50]
        assert drawn.mean() == pytest.approx(1, abs=0.01)
        assert drawn.sum(axis=0).var() == pytest.approx(50 * (1 - 50 / 15_000), rel=0.1)

    def test_drawn_rows_are_as_many_as_there_are(self) -> None:
        positive = np.arange(self.ROWS) < 300
        groups = UnitGroups.of(self.ROWS, np.random.default_rng(1), None, positive)
        rows = np.bincount(groups.group, minlength=groups.single + groups.buckets) @ self.counts(groups)
        assert rows.mean() == pytest.approx(self.ROWS, rel=0.01)

    def test_many_positives_are_in_buckets(self) -> None:
        positive = np.arange(self.ROWS) <= FEW_WITH_POSITIVES
        groups = UnitGroups.of(self.ROWS, np.random.default_rng(1), None, positive)
        assert (groups.single, groups.buckets) == (0, BUCKETS)
