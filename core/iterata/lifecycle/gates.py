"""The gates: the conditions that a document in a status must meet.

One table. `move` applies the gates of the status that a document is about to enter. `check` applies those of
the status that it has, so that a status typed by hand meets the same conditions. The reference page and the
diagram are generated from this table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from iterata.lifecycle import conditions, release_conditions
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


_APPROVED_STAGES = (Stage.REQUIREMENTS, Stage.ASSESSMENT, Stage.PROPOSAL, Stage.REPORT)
_FIRST_STAGES = (Stage.ASSESSMENT, Stage.PROPOSAL)
_REVIEW_STATUSES = (Status.IN_REVIEW, Status.APPROVED)
_RUN_STATUSES = (Status.RUNNING, Status.COMPLETED, Status.STOPPED)
_RELEASE_STATUSES = (Status.ROLLING_OUT, Status.DEPLOYED)

GATES: tuple[Gate, ...] = (
    Gate(
        "GATE001",
        tuple(Stage),
        (*_REVIEW_STATUSES, *_RUN_STATUSES, *_RELEASE_STATUSES),
        "nothing is left to fill in",
        "Reviewers should not spend their time on gaps.",
        "status: in_review\nwhy_a_model: 'TODO: Why a trained model suits this problem.'",
        "status: in_review\nwhy_a_model: Eighty facts per customer have to be weighed against each other.",
        conditions.nothing_left_to_fill_in,
    ),
    Gate(
        "GATE002",
        _APPROVED_STAGES,
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
        "the requirements are approved",
        "A technical answer to an open question is a guess.",
        "requirements.md says status: draft",
        "requirements.md says status: approved",
        conditions.requirements_approved,
    ),
    Gate(
        "GATE004",
        (Stage.ASSESSMENT,),
        (Status.APPROVED,),
        "the expected lift is computed",
        "The largest possible gain must be known before the investment.",
        "status: approved  # without results/lift.json",
        "status: approved  # after `iterata lift churn/01-setup`",
        conditions.lift_computed,
    ),
    Gate(
        "GATE005",
        _FIRST_STAGES,
        (Status.APPROVED,),
        "the iteration that it follows has a decision to continue",
        "Each iteration builds on the findings of the previous one.",
        "iteration: {kind: feature, follows: 01-setup}  # the decision of its report is stop",
        "iteration: {kind: feature, follows: 01-setup}  # the decision of its report is iterate",
        conditions.followed_iteration_decided,
    ),
    Gate(
        "GATE006",
        (Stage.PROPOSAL,),
        (Status.APPROVED,),
        "its assessment is approved and recommends go",
        "A plan needs a reason for a model.",
        "assessment.md says recommendation: no_go",
        "assessment.md says status: approved and recommendation: go",
        conditions.assessment_says_go,
    ),
    Gate(
        "GATE007",
        (Stage.EXPERIMENT,),
        _RUN_STATUSES,
        "the proposal is approved",
        "What is run is what was agreed.",
        "status: running  # while proposal.md is in_review",
        "status: running  # after proposal.md was approved",
        conditions.proposal_approved,
    ),
    Gate(
        "GATE008",
        (Stage.EXPERIMENT,),
        (Status.COMPLETED,),
        "the results cover everything the plan names",
        "Leaving results out means choosing among them.",
        "status: completed  # two of the plan's three variants are in the result",
        "status: completed  # all three are",
        conditions.results_cover_the_plan,
    ),
    Gate(
        "GATE009",
        (Stage.EXPERIMENT,),
        (Status.STOPPED,),
        "it says why it was stopped",
        "The reason why an experiment was not finished is a finding, too.",
        "status: stopped",
        "status: stopped\nstopped_because: the register closed before the labels were complete",
        conditions.stop_explained,
    ),
    Gate(
        "GATE010",
        (Stage.REPORT,),
        _REVIEW_STATUSES,
        "the experiment has ended",
        "A report on an unfinished experiment is a guess.",
        "status: in_review  # while experiment.md is running",
        "status: in_review  # after experiment.md was completed or stopped",
        conditions.experiment_ended,
    ),
    Gate(
        "GATE011",
        (Stage.REPORT,),
        _REVIEW_STATUSES,
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
        _RELEASE_STATUSES,
        "the report is approved and its decision is deploy",
        "Only what was reported and decided is released.",
        "status: rolling_out  # the decision in report.md is iterate",
        "status: rolling_out  # the decision in report.md is deploy",
        conditions.report_says_deploy,
    ),
    Gate(
        "GATE014",
        (Stage.DEPLOYMENT,),
        (Status.DEPLOYED,),
        "the release checklist is complete and every phase has ended",
        "A release is complete when its procedures are complete.",
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
        _APPROVED_STAGES,
        (Status.ABANDONED,),
        "it says why, and has at least one finding",
        "An abandoned project is not a failure, unless nothing was learned.",
        "status: abandoned",
        "status: abandoned\nabandoned: {on: 2026-11-23, why: withdrawn, findings: [{id: F1, ...}]}",
        conditions.abandonment_explained,
    ),
    Gate(
        "GATE017",
        _APPROVED_STAGES,
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
        "The reason for going back to the requirements is a finding, too.",
        "revision: 2\nrevisions: []",
        "revision: 2\nrevisions: [{revision: 2, on: 2026-11-23, reason: a new market}]",
        conditions.revisions_explained,
    ),
    Gate(
        "GATE019",
        (Stage.REPORT,),
        (Status.APPROVED,),
        "every sign of a leak has an answer",
        "A model that is too good often uses what is known only after the decision.",
        "leaks: []  # the result says that the column duration tells the target",
        "leaks: [{sign: column_tells_target, answer: the length is agreed before the call}]",
        conditions.leaks_answered,
    ),
    Gate(
        "GATE020",
        _APPROVED_STAGES,
        (Status.IN_REVIEW,),
        "every recorded approval was given for the present content",
        "Who agreed on Monday has not agreed to what was written on Tuesday.",
        "approvals: [{role: product, on: 2026-11-23, content: 'sha256:...'}]  # and a risk was added since",
        "the same, after `iterata move DOCUMENT approved --as product` recorded that product agrees to it",
        conditions.agreed_to_present_content,
    ),
    Gate(
        "GATE022",
        (Stage.DEPLOYMENT,),
        _RELEASE_STATUSES,
        "each phase with a split test ended because its result advises it, or by an override with its reason",
        "A phase that begins without a result reaches more people before anybody knows what it does.",
        "phases: [{share: 0.1, ended: 2026-11-23, ...}, ...]  # results/rollout-10.json advises to hold",
        "phases: [{share: 0.1, ended: 2026-11-23, override: {advice: hold, reason: ..., ...}, ...}, ...]",
        release_conditions.phases_in_turn,
    ),
    Gate(
        "GATE023",
        (Stage.DEPLOYMENT,),
        (Status.PLANNED, *_RELEASE_STATUSES),
        "a release after a revert follows a post-mortem and a new decision to deploy",
        "What was reverted for a reason is not released again without one.",
        "earlier: [{revert: {on: 2026-11-23, ...}, ...}]  # the decision in report.md is of 2026-10-01",
        "the same, with a post-mortem and a decision of 2026-11-30 in report.md",
        release_conditions.released_again_by_decision,
    ),
)


@cache
def gates_of(stage: Stage, status: Status) -> tuple[Gate, ...]:
    """The gates a document of `stage` must pass to be in `status`."""
    return tuple(gate for gate in GATES if stage in gate.stages and status in gate.statuses)


def unmet_conditions(context: DocumentContext, status: Status) -> Iterator[tuple[str, UnmetCondition]]:
    """The unmet conditions for `status`, each with the code of its gate."""
    for gate in gates_of(context.document.stage, status):
        for condition in gate.condition(context):
            yield gate.code, condition


def gate_problems(context: DocumentContext, status: Status) -> Iterator[Problem]:
    """The unmet conditions for `status`, as problems of the document."""
    for code, condition in unmet_conditions(context, status):
        field = condition.field or ("status",)
        yield context.document.problem(code, field, condition.message, condition.remedy)
