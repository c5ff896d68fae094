"""Every KPI against loops over all possibilities: all orders of ties, all choices, all random draws."""

from __future__ import annotations

from itertools import combinations, permutations
from statistics import fmean, pstdev
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from iterata.documents.models.kpi import KpiSpec
from iterata.measure.kpi import from_spec
from iterata.measure.outcomes import Outcomes
from iterata.measure.weightings import RowByRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iterata.arrays import Floats
    from iterata.measure.kpi import Kpi
    from iterata.measure.measures import Measure

Row = tuple[bool, int]
"""Whether it is positive, and its score."""

Mailing = tuple[list[Row], int, dict[str, Any]]
"""Rows, how many of them the budget allows, and the other keys of the KPI."""

Decisions = tuple[list[Row], dict[str, Any]]
"""Rows, and the keys of the KPI."""

rows = st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=1, max_size=6)
amounts = st.integers(-4, 4)
directions = st.sampled_from(["maximise", "minimise"])


@st.composite
def targeting(draw: st.DrawFn) -> Mailing:
    population = draw(rows)
    allowed = draw(st.integers(1, len(population)))
    keys = {
        "value_per_hit": draw(amounts),
        "cost_per_contact": draw(st.integers(0, 3)),
        "spend": draw(st.sampled_from(["forced", "optional"])),
        "direction": draw(directions),
    }
    return population, allowed, keys


@st.composite
def outcome_value(draw: st.DrawFn) -> Decisions:
    cells = {cell: draw(amounts) for cell in ("tp", "fp", "fn", "tn")}
    return draw(rows), {"values": cells, "threshold": 2, "direction": draw(directions)}


def make_kpi(kind: str, rows: int, **keys: Any) -> Kpi:
    spec = TypeAdapter(KpiSpec).validate_python({"kind": kind, "name": "n", "unit": "u", **keys})
    return from_spec(spec, rows)


def columns(population: Sequence[Row]) -> tuple[Outcomes, Floats]:
    positive = np.array([row[0] for row in population], dtype=bool)
    return Outcomes.of(positive), np.array([row[1] for row in population], dtype=float)


def total(measure: Measure, rows: int) -> float:
    """The KPI of all rows, from the KPI per row."""
    return rows * measure.on_sample(rows)


def value_of_contacts(chosen: Iterable[Row], keys: dict[str, Any]) -> float:
    """The value of contacting these rows. A cost makes the KPI worse in either direction."""
    cost = keys["cost_per_contact"] * (1 if keys["direction"] == "maximise" else -1)
    return sum(keys["value_per_hit"] * row[0] - cost for row in chosen)


def best(values: Iterable[float], keys: dict[str, Any]) -> float:
    return max(values) if keys["direction"] == "maximise" else min(values)


@given(targeting())
def test_targeting_is_the_mean_over_all_orders_of_ties(case: Mailing) -> None:
    population, allowed, keys = case
    kpi = make_kpi("targeting", len(population), budget=allowed / len(population), **keys)
    orders = [sorted(order, key=lambda row: -row[1]) for order in permutations(population)]
    expected = fmean(value_of_contacts(order[:allowed], keys) for order in orders)
    assert total(kpi.measure(*columns(population)), len(population)) == pytest.approx(expected)


@given(targeting())
def test_perfect_targeting_is_the_best_of_all_choices(case: Mailing) -> None:
    population, allowed, keys = case
    kpi = make_kpi("targeting", len(population), budget=allowed / len(population), **keys)
    sizes = [allowed] if keys["spend"] == "forced" else range(allowed + 1)
    choices = (choice for size in sizes for choice in combinations(population, size))
    expected = best([value_of_contacts(choice, keys) for choice in choices], keys)
    assert total(kpi.perfect(columns(population)[0]), len(population)) == pytest.approx(expected)


@given(targeting())
def test_random_targeting_is_the_mean_of_all_draws(case: Mailing) -> None:
    population, allowed, keys = case
    kpi = make_kpi("targeting", len(population), budget=allowed / len(population), **keys)
    draws = [value_of_contacts(choice, keys) for choice in combinations(population, allowed)]
    outcomes, score = columns(population)
    assert total(kpi.random(outcomes, score), len(population)) == pytest.approx(fmean(draws))
    assert len(population) * (kpi.random_sd(outcomes, score) or 0) == pytest.approx(pstdev(draws), abs=1e-9)


def value_of(population: Sequence[Row], acts: Sequence[bool], keys: dict[str, Any]) -> float:
    """The value of acting on some rows and not on the others."""
    cells = keys["values"]
    names = {(True, True): "tp", (False, True): "fp", (True, False): "fn", (False, False): "tn"}
    return sum(cells[names[row[0], act]] for row, act in zip(population, acts, strict=True))


def all_decisions(population: Sequence[Row], size: int | None = None) -> list[list[bool]]:
    sizes = range(len(population) + 1) if size is None else [size]
    choices = (choice for number in sizes for choice in combinations(range(len(population)), number))
    return [[row in choice for row in range(len(population))] for choice in choices]


@given(outcome_value())
def test_outcome_value_is_the_sum_over_the_confusion_matrix(case: Decisions) -> None:
    population, keys = case
    kpi = make_kpi("outcome_value", len(population), **keys)
    expected = value_of(population, [row[1] >= 2 for row in population], keys)
    assert total(kpi.measure(*columns(population)), len(population)) == pytest.approx(expected)


