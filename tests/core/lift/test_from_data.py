"""The expected lift of a hundred customers, counted by hand."""

from __future__ import annotations

from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import pytest

from iterata import results
from iterata.data.sources import data_file
from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iterata.results import LiftResult

    Lift = Callable[..., LiftResult]


def outcome_value(**more: Any) -> dict[str, Any]:
    return {"kind": "outcome_value", "name": "profit", "unit": "EUR", **more}


class TestFromData:
    def test_the_bounds_are_what_one_counts(self, lift: Lift) -> None:
        found = lift()
        scale = found.scale
        assert (scale.random.expectation.value, scale.status_quo.value, scale.perfect.value) == (2, 4, 10)
        assert (found.potential_lift.value, found.risk.value) == (6, 2)
        assert found.position is not None
        assert found.position.value == 0.25
        assert (scale.do_nothing, scale.treat_all) == (0, None)

    def test_a_period_scales_them(self, lift: Lift) -> None:
        found = lift(period={"name": "month", "rows": 1000})
        assert (found.scale.status_quo.value, found.potential_lift.value) == (40, 60)
        assert (found.kpi.period, found.kpi.period_rows) == ("month", 1000)

    def test_a_numbered_budget_is_a_number_of_the_periods_rows(self, lift: Lift) -> None:
        found = lift({"budget": 200}, period={"name": "month", "rows": 1000})
        assert found.kpi.budget == 0.2
        assert found.scale.status_quo.value == 40

    def test_without_a_period_it_is_a_number_of_these_rows(self, lift: Lift) -> None:
        assert lift({"budget": 20}).kpi.budget == 0.2

    def test_a_budget_larger_than_that_is_refused(self, lift: Lift) -> None:
        with pytest.raises(DataError, match="101 is more than the 100 rows") as caught:
            lift({"budget": 101})
        assert caught.value.where == "kpi.budget"

    def test_every_figure_lies_within_its_interval(self, lift: Lift) -> None:
        found = lift()
        estimates = [found.potential_lift, found.risk, found.position, found.scale.status_quo]
        for estimate in estimates:
            assert estimate is not None
            assert estimate.low <= estimate.value <= estimate.high

    def test_units_widen_the_interval_of_what_they_share(self, lift: Lift, project: Path) -> None:
        text = (project / "data/customers.csv").read_text("utf-8").splitlines()
        twice = [text[0], *(line for line in text[1:] for _ in range(2))]
        (project / "data/twice.csv").write_text("\n".join(twice) + "\n", "utf-8")
        rows = lift(data={"source": "data/twice.csv"})
        units = lift(data={"source": "data/twice.csv", "unit_id": "score"})
        assert (rows.interval.unit, units.interval.unit, units.sample.units) == ("row", "score", 100)
        assert _width(units.scale.perfect) > 1.25 * _width(rows.scale.perfect)

    def test_equal_runs_say_the_same_and_another_seed_does_not(self, lift: Lift) -> None:
        first, again, other = lift(seed=1), lift(seed=1), lift(seed=2)
        assert results.to_json(first) == results.to_json(again)
        assert first.potential_lift.value == other.potential_lift.value
        assert first.position != other.position

    def test_the_result_survives_its_file(self, lift: Lift) -> None:
        found = lift(worth={"per_unit": 5, "currency": "EUR"}, project_cost=10)
        assert results.parse("lift", results.to_json(found), "lift.json") == found

    def test_the_data_are_identified(self, lift: Lift, project: Path) -> None:
        path = project / "data/customers.csv"
        assert lift().provenance.data == {"projects/mail/data/customers.csv": data_file.digest(path)}
        assert {"iterata", "numpy", "pandas"} <= set(lift().provenance.packages)


class TestDirections:
    """Churn among those acted upon: less is better, and potential and risk are still counted upwards."""

    def test_less_is_better(self, lift: Lift) -> None:
        found = lift({"direction": "minimise"})
        scale = found.scale
        assert (scale.random.expectation.value, scale.status_quo.value, scale.perfect.value) == (2, 4, 0)
        assert (found.potential_lift.value, found.risk.value) == (4, -2)
        assert found.position is not None
        assert found.position.value == -1

    def test_a_minimised_cost_mirrors_a_maximised_loss(self, lift: Lift) -> None:
        values = {"tp": 3, "fp": 2, "fn": 10, "tn": 0}
        losses = {cell: -value for cell, value in values.items()}
        today = {"status_quo": {"rule": "score > 80"}}
        cost = lift(outcome_value(values=values, direction="minimise"), today)
        loss = lift(outcome_value(values=losses), today)
        assert cost.potential_lift == loss.potential_lift
        assert (cost.risk, cost.position) == (loss.risk, loss.position)
        assert cost.scale.perfect.value == -loss.scale.perfect.value == 30
        assert cost.scale.do_nothing == 100
        assert cost.scale.treat_all == 30 + 180

    def test_a_contact_that_costs_is_a_burden_either_way(self, lift: Lift) -> None:
        assert lift({"cost_per_contact": 0.1}).scale.status_quo.value == 4 - 2
        minimised = lift({"cost_per_contact": 0.1, "direction": "minimise"})
        assert minimised.scale.status_quo.value == 4 + 2


