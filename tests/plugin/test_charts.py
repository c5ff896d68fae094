"""Positions of labels, bars and curves in charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iterata.documents.models.enums import Direction
from iterata.knowledge import TrajectoryPoint
from iterata.results import Estimate
from iterata.site.charts.axis import CHARACTER, NARROWEST, Axis, place
from iterata.site.charts.depth import HEIGHT, TOP, depth
from iterata.site.charts.scale import scale
from iterata.site.charts.tornado import tornado
from iterata.site.charts.trajectory import trajectories

if TYPE_CHECKING:
    from iterata.results import ExperimentResult, Kpi, LiftResult
    from iterata.site.charts.axis import LabelPosition

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


def test_chart_draws_an_estimate_without_an_interval(lift: LiftResult) -> None:
    result = with_bounds(lift, estimate(0), Estimate(value=20), estimate(100))
    status_quo = scale(result).anchors[1]
    assert status_quo.width == 0
    assert status_quo.sentence.endswith("20.0 (too few to tell)")


def with_bounds(result: LiftResult, random: Estimate, status_quo: Estimate, perfect: Estimate) -> LiftResult:
    uninformed = result.scale.random.model_copy(update={"expectation": random})
    bounds = {"random": uninformed, "status_quo": status_quo, "perfect": perfect}
    return result.model_copy(update={"scale": result.scale.model_copy(update=bounds)})


def test_scale_shows_random_status_quo_and_perfect(lift: LiftResult) -> None:
    drawing = scale(lift)
    random, status_quo, perfect = drawing.anchors
    assert random.x < status_quo.x < perfect.x
    assert drawing.risk == (random.x, pytest.approx(status_quo.x - random.x, abs=0.02))
    assert drawing.potential == (status_quo.x, pytest.approx(perfect.x - status_quo.x, abs=0.02))
    assert not drawing.variants


def test_variant_is_better_only_if_its_whole_interval_is(experiment: ExperimentResult) -> None:
    tones = {variant.name: variant.tone for variant in scale(experiment).variants}
    assert tones == {"logistic": "better", "boosted": "open"}


def test_minimised_kpi_has_perfect_on_the_right(lift: LiftResult) -> None:
    fewer = lift.model_copy(update={"kpi": lift.kpi.model_copy(update={"direction": Direction.MINIMISE})})
    drawing = scale(with_bounds(fewer, estimate(400), estimate(300), estimate(10)))
    random, status_quo, perfect = drawing.anchors
    assert random.x < status_quo.x < perfect.x
    assert not drawing.below_random
    assert perfect.left < perfect.x


def test_status_quo_below_random_is_drawn_as_loss(lift: LiftResult) -> None:
    drawing = scale(with_bounds(lift, estimate(100), estimate(60), estimate(400)))
    assert drawing.below_random
    assert drawing.risk[0] == drawing.anchors[1].x


def test_scale_without_headroom_is_drawn(lift: LiftResult) -> None:
    flat = Estimate(value=5, low=5, high=5)
    assert scale(with_bounds(lift, flat, flat, flat)).potential[1] == 0


def test_different_kpis_have_separate_axes(lift: LiftResult) -> None:
    def point(iteration: str, kpi: Kpi) -> TrajectoryPoint:
        bounds = lift.scale
        best = ("boosted", estimate(150))
        return TrajectoryPoint(
            iteration, kpi, bounds.random.expectation, bounds.status_quo, bounds.perfect, best
        )

    other = lift.kpi.model_copy(update={"period_rows": 20_000})
    drawings = trajectories(
        [point("01-setup", lift.kpi), point("02-trees", lift.kpi), point("03-more", other)]
    )
    assert [[step.iteration for step in drawing.steps] for drawing in drawings] == [
        ["01-setup", "02-trees"],
        ["03-more"],
    ]


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
        assert (perfect.at_budget, random.at_budget) == (TOP, TOP + 0.8 * HEIGHT)
        assert TOP < status_quo.at_budget < random.at_budget
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


def test_rule_of_thumb_has_its_own_row(deep_lift: LiftResult, experiment: ExperimentResult) -> None:
    (row,) = scale(deep_lift).variants
    assert (row.tone, row.text, row.width) == ("usual", "224", 0)
    assert row.sentence in scale(deep_lift).description
    assert "usual" not in [variant.tone for variant in scale(experiment).variants]


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
