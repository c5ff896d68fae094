"""`iterata move`: change the status of a document, if the transition exists and its gates are open."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.data.sources import data_file
from iterata.documents import edit, parse
from iterata.documents.error_location import located_in
from iterata.documents.models.experiment import Experiment
from iterata.documents.models.proposal import Proposal
from iterata.documents.models.variants import FileVariant
from iterata.documents.proposed_plan import digest_of_plan
from iterata.errors import IterataError, ProblemsError
from iterata.lifecycle.context import DocumentContext
from iterata.lifecycle.gates import gate_problems
from iterata.lifecycle.staleness import fingerprints
from iterata.repository.files import write_within
from iterata.rules.plan import overrides_have_a_reason, rows_are_described
from iterata.stages import Stage, Status, successors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from iterata.documents import Document
    from iterata.documents.models.base import Approval
    from iterata.documents.models.proposal import Plan
    from iterata.documents.models.rows import RowSource
    from iterata.problems import Problem


class Move(NamedTuple):
    """A completed transition, and the document after it."""

    context: DocumentContext
    source: Status
    target: Status
    document: Document


class Agreement(NamedTuple):
    """The agreement of a role, with its account if one is named."""

    role: str
    by: str | None


def move(
    context: DocumentContext, target: Status, agreements: Sequence[Agreement], today: date, root: Path
) -> Move:
    """Move a document to `target`, and write the keys that the transition records.

    Raises:
        IterataError: there is no such transition, or the plan changed without an amendment.
        ProblemsError: the document has problems, or a gate is closed; nothing is written.
        DataError: the plan to approve does not fit its data.
        RunError: the plan to approve cannot be run.
    """
    document = context.document
    if document.problems:
        raise ProblemsError("the document has problems", document.problems, remedy="fix them first")
    source = _check_transition(document, target, agreements)
    if source is target:
        _check_plan_unchanged(context, root)
    moved = _with_recorded_keys(context, target, agreements, today, root)
    after = DocumentContext(moved, context.project, context.iteration)
    _check_gates(after, target)
    if document.stage is Stage.PROPOSAL and target is Status.APPROVED and source is not target:
        _check_amended(document, moved)
        _check_runnable(after, root)
    write_within(root, document.path, moved.source.text)
    return Move(after, source, target, moved)


def _check_transition(document: Document, target: Status, agreements: Sequence[Agreement]) -> Status:
    """The current status, if there is a transition from it to `target`.

    A further role may agree to an approved document, which stays approved.
    """
    source = document.status
    if source is Status.APPROVED and target is Status.APPROVED and agreements:
        return source
    if source is target:
        remedy = _possible_steps(document)
        if source is Status.APPROVED:
            remedy = (
                f"to add the agreement of another role: `iterata move {document.path} approved --as ROLE`"
            )
        raise IterataError(f"the status is already {source}", remedy=remedy, where=document.path)
    if source is None or target not in successors(document.stage, source):
        message = f"the status cannot change from {source} to {target}"
        raise IterataError(message, remedy=_possible_steps(document), where=document.path)
    return source


def _possible_steps(document: Document) -> str:
    steps = ", ".join(successors(document.stage, document.status)) if document.status else ""
    return f"move it to one of: {steps}" if steps else f"leave it {document.status}; this status is final"


def _check_gates(context: DocumentContext, target: Status) -> None:
    document = context.document
    problems = document.problems or [*_row_problems(context, target), *gate_problems(context, target)]
    if problems:
        remedy = "fix these problems, then move it again"
        raise ProblemsError(f"it cannot become {target} yet", problems, remedy=remedy)


def _row_problems(context: DocumentContext, target: Status) -> Iterator[Problem]:
    """What is wrong with the rows of a plan that others are about to agree to."""
    if target in (Status.IN_REVIEW, Status.APPROVED):
        yield from rows_are_described(context)
        yield from overrides_have_a_reason(context)


def _check_plan_unchanged(context: DocumentContext, root: Path) -> None:
    """Refuse to add an agreement to a plan that differs from the approved one."""
    document = context.document
    if not isinstance(context.model, Proposal):
        return
    present = _digest(_with_data_digests(context, root), context)
    if context.model.plan_digest != present:
        message = "the plan or its data differ from those approved"
        remedy = (
            f"undo the change; or `iterata move {document.path} draft`, add an amendment with its reason, "
            "and collect all agreements again"
        )
        raise IterataError(message, remedy=remedy, where=document.path)


def _digest(proposal: Document, context: DocumentContext) -> str | None:
    """The digest of a proposal's plan with what it takes from the assessment of the iteration."""
    return digest_of_plan(proposal, context.iteration.assessment_document if context.iteration else None)


