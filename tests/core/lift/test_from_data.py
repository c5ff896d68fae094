"""The expected lift of a hundred customers, with figures that can be counted by hand."""

from __future__ import annotations

from itertools import pairwise, product
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from pydantic import ValidationError

from iterata import results
from iterata.data.sources import data_file
from iterata.errors import DataError, at_field

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iterata.results import LiftResult

    Lift = Callable[..., LiftResult]


def outcome_value(**more: Any) -> dict[str, Any]:
    return {"kind": "outcome_value", "name": "profit", "unit": "EUR", **more}


class TestFromData:
    def test_bounds_are_the_counted_figures(self, lift: Lift) -> None:
        result = lift()
        scale = result.scale
        assert (scale.random.expectation.value, scale.status_quo.value, scale.perfect.value) == (2, 4, 10)
        assert (result.potential_lift.value, result.risk.value) == (6, 2)
        assert result.position is not None
        assert result.position.value == 0.25
        assert (scale.do_nothing, scale.treat_all) == (0, None)

    def test_period_scales_the_figures(self, lift: Lift) -> None:
        result = lift(period={"name": "month", "rows": 1000})
        assert (result.scale.status_quo.value, result.potential_lift.value) == (40, 60)
        assert (result.kpi.period, result.kpi.period_rows) == ("month", 1000)

    def test_budget_in_rows_refers_to_the_period(self, lift: Lift) -> None:
        result = lift({"budget": 200}, period={"name": "month", "rows": 1000})
        assert result.kpi.budget == 0.2
        assert result.scale.status_quo.value == 40

    def test_budget_in_rows_refers_to_the_data_without_a_period(self, lift: Lift) -> None:
        assert lift({"budget": 20}).kpi.budget == 0.2

    def test_budget_above_rows_is_refused(self, lift: Lift) -> None:
        with pytest.raises(DataError) as caught:
            lift({"budget": 101})
        assert caught.value.location == at_field("kpi.budget")

    def test_figures_are_within_their_intervals(self, lift: Lift) -> None:
        result = lift()
        estimates = [result.potential_lift, result.risk, result.position, result.scale.status_quo]
        for estimate in estimates:
            assert estimate is not None
            assert estimate.low <= estimate.value <= estimate.high

    def test_duplicated_rows_in_units_have_wider_intervals(self, lift: Lift, project: Path) -> None:
        text = (project / "data/customers.csv").read_text("utf-8").splitlines()
        twice = [text[0], *(line for line in text[1:] for _ in range(2))]
        (project / "data/twice.csv").write_text("\n".join(twice) + "\n", "utf-8")
        rows = lift(data={"source": "data/twice.csv"})
        units = lift(data={"source": "data/twice.csv", "unit_id": "score"})
        assert (rows.interval.unit, units.interval.unit, units.sample.units) == ("row", "score", 100)
        assert _width(units.scale.perfect) > 1.25 * _width(rows.scale.perfect)

    def test_result_depends_on_the_seed_only(self, lift: Lift) -> None:
        first, again, other = lift(seed=1), lift(seed=1), lift(seed=2)
        assert results.to_json(first) == results.to_json(again)
        assert first.potential_lift.value == other.potential_lift.value
        assert first.position != other.position

    def test_result_is_equal_after_reading_its_file(self, lift: Lift) -> None:
        result = lift(worth={"per_unit": 5, "currency": "EUR"}, project_cost=10)
        assert results.parse("lift", results.to_json(result), "lift.json") == result

    def test_provenance_has_digest_and_package_versions(self, lift: Lift, project: Path) -> None:
        path = project / "data/customers.csv"
        assert lift().provenance.data == {"projects/mail/data/customers.csv": data_file.digest(path)}
        assert {"iterata", "numpy", "pandas"} <= set(lift().provenance.packages)


class TestDirections:
    """A KPI of which less is better: potential and risk are positive if the better model has less."""

    def test_minimised_kpi_has_its_minimum_as_perfect(self, lift: Lift) -> None:
        result = lift({"direction": "minimise"})
        scale = result.scale
        assert (scale.random.expectation.value, scale.status_quo.value, scale.perfect.value) == (2, 4, 0)
        assert (result.potential_lift.value, result.risk.value) == (4, -2)
        assert result.position is not None
        assert result.position.value == -1

    def test_minimised_cost_equals_maximised_negative_cost(self, lift: Lift) -> None:
        values = {"tp": 3, "fp": 2, "fn": 10, "tn": 0}
        losses = {cell: -value for cell, value in values.items()}
        status_quo = {"status_quo": {"rule": "score > 80"}}
        cost = lift(outcome_value(values=values, direction="minimise"), status_quo)
        loss = lift(outcome_value(values=losses), status_quo)
        assert cost.potential_lift == loss.potential_lift
        assert (cost.risk, cost.position) == (loss.risk, loss.position)
        assert cost.scale.perfect.value == -loss.scale.perfect.value == 30
        assert cost.scale.do_nothing == 100
        assert cost.scale.treat_all == 30 + 180

    def test_cost_of_contacts_makes_the_kpi_worse_in_both_directions(self, lift: Lift) -> None:
        assert lift({"cost_per_contact": 0.1}).scale.status_quo.value == 4 - 2
        minimised = lift({"cost_per_contact": 0.1, "direction": "minimise"})
        assert minimised.scale.status_quo.value == 4 + 2


