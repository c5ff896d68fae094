"""The expected lift of class values: from rows, and from assumptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.helpers.wine import BY_ANSWER, wine

from iterata.errors import DataError
from iterata.kpi import describe
from iterata.lift import expected_lift, lift_from_assumptions
from iterata.measure.kpi import from_spec
from iterata.measure.outcomes import Outcomes
from iterata.render.lift.table import render

if TYPE_CHECKING:
    from tests.helpers.golden import Golden

    from iterata.results import LiftResult

KPI = describe(
    "class_value",
    values={"billing": {"technical": -3}},
    right=2,
    wrong=-1,
    person={"value": 0.2},
    unit="EUR",
)
SHARES = {"billing": 0.5, "technical": 0.3, "other": 0.2}


@pytest.fixture(scope="module")
def of_wine() -> LiftResult:
    kpi = describe("class_value", values=BY_ANSWER, unit="EUR")
    return expected_lift(
        wine().target.astype(int),
        wine().status_quo.astype(int),
        kpi,
        period={"name": "month", "rows": 4000},
        project_cost=1000,
        label="rule of two columns",
    )


class TestFromRows:
    def test_figures_are_those_of_the_kpi(self, of_wine: LiftResult) -> None:
        scale = of_wine.scale
        found = [scale.random.expectation, scale.status_quo, scale.perfect, of_wine.potential_lift]
        per_row = np.array([-1.026890544, 3.662921348, 5, 5 - 3.662921348])
        assert [estimate.value for estimate in found] == pytest.approx(4000 * per_row, rel=1e-6)
        assert of_wine.position is not None
        assert of_wine.position.value == pytest.approx(0.7781478456, rel=1e-6)
        assert scale.random.sd_of_one_draw == pytest.approx(np.sqrt(89 * 4000) * 0.495024263, rel=1e-6)

    def test_best_constant_answer_takes_the_place_of_doing_nothing(self, of_wine: LiftResult) -> None:
        scale = of_wine.scale
        assert scale.best_constant is not None
        assert scale.best_constant.answer == "2"
        assert scale.best_constant.value == pytest.approx(4000 * 0.7752808989, rel=1e-6)
        assert scale.do_nothing is scale.treat_all is None
        assert of_wine.sample is not None
        assert of_wine.sample.positives is None

    def test_what_costs_most_comes_first(self, of_wine: LiftResult) -> None:
        assert of_wine.confusion is not None
        pairs = of_wine.confusion.pairs
        counted = {(int(pair.answer), int(pair.truth)): pair.rows for pair in pairs}
        table = np.zeros((3, 3))
        for place, rows in counted.items():
            table[place] = rows
        assert table.tolist() == [[27, 0, 4], [1, 28, 0], [1, 8, 20]]
        costs = [pair.cost or 0.0 for pair in pairs]
        assert costs == sorted(costs, reverse=True)
        assert (pairs[0].answer, pairs[0].truth) == ("0", "2")
        assert costs[0] == pytest.approx(4 * (8 + 10) / 89 * 4000, rel=1e-6)
        assert sum(costs) == pytest.approx(of_wine.potential_lift.value, rel=1e-6)

    def test_test_detects_the_gain_that_repays_the_cost(self, of_wine: LiftResult) -> None:
        test = of_wine.split_test
        assert test is not None
        assert test.detected_gain == pytest.approx(1000)
        values = np.array(list(map(list, map(dict.values, BY_ANSWER.values()))))
        variance = np.var(values[wine().status_quo.astype(int), wine().target.astype(int)])
        rows = (1.959964 + 0.841621) ** 2 * 2 * variance / (1000 / 4000) ** 2
        assert test.rows_per_arm == pytest.approx(rows, rel=0.1)

    def test_gain_error_is_that_of_a_twin(self, of_wine: LiftResult) -> None:
        assert of_wine.gain_error is not None
        values = np.array(list(map(list, map(dict.values, BY_ANSWER.values()))))
        true, answers, rng = (
            wine().target.astype(int),
            wine().status_quo.astype(int),
            np.random.default_rng(4),
        )
        errors = []
        for _ in range(200):
            twin = answers.copy()
            for code in range(3):
                twin[true == code] = rng.permutation(twin[true == code])
            errors.append(np.std(values[twin, true] - values[answers, true]))
        expected = 4000 / np.sqrt(89) * np.array(errors)
        assert expected.min() * 0.8 <= of_wine.gain_error <= expected.max() * 1.2

    def test_page(self, of_wine: LiftResult, golden: Golden) -> None:
        golden.check("class_values", render(of_wine))

    def test_status_quo_below_a_constant_answer_is_told(self) -> None:
        lift = expected_lift(["a", "b", "c", "a"] * 10, ["b", "c", "a", "a"] * 10, describe("class_value"))
        assert lift.scale.best_constant is not None
        assert lift.scale.best_constant.value >= lift.scale.status_quo.value

    def test_cost_is_minimised(self) -> None:
        kpi = describe("class_value", right=0, wrong=2, person={"value": 1}, direction="minimise")
        lift = expected_lift(["a", "b", "a", "b"] * 10, ["a", "b", "b", "to a person"] * 10, kpi)
        assert lift.scale.status_quo.value == 30
        assert lift.scale.perfect.value == 0
        assert lift.potential_lift.value == 30
        assert lift.risk.value == lift.scale.random.expectation.value - 30

    def test_cost_needs_its_values(self) -> None:
        with pytest.raises(DataError):
            describe("class_value", direction="minimise")

    def test_positive_values_are_refused(self) -> None:
        with pytest.raises(DataError):
            expected_lift(["a", "b"] * 10, ["a", "b"] * 10, describe("class_value"), positive="a")

    def test_answers_get_their_names_in_a_function(self) -> None:
        def right(frame: Any, prediction: Any, sample_weight: Any) -> float:
            return float(((frame["topic"] == prediction) * sample_weight).sum())

        frame = pd.DataFrame({"topic": ["a", "b", "c", "a"]})
        outcomes = Outcomes(np.array([0.0, 1, 2, 0]), table=frame, classes=("a", "b", "c"))
        kpi = from_spec(describe("python", function=right, outcome="classes", columns=["topic"]), 4)
        assert kpi.measure(outcomes, np.array([0.0, 1, 0, 1])).on_sample(4) == 2


def table_of(recalls: dict[str, float], handed_over: float) -> np.ndarray[Any, Any]:
    """The joint shares of answer and truth that are assumed."""
    shares = np.array(list(SHARES.values()))
    joint = np.zeros((4, 3))
    for truth, recall in enumerate(recalls.values()):
        for answer in range(3):
            wrong = (1 - recall) * shares[answer] / (1 - shares[truth])
            joint[answer, truth] = (1 - handed_over) * shares[truth] * (recall if answer == truth else wrong)
        joint[3, truth] = handed_over * shares[truth]
    return joint


VALUES = np.array([[2, -3, -1], [-1, 2, -1], [-1, -1, 2], [0.2, 0.2, 0.2]])
recall = st.floats(0, 1)


class TestFromAssumptions:
    @given(st.tuples(recall, recall, recall), st.floats(0, 0.5))
    @settings(max_examples=25)
    def test_figures_of_recalls(self, recalls: tuple[float, float, float], handed_over: float) -> None:
        by_class = dict(zip(SHARES, recalls, strict=True))
        lift = lift_from_assumptions(
            KPI,
            classes=SHARES,
            status_quo={"recall_by_class": by_class, "handed_over": handed_over},
            period=1000,
        )
        joint, shares = table_of(by_class, handed_over), np.array(list(SHARES.values()))
        scale = lift.scale
        assert scale.status_quo.value == pytest.approx(1000 * (joint * VALUES).sum(), rel=1e-5, abs=1e-3)
        random = 1000 * joint.sum(axis=1) @ VALUES @ shares
        assert scale.random.expectation.value == pytest.approx(random, rel=1e-5, abs=1e-3)
        assert scale.perfect.value == pytest.approx(2000)
        assert scale.best_constant is not None
        assert (scale.best_constant.answer, scale.best_constant.value) == ("to a person", pytest.approx(200))

    @pytest.mark.parametrize(
        ("status_quo", "value"),
        [
            ({"accuracy": 1}, 2000),
            ({"accuracy": 1, "handed_over": 0.5}, 1100),
            ({"answer": "to a person"}, 200),
            ({"answer": "billing"}, 1000 * (0.5 * 2 - 0.3 * 3 - 0.2)),
            ({"kpi": 321}, 321),
        ],
    )
    def test_what_is_known_of_the_status_quo(self, status_quo: dict[str, Any], value: float) -> None:
        lift = lift_from_assumptions(KPI, classes=SHARES, status_quo=status_quo, period=1000)
        assert lift.scale.status_quo.value == pytest.approx(value)
        assert lift.potential_lift.value == pytest.approx(2000 - value)

    def test_ranges_are_drawn_and_ranked(self) -> None:
        lift = lift_from_assumptions(
            KPI,
            classes={"billing": (0.4, 0.5, 0.6), "technical": 0.3, "other": (0.1, 0.3)},
            status_quo={"accuracy": (0.6, 0.7, 0.8), "handed_over": (0.1, 0.2)},
            values={"wrong": (-1.2, -0.8)},
            period=4000,
            project_cost=500,
        )
        assert lift.assumed is not None
        first = lift.assumed.sensitivity[0]
        assert first.name == "status_quo.accuracy"
        assert (first.at_low or 0) > lift.potential_lift.value > (first.at_high or 0)
        assert lift.potential_lift.interval is not None
        assert lift.assumed.captured_share is not None
        assert lift.split_test is not None

    def test_draws_beyond_a_perfect_model_are_left_out(self) -> None:
        lift = lift_from_assumptions(KPI, classes=SHARES, status_quo={"kpi": (1500, 2200)}, period=1000)
        assert lift.assumed is not None
        assert lift.assumed.dropped == pytest.approx(2 / 7, abs=0.02)
        assert lift.scale.status_quo.high == pytest.approx(2000, rel=0.02)

    @pytest.mark.parametrize(
        "keys",
        [
            {"classes": {"a": 0.5, "b": 0.4}, "status_quo": {"accuracy": 0.6}},
            {"classes": {"a": 1.0}, "status_quo": {"accuracy": 0.6}},
            {"status_quo": {"accuracy": 0.6}},
            {"classes": SHARES, "base_rate": 0.4, "status_quo": {"accuracy": 0.6}},
            {"classes": SHARES, "status_quo": {}},
            {"classes": SHARES, "status_quo": {"accuracy": 0.5, "kpi": 3}},
            {"classes": SHARES, "status_quo": {"capture": 0.5}},
            {"classes": SHARES, "status_quo": {"answer": "legal"}},
            {"classes": SHARES, "status_quo": {"recall_by_class": {"billing": 0.5}}},
            {"classes": SHARES, "status_quo": {"kpi": 3, "handed_over": 0.5}},
            {"classes": {**SHARES, "technical": 0.0, "tech": 0.3}, "status_quo": {"accuracy": 0.5}},
            {"classes": SHARES, "status_quo": {"accuracy": 0.5}, "values": {"tp": 3}},
            {
                "classes": SHARES,
                "status_quo": {"accuracy": 0.5},
                "values": {"answers": {"billing": {"legal": 1}}},
            },
            {"classes": SHARES, "status_quo": {"kpi": 5000}},
        ],
    )
    def test_incomplete_or_contradictory_assumptions_are_refused(self, keys: dict[str, Any]) -> None:
        with pytest.raises(DataError):
            lift_from_assumptions(KPI, period=1000, **keys)

    def test_shares_of_classes_are_not_for_other_kinds(self) -> None:
        targeting = describe("targeting", budget=0.2)
        with pytest.raises(DataError):
            lift_from_assumptions(
                targeting, base_rate=0.1, classes=SHARES, status_quo={"capture": 0.3}, period=1000
            )
        with pytest.raises(DataError):
            lift_from_assumptions(targeting, status_quo={"capture": 0.3}, period=1000)
