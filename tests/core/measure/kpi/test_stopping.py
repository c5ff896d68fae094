"""With optional spend a model may stop below a score: its rows there are never contacted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iterata.measure import score_order
from iterata.measure.kpi.targeting import Targeting
from iterata.measure.outcomes import Outcomes
from iterata.measure.predictions import column, stopped
from iterata.measure.weightings import RowByRow

VALUE, COST = 10.0, 1.0


def by_hand(positive: list[bool], score: list[float], weight: list[int], budget: float, stop: float) -> float:
    """The value per row of contacting the best rows one by one, of distinct scores."""
    left, value = budget * sum(weight), 0.0
    for row in sorted(range(len(score)), key=lambda row: -score[row]):
        contacted = min(left, weight[row]) if score[row] >= stop else 0.0
        value += contacted * (VALUE * positive[row] - COST)
        left -= contacted
    return value / sum(weight)


@settings(max_examples=100, deadline=None)
@given(
    rows=st.lists(st.tuples(st.booleans(), st.integers(1, 3)), min_size=2, max_size=30),
    budget=st.floats(0.01, 1),
    stop=st.floats(-1, 31),
)
def test_rows_below_the_stop_are_not_contacted(
    rows: list[tuple[bool, int]], budget: float, stop: float
) -> None:
    positive, weight = [row[0] for row in rows], [row[1] for row in rows]
    score = np.random.default_rng(len(rows)).permutation(len(rows)).astype(float)
    kpi, outcomes = Targeting(budget, VALUE, COST, forced=False), Outcomes.of(np.array(positive))
    drawn = RowByRow.of(np.array([weight]))
    value = kpi.measure(outcomes, stopped(score, stop))(drawn)[0]
    assert value == pytest.approx(by_hand(positive, score.tolist(), weight, budget, stop), abs=1e-12)


@pytest.mark.parametrize("exact_rows", [20_000, 1000], ids=["few rows", "many rows"])
def test_perfect_ranking_with_the_right_stop_is_the_perfect_model(
    monkeypatch: pytest.MonkeyPatch, exact_rows: int
) -> None:
    monkeypatch.setattr(score_order, "EXACT_ROWS", exact_rows)
    positive = np.random.default_rng(1).random(5000) < 0.05
    score = positive + np.random.default_rng(2).random(5000) / 2
    kpi, outcomes = Targeting(0.3, VALUE, COST, forced=False), Outcomes.of(positive)
    perfect = kpi.perfect(outcomes).on_sample(5000)
    assert kpi.measure(outcomes, score).on_sample(5000) < perfect
    assert kpi.measure(outcomes, stopped(score, 1.0)).on_sample(5000) == pytest.approx(perfect, rel=1e-12)
    assert kpi.contacts(outcomes, stopped(score, 1.0)) == pytest.approx(positive.mean())
    assert kpi.perfect_contacts(outcomes) == pytest.approx(positive.mean())
    assert kpi.contacts(outcomes, score) == pytest.approx(0.3)


def test_metrics_of_all_rows_use_the_scores_before_the_stop() -> None:
    scores = np.array([0.1, 0.4, 0.9])
    unstopped = column(scores)._replace(values=stopped(scores, 0.5), unstopped=scores)
    assert unstopped.scores.tolist() == [0.1, 0.4, 0.9]
    assert unstopped.values.tolist() == [-np.inf, -np.inf, 0.9]
