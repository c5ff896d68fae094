"""A release goes on phase by phase, only if its result advises it or by a recorded override."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from iterata.actions.agree import RoleAgreement
from iterata.actions.move import move
from iterata.actions.release_steps import StepOptions
from iterata.errors import IterataError, ProblemsError
from iterata.lifecycle.next_step import next_step
from iterata.stages import Stage, Status

from ...helpers.releases import DEPLOYMENT, ITERATION, REPORT, RESULTS, explain, planned_release, result_of

if TYPE_CHECKING:
    from iterata.actions.move import Move
    from iterata.documents.models.deployment import Deployment

    from ...helpers.knowledge_base import KnowledgeBase

START = date(2026, 6, 1)
PRODUCT = (RoleAgreement("product", "ana"),)
BOTH = (*PRODUCT, RoleAgreement("data science", None))
PAGE = f"projects/{DEPLOYMENT}.md"


@pytest.fixture
def planned(base: KnowledgeBase) -> KnowledgeBase:
    return planned_release(base)


def step(
    base: KnowledgeBase,
    status: Status = Status.ROLLING_OUT,
    *,
    phase: float | None = None,
    override: str | None = None,
    reason: str | None = None,
    day: int = 0,
    roles: tuple[RoleAgreement, ...] = (),
    document: str = DEPLOYMENT,
) -> Move:
    options = StepOptions(phase, override, reason)
    return move(base.context(document), status, roles, START + timedelta(days=day), base.root, options)


def deployment(base: KnowledgeBase) -> Deployment:
    model = base.context(DEPLOYMENT).deployment
    assert model is not None
    return model


def refused(base: KnowledgeBase, *args: Status, **options: object) -> IterataError:
    """The refusal of a step, which changes no file."""
    before = base.files()
    with pytest.raises(IterataError) as refusal:
        step(base, *args, **options)  # type: ignore[arg-type]
    assert base.files() == before
    return refusal.value


def to_second_phase(base: KnowledgeBase) -> None:
    step(base)
    result_of(base, 0.1)
    step(base, phase=0.25, day=7)


def reverted(base: KnowledgeBase) -> KnowledgeBase:
    to_second_phase(base)
    result_of(base, 0.25, "revert", health="guardrail")
    step(base, Status.REVERTED, reason="Complaints doubled.", day=9)
    return base


def test_planned_release_waits_for_its_first_step_only(planned: KnowledgeBase) -> None:
    assert (
        next_step(planned.repository.find_iteration(ITERATION)).command == f"iterata move {PAGE} rolling_out"
    )


def test_a_release_goes_through_its_phases(planned: KnowledgeBase) -> None:
    to_second_phase(planned)
    first, second, last = deployment(planned).phases
    assert (first.started, first.ended, second.started) == (START, START + timedelta(7), START + timedelta(7))
    assert first.result == "01-setup/results/rollout-10.json"
    result_of(planned, 0.25, "hold", approval="product")
    moved = step(planned, phase=1.0, day=14, roles=PRODUCT)
    assert moved.waits_for == ()
    first, second, last = deployment(planned).phases
    assert (second.ended, last.started) == (START + timedelta(14), START + timedelta(14))
    assert [(entry.role, entry.by) for entry in second.approved] == [("product", "ana")]
    result_of(planned, 1.0)
    assert step(planned, Status.DEPLOYED, day=21).document.status is Status.DEPLOYED
    assert deployment(planned).phases[-1].ended == START + timedelta(21)
    assert planned.problems() == []


def test_only_the_entries_that_change_are_written_anew(planned: KnowledgeBase) -> None:
    to_second_phase(planned)
    text = planned.read(PAGE)
    assert (
        "  # A week of calls each.\n  - {share: 0.1, hold: {days: 7, units: 2000}, started: 2026-06-01"
        in text
    )
    assert "      approval: product\n    started: 2026-06-08\n  - {share: 1}\n" in text


@pytest.mark.parametrize(
    ("advice", "health"), [("hold", ""), ("hold", "sample_ratio"), ("revert", "guardrail")]
)
def test_a_phase_does_not_end_against_its_result(planned: KnowledgeBase, advice: str, health: str) -> None:
    step(planned)
    assert "no result" in refused(planned, phase=0.25, day=7).message
    result_of(planned, 0.1, advice, health=health)
    refused(planned, phase=0.25, day=7)
    step(planned, phase=0.25, day=7, override="The summer cannot wait.", roles=PRODUCT)
    override = deployment(planned).phases[0].override
    assert override is not None
    assert (override.advice, override.reason, override.by) == (advice, "The summer cannot wait.", "ana")
    assert planned.problems() == []


def test_an_approval_is_recorded_while_the_step_waits(planned: KnowledgeBase) -> None:
    to_second_phase(planned)
    moved = step(planned, phase=1.0, day=9, roles=PRODUCT)
    assert len(moved.waits_for) == 1
    assert deployment(planned).phases[2].started is None
    result_of(planned, 0.25)
    refused(planned, phase=1.0, day=14, roles=(RoleAgreement("prodct", None),))
    step(planned, phase=1.0, day=14)
    assert planned.problems() == []


def test_a_result_of_another_split_test_opens_no_gate(planned: KnowledgeBase) -> None:
    step(planned)
    result_of(planned, 0.1)
    planned.change(PAGE, "{of: kept}", "{of: kept, margin: 5}")
    refused(planned, phase=0.25, day=7)
    (problem,) = planned.problems()
    assert (problem.code, problem.path) == ("RES002", f"{RESULTS}/rollout-10.json")


@pytest.mark.parametrize(
    "options",
    [
        {"phase": 1.0},  # skips one
        {"phase": 0.5},  # there is none
        {"phase": 0.1},  # has begun
        {},
        {"phase": 0.25, "override": "No need."},
        {"phase": 0.25, "day": -3},  # the clock was set back
    ],
)
def test_no_phase_is_skipped_or_repeated(planned: KnowledgeBase, options: dict[str, object]) -> None:
    step(planned)
    result_of(planned, 0.1)
    refused(planned, **{"day": 7, **options})
    refused(planned, Status.DEPLOYED, day=7)


def test_a_repeated_step_changes_nothing(planned: KnowledgeBase) -> None:
    """On the same day it is the same command; later, the phase has begun already."""
    step(planned)
    before = planned.files()
    assert step(planned).source is Status.ROLLING_OUT
    assert planned.files() == before
    result_of(planned, 0.1)
    step(planned, phase=0.25, day=7)
    before = planned.files()
    step(planned, phase=0.25, day=7)
    assert planned.files() == before
    refused(planned, phase=0.25, day=8)
    refused(planned, phase=0.25, day=7, override="Again.")
    step(planned, Status.REVERTED, reason="Complaints doubled.", day=9)
    before = planned.files()
    step(planned, Status.REVERTED, reason="Complaints doubled.", day=9)
    assert planned.files() == before
    refused(planned, Status.REVERTED, reason="Something else.", day=9)


def test_a_damaged_result_opens_no_gate(planned: KnowledgeBase) -> None:
    step(planned)
    planned.write(result_of(planned, 0.1), "{")
    refused(planned, phase=0.25, day=7)


def test_without_a_split_test_phases_are_dated_by_hand(planned: KnowledgeBase) -> None:
    planned.set(DEPLOYMENT, "split_test", None)
    step(planned)
    assert deployment(planned).phases[0].started is None
    refused(planned, phase=0.25)
    refused(planned)
    for index, day in enumerate((1, 8, 15)):
        planned.set(DEPLOYMENT, f"phases[{index}].started", f"2026-06-{day:02}")
        planned.set(DEPLOYMENT, f"phases[{index}].ended", f"2026-06-{day + 7:02}")
    step(planned, Status.DEPLOYED, day=30)


def test_after_a_revert_nothing_moves_before_it_is_explained(planned: KnowledgeBase) -> None:
    block = {"kind": "feature", "follows": "01-setup", "inherits_assessment": "01-setup"}
    planned.document("churn/02-more/proposal", Status.DRAFT, iteration=block)
    reverted(planned)
    waiting = next_step(planned.repository.find_iteration(ITERATION))
    assert waiting.stage is Stage.REPORT
    assert "stakeholders" in waiting.who
    refused(planned, Status.PLANNED, day=10)
    refused(planned, Status.IN_REVIEW, document="churn/02-more/proposal", day=10)
    step(planned, Status.DRAFT, document=REPORT, day=10)
    refused(planned, Status.APPROVED, document=REPORT, roles=BOTH, day=10)
    explain(planned, "2026-06-05")  # before the revert
    refused(planned, Status.APPROVED, document=REPORT, roles=BOTH, day=10)
    explain(planned, "2026-07-05")  # after today
    refused(planned, Status.APPROVED, document=REPORT, roles=BOTH, day=10)
    explain(planned, "2026-06-11", "iterate")
    refused(planned, Status.PLANNED, day=10)
    step(planned, Status.APPROVED, document=REPORT, roles=BOTH, day=10)
    refused(planned, Status.PLANNED, day=10)  # the new decision is not to deploy
    step(planned, Status.IN_REVIEW, document="churn/02-more/proposal", day=10)
    assert "deploy" not in next_step(planned.repository.find_iteration(ITERATION)).what


def test_a_decision_of_the_day_of_the_revert_is_new_only_if_it_is_another(planned: KnowledgeBase) -> None:
    planned.set(REPORT, "decision.on", "2026-06-10")
    to_second_phase(planned)
    result_of(planned, 0.25, "revert", health="guardrail")
    step(planned, Status.REVERTED, reason="Complaints doubled.", day=9)
    assert "decision" in next_step(planned.repository.find_iteration(ITERATION)).what
    again(planned, 9)


def again(base: KnowledgeBase, day: int, what: str = "Complaints doubled.") -> None:
    """Plan another release after the revert."""
    step(base, Status.DRAFT, document=REPORT, day=day)
    explain(base, (START + timedelta(days=day)).isoformat(), what=what)
    step(base, Status.APPROVED, document=REPORT, roles=BOTH, day=day)
    assert next_step(base.repository.find_iteration(ITERATION)).command == f"iterata move {PAGE} planned"
    step(base, Status.PLANNED, day=day)


def test_a_reverted_release_is_planned_again(planned: KnowledgeBase) -> None:
    reverted(planned)
    kept = {name: planned.read(f"{RESULTS}/{name}") for name in ("rollout-10.json", "rollout-25.json")}
    again(planned, 12)
    model = deployment(planned)
    (earlier,) = model.earlier
    assert (earlier.variant, earlier.revert.why) == ("logistic", "Complaints doubled.")
    assert [phase.started for phase in earlier.phases] == [START, START + timedelta(7), None]
    assert earlier.phases[0].result == "01-setup/results/release-1/rollout-10.json"
    assert all(phase.started is None and phase.result is None for phase in model.phases)
    assert model.revert is None
    assert model.checklist.split_test.state == "todo"
    assert {name: planned.read(f"{RESULTS}/release-1/{name}") for name in kept} == kept
    assert planned.problems() == []
    before = planned.files()
    step(planned, Status.PLANNED, day=12)
    assert planned.files() == before


def test_a_second_revert_needs_a_post_mortem_of_its_own(planned: KnowledgeBase) -> None:
    """Also on the same day, on which the first decision counts as new."""
    reverted(planned)
    again(planned, 9)
    for name in ("quality_assurance", "split_test", "phased_rollout"):
        planned.set(DEPLOYMENT, f"checklist.{name}.state", "done")
    step(planned, day=9)
    result_of(planned, 0.1, "revert", health="guardrail")
    step(planned, Status.REVERTED, reason="Again.", day=9)
    refused(planned, Status.PLANNED, day=9)
    again(planned, 10, "It was the hour of the calls.")
    assert len(deployment(planned).earlier) == 2
    assert planned.read(f"{RESULTS}/release-2/rollout-10.json")


def test_an_interrupted_move_to_planned_continues(planned: KnowledgeBase) -> None:
    reverted(planned)
    step(planned, Status.DRAFT, document=REPORT, day=9)
    explain(planned, "2026-06-10")
    step(
        planned,
        Status.APPROVED,
        document=REPORT,
        roles=BOTH,
        day=9,
    )
    text = planned.read(f"{RESULTS}/rollout-10.json")
    planned.write(f"{RESULTS}/release-1/rollout-10.json", text)
    (planned.root / f"{RESULTS}/rollout-10.json").unlink()
    step(planned, Status.PLANNED, day=9)
    assert planned.read(f"{RESULTS}/release-1/rollout-10.json") == text
    assert deployment(planned).earlier[0].phases[0].result == "01-setup/results/release-1/rollout-10.json"


def test_a_typed_revert_without_a_reason_is_completed(planned: KnowledgeBase) -> None:
    to_second_phase(planned)
    with pytest.raises(ProblemsError):
        step(planned, Status.REVERTED, day=8)
    planned.set(DEPLOYMENT, "status", "reverted")
    assert {problem.code for problem in planned.problems()} == {"GATE015"}
    step(planned, Status.REVERTED, reason="Complaints doubled.", day=8)
    assert planned.problems() == []


def test_what_a_held_phase_waits_for_is_short(planned: KnowledgeBase) -> None:
    """The reason with its figures is on the page, and in the refusal of the step."""
    step(planned)
    result_of(planned, 0.1, "hold", health="sample_ratio")
    waiting = next_step(planned.repository.find_iteration(ITERATION))
    assert all(part in waiting.what for part in ("10 %", "hold", "sample ratio"))
    assert "p <" not in waiting.what
    assert "p <" in refused(planned, phase=0.25, day=7).message
