"""Every figure of a campaign against an independent computation, on small populations of any shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from iterata.measure.assignment import Assignment
from iterata.measure.kpi.uplift import Uplift
from iterata.measure.outcomes import Outcomes
from iterata.measure.uplift.couplings import coupling_bound, upper_measure
from iterata.measure.uplift.curve import GainCurve
from iterata.measure.uplift.ends import perfect_ends
from iterata.measure.uplift.terms import Terms
from iterata.measure.weightings import RowByRow

if TYPE_CHECKING:
    from iterata.arrays import Floats
    from iterata.measure.measures import Measure

SEVERAL = settings(max_examples=60, deadline=None)


@st.composite
def campaigns(draw: st.DrawFn, *, numbers: bool = False) -> tuple[Outcomes, Floats]:
    """Rows with few different scores, so that most are tied; and both arms."""
    rows = draw(st.integers(2, 14))
    column = st.lists(st.integers(0, 3), min_size=rows, max_size=rows)
    treated = np.array(draw(column)) > 1
    assume(0 < treated.sum() < rows)
    target = np.array(draw(column), dtype=float) if numbers else (np.array(draw(column)) > 1).astype(float)
    probability = draw(st.sampled_from([np.full(rows, 0.3), np.linspace(0.2, 0.8, rows)]))
    weight = draw(st.sampled_from([None, np.arange(1.0, rows + 1)]))
    scores = np.array(draw(column), dtype=float)
    scores[scores == 0] = draw(st.sampled_from([0.0, -np.inf]))
    return Outcomes(target, weight, assignment=Assignment(treated, probability, declared=True)), scores


def by_hand(outcomes: Outcomes, scores: Floats, budget: float, counts: Floats) -> float:
    """The gain by one loop over the rows, from the best score down: value 2, cost .1."""
    assert outcomes.assignment is not None
    weight = counts * outcomes.counts
    left, member = budget * weight.sum(), np.zeros(len(scores))
    for score in sorted(set(scores[scores > -np.inf]), reverse=True):
        tied = scores == score
        member[tied] = min(1.0, max(left, 0.0) / weight[tied].sum()) if weight[tied].any() else 0.0
        left -= weight[tied].sum()
    depth = (weight * member).sum() / weight.sum()
    if depth == 0:
        return 0.0
    means = []
    for rows in (outcomes.assignment.treated, ~outcomes.assignment.treated):
        factor = (weight * member * outcomes.assignment.inverse)[rows]
        means.append(factor @ outcomes.target[rows] / factor.sum() if factor.sum() > 1e-9 else np.nan)
    return float(2 * depth * (means[0] - means[1]) - 0.1 * depth)


@SEVERAL
@given(campaigns(), st.sampled_from([0.1, 0.25, 1 / 3, 0.5, 0.77, 1.0]), st.integers(0, 5))
def test_gain_of_the_sample_and_of_a_resample(
    rows: tuple[Outcomes, Floats], budget: float, seed: int
) -> None:
    outcomes, scores = rows
    measure = Uplift(budget, 2.0, 0.1, forced=False).measure(outcomes, scores)
    once = np.ones(len(scores))
    assert measure.on_sample(len(scores)) == pytest.approx(
        by_hand(outcomes, scores, budget, once), nan_ok=True
    )
    counts = np.random.default_rng(seed).multinomial(len(scores), once / len(scores)).astype(float)
    found = measure(RowByRow.of(counts[None, :])).item()
    assert found == pytest.approx(by_hand(outcomes, scores, budget, counts), nan_ok=True)


@SEVERAL
@given(campaigns())
def test_curve_at_a_depth_is_the_gain_of_that_budget(rows: tuple[Outcomes, Floats]) -> None:
    outcomes, scores = rows
    scores = np.where(scores == -np.inf, -1.0, scores)
    curve = GainCurve(outcomes, scores)
    for depth in (0.3, 1.0):
        gain = Uplift(depth, 1.0, 0.0, forced=False).measure(outcomes, scores)
        assert curve.at(depth).on_sample(len(scores)) == pytest.approx(
            gain.on_sample(len(scores)), nan_ok=True
        )


def perfect_by_linear_programme(terms: Terms, rates: tuple[float, float], *, most: bool) -> float:
    """What perfect gains at most or at least over all joint distributions of both outcomes.

    For the most, the joint distribution and whom to treat are chosen together. For the least, the program is
    solved at each vertex of the distributions, which have one free number.
    """
    treated, control = rates
    effects = np.array([1.0, 0.0, 0.0, -1.0])  # turned, never, always, turned away

    def gain(turned: float) -> float:
        shares = np.array([turned, 0.0, treated - turned, control - treated + turned])
        shares[1] = 1 - shares.sum()
        equal = {"A_eq": np.ones((1, 4)), "b_eq": [terms.budget]} if terms.forced else {}
        limit = {} if terms.forced else {"A_ub": np.ones((1, 4)), "b_ub": [terms.budget]}
        bounds = [(0, max(share, 0.0)) for share in shares]
        return float(-linprog(terms.cost - terms.value * effects, bounds=bounds, **equal, **limit).fun)

    low, high = max(0.0, treated - control), min(treated, 1 - control)
    values = [gain(turned) for turned in np.linspace(low, high, 5)]
    return max(values) if most else min(values)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 9),
    st.integers(1, 9),
    st.sampled_from([0.1, 0.4, 0.8, 1.0]),
    st.sampled_from([0.0, 0.3, 1.2]),
    st.booleans(),
)
def test_ends_of_perfect_equal_linear_programmes(
    yes: int, control_yes: int, budget: float, cost: float, forced: bool
) -> None:
    target = np.concatenate([np.arange(10) < yes, np.arange(10) < control_yes]).astype(float)
    assignment = Assignment(np.repeat([True, False], 10), np.full(20, 0.5), declared=True)
    outcomes, terms = Outcomes(target, assignment=assignment), Terms(budget, 1.0, cost, forced)
    lower, upper = (end.measure.on_sample(20) for end in perfect_ends(terms, outcomes))
    rates = yes / 10, control_yes / 10
    assert lower == pytest.approx(perfect_by_linear_programme(terms, rates, most=False), abs=1e-9)
    assert upper == pytest.approx(perfect_by_linear_programme(terms, rates, most=True), abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.integers(-3, 3), min_size=4, max_size=4),
    st.lists(st.integers(-3, 3), min_size=4, max_size=4),
    st.sampled_from([0.25, 0.6, 1.0]),
    st.booleans(),
)
def test_upper_end_of_a_number_equals_a_linear_programme(
    treated: list[int], control: list[int], budget: float, forced: bool
) -> None:
    assignment = Assignment(np.repeat([True, False], 4), np.full(8, 0.5), declared=True)
    outcomes = Outcomes(np.array([*treated, *control], dtype=float), assignment=assignment)
    terms = Terms(budget, 1.0, 0.2, forced)
    gains = np.subtract.outer(treated, control).ravel() - 0.2
    arms = np.kron(np.eye(4), np.ones(4)), np.kron(np.ones(4), np.eye(4))
    coupled = np.concatenate([np.hstack([arm, np.zeros((4, 16))]) for arm in arms])  # pairs, then treated
    spent = np.concatenate([np.zeros(16), np.ones(16)])[None, :]
    chosen = np.hstack([-np.eye(16), np.eye(16)])
    equal, right = coupled, np.full(8, 0.25)
    limits, most = [chosen], [np.zeros(16)]
    if forced:
        equal, right = np.concatenate([equal, spent]), np.append(right, budget)
    else:
        limits, most = [chosen, spent], [np.zeros(16), np.array([budget])]
    solved = linprog(
        np.concatenate([np.zeros(16), -gains]),
        A_ub=np.concatenate(limits),
        b_ub=np.concatenate(most),
        A_eq=equal,
        b_eq=right,
    )
    assert coupling_bound(terms, outcomes, upper=True) == pytest.approx(-solved.fun, abs=1e-9)
    measure: Measure = upper_measure(terms, outcomes)
    assert measure.on_sample(8) == pytest.approx(-solved.fun, abs=1e-9)
