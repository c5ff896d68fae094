"""A result of a rollout that was made or changed by hand: its figures contradict each other, or the plan."""

from __future__ import annotations

import copy
import json
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from iterata.actions.move import NO_OPTIONS, move
from iterata.actions.release_steps import StepOptions
from iterata.results import parse
from iterata.rules.figures import of_release, rollout
from iterata.stages import Status

from ...helpers.git import Git
from ...helpers.knowledge_base import KnowledgeBase
from ...helpers.releases import DEPLOYMENT, REPORT, RESULTS, explain, planned_release, result_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.documents.models.deployment import Deployment
    from iterata.documents.models.proposal import Metrics

Forgery = "Callable[[dict[str, Any]], object]"


class Released(NamedTuple):
    """A release whose second phase has a result that advises to revert, and what it declares."""

    base: KnowledgeBase
    deployment: Deployment
    metrics: Metrics
    good: dict[str, Any]
    """The result of the first phase, which advises to advance."""
    bad: dict[str, Any]
    early: dict[str, Any]
    """One of the first phase before it has the days that it waits for."""

    def places(self, data: dict[str, Any]) -> set[str]:
        """The keys of the result whose figures are contradicted."""
        result = parse("rollout", json.dumps(data), "")
        found = [*rollout.faults(result), *of_release.faults(result, self.deployment, self.metrics)]
        return {str(fault.place[0]) for fault in found}


def step(base: KnowledgeBase, status: Status, day: int, options: StepOptions = NO_OPTIONS) -> None:
    move(base.context(DEPLOYMENT), status, (), date(2026, 6, day), base.root, options)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Released:
    base = planned_release(KnowledgeBase(tmp_path_factory.mktemp("forged") / "base"))
    step(base, Status.ROLLING_OUT, 1)
    early = json.loads(base.read(result_of(base, 0.1, "hold")))
    good = json.loads(base.read(result_of(base, 0.1)))
    move(
        base.context(DEPLOYMENT), Status.ROLLING_OUT, (), date(2026, 6, 8), base.root, StepOptions(phase=0.25)
    )
    bad = json.loads(base.read(result_of(base, 0.25, "revert", health="guardrail")))
    deployment, proposal = base.context(DEPLOYMENT).deployment, base.context(DEPLOYMENT).proposal
    assert deployment is not None
    assert proposal is not None
    return Released(base, deployment, proposal.plan.metrics, good, bad, early)


def at(place: str, value: Any) -> Forgery:
    """A forgery that sets one value; keys and indices are joined by dots."""

    def forge(data: dict[str, Any]) -> None:
        *path, last = [int(part) if part.isdigit() else part for part in place.split(".")]
        found: Any = data
        for part in path:
            found = found[part]
        found[last] = value(found[last]) if callable(value) else value

    return forge


def advance(data: dict[str, Any]) -> None:
    data.update(advice="advance", health=[], reason="All is well.")


def narrower(data: dict[str, Any]) -> None:
    """An interval of half the width, which still contains the difference."""
    interval = data["metrics"][1]["sequential"]
    for end in ("low", "high"):
        interval[end] = (interval[end] + interval["value"]) / 2


def without_guardrail(data: dict[str, Any]) -> None:
    del data["metrics"][1]
    advance(data)


