"""`iterata rollout --simulate`: what the declared phases and looks would do."""

from __future__ import annotations

import json
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from scipy.stats import norm

from iterata.measure.release.spending import planned_looks, pocock
from iterata_cli.exits import Exit

from ..helpers.command_line import CommandLine

if TYPE_CHECKING:
    from ..helpers.golden import Golden
    from ..helpers.knowledge_base import KnowledgeBase

TREE = """
churn
  requirements: approved
  01-setup
    assessment: approved
    proposal: approved
    experiment: completed
    report: approved
    deployment: planned
    lift.json
    experiment.json
"""
DEPLOYMENT = "churn/01-setup/deployment"
EXPERIMENT = "projects/churn/01-setup/results/experiment.json"
LIFT = "projects/churn/01-setup/results/lift.json"
MEASURED = {
    "source": "data/release.csv",
    "arm": {"column": "arm", "control": "A", "treatment": "B"},
    "date": "day",
    "metrics": {"customers kept": {"of": "kept"}, "calls to the elderly": {"of": "elderly"}},
}
SPLIT_TEST = {
    "rows_per_arm": 7261,
    "alpha": 0.05,
    "power": 0.8,
    "periods": 14.522,
    "days": 14.522,
    "detected_gain": 10.0,
}
"""Such a test has 1,000 rows a day; a row has a deviation of 10 / 2.8016 * sqrt(3630.5) = 215."""


@pytest.fixture
def planned(base: KnowledgeBase) -> KnowledgeBase:
    base.grow(TREE)
    phases = [{"share": share, "hold": {"days": 14}} for share in (0.1, 0.25)]
    base.set(DEPLOYMENT, "phases", [*phases, {"share": 0.5, "hold": {"days": 22}}, {"share": 1.0}])
    lift = json.loads(base.read(LIFT))
    base.write(LIFT, json.dumps({**lift, "split_test": SPLIT_TEST}))
    return base


def simulate(base: KnowledgeBase) -> dict[str, Any]:
    done = CommandLine(base.root)("rollout", "churn/01", "--simulate", "--format", "json").fine()
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_phases_take_whole_weeks_and_looks_follow_information(planned: KnowledgeBase) -> None:
    found = simulate(planned)
    assert [phase["days"] for phase in found["phases"]] == [14, 14, 28]
    assert found["days"] == 56
    assert found["units_per_day"] == pytest.approx(1000, rel=1e-6)
    assert found["deviation"] == pytest.approx(215.07, rel=1e-3)
    added = [14 * 0.09, 14 * 0.1875, 22 * 0.25]
    assert found["phases"][0]["information"] == pytest.approx(14 * 0.09 / (sum(added)), rel=1e-4), (
        "the plan counts the days that are declared"
    )
    assert found["phases"][-1]["information"] == 1
    assert [phase["requires"] for phase in found["phases"]] == ["no_harm", "no_harm", "gain"]


def test_false_alarms_and_power(planned: KnowledgeBase) -> None:
    planned.set(DEPLOYMENT, "phases[0].requires", "gain")
    found = {effect["name"]: effect for effect in simulate(planned)["effects"]}
    none = found["no_effect"]
    assert none["found_gain"] < 0.03
    assert none["reverted"] < 0.05
    for effect in found.values():
        assert effect["advanced"] + effect["held"] + effect["reverted"] == pytest.approx(1)
        assert effect["passed"][-1] == effect["advanced"]
    assert found["report_low"]["advanced"] <= found["report"]["advanced"] <= found["report_high"]["advanced"]


def test_units_that_a_phase_needs(planned: KnowledgeBase) -> None:
    """By the usual formula, with the critical value of the look; the last phase has to show the gain."""
    found = simulate(planned)
    report = next(effect for effect in found["effects"] if effect["name"] == "report")
    for phase, effect in zip(found["phases"], [20.0, 20.0, report["gain"]], strict=True):
        quantiles = phase["critical"] + NormalDist().inv_cdf(0.8)
        known = (quantiles * found["deviation"] / effect) ** 2
        units = known / (phase["share"] * (1 - phase["share"]))
        assert phase["units_needed"] == pytest.approx(units, rel=1e-4)
    assert 1 < found["most_units"] < 1.05


