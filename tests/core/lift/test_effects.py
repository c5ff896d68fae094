"""The expected lift of treatment effects, from a campaign and from assumed rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from iterata.data.sources.in_memory import InMemoryTable
from iterata.documents.models.lift import LiftSpec
from iterata.errors import DataError, at_field
from iterata.lift.from_assumptions import compute
from iterata.lift.from_data import lift_of_table
from iterata.render.lift.table import render

if TYPE_CHECKING:
    from tests.helpers.golden import Golden

    from iterata.results import LiftResult

NOBODY = {"constant": 0, "stop_below": 1}


@pytest.fixture(scope="module")
def campaign() -> pd.DataFrame:
    """1,200 rows: the older half reacts to the mail, the younger half does not."""
    row = np.arange(1200)
    age, mailed, place = 20 + row % 60, row // 60 % 2, row // 120
    rate = np.where((age >= 50) & (mailed == 1), 5, 2)
    return pd.DataFrame(
        {
            "age": age,
            "mailed": np.where(mailed == 1, "mail", "none"),
            "bought": (place < rate).astype(int),
            "amount": (place < rate) * (age + 0.5),
            "region": np.where(row % 4 < 2, "north", "south"),
            "receipt": place,
        }
    )


def lift_of(table: pd.DataFrame, kpi: dict[str, Any], **keys: Any) -> LiftResult:
    data = {
        "source": "rows",
        "target": "bought",
        "treated": {"column": "mailed", "value": "mail", "probability": 0.5},
        "status_quo": NOBODY,
        "known_after": ["receipt", "amount"],
        **keys.pop("data", {}),
    }
    spec = LiftSpec.model_validate(
        {
            "kpi": {"kind": "uplift", "name": "purchases caused", "unit": "purchases", **kpi},
            "data": data,
            "resamples": 300,
            **keys,
        }
    )
    return lift_of_table(spec, InMemoryTable.of(table, "rows in memory"))


class TestFromData:
    def test_nobody_gains_nothing_and_perfect_is_an_interval(self, campaign: pd.DataFrame) -> None:
        result = lift_of(campaign, {})
        ends = result.scale.perfect_identified
        assert ends is not None
        assert result.scale.status_quo.value == 0
        assert result.scale.treat_all == pytest.approx(180)  # 30 more of 100 in half of the rows
        assert (ends.lower.value, ends.upper.value) == pytest.approx((180, 420))  # p1 - p0 and p1
        assert result.potential_lift == ends.upper
        assert result.potential_lift_identified == ends
        assert result.curve is None
        assert result.balance is not None
        assert result.balance.columns == 3  # age, and both regions
        assert result.balance.sample_ratio is not None
        assert result.balance.sample_ratio.p == 1

    def test_small_budget_leaves_one_perfect_model(self, campaign: pd.DataFrame) -> None:
        result = lift_of(campaign, {"budget": 0.1})
        ends = result.scale.perfect_identified
        assert ends is not None
        assert ends.point is not None
        assert ends.point.value == pytest.approx(120)
        assert "lower end" not in render(result)

    def test_rule_is_a_stratum_of_the_bounds(self, campaign: pd.DataFrame) -> None:
        rule = {"rule": "age >= 50", "stop_below": 1}
        result = lift_of(campaign, {"budget": 0.5}, data={"status_quo": rule})
        assert result.scale.status_quo.value == pytest.approx(180)
        lift = result.potential_lift_identified
        assert lift is not None
        assert lift.lower.value == pytest.approx(0, abs=1e-6)
        assert lift.upper.value == pytest.approx(600 * 0.5 + 600 * 0.2 - 180)

    def test_scores_have_a_curve_and_other_budgets(self, campaign: pd.DataFrame) -> None:
        result = lift_of(campaign, {"budget": 0.5}, data={"status_quo": {"column": "age"}})
        assert result.curve is not None
        points = {point.depth: point.gain for point in result.curve.points}
        assert points[0.5] == pytest.approx(0.15)
        assert points[1.0] == pytest.approx(0.15)
        assert result.curve.area.value == pytest.approx(0.15 / 4, abs=0.003)
        by_depth = {point.depth: point for point in result.by_depth}
        assert by_depth[0.5].status_quo == pytest.approx(180)
        assert by_depth[1.0].perfect == pytest.approx(420)
        assert by_depth[1.0].perfect_lower == pytest.approx(180)
        assert result.gain_error is not None
        assert 10 < result.gain_error < 40

    def test_cost_repays_at_one_end_only(self, campaign: pd.DataFrame, golden: Golden) -> None:
        result = lift_of(
            campaign,
            {"budget": 0.3, "strata": ["region"]},
            project_cost=1000,
            worth={"per_unit": 5, "currency": "EUR"},
            period={"name": "mailing", "rows": 1200},
            data={"status_quo": {"column": "age", "label": "oldest first"}},
        )
        assert result.split_test is not None
        assert result.split_test.detected_gain == pytest.approx(200)
        golden.check("effects_of_a_campaign", render(result))

    def test_page_of_a_number_without_a_declared_design(self, campaign: pd.DataFrame, golden: Golden) -> None:
        data = {
            "target": "amount",
            "treated": {"column": "mailed", "value": "mail"},
            "known_after": ["bought"],
        }
        result = lift_of(campaign, {"outcome": "number", "budget": 0.5}, data=data)
        assert result.uplift is not None
        assert result.uplift.plug_in_lower is not None
        golden.check("effects_on_a_number", render(result))

    @pytest.mark.parametrize(
        ("data", "field"),
        [
            ({"status_quo": {"rule": "mailed == 'mail'"}}, "status_quo.rule"),
            ({"status_quo": {"value": 5000}}, "status_quo.value"),
            ({"status_quo": {"rule": "(age == 20) * (receipt == 9)", "stop_below": 1}}, ""),
        ],
    )
    def test_status_quo_without_a_gain_is_refused(
        self, campaign: pd.DataFrame, data: dict[str, Any], field: str
    ) -> None:
        table = campaign[~((campaign.age == 20) & (campaign.mailed == "none") & (campaign.receipt == 9))]
        with pytest.raises(DataError) as caught:
            lift_of(table.reset_index(drop=True), {}, data=data)
        assert caught.value.location == at_field(field or "status_quo")

    @pytest.mark.parametrize(
        ("kpi", "data", "place"),
        [
            ({}, {"treated": None}, ("data",)),
            ({}, {"treated": {"column": "bought"}}, ("data", "treated", "column")),
            ({}, {"status_quo": {"column": "mailed"}}, ("data", "status_quo", "column")),
            ({}, {"weights": {"base_rate": 0.1}}, ("data", "weights", "base_rate")),
            ({"strata": ["region", "receipt"]}, {}, ("kpi", "strata", 1)),
            ({"value_per_outcome": 0}, {}, ("kpi", "uplift")),
        ],
    )
    def test_description_that_is_no_campaign_is_refused_at_its_key(
        self, campaign: pd.DataFrame, kpi: dict[str, Any], data: dict[str, Any], place: tuple[str | int, ...]
    ) -> None:
        with pytest.raises(ValidationError) as caught:
            lift_of(campaign, kpi, data=data)
        assert caught.value.errors()[0]["loc"] == place


def assumed(kpi: dict[str, Any] | None = None, **assumptions: Any) -> LiftResult:
    keys = {"base_rate": 0.2, "effect": 0.05, "status_quo": {"action_rate": 0}, **assumptions}
    spec = LiftSpec.model_validate(
        {
            "kpi": {"kind": "uplift", "name": "kept", "unit": "customers", **(kpi or {})},
            "assumptions": {name: value for name, value in keys.items() if value is not None},
            "period": {"name": "month", "rows": 1000},
        }
    )
    return compute(spec)


class TestFromAssumptions:
    @pytest.mark.parametrize(
        ("kpi", "assumptions", "figures"),
        [  # status quo, perfect at both ends
            ({}, {}, (0, 50, 250)),
            ({}, {"effect": None, "treated_rate": 0.25}, (0, 50, 250)),
            ({"budget": 0.1}, {}, (0, 50, 100)),
            ({"turned_away_at_most": 0.01}, {}, (0, 50, 60)),
            ({"cost_per_contact": 0.1, "budget": 0.2}, {}, (0, 45, 180)),
            (
                {"cost_per_contact": 0.1, "budget": 0.2, "spend": "forced"},
                {"status_quo": {"uplift": 0.1}},
                (0, 30, 180),
            ),
            ({"budget": 0.2}, {"status_quo": {"uplift": 0.1}}, (20, 50, 200)),
            ({"budget": 0.2}, {"status_quo": {"action_rate": 0.1, "uplift": 0.3}}, (30, 50, 200)),
            ({"budget": 0.2}, {"status_quo": {"capture": 0.4}}, (20, 50, 200)),
            ({"budget": 0.2}, {"status_quo": {"kpi": 15}}, (15, 50, 200)),
            ({}, {"status_quo": {"action_rate": 1}}, (50, 50, 250)),
            ({"direction": "minimise"}, {"effect": -0.05}, (0, -50, -200)),
        ],
    )
    def test_bounds_are_those_of_the_formula(
        self, kpi: dict[str, Any], assumptions: dict[str, Any], figures: tuple[float, float, float]
    ) -> None:
        result = assumed(kpi, **assumptions)
        ends, lift = result.scale.perfect_identified, result.potential_lift_identified
        assert ends is not None
        assert lift is not None
        sign = result.kpi.direction.sign
        found = sorted([ends.lower.value, ends.upper.value], key=lambda value: sign * value)
        assert (result.scale.status_quo.value, *found) == pytest.approx(figures, abs=1e-9)
        assert lift.lower.value == pytest.approx(sign * (figures[1] - figures[0]), abs=1e-9)
        assert lift.upper.value == pytest.approx(sign * (figures[2] - figures[0]), abs=1e-9)

    def test_ranges_widen_both_ends(self) -> None:
        result = assumed({"budget": 0.3}, effect=[0.02, 0.05, 0.08], base_rate=[0.1, 0.3])
        lift = result.potential_lift_identified
        assert lift is not None
        assert lift.widened is not None
        assert lift.widened[0] < lift.lower.value < lift.upper.value < lift.widened[1]
        assert result.assumed is not None
        assert {entry.name for entry in result.assumed.sensitivity} == {"base_rate", "effect"}
        assert "The assumptions widen" in render(result)

    @pytest.mark.parametrize(
        ("kpi", "assumptions", "place"),
        [
            ({}, {"effect": None}, ()),
            ({}, {"treated_rate": 0.3}, ()),
            ({}, {"base_rate": None}, ()),
            ({}, {"effect": 0.9}, ("effect",)),
            ({}, {"status_quo": {"action_rate": 0.5}}, ("status_quo", "action_rate")),
            ({}, {"status_quo": {"precision": 0.5}}, ("status_quo",)),
            ({"budget": 0.9}, {"status_quo": {"uplift": 0.9}}, ("status_quo", "uplift")),
            ({"outcome": "number"}, {}, ()),
            ({}, {"values": {"value_per_hit": 3}}, ("values", "value_per_hit")),
        ],
    )
    def test_incomplete_or_impossible_assumptions_are_refused_at_their_key(
        self, kpi: dict[str, Any], assumptions: dict[str, Any], place: tuple[str, ...]
    ) -> None:
        with pytest.raises(ValidationError) as caught:
            assumed(kpi, **assumptions)
        assert caught.value.errors()[0]["loc"] == ("assumptions", *place)

    def test_effect_of_a_kpi_of_hits_is_refused(self) -> None:
        with pytest.raises(ValidationError) as caught:
            assumed({"kind": "targeting", "budget": 0.1}, status_quo={"capture": 0.2})
        assert caught.value.errors()[0]["loc"] == ("assumptions", "effect")
