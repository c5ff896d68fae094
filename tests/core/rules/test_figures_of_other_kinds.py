"""Forged figures of results about effects and about several classes are noticed."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from iterata.documents.models.rows import LiftData
from iterata.kpi import describe
from iterata.lift import expected_lift
from iterata.results import LiftResult
from iterata.results.parts import Identified
from iterata.rules.figures import classes, effect_curves, estimates, lift, uplift

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents.models.kpi import KpiSpec
    from iterata.rules.figures.fault import Fault

NOBODY = {"constant": 0, "stop_below": 1}
ROWS = 400

Path_ = tuple[str | int, ...]


@pytest.fixture(scope="module")
def campaign() -> pd.DataFrame:
    """A campaign that works for the upper half of a score, with other probabilities in two groups."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"score": rng.normal(size=ROWS), "group": rng.integers(0, 2, ROWS)})
    frame["probability"] = np.where(frame["group"] > 0, 0.5, 0.7)
    frame["treated"] = rng.integers(0, 2, ROWS)
    frame["varied"] = (rng.random(ROWS) < frame["probability"]).astype(int)
    chance = 0.3 + 0.2 * frame["treated"] * (frame["score"] > 0)
    frame["came"] = (rng.random(ROWS) < chance).astype(int)
    frame["spent"] = (frame["came"] * rng.lognormal(size=ROWS)).round(3)
    return frame


def effect_of(
    frame: pd.DataFrame, status_quo: Any, target: str = "came", arm: str = "treated", **kpi: Any
) -> tuple[LiftResult, KpiSpec, LiftData]:
    probability: Any = "probability" if arm == "varied" else 0.5
    spec = describe("uplift", unit="visits", outcome="number" if target == "spent" else "yes_no", **kpi)
    arguments = {"treated": arm, "probability": probability, "resamples": 200}
    result = expected_lift(target, status_quo, spec, frame=frame, **arguments)
    described = status_quo if isinstance(status_quo, dict) else {"column": status_quo}
    treated = {"column": arm, "probability": probability}
    rows = {"source": "d.csv", "target": target, "treated": treated, "status_quo": described}
    return result, spec, LiftData.model_validate(rows)


def faults(result: LiftResult, spec: KpiSpec, data: LiftData | None = None) -> Iterator[Fault]:
    yield from estimates.interval_faults(result, spec)
    yield from estimates.limit_faults(result, spec)
    yield from lift.gain_faults(result)
    yield from lift.depth_faults(result)
    yield from uplift.faults(result, spec, data)
    yield from classes.faults(result, spec)
    stops = data is not None and data.status_quo.stop_below is not None
    yield from effect_curves.faults(result, spec, {"status quo"} if stops else ())


def forged(result: LiftResult, path: Path_, value: object) -> LiftResult:
    """The result with another value at a path."""
    data = copy.deepcopy(json.loads(result.model_dump_json()))
    holder: Any = data
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return LiftResult.model_validate(data)


@pytest.mark.parametrize("status_quo", ["score", NOBODY, {"constant": 1}], ids=str)
@pytest.mark.parametrize(
    "kpi",
    [
        {},
        {"budget": 0.3, "cost_per_contact": 0.05},
        {"budget": 1, "value_per_outcome": -2},
        {"budget": 0.4, "direction": "minimise"},
        {"turned_away_at_most": 0.01},
        {"arm": "varied", "budget": 0.5},
        {"target": "spent", "budget": 0.5},
        {"strata": ["group"], "budget": 0.3, "spend": "forced", "cost_per_contact": 0.02},
        {"strata": ["group"], "budget": 0.1, "direction": "minimise", "cost_per_contact": 0.02},
    ],
    ids=str,
)
def test_computed_results_hold_together(campaign: pd.DataFrame, status_quo: Any, kpi: dict[str, Any]) -> None:
    if status_quo == NOBODY and "spend" in kpi:
        status_quo = {"constant": 0}
    assert list(faults(*effect_of(campaign, status_quo, **kpi))) == []


