"""`iterata move`: change the status of a document, if the transition exists and its gates are open."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.actions.agree import (
    after_agreement,
    check_amended,
    check_plan_unchanged,
    check_runnable,
    is_first_approval,
    with_configured_names,
    with_digests_of_readable_data,
    with_keys,
)
from iterata.actions.release_steps import StepOptions, archive_results, is_done_already, release_step
from iterata.actions.reverted import refuse_while_revert_is_unexplained
from iterata.documents.models.experiment import Experiment
from iterata.errors import IterataError, ProblemsError
from iterata.lifecycle.agreement import agreement, missing_records
from iterata.lifecycle.gates import gate_problems
from iterata.repository.files import write_within
from iterata.rules import names, say_once
from iterata.rules.lifecycle import (
    abandoned_requirements_have_no_open_iterations,
    iteration_begins_after_the_decision,
    unneeded_procedures_say_why,
)
from iterata.rules.plan import overrides_have_a_reason, rows_are_described
from iterata.stages import Stage, Status, successors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from iterata.actions.agree import RoleAgreement
    from iterata.documents import Document
    from iterata.lifecycle.agreement import Agreement
    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem
    from iterata.rules.rule import Check


NO_OPTIONS = StepOptions()


class Move(NamedTuple):
    """What a move changed, and the document after it."""

    context: DocumentContext
    source: Status
    target: Status
    """The status that was asked for; the document stays in review until every required role has agreed."""
    document: Document
    agreement: Agreement
    """Who has agreed and who has not; who agreed to an earlier content, before the move."""
    waits_for: tuple[str, ...] = ()
    """What a step of a release still waits for, if only an agreement was recorded."""


def move(
    context: DocumentContext,
    target: Status,
    agreements: Sequence[RoleAgreement],
    today: date,
    root: Path,
    options: StepOptions = NO_OPTIONS,
) -> Move:
    """Move a document to `target`, and write the keys that the transition records.

    If a role agrees while others have not yet, its agreement is recorded, and the document is in review.

    Args:
        context: the document.
        target: its new status.
        agreements: the roles that agree.
        today: the day of the step.
        root: the knowledge base.
        options: of a deployment, the phase that begins, and the reason of an override or of a revert.

    Raises:
        IterataError: there is no such transition, or the plan changed without an amendment.
        ProblemsError: the document has problems, or a gate is closed; nothing is written.
        DataError: the plan to approve does not fit its data.
        RunError: the plan to approve cannot be run.
    """
    document = context.document
    if document.problems:
        raise ProblemsError("the document has problems", document.problems, remedy="fix them first")
    refuse_while_revert_is_unexplained(context, target, today)
    if document.stage is Stage.DEPLOYMENT:
        agreements = with_configured_names(context, agreements, root)
        return _move_deployment(context, target, today, root, options._replace(agreements=agreements))
    source = _check_transition(context, target, agreements)
    agreements = with_configured_names(context, agreements, root)
    if source is target and not is_first_approval(context, target):
        check_plan_unchanged(context, root)
    after = _after(context, target, agreements, today, root)
    _check_gates(after, target, agreements)
    if document.stage is Stage.PROPOSAL and is_first_approval(context, target):
        check_amended(document, after.document)
        check_runnable(after, root)
    write_within(root, document.path, after.document.source.text)
    state = agreement(after)._replace(outdated=agreement(context).outdated)
    return Move(after, source, target, after.document, state)


def _move_deployment(
    context: DocumentContext, target: Status, today: date, root: Path, options: StepOptions
) -> Move:
    """Move a deployment to `target`, or to its next phase; results of an earlier release make room first."""
    source = context.document.status
    if is_done_already(context, target, today, options):
        return Move(context, target, target, context.document, agreement(context))
    if source is not target or not _is_repeatable(context, target, options):
        source = _check_transition(context, target, options.agreements)
    step = release_step(context, target, today, options)
    after = step.context
    _check_gates(after, target, ())
    if target is Status.PLANNED and context.iteration is not None and after.deployment is not None:
        archive_results(root, context.iteration, len(after.deployment.earlier))
    write_within(root, after.document.path, after.document.source.text)
    return Move(after, source or target, target, after.document, agreement(after), step.waits_for)


def _is_repeatable(context: DocumentContext, target: Status, options: StepOptions) -> bool:
    """Whether a deployment may move to the status that it has: to a phase, or to add a reason."""
    deployment = context.deployment
    if deployment is None:
        return False
    if target is Status.REVERTED:
        return deployment.revert is None and options.reason is not None
    has_phases = deployment.split_test is not None or options.phase is not None
    return target is Status.ROLLING_OUT and has_phases


def _check_transition(
    context: DocumentContext, target: Status, agreements: Sequence[RoleAgreement]
) -> Status:
    """The current status, if there is a transition from it to `target`.

    An approved document stays approved when a further role agrees, or when missing records are added.
    """
    document = context.document
    source = document.status
    if source is target is Status.APPROVED and (agreements or _lacks_approval(context)):
        return source
    if source is target:
        remedy = _possible_steps(document)
        if source is Status.APPROVED:
            remedy = "leave it as it is; every required role has agreed"
        raise IterataError(f"the status is already {source}", remedy=remedy, where=document.path)
    if source is None or target not in successors(document.stage, source):
        message = f"the status cannot change from {source} to {target}"
        raise IterataError(message, remedy=_possible_steps(document), where=document.path)
    return source


def _lacks_approval(context: DocumentContext) -> bool:
    """Whether the status of a document was typed, without what an approval records."""
    return bool(agreement(context).missing or missing_records(context))


def _possible_steps(document: Document) -> str:
    steps = ", ".join(successors(document.stage, document.status)) if document.status else ""
    return f"move it to one of: {steps}" if steps else f"leave it {document.status}; this status is final"


def _check_gates(context: DocumentContext, target: Status, agreements: Sequence[RoleAgreement]) -> None:
    """Refuse what the gates of `target` refuse; whoever agrees need not wait for the other roles."""
    document = context.document
    problems = document.problems or [*_rule_problems(context, target), *gate_problems(context, target)]
    if agreements:
        problems = [problem for problem in problems if problem.code != "GATE002"]
    if problems:
        remedy = "fix these problems, then move it again"
        raise ProblemsError(f"it cannot become {target} yet", problems, remedy=remedy)


CHECKS: tuple[Check, ...] = (
    rows_are_described,
    overrides_have_a_reason,
    *say_once.RULES.checks,
    *names.RULES.checks,
    unneeded_procedures_say_why,
    abandoned_requirements_have_no_open_iterations,
    iteration_begins_after_the_decision,
)
"""The rules that a document meets before others agree to it, besides the gates."""


def _rule_problems(context: DocumentContext, target: Status) -> Iterator[Problem]:
    """What is wrong with the content that others are about to agree to."""
    if target not in (Status.DRAFT, Status.REJECTED):
        for check in CHECKS:
            yield from check(context)


def _after(
    context: DocumentContext,
    target: Status,
    agreements: Sequence[RoleAgreement],
    today: date,
    root: Path,
) -> DocumentContext:
    """The document with its new status, and all that the transition records."""
    if target is Status.APPROVED:
        return after_agreement(context, agreements, today, root)
    if target is Status.IN_REVIEW and context.document.stage is Stage.PROPOSAL:
        context = with_digests_of_readable_data(context, root)
    model = context.model
    keys: dict[str, object] = {"status": target.value}
    if target is Status.DRAFT and model and model.approvals:
        keys["approvals"] = None  # the content they refer to is about to change
    if isinstance(model, Experiment):
        keys |= _experiment_days(model, target, today)
    return with_keys(context, keys)


def _experiment_days(experiment: Experiment, target: Status, today: date) -> dict[str, str]:
    """The first day or the last day of an experiment, unless its author wrote it."""
    if target is Status.RUNNING and experiment.started is None:
        return {"started": today.isoformat()}
    if target in (Status.COMPLETED, Status.STOPPED) and experiment.ended is None:
        return {"ended": today.isoformat()}
    return {}
