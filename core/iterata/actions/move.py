"""`iterata move`: change the status of a document, if the transition exists and its gates are open."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.actions.data_digests import with_data_digests
from iterata.documents import edit, parse
from iterata.documents.error_location import located_in
from iterata.documents.models.experiment import Experiment
from iterata.documents.models.proposal import Proposal
from iterata.documents.models.variants import FileVariant
from iterata.errors import IterataError, ProblemsError
from iterata.lifecycle.agreement import (
    agreement,
    approval_options,
    approval_records,
    approved_code,
    content_digest,
    missing_records,
    outdated_approvals,
)
from iterata.lifecycle.context import DocumentContext
from iterata.lifecycle.gates import gate_problems
from iterata.lifecycle.remedies import to_reopen
from iterata.repository.files import write_within
from iterata.repository.plan_code import code_of_iteration
from iterata.rules import names, say_once
from iterata.rules.lifecycle import (
    abandoned_requirements_have_no_open_iterations,
    iteration_begins_after_the_decision,
    unneeded_procedures_say_why,
)
from iterata.rules.plan import overrides_have_a_reason, rows_are_described
from iterata.stages import Stage, Status, successors
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from iterata.documents import Document
    from iterata.lifecycle.agreement import Agreement
    from iterata.problems import Problem
    from iterata.rules.rule import Check


class Move(NamedTuple):
    """What a move changed, and the document after it."""

    context: DocumentContext
    source: Status
    target: Status
    """The status that was asked for; the document stays in review until every required role has agreed."""
    document: Document
    agreement: Agreement
    """Who has agreed and who has not; who agreed to an earlier content, before the move."""


class RoleAgreement(NamedTuple):
    """The agreement of a role, with its account if one is named."""

    role: str
    by: str | None


def move(
    context: DocumentContext, target: Status, agreements: Sequence[RoleAgreement], today: date, root: Path
) -> Move:
    """Move a document to `target`, and write the keys that the transition records.

    If a role agrees while others have not yet, its agreement is recorded, and the document is in review.

    Raises:
        IterataError: there is no such transition, or the plan changed without an amendment.
        ProblemsError: the document has problems, or a gate is closed; nothing is written.
        DataError: the plan to approve does not fit its data.
        RunError: the plan to approve cannot be run.
    """
    document = context.document
    if document.problems:
        raise ProblemsError("the document has problems", document.problems, remedy="fix them first")
    source = _check_transition(context, target, agreements)
    agreements = _with_configured_names(context, agreements)
    if source is target and not _is_first_approval(context, target):
        _check_plan_unchanged(context, root)
    after = _after(context, target, agreements, today, root)
    _check_gates(after, target, agreements)
    if document.stage is Stage.PROPOSAL and _is_first_approval(context, target):
        _check_amended(document, after.document)
        _check_runnable(after, root)
    write_within(root, document.path, after.document.source.text)
    state = agreement(after)._replace(outdated=agreement(context).outdated)
    return Move(after, source, target, after.document, state)


def _with_configured_names(
    context: DocumentContext, agreements: Sequence[RoleAgreement]
) -> list[RoleAgreement]:
    """The agreements with the spelling of the required roles, one for each role; the last one counts.

    Raises:
        IterataError: a role is nearly a required one, and probably misspelt.
    """
    required = context.project.repository.required_roles.get(context.document.stage, [])
    names = {role.casefold(): role for role in required}
    unique = {role.casefold(): RoleAgreement(names.get(role.casefold(), role), by) for role, by in agreements}
    for key, (role, _) in unique.items():
        guess = None if key in names else closest(role, required)
        if guess is not None:
            remedy = f"`iterata move {context.document.path} approved {approval_options([guess])}`"
            raise IterataError(f"no role {role} has to agree", remedy=remedy, where=context.document.path)
    return list(unique.values())


def _is_first_approval(context: DocumentContext, target: Status) -> bool:
    """Whether a document is approved that was not, or whose status was typed without the plan's digest."""
    was_approved = context.document.status is Status.APPROVED and "plan_digest" not in missing_records(
        context
    )
    return target is Status.APPROVED and not was_approved


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


def _check_plan_unchanged(context: DocumentContext, root: Path) -> None:
    """Refuse to add an agreement to a plan that differs from the approved one."""
    document, model = context.document, context.model
    if not isinstance(model, Proposal):
        return
    present = _replaced(context, with_data_digests(context, root)) if _names_digests(model) else context
    differing = [] if model.plan_digest == present.plan_digest else ["the plan or its data"]
    if model.code_digest not in (None, approved_code(context)):
        differing.append("the code of the plan")
    if differing:
        message = f"{' and '.join(differing)} differ from those approved"
        remedy = f"undo the change; or {to_reopen(document, reason='add an amendment with its reason')}"
        raise IterataError(message, remedy=remedy, where=document.path)


def _names_digests(proposal: Proposal) -> bool:
    """Whether the plan records the digests of its data; one that was approved in an editor may not."""
    plan = proposal.plan
    files = (variant.digest for variant in plan.variants if isinstance(variant, FileVariant))
    return any((plan.data_digest, *(data_set.digest for data_set in plan.data or ()), *files))