def test_guardrails_whose_rate_the_report_tells(planned: KnowledgeBase) -> None:
    """Each look by itself, in closed form; a worse variant is shown to be harmless more rarely."""
    result = json.loads(planned.read(EXPERIMENT))
    guardrail = {
        "name": "calls to the elderly",
        "variant": "logistic",
        "better": "lower",
        "share_of": "elderly",
        "status_quo": 0.2,
        "value": 0.22,
        "worsening": 0.02,
        "worsening_at_most": 0.03,
        "margin": 0.05,
        "holds": True,
    }
    planned.write(EXPERIMENT, json.dumps({**result, "guardrails": [guardrail]}))
    planned.set(DEPLOYMENT, "split_test", MEASURED)
    found = simulate(planned)
    shares = np.array([phase["share"] for phase in found["phases"]])
    added = np.array([phase["units"] for phase in found["phases"]]) * shares * (1 - shares)
    known = np.cumsum(added)
    fractions = [phase["information"] for phase in found["phases"]]
    critical = [look.critical for look in planned_looks(known.tolist(), 0.05, pocock, fractions)]
    for row, worse in zip(found["guardrail_looks"], (0.0, 0.02), strict=True):
        lost = 0.2 + row["margin"]
        taken = np.cumsum(added * ((1 - shares) * lost * (1 - lost) + shares * 0.16)) / known
        distance = (row["margin"] - worse) * np.sqrt(known) / 0.4
        kept = norm.cdf(distance - critical * np.sqrt(taken / 0.16))
        assert row["kept"] == pytest.approx(kept.tolist(), rel=1e-4)
    assert found["guardrails"] == []


def test_output_is_valid_by_its_schema_and_nothing_is_written(planned: KnowledgeBase) -> None:
    before = {path: path.read_bytes() for path in planned.root.rglob("*.*") if path.is_file()}
    found = simulate(planned)
    assert {path: path.read_bytes() for path in before} == before
    schema = CommandLine(planned.root)("schema", "output", "rollout_simulation").fine().out
    Draft202012Validator(json.loads(schema)).validate(found)


def test_text(planned: KnowledgeBase, golden: Golden) -> None:
    golden.check(
        "rollout_simulation", CommandLine(planned.root)("rollout", "churn/01", "--simulate").fine().out
    )


def test_without_units_a_day_it_says_what_is_missing(planned: KnowledgeBase) -> None:
    lift = json.loads(planned.read(LIFT))
    planned.write(LIFT, json.dumps({**lift, "split_test": {**SPLIT_TEST, "days": None}}))
    failed = CommandLine(planned.root)("rollout", "churn/01", "--simulate")
    assert failed.code != 0
    assert "lift.period.days" in failed.err
    planned.set(DEPLOYMENT, "phases[0].hold", {"days": 14, "units": 7000})
    assert simulate(planned)["units_per_day"] == 500


def test_without_a_split_test_in_the_lift_it_asks_for_one(planned: KnowledgeBase) -> None:
    lift = json.loads(planned.read(LIFT))
    planned.write(LIFT, json.dumps({**lift, "split_test": None}))
    failed = CommandLine(planned.root)("rollout", "churn/01", "--simulate")
    assert failed.code == Exit.PROBLEMS


def test_a_rollout_of_many_years_is_refused_at_its_phases(planned: KnowledgeBase) -> None:
    planned.set(DEPLOYMENT, "phases[2].hold", {"units": 10**12})
    failed = CommandLine(planned.root)("rollout", "churn/01", "--simulate")
    assert failed.code != 0
    assert f"{DEPLOYMENT}.md" in failed.err


def test_only_phases_with_a_control_group_can_be_simulated(planned: KnowledgeBase) -> None:
    planned.set(DEPLOYMENT, "phases", [{"share": 1.0}])
    failed = CommandLine(planned.root)("rollout", "churn/01", "--simulate")
    assert failed.code != 0
    assert f"{DEPLOYMENT}.md" in failed.err
