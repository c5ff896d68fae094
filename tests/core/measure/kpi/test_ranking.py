"""Ranking metrics against scikit-learn, against all orders of ties, and against textbook definitions."""

from __future__ import annotations

from itertools import permutations
from math import log2
from statistics import fmean, pstdev
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from iterata.measure.kpi.ranking import RankingKpi
from iterata.measure.metrics import RANKING_METRICS
from iterata.measure.outcomes import Outcomes
from iterata.measure.weightings import RowByRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.arrays import Floats

Row = tuple[int, int]
"""The relevance of a row, and its score."""

group_of_rows = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=5)
cuts = st.integers(1, 6)
names = st.sampled_from(sorted(RANKING_METRICS))


def value(name: str, relevance: Sequence[int], k: int) -> float:
    """The metric of rows in this order, by its textbook definition."""
    hits = [degree > 0 for degree in relevance]
    if not any(hits):
        return 0.0
    gain = sum(degree / log2(place + 2) for place, degree in enumerate(relevance[:k]))
    ideal = sum(degree / log2(place + 2) for place, degree in enumerate(sorted(relevance, reverse=True)[:k]))
    return {
        "precision": sum(hits[:k]) / k,
        "recall": sum(hits[:k]) / sum(hits),
        "ndcg": gain / ideal,
        "hit_rate": float(any(hits[:k])),
        "reciprocal_rank": 1 / (hits.index(True) + 1) if any(hits[:k]) else 0.0,
    }[name]


def columns(groups: Sequence[Sequence[Row]]) -> tuple[Outcomes, Floats]:
    rows = [(number, *row) for number, group in enumerate(groups) for row in group]
    group, relevance, score = (np.array(column) for column in zip(*rows, strict=True))
    return Outcomes(relevance.astype(float), group=group), score.astype(float)


@settings(deadline=None)
@given(names, cuts, st.lists(group_of_rows, min_size=1, max_size=3), st.randoms())
def test_tied_rows_count_the_mean_over_their_orders(
    name: str, k: int, groups: list[list[Row]], random: object
) -> None:
    outcomes, score = columns(groups)
    expected = fmean(
        fmean(
            value(name, [row[0] for row in sorted(order, key=lambda row: -row[1])], k)
            for order in permutations(group)
        )
        for group in groups
    )
    shuffled = np.random.default_rng(k).permutation(len(outcomes))
    assert outcomes.group is not None
    mixed = Outcomes(outcomes.target[shuffled], group=outcomes.group[shuffled])
    kpi = RankingKpi(name, k, count_empty=True)
    assert kpi.measure(outcomes, score).on_sample(len(outcomes)) == pytest.approx(expected)
    assert kpi.measure(mixed, score[shuffled]).on_sample(len(mixed)) == pytest.approx(expected)


@settings(deadline=None)
@given(names, cuts, group_of_rows)
def test_random_is_the_mean_of_all_orders_and_perfect_the_best_order(
    name: str, k: int, group: list[Row]
) -> None:
    outcomes, score = columns([group])
    orders = [value(name, [row[0] for row in order], k) for order in permutations(group)]
    kpi = RankingKpi(name, k, count_empty=True)
    assert kpi.random(outcomes, score).on_sample(len(outcomes)) == pytest.approx(fmean(orders))
    assert kpi.random_sd(outcomes, score) == pytest.approx(pstdev(orders), abs=1e-7)
    assert kpi.perfect(outcomes).on_sample(len(outcomes)) == pytest.approx(max(orders))


@settings(deadline=None)
@given(
    cuts,
    st.lists(group_of_rows.filter(lambda group: len(group) > 1 and any(r for r, _ in group)), min_size=1),
)
def test_ndcg_equals_scikit_learns(k: int, groups: list[list[Row]]) -> None:
    outcomes, score = columns(groups)
    theirs = [ndcg_score([[row[0] for row in group]], [[row[1] for row in group]], k=k) for group in groups]
    kpi = RankingKpi("ndcg", k, count_empty=False)
    assert kpi.measure(outcomes, score).on_sample(len(outcomes)) == pytest.approx(fmean(theirs))


@pytest.mark.parametrize(
    ("score", "k", "expected"),
    [
        ([0.1, 0.2, 0.3, 4, 70], 5, 0.69569),
        ([0.05, 1.1, 1.0, 0.5, 0.0], 4, 0.35202),
        ([1, 0, 0, 0, 1], 1, 0.75),  # two rows are tied for the first place; one of their orders gives 0.5
    ],
)
def test_ndcg_equals_the_documented_examples(score: list[float], k: int, expected: float) -> None:
    """As in scikit-learn's documentation of `ndcg_score`."""
    outcomes = Outcomes(np.array([10.0, 0, 0, 1, 5]))
    kpi = RankingKpi("ndcg", k, count_empty=True)
    ours = kpi.measure(outcomes, np.array(score)).on_sample(len(outcomes))
    assert ours == pytest.approx(expected, abs=5e-6)


def test_groups_without_relevant_rows_are_left_out_or_count_as_zero() -> None:
    outcomes, score = columns([[(1, 2), (0, 1)], [(0, 2), (0, 1)]])
    left_out, as_zero = (RankingKpi("precision", 1, count_empty=count) for count in (False, True))
    assert left_out.measure(outcomes, score).on_sample(len(outcomes)) == 1
    assert as_zero.measure(outcomes, score).on_sample(len(outcomes)) == 0.5


def test_group_drawn_twice_counts_twice() -> None:
    outcomes, score = columns([[(1, 2), (0, 1)], [(1, 1), (0, 2)]])
    kpi = RankingKpi("precision", 1, count_empty=False)
    weights = np.array([[1.0, 1, 1, 1], [2, 2, 0, 0], [0, 0, 2, 2]])
    assert kpi.measure(outcomes, score)(RowByRow.of(weights)).tolist() == [0.5, 1, 0]
