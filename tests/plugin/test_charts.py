"""Positions of labels, bars and curves in charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment

from iterata.documents.models.enums import Direction
from iterata.knowledge import TrajectoryPoint
from iterata.render.estimates import TOO_FEW
from iterata.results import Estimate
from iterata.site.charts.axis import CHARACTER, NARROWEST, Axis, place
from iterata.site.charts.depth import HEIGHT, depth
from iterata.site.charts.once import Drawings
from iterata.site.charts.scale import scale
from iterata.site.charts.tornado import tornado
from iterata.site.charts.trajectory import trajectories

if TYPE_CHECKING:
    from iterata.results import ExperimentResult, LiftResult
    from iterata.site.charts.axis import LabelPosition
    from iterata.site.charts.forest import ForestRow


FIGURES = st.floats(-1e9, 1e9, allow_nan=False)


@given(st.lists(FIGURES, min_size=1), st.sampled_from(Direction))
def test_axis_positions_values_with_better_to_the_right(values: list[float], direction: Direction) -> None:
    axis = Axis.over(values, direction)
    ordered = sorted(values, reverse=direction is Direction.MINIMISE)
    places = [axis.at(value) for value in ordered]
    assert places == sorted(places)
    assert all(0 <= place <= 100 for place in places)


@given(st.lists(FIGURES, min_size=1))
def test_axis_has_few_distinct_ticks(values: list[float]) -> None:
    ticks = Axis.over(values, Direction.MAXIMISE).ticks
    assert 1 <= len(ticks) <= 9
    assert [tick.x for tick in ticks] == sorted({tick.x for tick in ticks})


LABELS = st.lists(st.tuples(st.floats(0, 100), st.text("abc ", min_size=1, max_size=26)), max_size=6)


def extent(placed: LabelPosition, text: str) -> tuple[float, float]:
    width = 100 * CHARACTER * len(text) / NARROWEST
    left = placed.x - {"start": 0, "middle": width / 2, "end": width}[placed.anchor]
    return left, left + width


@given(LABELS)
def test_labels_do_not_touch_or_leave_the_drawing(labels: list[tuple[float, str]]) -> None:
    placed = place(labels)
    extents = [extent(position, text) for position, (_, text) in zip(placed, labels, strict=True)]
    assert all(left >= -0.01 and right <= 100.01 for left, right in extents if right - left <= 50)
    for i, (left, right) in enumerate(extents):
        for j, (other_left, other_right) in enumerate(extents[:i]):
            assert (
                placed[i].lane != placed[j].lane or right <= other_left + 0.01 or other_right <= left + 0.01
            )


def test_distant_labels_share_the_first_lane() -> None:
    assert [position.lane for position in place([(0, "Random"), (50, "Today"), (100, "Perfect")])] == [
        0,
        0,
        0,
    ]


def estimate(value: float) -> Estimate:
    return Estimate(value=value, low=value - 5, high=value + 5)


def with_bounds(result: LiftResult, random: Estimate, status_quo: Estimate, perfect: Estimate) -> LiftResult:
    uninformed = result.scale.random.model_copy(update={"expectation": random})
    bounds = {"random": uninformed, "status_quo": status_quo, "perfect": perfect}
    return result.model_copy(update={"scale": result.scale.model_copy(update=bounds)})


def rows_of(result: LiftResult | ExperimentResult) -> dict[str, ForestRow]:
    return {row.name: row for row in scale(result).forest.rows}


def between(low: float, high: float) -> Estimate:
    return Estimate(value=(low + high) / 2, low=low, high=high)


class TestScaleBeforeAnExperiment:
    def test_random_status_quo_and_perfect_are_on_one_axis(self, lift: LiftResult) -> None:
        rows = rows_of(lift)
        assert rows["Random"].x < rows["Status quo"].x < rows["Perfect"].x
        assert scale(lift).forest.zero == rows["Status quo"].x
        assert not scale(lift).has_variants

    def test_risk_and_potential_lift_are_bars_from_the_status_quo(self, lift: LiftResult) -> None:
        rows = rows_of(lift)
        risk, potential = rows["Risk"], rows["Potential lift"]
        assert (risk.left, risk.right) == (rows["Random"].x, rows["Status quo"].x)
        assert (potential.left, potential.right) == (rows["Status quo"].x, rows["Perfect"].x)
        assert (potential.figure, potential.shape) == ("+260", "bar")

    def test_estimate_without_an_interval_is_drawn(self, lift: LiftResult) -> None:
        row = rows_of(with_bounds(lift, estimate(0), Estimate(value=20), estimate(100)))["Status quo"]
        assert (row.left, row.right, row.interval) == (row.x, row.x, TOO_FEW)

    def test_minimised_kpi_has_perfect_on_the_right(self, lift: LiftResult) -> None:
        fewer = lift.model_copy(update={"kpi": lift.kpi.model_copy(update={"direction": Direction.MINIMISE})})
        rows = rows_of(with_bounds(fewer, estimate(400), estimate(300), estimate(10)))
        assert rows["Random"].x < rows["Status quo"].x < rows["Perfect"].x
        assert rows["Perfect"].left < rows["Perfect"].x < rows["Perfect"].right
        assert "Below random" not in rows

    def test_status_quo_below_random_is_named(self, lift: LiftResult) -> None:
        rows = rows_of(with_bounds(lift, estimate(100), estimate(60), estimate(400)))
        assert rows["Below random"].left == rows["Status quo"].x
        assert "Risk" not in rows

    def test_scale_without_headroom_is_drawn(self, lift: LiftResult) -> None:
        flat = Estimate(value=5, low=5, high=5)
        bar = rows_of(with_bounds(lift, flat, flat, flat))["Potential lift"]
        assert bar.left == bar.right

    def test_rule_of_thumb_has_its_own_row(self, deep_lift: LiftResult) -> None:
        row = rows_of(deep_lift)["A good model, usually"]
        assert (row.tone, row.figure, row.interval, row.verdict) == ("expected", "224", "", "")
        assert row.sentence in scale(deep_lift).description


class TestScaleOfAnExperiment:
    def test_zero_is_the_status_quo(self, experiment: ExperimentResult) -> None:
        chart = scale(experiment)
        at = chart.forest.axis.at
        assert chart.forest.zero == at(0)
        assert [(row.x, row.left, row.right) for row in chart.forest.rows] == [
            (at(60), at(40), at(80)),
            (at(10), at(-20), at(40)),
        ]
        assert "opened the last issue" in chart.forest.zero_name

    def test_variant_is_better_only_if_its_whole_interval_is(self, experiment: ExperimentResult) -> None:
        assert [(row.tone, row.verdict) for row in scale(experiment).forest.rows] == [
            ("better", "better"),
            ("open", "not shown"),
        ]

    def test_bar_shows_the_best_variants_way_to_perfect(self, experiment: ExperimentResult) -> None:
        way = scale(experiment).way
        assert way is not None
        assert (way.name, way.start, way.end) == ("logistic", "140", "400")
        assert (way.x, way.left, way.right) == pytest.approx((23.08, 15.08, 31.08), abs=0.01)

    def test_table_has_every_figure(self, experiment: ExperimentResult) -> None:
        figures = scale(experiment).figures
        assert [row.figure for row in figures] == ["100", "140", "200", "150", "400"]
        assert [row.difference for row in figures if not row.is_imagined] == [
            "+60.0 (+40.0 to +80.0)",
            "+10.0 (\N{MINUS SIGN}20.0 to +40.0)",
        ]

    def test_plan_without_variants_is_drawn(self, experiment: ExperimentResult) -> None:
        chart = scale(experiment.model_copy(update={"variants": []}))
        assert (chart.way, chart.has_variants) == (None, False)


class TestDrawings:
    def test_chart_of_a_result_is_drawn_once(self, experiment: ExperimentResult) -> None:
        calls = []

        class Counting(Environment):
            def from_string(self, *args: Any, **options: Any) -> Any:
                calls.append(1)
                return super().from_string(*args, **options)

        template = {"t": "{% macro drawing(result, id, kind) %}{{ id }} <{{ result.seed }}>{% endmacro %}"}
        drawings = Drawings(Counting(loader=DictLoader(template), autoescape=True), most_bytes=60)
        first = drawings.once("t", experiment, "a")
        assert drawings.once("t", experiment.model_copy(), "a") == first == "a <0>"
        assert len(calls) == 1
        assert drawings.once("t", experiment.model_copy(update={"seed": 1}), "a") == "a <1>"
        assert drawings.once("t", experiment, "b") == "b <0>"
        assert len(calls) == 3

    def test_drawings_take_little_memory(self, experiment: ExperimentResult) -> None:
        template = {"t": "{% macro drawing(result, id, kind) %}{{ id }}{% endmacro %}"}
        drawings = Drawings(Environment(loader=DictLoader(template), autoescape=True), most_bytes=100)
        for number in range(50):
            assert drawings.once("t", experiment, f"chart {number}") == f"chart {number}"
        assert 0 < drawings.bytes <= 100


class TestTrajectory:
    def point(
        self, lift: LiftResult, iteration: str, gain: Estimate | None, **changes: Any
    ) -> TrajectoryPoint:
        bounds = lift.scale
        best = ("boosted", estimate(150)) if gain else None
        kpi = changes.pop("kpi", lift.kpi)
        return TrajectoryPoint(
            iteration,
            kpi,
            bounds.random.expectation,
            bounds.status_quo,
            bounds.perfect,
            best,
            gain=gain,
            **changes,
        )

    def test_different_kpis_have_separate_axes(self, lift: LiftResult) -> None:
        other = lift.kpi.model_copy(update={"period_rows": 20_000})
        points = [
            self.point(lift, "01-setup", between(1, 9)),
            self.point(lift, "02-trees", between(2, 9)),
            self.point(lift, "03-more", between(2, 9), kpi=other),
        ]
        drawings = trajectories(points)
        assert [[row.name for row in drawing.forest.rows] for drawing in drawings] == [
            ["01-setup", "02-trees"],
            ["03-more"],
        ]

    def test_gain_is_a_difference_to_the_status_quo(self, lift: LiftResult) -> None:
        realised = {"realised": estimate(144), "realised_gain": between(-1, 9), "reverted": True}
        (drawing,) = trajectories(
            [
                self.point(lift, "01", between(1, 9), **realised),
                self.point(lift, "02", None),
            ]
        )
        at = drawing.forest.axis.at
        first, second, third = drawing.forest.rows
        assert (first.x, first.verdict, second.verdict) == (at(5), "better", "not shown")
        assert "provisional" in first.note
        assert "reverted" in second.note
        assert (third.shape, third.figure) == ("none", "")
        assert "+260" in third.note

    def test_title_claims_only_what_is_shown(self, lift: LiftResult) -> None:
        (drawing,) = trajectories([self.point(lift, "01", between(-1, 9))])
        assert "brings" not in drawing.forest.title


class TestDepth:
    def test_three_curves_span_all_depths(self, deep_lift: LiftResult) -> None:
        drawing = depth(deep_lift)
        assert drawing is not None
        assert [curve.tone for curve in drawing.curves] == ["perfect", "status_quo", "random"]
        points = [
            [tuple(map(float, point.split(","))) for point in curve.points.split()]
            for curve in drawing.curves
        ]
        assert all(curve[0] == (0, 100) and curve[-1] == (100, 0) for curve in points)
        assert all([x for x, _ in curve] == [0, 5, 10, 20, 50, 100] for curve in points)
        assert [y for _, y in points[2]] == [100, 95, 90, 80, 50, 0]

    def test_budget_is_marked_on_the_curves(self, deep_lift: LiftResult) -> None:
        drawing = depth(deep_lift)
        assert drawing is not None
        perfect, status_quo, random = drawing.curves
        assert (drawing.budget, [row.depth for row in drawing.rows if row.is_budget]) == ("20 %", ["20 %"])
        assert (perfect.at_budget, random.at_budget) == (0, 0.8 * HEIGHT)
        assert 0 < status_quo.at_budget < random.at_budget
        assert (perfect.text, random.text) == ("500", "100")

    def test_chart_has_description_and_table(self, deep_lift: LiftResult) -> None:
        drawing = depth(deep_lift)
        assert drawing is not None
        assert (
            "At the budget of 20 %: Perfect 500, Opened the last issue 190, Random 100."
            in drawing.description
        )
        assert drawing.rows[0][:4] == ("5 %", "25", "83", "250")

    def test_minimised_kpi_has_better_upward(self, deep_lift: LiftResult) -> None:
        fewer = deep_lift.kpi.model_copy(update={"direction": Direction.MINIMISE})
        drawing = depth(deep_lift.model_copy(update={"kpi": fewer}))
        assert drawing is not None
        assert drawing.curves[0].points.startswith("0,0 ")

    def test_results_without_budget_have_no_budget_chart(
        self, lift: LiftResult, deep_lift: LiftResult
    ) -> None:
        assert depth(lift) is None
        without = deep_lift.kpi.model_copy(update={"budget": None})
        assert depth(deep_lift.model_copy(update={"kpi": without})) is None

    def test_budget_chart_without_headroom_is_drawn(self, deep_lift: LiftResult) -> None:
        flat = [
            point.model_copy(update={"random": 0, "status_quo": 0, "perfect": 0})
            for point in deep_lift.by_depth
        ]
        assert depth(deep_lift.model_copy(update={"by_depth": flat})) is not None


class TestTornado:
    def test_tornado_bars_start_at_the_likely_value(self, assumed_lift: LiftResult) -> None:
        drawing = tornado(assumed_lift)
        assert drawing is not None
        volume = drawing.bars[0]
        low, high = volume.ends
        assert (low.left + low.width, high.left) == (pytest.approx(drawing.likely, abs=0.02), drawing.likely)
        assert (volume.span, volume.lifts) == ("8,000 to 14,000", "208 to 364")
        assert not volume.overlaps

    def test_equal_effects_have_equal_bars(self, assumed_lift: LiftResult) -> None:
        drawing = tornado(with_swings(assumed_lift, 260 - 40, 260 + 40))
        assert drawing is not None
        low, high = drawing.bars[0].ends
        assert low.width == pytest.approx(high.width, abs=0.02)

    def test_assumption_with_most_variance_is_first(self, assumed_lift: LiftResult) -> None:
        drawing = tornado(assumed_lift)
        assert drawing is not None
        assert [bar.explains for bar in drawing.bars] == ["61.0 %", "20.0 %", "12.0 %", "5.0 %"]
        assert drawing.bars[0].name == "rows per period"

    def test_bars_on_the_same_side_do_not_overlap(self, assumed_lift: LiftResult) -> None:
        drawing = tornado(assumed_lift)
        assert drawing is not None
        assert [bar.overlaps for bar in drawing.bars] == [False, True, False, False]

    def test_infeasible_end_is_named_and_not_drawn(self, assumed_lift: LiftResult) -> None:
        drawing = tornado(assumed_lift)
        assert drawing is not None
        assert drawing.bars[2].ends[1].width == 0
        assert "300 to not feasible" in drawing.description

    def test_result_from_data_has_no_tornado(self, lift: LiftResult) -> None:
        assert tornado(lift) is None

    def test_certain_assumptions_have_no_tornado(self, assumed_lift: LiftResult) -> None:
        assert assumed_lift.assumed is not None
        certain = assumed_lift.assumed.model_copy(update={"sensitivity": []})
        assert tornado(assumed_lift.model_copy(update={"assumed": certain})) is None

    def test_tornado_without_effect_is_drawn(self, assumed_lift: LiftResult) -> None:
        drawing = tornado(with_swings(assumed_lift, 260, 260))
        assert drawing is not None
        assert [end.width for end in drawing.bars[0].ends] == [0, 0]


def with_swings(result: LiftResult, at_low: float, at_high: float) -> LiftResult:
    assert result.assumed is not None
    row = result.assumed.sensitivity[0].model_copy(update={"at_low": at_low, "at_high": at_high})
    return result.model_copy(update={"assumed": result.assumed.model_copy(update={"sensitivity": [row]})})