class TestHeadroom:
    def test_a_status_quo_that_is_perfect_leaves_none(self, lift: Lift) -> None:
        found = lift(data={"status_quo": {"column": "bought"}}, project_cost=5)
        assert (found.potential_lift.value, found.potential_lift.high) == (0, 0)
        assert found.position is not None
        assert (found.position.value, found.position.low) == (1, 1)
        assert found.break_even is not None
        assert found.break_even.captured_share is None

    def test_where_knowing_changes_nothing_there_is_no_position(self, lift: Lift) -> None:
        assert lift({"budget": 1}).position is None
        assert lift({"value_per_hit": 0, "cost_per_contact": 1}).position is None

    def test_rounding_is_no_headroom(self, lift: Lift) -> None:
        found = lift({"budget": 0.1, "value_per_hit": 0.1}, {"status_quo": {"rule": "bought * 0.1"}})
        assert found.potential_lift.value == 0
        assert found.potential_lift.high >= 0

    def test_a_status_quo_worse_than_random_has_a_negative_risk(self, lift: Lift) -> None:
        found = lift(data={"status_quo": {"column": "kept"}})
        assert found.risk.value == -2
        assert found.risk.high < 0


class TestBreakEven:
    def test_the_share_that_repays_the_project(self, lift: Lift) -> None:
        found = lift(worth={"per_unit": 50, "currency": "EUR"}, project_cost=75).break_even
        assert found is not None
        assert (found.potential_value, found.captured_share, found.currency) == (300, 0.25, "EUR")

    def test_a_unit_that_is_money_needs_no_worth(self, lift: Lift) -> None:
        found = lift({"unit": "EUR", "value_per_hit": 50}, project_cost=75).break_even
        assert found is not None
        assert (found.potential_value, found.captured_share, found.currency) == (300, 0.25, "EUR")

    def test_no_cost_no_break_even(self, lift: Lift) -> None:
        assert lift(worth={"per_unit": 50, "currency": "EUR"}).break_even is None


class TestOutside:
    def test_missing_data_name_their_maker_and_write_nothing(self, lift: Lift, project: Path) -> None:
        before = sorted(project.rglob("*"))
        with pytest.raises(DataError) as caught:
            lift(data={"source": "data/gone.csv", "made_by": "make data"})
        assert "`make data`" in caught.value.remedy
        assert sorted(project.rglob("*")) == before


def _width(estimate: results.Estimate) -> float:
    return estimate.high - estimate.low


class TestByDepth:
    """The curves of a campaign: what another budget would come to."""

    def test_they_are_what_another_budget_gives(self, lift: Lift) -> None:
        points = {point.depth: point for point in lift().by_depth}
        for budget in (0.05, 0.3, 1):
            scale, point = lift({"budget": budget}).scale, points[budget]
            found = (scale.random.expectation.value, scale.status_quo.value, scale.perfect.value)
            assert found == pytest.approx((point.random, point.status_quo, point.perfect))

    def test_the_budget_is_among_them(self, lift: Lift) -> None:
        assert 0.137 in [point.depth for point in lift({"budget": 0.137}).by_depth]

    def test_the_perfect_model_turns_where_its_first_choices_end(self, lift: Lift) -> None:
        """A curve drawn through the points bends nowhere else."""
        kept = {"target": "kept"}
        assert 0.9 in [point.depth for point in lift(data=kept).by_depth]
        for direction, spend in product(("maximise", "minimise"), ("optional", "forced")):
            kpi = {"direction": direction, "spend": spend, "cost_per_contact": 0.1}
            for one, other in pairwise(lift(kpi, kept, resamples=200).by_depth):
                budget = (one.depth + other.depth) / 2
                between = lift({**kpi, "budget": budget}, kept, resamples=200).scale.perfect.value
                assert between == pytest.approx((one.perfect + other.perfect) / 2)

    def test_other_kinds_have_none(self, lift: Lift) -> None:
        values = {"tp": 1, "fp": 0, "fn": 0, "tn": 0}
        assert lift(outcome_value(values=values), {"status_quo": {"rule": "score > 80"}}).by_depth == []
