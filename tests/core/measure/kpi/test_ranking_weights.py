"""Rankings weigh by group."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from iterata.errors import DataError
from iterata.measure.kpi.ranking import RankingKpi
from iterata.measure.outcomes import Outcomes
from iterata.measure.weightings import RowByRow

GROUP = np.repeat(np.arange(40), 6)
RNG = np.random.default_rng(3)
RELEVANCE = (RNG.random(240) < 0.3) * 1.0
SCORE = RNG.random(240) + 0.3 * RELEVANCE * (GROUP < 20)
WEIGHT = np.where(GROUP < 20, 100.0, 1.0)


def weighted(weight: np.ndarray | None) -> Outcomes:
    return Outcomes(RELEVANCE, weight, GROUP)


def test_mean_over_groups_is_weighted() -> None:
    found = RankingKpi("ndcg", 3, count_empty=False).measure(weighted(WEIGHT), SCORE).on_sample(240)
    relevant = [group for group in range(40) if RELEVANCE[group == GROUP].any()]
    each = [ndcg_score([RELEVANCE[group == GROUP]], [SCORE[group == GROUP]], k=3) for group in relevant]
    assert found == pytest.approx(np.average(each, weights=[100 if group < 20 else 1 for group in relevant]))
    assert found != pytest.approx(np.mean(each), rel=0.01)


@pytest.mark.parametrize("metric", ["precision", "recall", "ndcg", "hit_rate", "reciprocal_rank"])
@pytest.mark.parametrize("count_empty", [True, False])
def test_weight_of_a_group_equals_repeating_it(metric: str, *, count_empty: bool) -> None:
    times = np.arange(40) % 3 + 1
    rows = np.concatenate([np.flatnonzero(group == GROUP) for group in np.repeat(np.arange(40), times)])
    repeated = Outcomes(RELEVANCE[rows], group=np.repeat(np.arange(times.sum()), 6))
    kpi = RankingKpi(metric, 3, count_empty)
    ours, theirs = weighted(times[GROUP].astype(float)), kpi.measure(repeated, SCORE[rows])
    assert kpi.measure(ours, SCORE).on_sample(240) == pytest.approx(theirs.on_sample(len(rows)))
    random = kpi.random(repeated, SCORE[rows]).on_sample(len(rows))
    assert kpi.random(ours, SCORE).on_sample(240) == pytest.approx(random)


def test_spread_of_a_random_order_is_that_of_weighted_groups() -> None:
    kpi, outcomes = RankingKpi("precision", 2, count_empty=True), weighted(WEIGHT)
    rng = np.random.default_rng(5)
    orders = [kpi.measure(outcomes, rng.random(240)).on_sample(240) for _ in range(1500)]
    assert kpi.random_sd(outcomes, SCORE) == pytest.approx(np.std(orders), rel=0.08)


def test_weights_are_those_of_resamples_too() -> None:
    kpi = RankingKpi("hit_rate", 1, count_empty=True)
    drawn = np.where(GROUP == 0, 2.0, 1.0)
    twice = kpi.measure(weighted(WEIGHT * drawn), SCORE).on_sample(240)
    assert kpi.measure(weighted(WEIGHT), SCORE)(RowByRow.of(drawn[None])).item() == pytest.approx(twice)


def test_weights_that_differ_within_a_group_are_refused() -> None:
    changed = WEIGHT.copy()
    changed[0] = 7
    with pytest.raises(DataError) as caught:
        RankingKpi("ndcg", 3, count_empty=False).measure(weighted(changed), SCORE)
    assert caught.value.location is not None
    assert caught.value.location.field == ("weights", "column")
