"""Sequences of pull requests that change a release: what was declared, done and shown stays."""

from __future__ import annotations

import json
import shlex
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from iterata.actions.agree import RoleAgreement
from iterata.actions.move import NO_OPTIONS, move
from iterata.actions.release_steps import StepOptions
from iterata.repository import config
from iterata.review.changes import compare
from iterata.review.review import review
from iterata.stages import Status

from ...helpers.knowledge_base import KnowledgeBase
from ...helpers.releases import DEPLOYMENT, REPORT, RESULTS, explain, planned_release, result_of
from .sequences import Sequence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAGE = f"projects/{DEPLOYMENT}.md"
START = date(2026, 6, 1)
BOTH = (RoleAgreement("product", None), RoleAgreement("data science", None))


def step(
    base: KnowledgeBase, status: Status, day: int, options: StepOptions = NO_OPTIONS, path: str = DEPLOYMENT
) -> None:
    roles = BOTH if status is Status.APPROVED else ()
    move(base.context(path), status, roles, START + timedelta(days=day), base.root, options)


def roll_out(base: KnowledgeBase) -> None:
    """Begin the release, and end its first phase."""
    step(base, Status.ROLLING_OUT, 0)
    result_of(base, 0.1)
    step(base, Status.ROLLING_OUT, 7, StepOptions(phase=0.25))


def revert(base: KnowledgeBase) -> None:
    step(base, Status.REVERTED, 9, StepOptions(reason="Complaints doubled."))


def plan_again(base: KnowledgeBase) -> None:
    step(base, Status.DRAFT, 10, path=REPORT)
    explain(base, "2026-06-11")
    step(base, Status.APPROVED, 10, path=REPORT)
    step(base, Status.PLANNED, 10)