@given(outcome_value())
def test_perfect_decisions_are_the_best_of_all(case: Decisions) -> None:
    population, keys = case
    kpi = make_kpi("outcome_value", len(population), **keys)
    expected = best([value_of(population, acted, keys) for acted in all_decisions(population)], keys)
    assert total(kpi.perfect(columns(population)[0]), len(population)) == pytest.approx(expected)


@given(outcome_value())
def test_random_decisions_are_the_mean_of_all_draws_of_as_many_rows(case: Decisions) -> None:
    population, keys = case
    kpi = make_kpi("outcome_value", len(population), **keys)
    acted = sum(row[1] >= 2 for row in population)
    draws = [value_of(population, acts, keys) for acts in all_decisions(population, acted)]
    outcomes, score = columns(population)
    assert total(kpi.random(outcomes, score), len(population)) == pytest.approx(fmean(draws))
    assert len(population) * (kpi.random_sd(outcomes, score) or 0) == pytest.approx(pstdev(draws), abs=1e-9)
    for acts, figure in ((False, kpi.do_nothing(outcomes)), (True, kpi.treat_all(outcomes))):
        assert figure is not None
        assert len(population) * figure == pytest.approx(value_of(population, [acts] * len(population), keys))


@given(outcome_value())
def test_coin_tosses_are_the_mean_of_all_decisions(case: Decisions) -> None:
    population, keys = case
    kpi = make_kpi("outcome_value", len(population), random="half", **keys)
    draws = [value_of(population, acts, keys) for acts in all_decisions(population)]
    outcomes, score = columns(population)
    assert total(kpi.random(outcomes, score), len(population)) == pytest.approx(fmean(draws))
    assert len(population) * (kpi.random_sd(outcomes, score) or 0) == pytest.approx(pstdev(draws), abs=1e-9)


@given(outcome_value())
def test_random_decisions_at_the_base_rate_act_on_as_many_rows_as_are_positive(case: Decisions) -> None:
    population, keys = case
    kpi = make_kpi("outcome_value", len(population), random="base_rate", **keys)
    positives = sum(row[0] for row in population)
    draws = [value_of(population, acts, keys) for acts in all_decisions(population, positives)]
    outcomes, score = columns(population)
    assert total(kpi.random(outcomes, score), len(population)) == pytest.approx(fmean(draws))
    assert len(population) * (kpi.random_sd(outcomes, score) or 0) == pytest.approx(pstdev(draws), abs=1e-9)


KPIS = st.sampled_from(
    [
        ("targeting", {"budget": 0.3, "value_per_hit": 5, "cost_per_contact": 1, "spend": "forced"}),
        ("targeting", {"budget": 0.6, "value_per_hit": 5, "cost_per_contact": 1, "spend": "optional"}),
        ("targeting", {"budget": 0.5, "value_per_hit": 5, "direction": "minimise"}),
        ("outcome_value", {"values": {"tp": 5, "fp": -1, "fn": -3, "tn": 1}, "threshold": 2}),
        ("outcome_value", {"values": {"tp": 2, "fp": 2, "fn": 9, "tn": 0}, "direction": "minimise"}),
    ]
)


@given(KPIS, rows, st.data())
def test_resampling_weight_equals_repeating_the_row(
    described: tuple[str, dict[str, Any]], population: list[Row], data: st.DataObject
) -> None:
    kind, keys = described
    drawn = st.lists(st.integers(0, 3), min_size=len(population), max_size=len(population)).filter(any)
    weights = np.array([data.draw(drawn), data.draw(drawn)], dtype=float)
    kpi = make_kpi(kind, len(population), **keys)
    outcomes, score = columns(population)
    figures = zip(
        kpi.measure(outcomes, score)(RowByRow.of(weights)),
        kpi.perfect(outcomes)(RowByRow.of(weights)),
        kpi.random(outcomes, score)(RowByRow.of(weights)),
        weights.astype(int),
        strict=True,
    )
    for predicted, perfect, random, line in figures:
        repeated, scores = Outcomes.of(np.repeat(outcomes.positive, line)), np.repeat(score, line)
        rows = len(scores)
        assert rows * predicted == pytest.approx(total(kpi.measure(repeated, scores), rows))
        assert rows * perfect == pytest.approx(total(kpi.perfect(repeated), rows))
        assert rows * random == pytest.approx(total(kpi.random(repeated, scores), rows))


@given(KPIS, rows, st.data())
def test_sample_weight_equals_repeating_the_row(
    described: tuple[str, dict[str, Any]], population: list[Row], data: st.DataObject
) -> None:
    kind, keys = described
    counts = np.array(
        data.draw(st.lists(st.integers(1, 3), min_size=len(population), max_size=len(population)))
    )
    kpi = make_kpi(kind, len(population), **keys)
    outcomes, score = columns(population)
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


@given(KPIS, rows)
def test_nothing_is_better_than_perfect(described: tuple[str, dict[str, Any]], population: list[Row]) -> None:
    kind, keys = described
    kpi = make_kpi(kind, len(population), **keys)
    outcomes, score = columns(population)
    rows, better = len(population), 1 if keys.get("direction", "maximise") == "maximise" else -1
    perfect = better * total(kpi.perfect(outcomes), rows)
    assert perfect >= better * total(kpi.measure(outcomes, score), rows) - 1e-9
    assert perfect >= better * total(kpi.random(outcomes, score), rows) - 1e-9
