"""The gates: the conditions that a document in a status must meet.

One table. `move` applies the gates of the status that a document is about to enter. `check` applies those of
the status that it has, so that a status typed by hand meets the same conditions. The reference page and the
diagram are generated from this table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from iterata.lifecycle import conditions
from iterata.lifecycle.conditions import UnmetCondition
from iterata.lifecycle.context import DocumentContext
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from iterata.problems import Problem

Condition: TypeAlias = Callable[[DocumentContext], Iterable[UnmetCondition]]


class Gate(NamedTuple):
    """A condition that documents of some stages must meet to be in some statuses."""

    code: str
    stages: tuple[Stage, ...]
    statuses: tuple[Status, ...]
    requires: str
    """The condition, in words that follow `requires that`."""
    why: str
    bad: str
    """An example that it refuses."""
    good: str
    """The same example, corrected."""
    condition: Condition


_WRITTEN = (Stage.REQUIREMENTS, Stage.ASSESSMENT, Stage.PROPOSAL, Stage.REPORT)
_ENTRY = (Stage.ASSESSMENT, Stage.PROPOSAL)
_HANDED_IN = (Status.IN_REVIEW, Status.APPROVED)
_BEGUN = (Status.RUNNING, Status.COMPLETED, Status.STOPPED)
_RELEASED = (Status.ROLLING_OUT, Status.DEPLOYED)

GATES: tuple[Gate, ...] = (
    Gate(
        "GATE001",
        tuple(Stage),
        (*_HANDED_IN, *_BEGUN, *_RELEASED),
        "nothing is left to fill in",
        "Reviewers should not spend their time on gaps.",
        "status: in_review\nwhy_a_model: 'TODO: Why a trained model suits this problem.'",
        "status: in_review\nwhy_a_model: Eighty facts per customer have to be weighed against each other.",
        conditions.nothing_left_to_fill_in,
    ),
    Gate(
        "GATE002",
        _WRITTEN,
        (Status.APPROVED,),
        "every required role has agreed",
        "Each stage is an agreement between the people who depend on it.",
        "status: approved\napprovals: []",
        "status: approved\napprovals: [{role: product, on: 2026-11-23}]",
        conditions.required_roles_agreed,
    ),
    Gate(
        "GATE003",
        (Stage.ASSESSMENT,),
        (Status.APPROVED,),
        "the requirements it answers to are approved",
        "A technical answer to an open question fits only by luck.",
        "requirements.md says status: draft",
        "requirements.md says status: approved",
        conditions.requirements_approved,
    ),
    Gate(
        "GATE004",
        (Stage.ASSESSMENT,),
        (Status.APPROVED,),
        "the expected lift is computed",
        "Nobody should invest before knowing what can be gained at best.",
        "status: approved  # without results/lift.json",
        "status: approved  # after `iterata lift churn/01-setup`",
        conditions.lift_computed,
    ),
    Gate(
        "GATE005",
        _ENTRY,
        (Status.APPROVED,),
        "the iteration it follows is decided",
        "Each iteration builds on what the one before it taught.",
        "iteration: {kind: feature, follows: 01-setup}  # whose report was decided stop",
        "iteration: {kind: feature, follows: 01-setup}  # whose report was decided iterate",
        conditions.followed_iteration_decided,
    ),
    Gate(
        "GATE006",
        (Stage.PROPOSAL,),
        (Status.APPROVED,),
        "its assessment is approved and says go",
        "A plan needs a reason for a model.",
        "assessment.md says recommendation: no_go",
        "assessment.md says status: approved and recommendation: go",
        conditions.assessment_says_go,
    ),
    Gate(
        "GATE007",
        (Stage.EXPERIMENT,),
        _BEGUN,
        "the proposal is approved",
        "What is run must be what was agreed.",
        "status: running  # while proposal.md is in_review",
        "status: running  # after proposal.md was approved",
        conditions.proposal_approved,
    ),
    Gate(
        "GATE008",
        (Stage.EXPERIMENT,),
        (Status.COMPLETED,),
        "the results cover everything the plan names",
        "A result left out is a result chosen.",
        "status: completed  # two of the plan's three variants are in the result",
        "status: completed  # all three are",
        conditions.results_cover_the_plan,
    ),
    Gate(
        "GATE009",
        (Stage.EXPERIMENT,),
        (Status.STOPPED,),
        "it says why it was stopped",
        "The reason why an experiment was not finished is worth knowing too.",
        "status: stopped",
        "status: stopped\nstopped_because: the register closed before the labels were complete",
        conditions.stop_explained,
    ),
    Gate(
        "GATE010",
        (Stage.REPORT,),
        _HANDED_IN,
        "the experiment has ended",
        "A report on half an experiment reports a hope.",
        "status: in_review  # while experiment.md is running",
        "status: in_review  # after experiment.md was completed or stopped",
        conditions.experiment_ended,
    ),
    Gate(
        "GATE011",
        (Stage.REPORT,),
        _HANDED_IN,
        "every hypothesis of the plan has an answer",
        "The hypotheses were agreed on, so each needs an answer.",
        "hypotheses: [{id: H1, ...}]  # the plan asks H1 and H2",
        "hypotheses: [{id: H1, ...}, {id: H2, ...}]",
        conditions.hypotheses_answered,
    ),
    Gate(
        "GATE012",
        (Stage.REPORT,),
        (Status.APPROVED,),
        "the stakeholders have decided",
        "The report exists so that somebody can decide.",
        "status: approved  # without decision",
        "decision: {outcome: iterate, by: [{role: product}], on: 2026-11-23, why: half is left to win}",
        conditions.stakeholders_decided,
    ),
    Gate(
        "GATE013",
        (Stage.DEPLOYMENT,),
        _RELEASED,
        "the report is approved and its decision is deploy",
        "Only what was reported and decided is released.",
        "status: rolling_out  # report.md was decided iterate",
        "status: rolling_out  # report.md was decided deploy",
        conditions.report_says_deploy,
    ),
    Gate(
        "GATE014",
        (Stage.DEPLOYMENT,),
        (Status.DEPLOYED,),
        "the release checklist is complete and every phase has ended",
        "A release is done when its procedures are.",
        "checklist: {split_test: {state: todo}, ...}",
        "checklist: {split_test: {state: done}, ...}",
        conditions.release_complete,
    ),
    Gate(
        "GATE015",
        (Stage.DEPLOYMENT,),
        (Status.REVERTED,),
        "it says when and why it was reverted",
        "The report's post-mortem begins with this.",
        "status: reverted",
        "status: reverted\nrevert: {on: 2026-11-23, why: complaints doubled in the second phase}",
        conditions.revert_recorded,
    ),
    Gate(
        "GATE016",
        _WRITTEN,
        (Status.ABANDONED,),
        "it says why, and has at least one finding",
        "An abandoned project is not a failure, unless nothing was learned.",
        "status: abandoned",
        "status: abandoned\nabandoned: {on: 2026-11-23, why: withdrawn, findings: [{id: F1, ...}]}",
        conditions.abandonment_explained,
    ),
    Gate(
        "GATE017",
        _WRITTEN,
        (Status.SUPERSEDED,),
        "it names the document that replaces it, and that document exists",
        "Readers must find the current document.",
        "status: superseded",
        "status: superseded\nsuperseded_by: 02-weather/proposal.md",
        conditions.successor_exists,
    ),
    Gate(
        "GATE018",
        (Stage.REQUIREMENTS,),
        (Status.IN_REVIEW, Status.APPROVED),
        "every revision after the first gives its reason",
        "The reason for going back to the beginning is a learning of its own.",
        "revision: 2\nrevisions: []",
        "revision: 2\nrevisions: [{revision: 2, on: 2026-11-23, reason: a new market}]",
        conditions.revisions_explained,
    ),
)


@cache
def gates_of(stage: Stage, status: Status) -> tuple[Gate, ...]:
    """The gates a document of `stage` must pass to be in `status`."""
    return tuple(gate for gate in GATES if stage in gate.stages and status in gate.statuses)


def unmet_conditions(context: DocumentContext, status: Status) -> Iterator[tuple[str, UnmetCondition]]:
    """What keeps a document out of `status`: the code of each closed gate, and what is missing."""
    for gate in gates_of(context.document.stage, status):
        for condition in gate.condition(context):
            yield gate.code, condition


def gate_problems(context: DocumentContext, status: Status) -> Iterator[Problem]:
    """What keeps a document out of `status`, as problems of the document."""
    for code, condition in unmet_conditions(context, status):
        field = condition.field or ("status",)
        yield context.document.problem(code, field, condition.message, condition.remedy)
