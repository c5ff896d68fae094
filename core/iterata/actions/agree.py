"""What the agreement of roles requires of a document, and what it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.actions.data_digests import with_data_digests
from iterata.documents import edit, parse
from iterata.documents.error_location import located_in
from iterata.documents.models.proposal import Proposal
from iterata.documents.models.requirements_inheritance import stakeholder_roles
from iterata.documents.models.variants import FileVariant
from iterata.errors import IterataError
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
from iterata.lifecycle.remedies import to_reopen
from iterata.repository import git
from iterata.repository.config import load
from iterata.repository.plan_code import code_of_iteration
from iterata.repository.roles import slug
from iterata.stages import Stage, Status, successors
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from iterata.documents import Document

MOST_VERSIONS = 50
"""How many of the newest versions of a document are searched for an earlier approval of the same day."""


class RoleAgreement(NamedTuple):
    """The agreement of a role, with its account if one is named."""

    role: str
    by: str | None


def with_configured_names(
    context: DocumentContext, agreements: Sequence[RoleAgreement], root: Path
) -> list[RoleAgreement]:
    """The agreements with the spelling of the required roles, one for each role; the last one counts.

    Raises:
        IterataError: there is no such role, or it is nearly a required one, and probably misspelt.
    """
    required = context.project.repository.required_roles.get(context.document.stage, [])
    names = {role.casefold(): role for role in required}
    unique = {role.casefold(): RoleAgreement(names.get(role.casefold(), role), by) for role, by in agreements}
    for key, (role, _) in unique.items():
        if key not in names:
            _check_role(context, role, required, root)
    return list(unique.values())


def _check_role(context: DocumentContext, role: str, required: Sequence[str], root: Path) -> None:
    """Refuse a role that neither the settings nor the project's requirements know."""
    known = _roles(context, root)
    if not known or slug(role) in map(slug, known):
        return
    if guess := closest(role, required) or closest(role, known):
        remedy = f"`iterata move {context.document.path} approved {approval_options([guess])}`"
        raise IterataError(f"no role {role} has to agree", remedy=remedy, where=context.document.path)
    remedy = f"name one of {', '.join(known)}; or add the role to the stakeholders of requirements.md"
    raise IterataError(f"there is no role {role}", remedy=remedy, where=context.document.path)


def _roles(context: DocumentContext, root: Path) -> list[str]:
    """Every role that the settings require or name a holder of, and the project's stakeholders."""
    required, holders = context.project.repository.required_roles, load(root).settings.role_holders
    stakeholders = stakeholder_roles(context.requirements) if context.requirements else ()
    roles = [*(role for roles in required.values() for role in roles), *holders, *stakeholders]
    return list(dict.fromkeys(roles))


def is_first_approval(context: DocumentContext, target: Status) -> bool:
    """Whether a document is approved that was not, or whose status was typed without the plan's digest."""
    was_approved = context.document.status is Status.APPROVED and "plan_digest" not in missing_records(
        context
    )
    return target is Status.APPROVED and not was_approved


def check_plan_unchanged(context: DocumentContext, root: Path) -> None:
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


def check_amended(before: Document, after: Document) -> None:
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


def check_runnable(context: DocumentContext, root: Path) -> None:
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


def with_digests_of_readable_data(context: DocumentContext, root: Path) -> DocumentContext:
    """The plan with the digests of its data, so that reviewers agree to them; an approval requires them."""
    try:
        return _replaced(context, with_data_digests(context, root))
    except IterataError:
        return context


def after_agreement(
    context: DocumentContext, agreements: Sequence[RoleAgreement], today: date, root: Path
) -> DocumentContext:
    """The document after some roles agreed: approved, or in review until every required role has agreed."""
    was_approved = context.document.status is Status.APPROVED
    if context.document.stage is Stage.PROPOSAL and is_first_approval(context, Status.APPROVED):
        context = _replaced(context, with_data_digests(context, root))
    is_new = was_approved and not _are_recorded(context, agreements, today)
    records_content = is_new or _repeats_an_approval(context, agreements, today, root)
    approved = _agreement_keys(context, agreements, today, Status.APPROVED, records_content)
    after = with_keys(context, approved)
    if not was_approved and agreements and agreement(after).missing:
        in_review = _agreement_keys(context, agreements, today, Status.IN_REVIEW, records_content=True)
        return with_keys(context, in_review)
    return with_keys(after, missing_records(after) if was_approved else approval_records(after))


def _agreement_keys(
    context: DocumentContext,
    agreements: Sequence[RoleAgreement],
    today: date,
    status: Status,
    records_content: bool,  # noqa: FBT001
) -> dict[str, object]:
    """The status and the approvals; an approval that others do not share yet names the content it is for."""
    content = content_digest(context) if records_content else None
    return {"status": status.value, "approvals": _approvals(context, agreements, today, content)}


def _are_recorded(context: DocumentContext, agreements: Sequence[RoleAgreement], today: date) -> bool:
    """Whether the document has just these approvals of today, without a content: a command that repeats."""
    model = context.model
    recorded = (
        {(entry.role.casefold(), entry.by, entry.on, entry.content) for entry in model.approvals}
        if model
        else ()
    )
    return all((role.casefold(), by, today, None) in recorded for role, by in agreements)


def _repeats_an_approval(
    context: DocumentContext, agreements: Sequence[RoleAgreement], today: date, root: Path
) -> bool:
    """Whether an earlier version has an approval of the same role and day.

    The new one then records its content: nothing else shows that it is another approval.
    """
    document = context.document
    if Status.DRAFT not in successors(document.stage, Status.APPROVED) or not agreements:
        return False
    given = {(role.casefold(), today) for role, _ in agreements}
    for commit in git.commits_changing(root, "HEAD", document.path)[:MOST_VERSIONS]:
        raw = git.show(root, commit, document.path)
        earlier = parse(document.path, document.stage, raw).model if raw is not None else None
        for approval in earlier.approvals if earlier else ():
            if (approval.role.casefold(), approval.on) in given:
                return True
    return False


def with_keys(context: DocumentContext, keys: dict[str, object]) -> DocumentContext:
    """The document with other values of some keys; None removes a key."""
    document = context.document
    text = edit.set_keys(document, keys)
    return _replaced(context, parse(document.path, document.stage, text.encode()))


def _replaced(context: DocumentContext, document: Document) -> DocumentContext:
    return DocumentContext(document, context.project, context.iteration)


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