STATES: dict[str, tuple[Callable[[KnowledgeBase], None], ...]] = {
    "planned": (),
    "rolling out": (roll_out,),
    "reverted": (roll_out, revert),
    "planned again": (roll_out, revert, plan_again),
}


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A repository in each state of its release."""
    places = {}
    for name, steps in STATES.items():
        base = planned_release(KnowledgeBase(tmp_path_factory.mktemp("release") / "base"))
        base.document("churn/02-more/proposal", iteration={"kind": "feature", "follows": "01-setup"})
        for change in steps:
            change(base)
        base.in_git()
        places[name] = base.root
    return places


@pytest.fixture
def begin(templates: dict[str, Path], tmp_path: Path) -> Callable[[str], Sequence]:
    return lambda state: Sequence(templates[state], tmp_path / "copy")


def codes(sequence: Sequence, *, merged: bool = True) -> set[str]:
    """The codes of a pull request with everything that was changed."""
    sequence.git.commit()
    with compare(config.load(sequence.base.root), "refs/heads/main") as comparison:
        problems = review(comparison, sequence.base.root).own
    if merged:
        sequence.merge("squash")
    return {problem.code for problem in problems}


def test_every_honest_step_is_accepted(begin: Callable[[str], Sequence]) -> None:
    sequence = begin("planned")
    for change in (roll_out, revert, plan_again):
        change(sequence.base)
        assert codes(sequence) <= {"GATE021"}


def test_all_honest_steps_at_once_are_accepted(begin: Callable[[str], Sequence]) -> None:
    sequence = begin("planned")
    for change in (roll_out, revert, plan_again):
        change(sequence.base)
    assert codes(sequence) <= {"GATE021"}


def edit(old: str, new: str) -> Callable[[KnowledgeBase], None]:
    return lambda base: base.change(PAGE, old, new)


def other_figures(base: KnowledgeBase) -> None:
    path = f"{RESULTS}/rollout-10.json"
    data = json.loads(base.read(path)) | {"reason": "All is well."}
    base.write(path, json.dumps(data))


def typed_phase(base: KnowledgeBase) -> None:
    base.change(PAGE, "started: 2026-06-08", "started: 2026-06-08\n    ended: 2026-06-15")
    base.change(PAGE, "- {share: 1}", "- {share: 1, started: 2026-06-15}")


def removed_revert(base: KnowledgeBase) -> None:
    base.set(DEPLOYMENT, "status", "rolling_out")
    base.set(DEPLOYMENT, "revert", None)


def moved_follower(base: KnowledgeBase) -> None:
    base.set("churn/02-more/proposal", "status", "in_review")


def removed_deployment(base: KnowledgeBase) -> None:
    (base.root / PAGE).unlink()


def removed_results(base: KnowledgeBase) -> None:
    (base.root / f"{RESULTS}/release-1/rollout-10.json").unlink()


def reset(base: KnowledgeBase) -> None:
    """A release that begins anew, without a trace of the phases that it had."""
    base.set(DEPLOYMENT, "status", "planned")
    base.set(DEPLOYMENT, "phases", [{"share": 0.1}, {"share": 1.0}])
    (base.root / f"{RESULTS}/rollout-10.json").unlink()


def other_plan(base: KnowledgeBase) -> None:
    """A first phase that ended by the result of another split test, all in one pull request."""
    roll_out(base)
    base.change(PAGE, "margin: 0.01", "margin: 0.5")


@pytest.mark.parametrize(
    ("state", "change", "code"),
    [
        ("planned", other_plan, "MOVE007"),
        (
            "rolling out",
            edit("control: today, treatment: model", "control: model, treatment: today"),
            "MOVE007",
        ),
        ("rolling out", edit("margin: 0.01", "margin: 0.5"), "MOVE007"),
        ("rolling out", edit("    calls to the elderly: {of: elderly, margin: 0.01}\n", ""), "MOVE007"),
        ("rolling out", edit("variant: logistic", "variant: boosted"), "MOVE007"),
        ("rolling out", edit("units: 2000", "units: 2"), "MOVE007"),
        ("rolling out", edit("ended: 2026-06-08", "ended: 2026-06-07"), "MOVE007"),
        ("rolling out", edit("monitors:", "alpha: 0.3\nmonitors:"), "MOVE007"),
        ("rolling out", edit("monitors:", "on: {guardrail: hold}\nmonitors:"), "MOVE007"),
        ("rolling out", other_figures, "MOVE007"),
        ("rolling out", typed_phase, "GATE022"),
        ("rolling out", reset, "MOVE007"),
        ("rolling out", removed_deployment, "MOVE002"),
        ("reverted", edit("why: Complaints doubled.", "why: Nothing."), "MOVE007"),
        ("reverted", removed_revert, "MOVE007"),
        ("reverted", reset, "MOVE007"),
        ("reverted", moved_follower, "MOVE008"),
        ("planned again", edit("why: Complaints doubled.", "why: Nothing."), "MOVE007"),
        ("planned again", removed_deployment, "MOVE002"),
        ("planned again", removed_results, "MOVE007"),
    ],
)
def test_what_a_release_has_done_cannot_be_changed(
    begin: Callable[[str], Sequence], state: str, change: Callable[[KnowledgeBase], None], code: str
) -> None:
    sequence = begin(state)
    change(sequence.base)
    assert code in codes(sequence, merged=False)


def test_other_figures_of_an_ended_phase_are_restored_by_the_fix(begin: Callable[[str], Sequence]) -> None:
    sequence = begin("rolling out")
    agreed = sequence.base.read(f"{RESULTS}/rollout-10.json")
    other_figures(sequence.base)
    with compare(config.load(sequence.base.root), "refs/heads/main") as comparison:
        (problem,) = (
            found for found in review(comparison, sequence.base.root).own if found.code == "MOVE007"
        )
    sequence.git(*shlex.split(problem.remedy.strip("`"))[1:])
    assert sequence.base.read(f"{RESULTS}/rollout-10.json") == agreed
    assert "MOVE007" not in codes(sequence, merged=False)


def test_no_phase_is_added_to_an_earlier_release(begin: Callable[[str], Sequence]) -> None:
    sequence = begin("reverted")
    plan_again(sequence.base)
    phases = sequence.base.parsed(DEPLOYMENT).data["earlier"][0]["phases"]
    sequence.base.set(DEPLOYMENT, "earlier[0].phases", [{"share": 0.05}, *phases])
    assert "MOVE007" in codes(sequence, merged=False)


def test_a_conclusion_and_later_phases_may_be_written(begin: Callable[[str], Sequence]) -> None:
    sequence = begin("rolling out")
    sequence.base.set(DEPLOYMENT, "phases[0].conclusion", "As expected.")
    sequence.base.set(DEPLOYMENT, "phases[2].hold", {"days": 14})
    sequence.base.change(PAGE, "treatment: model}", "treatment: [model, Model]}")
    reason = "amendments: [{on: 2026-06-09, what: A spelling of the arm., why: It is new.}]"
    sequence.base.change(PAGE, "monitors:", f"{reason}\nmonitors:")
    assert codes(sequence) <= {"GATE021"}


def test_a_phase_does_not_end_by_the_result_of_another_split_test(begin: Callable[[str], Sequence]) -> None:
    """The first pull request is merged against its review: the second one is refused all the same."""
    sequence = begin("rolling out")
    result_of(sequence.base, 0.25)
    sequence.base.change(PAGE, "{of: kept}", "{of: kept * 2}")
    assert "RES002" in codes(sequence)
    sequence.base.change(PAGE, "started: 2026-06-08\n", "started: 2026-06-08\n    ended: 2026-06-15\n")
    assert "MOVE007" in codes(sequence)


def test_a_changed_measure_needs_a_new_result(begin: Callable[[str], Sequence]) -> None:
    """The result of the present phase is of what was measured before, although an amendment says why."""
    sequence = begin("rolling out")
    result_of(sequence.base, 0.25, "hold")
    sequence.base.change(PAGE, "{of: kept}", "{of: kept * 2}")
    reason = "amendments: [{on: 2026-06-09, what: Households., why: There are two customers in each.}]"
    sequence.base.change(PAGE, "monitors:", f"{reason}\nmonitors:")
    assert codes(sequence, merged=False) == {"RES002"}
    result_of(sequence.base, 0.25, "hold")
    assert codes(sequence, merged=False) == set()


def test_two_pull_requests_from_one_base_do_not_both_advance(begin: Callable[[str], Sequence]) -> None:
    """One reverts the release, while the other one goes on."""
    sequence = begin("rolling out")
    result_of(sequence.base, 0.25)
    codes(sequence)
    sequence.git("switch", "--quiet", "--create", "other")
    revert(sequence.base)
    sequence.git.commit()
    sequence.git("update-ref", "refs/heads/main", "HEAD")
    sequence.git("switch", "--quiet", "work")
    context, day = sequence.base.context(DEPLOYMENT), START + timedelta(days=14)
    move(context, Status.ROLLING_OUT, BOTH[:1], day, sequence.base.root, StepOptions(phase=1.0))
    assert "MOVE005" in codes(sequence, merged=False)


def with_narrow_interval(base: KnowledgeBase) -> str:
    """The result of the phase that ended, as a version wrote it whose intervals were too narrow."""
    path = f"{RESULTS}/rollout-10.json"
    data, kept = json.loads(base.read(path)), base.read(path)
    effect = data["metrics"][0]["phases"][0][1]
    middle, error = effect["difference"]["value"], effect["standard_error"]
    effect["difference"] |= {"low": middle - error, "high": middle + error}
    base.write(path, json.dumps(data))
    return kept


def test_a_result_that_contradicts_itself_is_corrected_after_its_phase(
    begin: Callable[[str], Sequence],
) -> None:
    """By an evaluation of the same rows, and by nothing else."""
    sequence = begin("rolling out")
    right = with_narrow_interval(sequence.base)
    codes(sequence)  # it is on the target branch, as if a rule had been added since
    path = f"{RESULTS}/rollout-10.json"
    sequence.base.write(path, right)
    assert codes(sequence, merged=False) <= {"GATE021"}
    sequence.base.set(
        DEPLOYMENT, "phases[0].override", {"on": "2026-06-08", "advice": "hold", "reason": "It was read so."}
    )
    assert codes(sequence, merged=False) <= {"GATE021"}
    other = json.loads(right)
    other["phases"][0]["units"]["control"] += 1
    sequence.base.write(path, json.dumps(other))
    assert "MOVE007" in codes(sequence, merged=False)
