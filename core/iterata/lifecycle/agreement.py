"""Agreement on a document: who has agreed to its present content, who has not, and what it records."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.fingerprint import digest, prose
from iterata.lifecycle.staleness import fingerprints
from iterata.repository.plan_code import CodeMissingError, code_digest, code_of_iteration
from iterata.stages import Stage, Status, result_approved_with

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.documents import Document
    from iterata.documents.models.base import Approval
    from iterata.lifecycle.context import DocumentContext


class Agreement(NamedTuple):
    """The roles whose agreement a document has, lacks, or had for an earlier content."""

    agreed: list[str]
    """The roles that agreed to the present content."""
    missing: list[str]
    """The required roles that have not."""
    outdated: list[str]
    """The roles that agreed to another content."""

    @property
    def sentence(self) -> str:
        """Who has agreed and who has not, such as `product has agreed; data science has not`."""
        agreed, missing = self.agreed, self.missing
        have, have_not = (("have" if len(roles) > 1 else "has") for roles in (agreed, missing))
        if not missing:
            return f"{_listed(agreed)} {have} agreed" if agreed else "no role has to agree"
        verb = "" if agreed else " agreed"
        parts = (
            f"{_listed(agreed)} {have} agreed; " if agreed else "",
            f"{_listed(missing)} {have_not} not{verb}",
            f"; {_listed(self.outdated)} agreed to an earlier content" if self.outdated else "",
        )
        return "".join(parts)


def _listed(roles: Sequence[str]) -> str:
    return " and ".join((", ".join(roles[:-1]), roles[-1])) if len(roles) > 1 else "".join(roles)


def agreement(context: DocumentContext) -> Agreement:
    """Who has agreed to a document, and who has not."""
    required = context.project.repository.required_roles.get(context.document.stage, [])
    approvals = context.model.approvals if context.model else []
    outdated = outdated_approvals(context)
    agreed = list(dict.fromkeys(approval.role for approval in approvals if approval not in outdated))
    folded = {role.casefold() for role in agreed}
    return Agreement(
        agreed,
        [role for role in required if role.casefold() not in folded],
        [approval.role for approval in outdated],
    )


def outdated_approvals(context: DocumentContext) -> list[Approval]:
    """The approvals of a document in review that were given for another content.

    Approvals of an approved document are compared with its history instead, in `iterata.review`: an erratum
    or a post-mortem may follow.
    """
    if context.document.status is Status.APPROVED:
        return []
    return approvals_of_other_content(context)


def approvals_of_other_content(context: DocumentContext) -> list[Approval]:
    """The approvals that record another content than the present one."""
    approvals = context.model.approvals if context.model else []
    recorded = [approval for approval in approvals if approval.content is not None]
    if not recorded:
        return []
    present = content_digest(context)
    return [approval for approval in recorded if approval.content != present]


def content_digest(context: DocumentContext) -> str:
    """The digest of all that somebody agrees to.

    It covers the front matter, the decision, the prose, the figures of the result that is approved with the
    document, what a plan takes from its assessment, and the code that it names. Layout, generated blocks and
    the keys that commands write do not affect it.
    """
    document = context.document
    kind = result_approved_with(document.stage)
    result = context.result(kind) if kind else None
    figures = (
        result.model_dump(mode="json", exclude={"provenance"}, exclude_defaults=True) if result else None
    )
    plan = context.plan_digest if document.stage is Stage.PROPOSAL else None
    code = approved_code(context)
    parts = [document.fingerprint, document.data.get("decision"), prose(document.body), figures, plan]
    return digest([*parts, code] if code else parts)


def approval_records(context: DocumentContext) -> dict[str, object]:
    """The keys that the approval of a document records, besides its status and who agreed."""
    records: dict[str, object] = {}
    if written_against := fingerprints(context):
        records["written_against"] = written_against
    if context.document.stage is Stage.PROPOSAL:
        records["plan_digest"] = context.plan_digest
        code = approved_code(context)
        if code or context.document.data.get("code_digest"):
            records["code_digest"] = code
    return records


def approved_code(context: DocumentContext) -> str | None:
    """The digest of the code that a plan names; None if it names none, or names what is not there."""
    if context.iteration is None or context.document.stage is not Stage.PROPOSAL:
        return None
    try:
        return code_digest(code_of_iteration(context.iteration), context.project.path)
    except CodeMissingError:
        return None


def missing_records(context: DocumentContext) -> dict[str, object]:
    """Those of `approval_records` that a document does not have, as after its status was typed by hand."""
    if context.model is None:
        return {}
    return {
        key: value for key, value in approval_records(context).items() if not context.document.data.get(key)
    }


def approval_options(roles: Sequence[str]) -> str:
    """The options by which roles agree, such as `--as product --as "data science"`."""
    return " ".join(f'--as "{role}"' if " " in role else f"--as {role}" for role in roles)


def outdated_message(approval: Approval) -> str:
    """What is wrong with an approval of another content."""
    return f"{approval.role} agreed to an earlier content of this document"


def outdated_remedy(document: Document, approval: Approval) -> str:
    """How to replace an approval of another content."""
    options = approval_options([f"{approval.role}={approval.by}" if approval.by else approval.role])
    restored = "" if document.status is Status.IN_REVIEW else ", and write `status: in_review`"
    return (
        f"`iterata move {document.path} approved {options}`, if {approval.role} agrees to the present "
        f"content; or remove the entry{restored}"
    )


def record_remedy(document: Document, key: str, value: object) -> str:
    """How to add what an approval records, by a command or in an editor."""
    written = (
        ", ".join(f'{name}: "{text}"' for name, text in value.items()) if isinstance(value, dict) else ""
    )
    line = f"{key}: {{{written}}}" if written else f'{key}: "{value}"'
    return f"`iterata move {document.path} approved`; or add the line `{line}` below `status:`"
