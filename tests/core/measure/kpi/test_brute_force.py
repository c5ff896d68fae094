"""Every KPI against plain loops over what could happen: all orders of ties, all choices, all blind draws."""

from __future__ import annotations

from itertools import combinations, permutations
from statistics import fmean, pstdev
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from iterata.documents.models.kpi import KpiSpec
from iterata.measure.kpi import from_spec
from iterata.measure.outcomes import Outcomes
from iterata.measure.weightings import weighed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iterata.arrays import Floats
    from iterata.measure.kpi import ActingKpi
    from iterata.measure.weightings import Measure

Row = tuple[bool, int]
"""Whether it is positive, and its score."""

Mailing = tuple[list[Row], int, dict[str, Any]]
"""Rows, how many of them the budget reaches, and what the KPI says besides."""

Decisions = tuple[list[Row], dict[str, Any]]
"""Rows, and what the KPI says."""

rows = st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=1, max_size=6)
amounts = st.integers(-4, 4)
directions = st.sampled_from(["maximise", "minimise"])


@st.composite
def targeting(draw: st.DrawFn) -> Mailing:
    found = draw(rows)
    reached = draw(st.integers(1, len(found)))
    more = {
        "value_per_hit": draw(amounts),
        "cost_per_contact": draw(st.integers(0, 3)),
        "spend": draw(st.sampled_from(["forced", "optional"])),
        "direction": draw(directions),
    }
    return found, reached, more


@st.composite
def outcome_value(draw: st.DrawFn) -> Decisions:
    cells = {cell: draw(amounts) for cell in ("tp", "fp", "fn", "tn")}
    return draw(rows), {"values": cells, "threshold": 2, "direction": draw(directions)}


def made(kind: str, rows: int, **more: Any) -> ActingKpi:
    spec = TypeAdapter(KpiSpec).validate_python({"kind": kind, "name": "n", "unit": "u", **more})
    return from_spec(spec, rows)


def columns(found: Sequence[Row]) -> tuple[Outcomes, Floats]:
    positive = np.array([row[0] for row in found], dtype=bool)
    return Outcomes.of(positive), np.array([row[1] for row in found], dtype=float)


def total(measure: Measure, rows: int) -> float:
    """The sum over the rows of what is measured per row."""
    return rows * measure(weighed(np.ones((1, rows)))).item()


def contacted(chosen: Iterable[Row], more: dict[str, Any]) -> float:
    """The value of contacting these rows. A cost is a burden whichever way is better."""
    burden = more["cost_per_contact"] * (1 if more["direction"] == "maximise" else -1)
    return sum(more["value_per_hit"] * row[0] - burden for row in chosen)


def best(values: Iterable[float], more: dict[str, Any]) -> float:
    return max(values) if more["direction"] == "maximise" else min(values)


@given(targeting())
def test_targeting_is_the_average_over_every_order_of_ties(
    case: Mailing,
) -> None:
    found, reached, more = case
    kpi = made("targeting", len(found), budget=reached / len(found), **more)
    orders = [sorted(order, key=lambda row: -row[1]) for order in permutations(found)]
    expected = fmean(contacted(order[:reached], more) for order in orders)
    assert total(kpi.measure(*columns(found)), len(found)) == pytest.approx(expected)


@given(targeting())
def test_targeting_acts_upon_rows_as_often_as_those_orders_do(
    case: Mailing,
) -> None:
    found, reached, more = case
    kpi = made("targeting", len(found), budget=reached / len(found), **more)
    orders = list(permutations(range(len(found))))
    ranked = [sorted(order, key=lambda row: -found[row][1])[:reached] for order in orders]
    expected = [fmean(row in chosen for chosen in ranked) for row in range(len(found))]
    assert kpi.acted_upon(columns(found)[1]) == pytest.approx(np.array(expected))


@given(targeting())
def test_perfect_targeting_is_the_best_of_all_choices(case: Mailing) -> None:
    found, reached, more = case
    kpi = made("targeting", len(found), budget=reached / len(found), **more)
    sizes = [reached] if more["spend"] == "forced" else range(reached + 1)
    choices = (choice for size in sizes for choice in combinations(found, size))
    expected = best([contacted(choice, more) for choice in choices], more)
    assert total(kpi.perfect(columns(found)[0]), len(found)) == pytest.approx(expected)


@given(targeting())
def test_random_targeting_is_the_average_of_all_blind_draws(
    case: Mailing,
) -> None:
    found, reached, more = case
    kpi = made("targeting", len(found), budget=reached / len(found), **more)
    draws = [contacted(choice, more) for choice in combinations(found, reached)]
    outcomes, score = columns(found)
    assert total(kpi.random(outcomes, score), len(found)) == pytest.approx(fmean(draws))
    assert len(found) * (kpi.random_sd(outcomes, score) or 0) == pytest.approx(pstdev(draws), abs=1e-9)


def decided(found: Sequence[Row], acted: Sequence[bool], more: dict[str, Any]) -> float:
    """The value of acting upon some rows and leaving the others alone."""
    cells = more["values"]
    names = {(True, True): "tp", (False, True): "fp", (True, False): "fn", (False, False): "tn"}
    return sum(cells[names[row[0], act]] for row, act in zip(found, acted, strict=True))


def all_decisions(found: Sequence[Row], size: int | None = None) -> list[list[bool]]:
    sizes = range(len(found) + 1) if size is None else [size]
    chosen = (choice for each in sizes for choice in combinations(range(len(found)), each))
    return [[row in choice for row in range(len(found))] for choice in chosen]