def _check_amended(before: Document, after: Document) -> None:
    """Refuse a plan that differs from one approved earlier, unless an amendment gives the reason."""
    approved, present = before.data.get("plan_digest"), after.data.get("plan_digest")
    amended = isinstance(after.model, Proposal) and bool(after.model.amendments)
    if approved not in (None, present) and not amended:
        message = "the plan or its data differ from those approved earlier, and no amendment gives the reason"
        remedy = "add an entry under `amendments:` (on, what, why), or undo the change"
        raise IterataError(message, remedy=remedy, where=before.path)


def _check_runnable(context: DocumentContext, root: Path) -> None:
    """Check the plan against its data, as far as that executes no code of the project."""
    from iterata.experiment.dry_run import dry_run  # noqa: PLC0415  # imports scikit-learn

    plan, assessment = context.plan, context.assessment
    assert plan is not None and assessment is not None  # noqa: S101, PT018  # the gates passed
    path, lift = context.document.path, assessment.lift
    try:
        with located_in(context.document):
            dry_run(plan, lift.kpi, lift.period, root / context.project.path, root, path)
    except IterataError as error:
        raise error.at(source=path) from None


def _with_recorded_keys(
    context: DocumentContext, target: Status, agreements: Sequence[Agreement], today: date, root: Path
) -> Document:
    """The document with its new status, and all that the transition records."""
    document, model = context.document, context.model
    keys: dict[str, object] = {"status": target.value}
    approvals = model.approvals if model else []
    if target is Status.DRAFT and approvals:
        keys["approvals"] = None  # the content they refer to is about to change
    if target is Status.APPROVED:
        keys["approvals"] = _approvals(approvals, agreements, today)
        if document.status is not target and (written_against := fingerprints(context)):
            keys["written_against"] = written_against
    if isinstance(model, Experiment):
        keys |= _experiment_days(model, target, today)
    if document.stage is Stage.PROPOSAL and target is Status.APPROVED:
        document = _with_data_digests(context, root)
        keys["plan_digest"] = _digest(document, context)
    text = edit.set_keys(document, keys)
    return parse(document.path, document.stage, text.encode())


def _experiment_days(experiment: Experiment, target: Status, today: date) -> dict[str, str]:
    """The first day or the last day of an experiment, unless its author wrote it."""
    if target is Status.RUNNING and experiment.started is None:
        return {"started": today.isoformat()}
    if target in (Status.COMPLETED, Status.STOPPED) and experiment.ended is None:
        return {"ended": today.isoformat()}
    return {}


def _approvals(
    earlier: Sequence[Approval], agreements: Sequence[Agreement], today: date
) -> list[dict[str, str]]:
    """The earlier approvals with the new agreements, which replace those of the same role."""
    roles = {agreement.role.casefold() for agreement in agreements}
    unchanged = [
        approval.model_dump(mode="json", exclude_none=True)
        for approval in earlier
        if approval.role.casefold() not in roles
    ]
    added = [
        {"role": agreement.role, "on": today.isoformat(), **({"by": agreement.by} if agreement.by else {})}
        for agreement in agreements
    ]
    return [*unchanged, *added]


def _with_data_digests(context: DocumentContext, root: Path) -> Document:
    """The proposal with the digests of all data that the plan names, which an approval covers."""
    document, plan = context.document, context.plan
    if plan is None:
        return document
    for path, digest in _data_digests(plan, root / context.project.path, root):
        text = edit.set_digest(document, path, digest)
        document = parse(document.path, document.stage, text.encode())
    return document


def _data_digests(plan: Plan, project: Path, root: Path) -> Iterator[tuple[tuple[str, int], str]]:
    """The digest of the data and of each file of predictions, with the entry of the plan that it is of."""
    for position, data_set in enumerate(plan.data):
        yield ("data", position), _rows_digest(data_set, project, root)
    for position, variant in enumerate(plan.variants):
        if isinstance(variant, FileVariant):
            digest = data_file.source_digest(project, variant.source, root=root, made_by=variant.made_by)
            yield ("variants", position), digest


def _rows_digest(rows: RowSource, project: Path, root: Path) -> str:
    if rows.source is not None and not rows.columns:
        return data_file.source_digest(project, rows.source, root=root, made_by=rows.made_by)
    from iterata.data.sources.open import open_table  # noqa: PLC0415  # imports pandas

    table = open_table(project, rows, root=root)
    loaded = table.take(rows.columns if rows.query is None else table.columns)
    loaded.check_declared()
    return loaded.digest()