FORGED_EFFECTS: dict[str, tuple[Path_, object]] = {
    "average effect": (("uplift", "effect", "value"), 0.3),
    "share turned": (("uplift", "turned", "upper", "value"), 0.4),
    "share turned away": (("uplift", "turned_away", "lower", "value"), 0.2),
    "perfect's lower end": (("scale", "perfect_identified", "lower", "value"), 150.0),
    "potential lift's lower end": (("potential_lift_identified", "lower", "value"), 1.0),
    "potential lift's upper end": (("potential_lift_identified", "upper", "value"), 399.0),
    "position's lower end": (("position_identified", "lower", "value"), -0.9),
    "rows of an arm": (("balance", "treated", "rows"), 5),
    "units of an arm": (("balance", "control", "units"), 7),
    "positives of an arm": (("balance", "treated", "positives"), 3),
    "mean of an arm": (("balance", "control", "mean"), 0.11),
    "sample ratio": (("balance", "sample_ratio", "statistic"), 0.0),
    "p of the sample ratio": (("balance", "sample_ratio", "p"), 0.77),
    "verdict of the sample ratio": (("balance", "sample_ratio", "off"), True),
    "expected units": (("balance", "sample_ratio", "expected"), 10.0),
    "another design": (("balance", "probability"), 0.4),
    "nothing declared": (("balance", "declared"), False),
    "no arms": (("balance",), None),
    "gain of everybody": (("scale", "treat_all"), 300.0),
    "gain of nobody": (("scale", "do_nothing"), 5.0),
    "random": (("scale", "random", "expectation", "value"), 1.0),
}


@pytest.mark.parametrize("name", FORGED_EFFECTS)
def test_forged_effect_is_noticed(campaign: pd.DataFrame, name: str) -> None:
    path, value = FORGED_EFFECTS[name]
    result, spec, data = effect_of(campaign, NOBODY, budget=0.5)
    assert list(faults(forged(result, path, value), spec, data)) != []


def test_curve_out_of_order_or_out_of_its_band_is_noticed(campaign: pd.DataFrame) -> None:
    result, spec, data = effect_of(campaign, "score", budget=0.5)
    if result.curve is None:
        pytest.skip("an expected lift has no curve")
    for path, value in (
        (("curve", "points", 0, "depth"), 0.99),
        (("curve", "points", 0, "gain"), 9.0),
    ):
        assert list(faults(forged(result, path, value), spec, data)) != []


def test_ends_in_the_wrong_order_are_noticed() -> None:
    part = Identified.model_validate({"lower": {"value": 2.0}, "upper": {"value": 1.0}})
    (fault,) = uplift.identified_faults(part)
    assert (fault.code, fault.place) == ("RES021", ("lower", "value"))


@pytest.fixture(scope="module")
def answers() -> tuple[LiftResult, KpiSpec]:
    pairs = {
        ("a", "a"): 30,
        ("a", "b"): 6,
        ("b", "b"): 20,
        ("b", "c"): 4,
        ("c", "c"): 15,
        ("to a person", "b"): 5,
    }
    answer, truth = (np.repeat([str(pair[i]) for pair in pairs], list(pairs.values())) for i in (0, 1))
    person: dict[str, str | float] = {"answer": "to a person", "value": 0.2}
    spec = describe("class_value", unit="EUR", values={"a": {"b": -3}}, person=person)
    return expected_lift(truth, answer, spec, resamples=200), spec


def test_computed_answers_hold_together(answers: tuple[LiftResult, KpiSpec]) -> None:
    assert list(faults(*answers)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("confusion", "pairs", 0, "rows"), 9.0),
        (("confusion", "pairs", 0, "value"), -1.0),
        (("confusion", "pairs", 0, "cost"), 1.0),
        (("confusion", "pairs", 1, "answer"), "a"),
        (("scale", "best_constant", "value"), 900.0),
        (("scale", "status_quo"), {"value": 70.0, "low": 60.0, "high": 75.0}),
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_forged_answer_is_noticed(answers: tuple[LiftResult, KpiSpec], path: Path_, value: object) -> None:
    result, spec = answers
    assert list(faults(forged(result, path, value), spec)) != []