@given(outcome_value())
def test_outcome_value_adds_up_cell_by_cell(case: Decisions) -> None:
    found, more = case
    kpi = made("outcome_value", len(found), **more)
    expected = decided(found, [row[1] >= 2 for row in found], more)
    assert total(kpi.measure(*columns(found)), len(found)) == pytest.approx(expected)


@given(outcome_value())
def test_perfect_decisions_are_the_best_of_all(case: Decisions) -> None:
    found, more = case
    kpi = made("outcome_value", len(found), **more)
    expected = best([decided(found, acted, more) for acted in all_decisions(found)], more)
    assert total(kpi.perfect(columns(found)[0]), len(found)) == pytest.approx(expected)


@given(outcome_value())
def test_random_decisions_are_the_average_of_as_many_blind_ones(
    case: Decisions,
) -> None:
    found, more = case
    kpi = made("outcome_value", len(found), **more)
    acted = sum(row[1] >= 2 for row in found)
    draws = [decided(found, each, more) for each in all_decisions(found, acted)]
    outcomes, score = columns(found)
    assert total(kpi.random(outcomes, score), len(found)) == pytest.approx(fmean(draws))
    assert len(found) * (kpi.random_sd(outcomes, score) or 0) == pytest.approx(pstdev(draws), abs=1e-9)
    for everybody, figure in ((False, kpi.do_nothing(outcomes)), (True, kpi.treat_all(outcomes))):
        assert figure is not None
        assert len(found) * figure == pytest.approx(decided(found, [everybody] * len(found), more))


KPIS = st.sampled_from(
    [
        ("targeting", {"budget": 0.3, "value_per_hit": 5, "cost_per_contact": 1, "spend": "forced"}),
        ("targeting", {"budget": 0.6, "value_per_hit": 5, "cost_per_contact": 1, "spend": "optional"}),
        ("targeting", {"budget": 0.5, "value_per_hit": 5, "direction": "minimise"}),
        ("outcome_value", {"values": {"tp": 5, "fp": -1, "fn": -3, "tn": 1}, "threshold": 2}),
        ("outcome_value", {"values": {"tp": 2, "fp": 2, "fn": 9, "tn": 0}, "direction": "minimise"}),
    ]
)


@settings(max_examples=200)
@given(KPIS, rows, st.data())
def test_a_weight_is_as_good_as_repeating_the_row(
    described: tuple[str, dict[str, Any]], found: list[Row], data: st.DataObject
) -> None:
    kind, more = described
    drawn = st.lists(st.integers(0, 3), min_size=len(found), max_size=len(found)).filter(any)
    weights = np.array([data.draw(drawn), data.draw(drawn)], dtype=float)
    kpi = made(kind, len(found), **more)
    outcomes, score = columns(found)
    measured = zip(
        kpi.measure(outcomes, score)(weighed(weights)),
        kpi.perfect(outcomes)(weighed(weights)),
        kpi.random(outcomes, score)(weighed(weights)),
        weights.astype(int),
        strict=True,
    )
    for of, perfect, random, line in measured:
        repeated, scores = Outcomes.of(np.repeat(outcomes.positive, line)), np.repeat(score, line)
        rows = len(scores)
        assert rows * of == pytest.approx(total(kpi.measure(repeated, scores), rows))
        assert rows * perfect == pytest.approx(total(kpi.perfect(repeated), rows))
        assert rows * random == pytest.approx(total(kpi.random(repeated, scores), rows))


@settings(max_examples=200)
@given(KPIS, rows, st.data())
def test_what_a_row_counts_for_is_as_good_as_repeating_it(
    described: tuple[str, dict[str, Any]], found: list[Row], data: st.DataObject
) -> None:
    kind, more = described
    counts = np.array(data.draw(st.lists(st.integers(1, 3), min_size=len(found), max_size=len(found))))
    kpi = made(kind, len(found), **more)
    outcomes, score = columns(found)
    weighted = Outcomes(outcomes.target, counts.astype(float))
    repeated, scores = Outcomes.of(np.repeat(outcomes.positive, counts)), np.repeat(score, counts)
    one, rows = len(score), len(scores)
    for ours, theirs in (
        (kpi.measure(weighted, score), kpi.measure(repeated, scores)),
        (kpi.perfect(weighted), kpi.perfect(repeated)),
        (kpi.random(weighted, score), kpi.random(repeated, scores)),
    ):
        assert total(ours, one) / one == pytest.approx(total(theirs, rows) / rows)
    assert kpi.do_nothing(weighted) == pytest.approx(kpi.do_nothing(repeated))
    assert kpi.treat_all(weighted) == pytest.approx(kpi.treat_all(repeated))


@settings(max_examples=200)
@given(KPIS, rows)
def test_nothing_is_better_than_perfect(described: tuple[str, dict[str, Any]], found: list[Row]) -> None:
    kind, more = described
    kpi = made(kind, len(found), **more)
    outcomes, score = columns(found)
    rows, better = len(found), 1 if more.get("direction", "maximise") == "maximise" else -1
    perfect = better * total(kpi.perfect(outcomes), rows)
    assert perfect >= better * total(kpi.measure(outcomes, score), rows) - 1e-9
    assert perfect >= better * total(kpi.random(outcomes, score), rows) - 1e-9
