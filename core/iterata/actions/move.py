"""Making a transition: along the table, through the gates, into the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from iterata.data.sources import location
from iterata.documents import edit, parse
from iterata.documents.error_location import located_in
from iterata.documents.fingerprint import plan_digest
from iterata.documents.stage_models import valid_model
from iterata.errors import IterataError, ProblemsError
from iterata.lifecycle.context import DocumentContext
from iterata.lifecycle.gates import gate_problems
from iterata.lifecycle.staleness import fingerprints
from iterata.repository.files import write_within
from iterata.stages import Stage, Status, successors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from iterata.documents import Document
    from iterata.documents.models.rows import Place


class Move(NamedTuple):
    """A transition that was made, and the document as it now is."""

    case: DocumentContext
    source: Status
    target: Status
    document: Document


class Agreement(NamedTuple):
    """Somebody who agrees to a document in a role."""

    role: str
    by: str | None


def move(
    case: DocumentContext, target: Status, agreements: Sequence[Agreement], today: date, root: Path
) -> Move:
    """Move a document to `target` and write what the transition owns.

    Raises:
        IterataError: the table has no such step.
        ProblemsError: the document has problems, or a gate is closed; nothing is written.
        DataError: a plan to be approved does not fit its data.
        RunError: a plan to be approved cannot be carried out.
    """
    document = case.document
    if document.problems:
        raise ProblemsError("the document has problems", document.problems, remedy="mend them first")
    source = document.status
    if source is target and not _joins(source, target, agreements):
        remedy = (
            "`--as ROLE` adds the agreement of another role"
            if source is Status.APPROVED
            else _steps(document)
        )
        raise IterataError(f"it is {source} already", remedy=remedy, where=document.path)
    if source is None or (
        target not in successors(document.stage, source) and not _joins(source, target, agreements)
    ):
        raise IterataError(
            f"its status cannot go from {source} to {target}", remedy=_steps(document), where=document.path
        )
    if source is target:
        _still_as_agreed(case, root)
    moved = _rewritten(case, target, agreements, today, root)
    after = DocumentContext(moved, case.project, case.iteration)
    if problems := moved.problems or list(gate_problems(after, target)):
        raise ProblemsError(
            f"it cannot become {target} yet", problems, remedy="mend these, then move it again"
        )
    if document.stage is Stage.PROPOSAL and target is Status.APPROVED and source is not target:
        _tells_why_it_changed(document, moved)
        _rehearsed(after, root)
    write_within(root, document.path, moved.source.text)
    return Move(after, source, target, moved)


def _still_as_agreed(case: DocumentContext, root: Path) -> None:
    """Refuse to add an agreement to something else than what others agreed to."""
    document = case.document
    proposal = case.proposal if document.stage is Stage.PROPOSAL else None
    if proposal is None:
        return
    now = _with_data_digests(case, root)
    if proposal.plan_digest != plan_digest(now.data["plan"]):
        remedy = (
            f"take the change back; or `iterata move {document.path} draft`, add an amendment with its "
            "reason, and have everybody agree anew"
        )
        message = "the plan or its data are not what was approved"
        raise IterataError(message, remedy=remedy, where=document.path)


def _tells_why_it_changed(before: Document, after: Document) -> None:
    """Refuse another plan than was approved once, unless an amendment says what changed and why."""
    once, now, proposal = (
        before.data.get("plan_digest"),
        after.data.get("plan_digest"),
        valid_model(after, Stage.PROPOSAL),
    )
    if once not in (None, now) and proposal is not None and not proposal.amendments:
        remedy = (
            "add an entry under `amendments:` (on, what, why); or take the change back, and try it in the "
            "next iteration"
        )
        message = "the plan or its data are not what was approved before, and no amendment says why"
        raise IterataError(message, remedy=remedy, where=before.path)


def _rehearsed(case: DocumentContext, root: Path) -> None:
    """Make sure that the plan fits its data, before anybody agrees to it."""
    from iterata.experiment.dry_run import dry_run  # noqa: PLC0415  # only who approves needs scikit-learn

    proposal, assessment = case.proposal, case.assessment
    assert proposal is not None and assessment is not None  # noqa: S101, PT018  # the gates passed
    plan, lift = proposal.plan, assessment.lift
    path = case.document.path
    try:
        with located_in(case.document):
            dry_run(plan, lift.kpi, lift.period, root / case.project.path, root, path)
    except IterataError as error:
        raise error.at(source=path) from None


def _steps(document: Document) -> str:
    steps = ", ".join(successors(document.stage, document.status)) if document.status else ""
    if steps:
        return f"from {document.status} it may go to {steps}"
    return f"{document.status} is where this document's life ends"


def _joins(source: Status, target: Status, agreements: Sequence[Agreement]) -> bool:
    """A further role may agree to what is already approved."""
    return bool(agreements) and source is target is Status.APPROVED


def _rewritten(
    case: DocumentContext, target: Status, agreements: Sequence[Agreement], today: date, root: Path
) -> Document:
    document = case.document
    changes: dict[str, Any] = {"status": target.value}
    model: Any = document.model
    if target is Status.DRAFT and model.approvals:
        changes["approvals"] = None  # what was agreed to is about to change
    if target is Status.APPROVED:
        changes["approvals"] = _approvals(model.approvals, agreements, today)
        if document.status is not target and (written_against := fingerprints(case)):
            changes["written_against"] = written_against
    if document.stage is Stage.EXPERIMENT and target is Status.RUNNING and model.started is None:
        changes["started"] = today.isoformat()
    if (
        document.stage is Stage.EXPERIMENT
        and target in (Status.COMPLETED, Status.STOPPED)
        and model.ended is None
    ):
        changes["ended"] = today.isoformat()
    text = document.source.text
    if document.stage is Stage.PROPOSAL and target is Status.APPROVED:
        document = _with_data_digests(case, root)
        changes["plan_digest"] = plan_digest(document.data["plan"])
    text = edit.set_keys(document, changes)
    return parse(document.path, document.stage, text.encode())


def _approvals(before: Sequence[Any], agreements: Sequence[Agreement], today: date) -> list[dict[str, str]]:
    new = {agreement.role.casefold() for agreement in agreements}
    kept = [
        each.model_dump(mode="json", exclude_none=True) for each in before if each.role.casefold() not in new
    ]
    given = [
        {"role": agreement.role, "on": today.isoformat(), **({"by": agreement.by} if agreement.by else {})}
        for agreement in agreements
    ]
    return [*kept, *given]


def _with_data_digests(case: DocumentContext, root: Path) -> Document:
    """Record the digest of all data the plan names; approval agrees to what they hold as well."""
    document = case.document
    model: Any = document.model
    project = root / case.project.path
    for part in ("data", "variants"):
        for index, named in enumerate(getattr(model.plan, part)):
            if part == "data" or named.producer == "file":
                text = edit.set_digest(document, part, index, _digest(named, project, root))
                document = parse(document.path, document.stage, text.encode())
    return document


def _digest(named: Place, project: Path, root: Path) -> str:
    if named.source is not None:
        return location.digest(location.locate(project, named.source, root=root, made_by=named.made_by))
    from iterata.data.sources.query import open_rows  # noqa: PLC0415  # only who asks needs pandas

    table = open_rows(project, named, root=root)
    return table.take(table.columns).digest()