class TestNoPotential:
    def test_perfect_status_quo_has_no_potential(self, lift: Lift) -> None:
        result = lift(data={"status_quo": {"column": "bought"}}, project_cost=5)
        assert (result.potential_lift.value, result.potential_lift.interval) == (0, None)
        assert result.position is not None
        assert (result.position.value, result.position.interval) == (1, None)
        assert result.break_even is not None
        assert result.break_even.captured_share is None

    def test_position_is_none_if_all_models_are_equal(self, lift: Lift) -> None:
        assert lift({"budget": 1}).position is None
        assert lift({"value_per_hit": 0, "cost_per_contact": 1}).position is None

    def test_rounding_error_is_no_potential(self, lift: Lift) -> None:
        result = lift({"budget": 0.1, "value_per_hit": 0.1}, {"status_quo": {"rule": "bought * 0.1"}})
        assert result.potential_lift.value == 0
        assert result.potential_lift.interval is None

    def test_status_quo_worse_than_random_has_negative_risk(self, lift: Lift) -> None:
        result = lift(data={"status_quo": {"column": "kept"}})
        assert result.risk.value == -2

    def test_no_hit_among_few_contacts_can_still_be_a_small_share_of_hits(self, lift: Lift) -> None:
        status_quo = lift(data={"status_quo": {"column": "kept"}}).scale.status_quo
        assert (status_quo.value, status_quo.low) == (0, 0)
        exact = 20 * (1 - 0.025 ** (1 / 20))
        assert status_quo.high == pytest.approx(exact, rel=0.3)  # from few resamples


class TestBreakEven:
    def test_captured_share_repays_the_cost(self, lift: Lift) -> None:
        result = lift(worth={"per_unit": 50, "currency": "EUR"}, project_cost=75).break_even
        assert result is not None
        assert (result.potential_value, result.captured_share, result.currency) == (300, 0.25, "EUR")

    def test_unit_is_the_currency_without_worth(self, lift: Lift) -> None:
        result = lift({"unit": "EUR", "value_per_hit": 50}, project_cost=75).break_even
        assert result is not None
        assert (result.potential_value, result.captured_share, result.currency) == (300, 0.25, "EUR")

    def test_break_even_is_none_without_cost(self, lift: Lift) -> None:
        assert lift(worth={"per_unit": 50, "currency": "EUR"}).break_even is None


class TestMissingData:
    def test_missing_file_is_refused_with_its_command(self, lift: Lift, project: Path) -> None:
        with pytest.raises(DataError) as caught:
            lift(data={"source": "data/gone.csv", "made_by": "make data"})
        assert "`make data`" in caught.value.remedy


def _width(estimate: results.Estimate) -> float:
    return estimate.high - estimate.low


class TestByDepth:
    """The KPI at other budgets."""

    def test_points_equal_the_lift_with_that_budget(self, lift: Lift) -> None:
        points = {point.depth: point for point in lift().by_depth}
        for budget in (0.05, 0.3, 1):
            scale, point = lift({"budget": budget}).scale, points[budget]
            result = (scale.random.expectation.value, scale.status_quo.value, scale.perfect.value)
            assert result == pytest.approx((point.random, point.status_quo, point.perfect))

    def test_budget_is_one_of_the_depths(self, lift: Lift) -> None:
        assert 0.137 in [point.depth for point in lift({"budget": 0.137}).by_depth]

    def test_perfect_model_is_linear_between_points(self, lift: Lift) -> None:
        """Its curve bends at the share of positives, which is one of the depths."""
        kept = {"target": "kept"}
        assert 0.9 in [point.depth for point in lift(data=kept).by_depth]
        for direction, spend in product(("maximise", "minimise"), ("optional", "forced")):
            kpi = {"direction": direction, "spend": spend, "cost_per_contact": 0.1}
            for one, other in pairwise(lift(kpi, kept, resamples=200).by_depth):
                budget = (one.depth + other.depth) / 2
                between = lift({**kpi, "budget": budget}, kept, resamples=200).scale.perfect.value
                assert between == pytest.approx((one.perfect + other.perfect) / 2)

    def test_kpi_without_budget_has_no_points(self, lift: Lift) -> None:
        values = {"tp": 1, "fp": 0, "fn": 0, "tn": 0}
        assert lift(outcome_value(values=values), {"status_quo": {"rule": "score > 80"}}).by_depth == []


class TestStopping:
    """The budget is 20 of 100 rows, 10 of which are positive; a hit is worth 10, a contact costs 1."""

    KPI: ClassVar = {"value_per_hit": 10, "cost_per_contact": 1, "spend": "optional"}

    def test_perfect_ranking_that_stops_has_no_potential_left(self, lift: Lift) -> None:
        spends = lift(self.KPI, {"status_quo": {"column": "bought"}})
        assert (spends.scale.status_quo.value, spends.scale.perfect.value) == (80, 90)
        assert spends.scale.contacts is not None
        assert spends.scale.contacts.only_perfect_stops
        stops = lift(self.KPI, {"status_quo": {"column": "bought", "stop_below": 0.5}})
        assert (stops.scale.status_quo.value, stops.potential_lift.value) == (90, 0)
        assert stops.scale.contacts == results.Contacts(budget=0.2, status_quo=0.1, perfect=0.1)
        assert [point.status_quo for point in stops.by_depth if point.depth >= 0.1] == pytest.approx(
            [90] * sum(point.depth >= 0.1 for point in stops.by_depth)
        )

    def test_forced_spend_cannot_stop(self, lift: Lift) -> None:
        with pytest.raises(ValidationError):
            lift(data={"status_quo": {"column": "score", "stop_below": 50}})
        assert lift().scale.contacts is None