FORGERIES: dict[str, tuple[str, Forgery, str]] = {
    "no phases": ("good", at("phases", []), "phases"),
    "the last phase only": ("bad", at("phases", lambda phases: phases[1:]), "metrics"),
    "no looks": ("good", at("looks", []), "looks"),
    "other units": ("good", at("hold.units", 5), "hold"),
    "a lower critical value": ("good", at("looks.0.critical", 1.5), "looks"),
    "a lower one for margins": ("good", at("looks.0.non_inferiority_critical", 1.0), "looks"),
    "more is spent": ("good", at("looks.0.spent", 0.04), "looks"),
    "another z": ("good", at("looks.0.z", 9.0), "looks"),
    "a narrower interval": ("good", narrower, "metrics"),
    "a narrower interval between looks": ("early", narrower, "metrics"),
    "a narrower interval of a phase": ("bad", at("metrics.0.phases.0.1.difference.high", 0.0), "metrics"),
    "no figures of a metric": ("good", at("metrics.1.phases", []), "metrics"),
    "no sample ratio": ("good", at("phases.0.sample_ratio", None), "phases"),
    "another p-value": ("good", at("phases.0.sample_ratio.p_value", 0.9), "phases"),
    "another design": ("good", at("phases.0.sample_ratio.expected", 0.2), "phases"),
    "a weaker test": ("good", at("phases.0.sample_ratio.limit", 1e-9), "phases"),
    "more days": ("early", at("hold.days", 7), "hold"),
    "fewer days needed": ("early", at("hold.days_needed", None), "hold"),
    "fewer units needed": ("good", at("hold.units_needed", 5), "hold"),
    "another level": ("good", at("alpha", 0.4), "alpha"),
    "more is required": ("good", at("requires", "gain"), "requires"),
    "another margin": ("good", at("metrics.1.margin", 0.5), "metrics"),
    "another role": ("bad", at("metrics.1.role", "other"), "metrics"),
    "another direction": ("good", at("metrics.1.better", "higher"), "metrics"),
    "no guardrail": ("bad", without_guardrail, "metrics"),
    "another advice": ("bad", advance, "advice"),
    "a milder reaction": ("bad", at("health.0.reaction", "hold"), "health"),
    "a hold without a reason": ("good", at("advice", "hold"), "advice"),
    "an advice before its days": ("early", advance, "advice"),
}


@pytest.mark.parametrize("name", ["good", "bad", "early"])
def test_results_as_they_were_computed_hold_together(released: Released, name: str) -> None:
    assert released.places(getattr(released, name)) == set()


@pytest.mark.parametrize(("name", "forge", "place"), FORGERIES.values(), ids=FORGERIES)
def test_a_forged_result_contradicts_itself_or_the_plan(
    released: Released, name: str, forge: Callable[[dict[str, Any]], object], place: str
) -> None:
    data = copy.deepcopy(getattr(released, name))
    forge(data)
    assert place in released.places(data)


def test_results_of_earlier_releases_are_checked_as_well(released: Released) -> None:
    base = released.base
    step(base, Status.REVERTED, 9, StepOptions(reason="Worse."))
    base.set(REPORT, "status", "draft")
    explain(base, "2026-06-10")
    base.set(REPORT, "status", "approved")
    step(base, Status.PLANNED, 11)
    folder, text = f"{RESULTS}/release-1", base.read(f"{RESULTS}/release-1/rollout-10.json")

    def problems() -> set[tuple[str, str]]:
        return {(found.code, found.path.rpartition("/")[2]) for found in base.problems()}

    assert problems() == set()
    file = f"{folder}/rollout-10.json"
    forged = text.replace('"control": ', '"control": 9', 1)
    base.write(file, forged)
    assert {found.remedy for found in base.problems()} == {
        f"find the right version: `git log -p -- {file}`, then `git restore --source=COMMIT {file}`"
    }
    git = Git(base.root)
    base.write(file, text)
    right = git.commit()
    base.write(file, forged)
    git.commit()
    assert {found.remedy for found in base.problems()} == {f"`git restore --source={right[:12]} {file}`"}
    data = json.loads(text)
    advance(data)
    base.write(f"{folder}/rollout-25.json", json.dumps({**released.bad, **data, "phase": 0.25}))
    assert ("RES022", "rollout-25.json") in problems()
    base.write(f"{folder}/rollout-10.json", "{")
    assert ("RES001", "rollout-10.json") in problems()
    base.write(f"{folder}/rollout-10.json", text.replace('"variant": "logistic"', '"variant": "boosted"'))
    assert ("REL005", "rollout-10.json") in problems()
    base.write(f"{folder}/rollout-10.json", json.dumps({**released.early}))
    assert ("REL006", "deployment.md") in problems()
    base.write(f"{folder}/rollout-10.json", text)
    base.write(f"{RESULTS}/release-2/rollout-10.json", text)
    assert ("REL005", "rollout-10.json") in problems()