def _check_amended(before: Document, after: Document) -> None:
    """Refuse a plan that differs from one approved earlier, unless an amendment gives the reason."""
    differing = [
        what
        for key, what in (("plan_digest", "the plan or its data"), ("code_digest", "the code of the plan"))
        if before.data.get(key) not in (None, after.data.get(key))
    ]
    amended = isinstance(after.model, Proposal) and bool(after.model.amendments)
    if differing and not amended:
        what = " and ".join(differing)
        message = f"{what} differ from those approved earlier, and no amendment gives the reason"
        remedy = "add an entry under `amendments:` (on, what, why), or undo the change"
        raise IterataError(message, remedy=remedy, where=before.path)


def _check_runnable(context: DocumentContext, root: Path) -> None:
    """Check the plan against its data, as far as that executes no code of the project."""
    from iterata.experiment.dry_run import dry_run  # noqa: PLC0415  # imports scikit-learn

    plan, assessment = context.plan, context.assessment
    assert plan is not None and assessment is not None  # noqa: S101, PT018  # the gates passed
    path, lift = context.document.path, assessment.lift
    inherited = context.iteration.assessment_document if context.iteration else None
    try:
        with located_in(context.document, "plan", inherited=inherited):
            dry_run(plan, lift.kpi, lift.period, root / context.project.path, root, path)
            if context.iteration is not None:
                code_of_iteration(context.iteration)
    except IterataError as error:
        raise error.at(source=path) from None


def _after(
    context: DocumentContext,
    target: Status,
    agreements: Sequence[RoleAgreement],
    today: date,
    root: Path,
) -> DocumentContext:
    """The document with its new status, and all that the transition records."""
    if target is Status.APPROVED:
        return _after_agreement(context, agreements, today, root)
    if target is Status.IN_REVIEW and context.document.stage is Stage.PROPOSAL:
        context = _with_digests_of_readable_data(context, root)
    model = context.model
    keys: dict[str, object] = {"status": target.value}
    if target is Status.DRAFT and model and model.approvals:
        keys["approvals"] = None  # the content they refer to is about to change
    if isinstance(model, Experiment):
        keys |= _experiment_days(model, target, today)
    return _with_keys(context, keys)


def _with_digests_of_readable_data(context: DocumentContext, root: Path) -> DocumentContext:
    """The plan with the digests of its data, so that reviewers agree to them; an approval requires them."""
    try:
        return _replaced(context, with_data_digests(context, root))
    except IterataError:
        return context


def _after_agreement(
    context: DocumentContext, agreements: Sequence[RoleAgreement], today: date, root: Path
) -> DocumentContext:
    """The document after some roles agreed: approved, or in review until every required role has agreed."""
    was_approved = context.document.status is Status.APPROVED
    if context.document.stage is Stage.PROPOSAL and _is_first_approval(context, Status.APPROVED):
        context = _replaced(context, with_data_digests(context, root))
    after = _with_keys(context, _agreement_keys(context, agreements, today, Status.APPROVED))
    if not was_approved and agreements and agreement(after).missing:
        return _with_keys(context, _agreement_keys(context, agreements, today, Status.IN_REVIEW))
    return _with_keys(after, missing_records(after) if was_approved else approval_records(after))


def _agreement_keys(
    context: DocumentContext, agreements: Sequence[RoleAgreement], today: date, status: Status
) -> dict[str, object]:
    """The status and the approvals; an approval that others do not share yet names the content it is for."""
    added_later = context.document.status is Status.APPROVED
    content = content_digest(context) if added_later or status is Status.IN_REVIEW else None
    return {"status": status.value, "approvals": _approvals(context, agreements, today, content)}


def _with_keys(context: DocumentContext, keys: dict[str, object]) -> DocumentContext:
    document = context.document
    text = edit.set_keys(document, keys)
    return _replaced(context, parse(document.path, document.stage, text.encode()))


def _replaced(context: DocumentContext, document: Document) -> DocumentContext:
    return DocumentContext(document, context.project, context.iteration)


def _experiment_days(experiment: Experiment, target: Status, today: date) -> dict[str, str]:
    """The first day or the last day of an experiment, unless its author wrote it."""
    if target is Status.RUNNING and experiment.started is None:
        return {"started": today.isoformat()}
    if target in (Status.COMPLETED, Status.STOPPED) and experiment.ended is None:
        return {"ended": today.isoformat()}
    return {}


def _approvals(
    context: DocumentContext, agreements: Sequence[RoleAgreement], today: date, content: str | None
) -> list[dict[str, str]]:
    """The earlier approvals with the new agreements, which replace those of the same role.

    Approvals of another content are left out. Others stay as they are, so that lists of two branches merge.
    """
    roles = {agreement.role.casefold() for agreement in agreements}
    outdated = outdated_approvals(context)
    unchanged = [
        approval.model_dump(mode="json", exclude_none=True)
        for approval in (context.model.approvals if context.model else ())
        if approval.role.casefold() not in roles and approval not in outdated
    ]
    added = [{"role": role, "on": today.isoformat(), "by": by, "content": content} for role, by in agreements]
    return [*unchanged, *({key: value for key, value in entry.items() if value} for entry in added)]
