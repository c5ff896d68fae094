"""The conditions of a run, checked before the code of a plan is executed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.actions.publish import refuse_newer_result, require_valid
from iterata.documents.error_location import located_in
from iterata.errors import IterataError, NotFoundError, ProblemsError
from iterata.experiment.disclosure import input_files
from iterata.lifecycle.context import DocumentContext
from iterata.lifecycle.gates import gate_problems
from iterata.lifecycle.remedies import to_approve_document
from iterata.lifecycle.staleness import upstream_changes
from iterata.problems import Severity
from iterata.repository import git
from iterata.repository.git_index import refuse_submodule
from iterata.repository.plan_code import code_digest, code_of_iteration
from iterata.repository.result_history import approved_differences
from iterata.rules.check import check_document
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from iterata.documents import Document
    from iterata.documents.models.assessment import Assessment
    from iterata.documents.models.proposal import Plan, Proposal
    from iterata.repository.config import Config
    from iterata.repository.projects import IterationFolder

CHANGED_AFTER_APPROVAL = "PLAN003"
"""The one rule that a plan tried as a draft may break."""


class PreparedRun(NamedTuple):
    """A plan that may be run, and what its run needs."""

    folder: IterationFolder
    document: Document
    """The proposal."""
    proposal: Proposal
    plan: Plan
    """The plan of the proposal, completed by the assessment."""
    digest: str
    """The digest of the plan."""
    assessment: Assessment
    commit: str | None
    """The commit that is checked out; None outside Git."""
    uncommitted: list[str]
    """Files that the result depends on and that differ from the commit."""
    code: dict[str, str]
    """The digest of every file of code that the plan names, by its path."""

    @property
    def matches_approval(self) -> bool | None:
        """Whether the plan is the one that was approved; None if none was."""
        return self.digest == self.proposal.plan_digest if _is_approved(self.proposal) else None


def prepare(
    config: Config,
    folder: IterationFolder,
    *,
    draft: bool = False,
    allow_dirty: bool = False,
    overwrite_newer: bool = False,
) -> PreparedRun:
    """Check that the plan may be run. Writes nothing and executes no code of the project.

    Args:
        config: the knowledge base.
        folder: the iteration.
        draft: whether to accept a plan that is not approved or not committed.
        allow_dirty: whether to accept documents and code that differ from the commit.
        overwrite_newer: whether to accept that the run writes over a result of a newer iterata.

    Raises:
        NotFoundError: there is no proposal or no assessment.
        ProblemsError: a document has problems, the proposal is not approved, or the experiment cannot begin.
        DataError: the expected lift, which the result quotes, cannot be read.
        NewerVersion: a newer version wrote the result that is there.
        IterataError: the assessment or the code changed after approval, or files are not committed.
    """
    if not draft and not overwrite_newer:
        refuse_newer_result(folder, "experiment")
    document = folder.document(Stage.PROPOSAL)
    if document is None:
        remedy = f"`iterata new document {folder.ref} proposal`"
        raise NotFoundError("the iteration has no proposal", remedy=remedy, where=folder.ref)
    context = DocumentContext(document, folder.project, folder)
    refuse_submodule(config.root, folder.path)
    _require_no_problems(context, draft=draft)
    proposal = _proposal(context, folder, draft=draft)
    assessment = _assessment(folder)
    if folder.assessment_folder is not None:
        folder.assessment_folder.require_readable_results("lift")
    plan, digest = folder.plan, folder.plan_digest
    assert plan is not None and digest is not None  # noqa: S101, PT018  # the rules found no problem
    with located_in(document, "plan"):
        code, commit = code_of_iteration(folder), git.head(config.root)
    uncommitted = _uncommitted(config.root, folder, plan, code, commit)
    prepared = PreparedRun(folder, document, proposal, plan, digest, assessment, commit, uncommitted, code)
    if not draft:
        _require_unchanged_assessment(context)
        _require_approved_code(prepared, config.root)
        _require_experiment_can_begin(folder)
        git.require(config.root)
        _require_committed(prepared, allow_dirty=allow_dirty)
    return prepared


def _require_no_problems(context: DocumentContext, *, draft: bool) -> None:
    problems = [
        problem
        for problem in check_document(context)
        if problem.severity == Severity.ERROR and not (draft and problem.code == CHANGED_AFTER_APPROVAL)
    ]
    if problems:
        raise ProblemsError("the proposal has problems", problems, remedy="correct them, then run it again")


def _is_approved(proposal: Proposal) -> bool:
    return proposal.status is Status.APPROVED and proposal.plan_digest is not None


def _proposal(context: DocumentContext, folder: IterationFolder, *, draft: bool) -> Proposal:
    """The proposal, if it may be run."""
    proposal, document = folder.proposal, context.document
    if proposal is not None and (draft or _is_approved(proposal)):
        return proposal
    remedy = (
        f"get it approved, then run it: {to_approve_document(context)}; "
        f"or try it as a draft: `iterata run {folder.ref} --draft`"
    )
    reasons = list(gate_problems(context, Status.APPROVED))
    raise ProblemsError(f"the proposal is {document.status}, not approved", reasons, remedy=remedy)


def _assessment(folder: IterationFolder) -> Assessment:
    """The valid assessment whose KPI evaluates the variants."""
    document = folder.assessment_document
    assessment = folder.assessment
    if document is not None:
        require_valid(document)
    if assessment is None:
        remedy = f"`iterata new document {folder.ref} assessment`: its KPI evaluates the variants"
        raise NotFoundError("the iteration has no assessment", remedy=remedy, where=folder.ref)
    return assessment


def _uncommitted(
    root: Path, folder: IterationFolder, plan: Plan, code: Iterable[str], commit: str | None
) -> list[str]:
    """The files that the result depends on and that differ from the commit, or that Git ignores."""
    documents = [folder.document(Stage.PROPOSAL), folder.assessment_document]
    paths = [document.path for document in documents if document is not None]
    inputs = dict.fromkeys([*input_files(root / folder.project.path, plan, paths, root), *code])
    differing = [path for path in inputs if git.is_dirty(root, [path])]
    if commit is None:
        return differing
    ignored = [path for path in code if path not in differing and git.mode(root, commit, path) is None]
    return [*differing, *ignored]


def _require_unchanged_assessment(context: DocumentContext) -> None:
    """Refuse a run with a different KPI than at the approval of the plan."""
    for change in upstream_changes(context):
        message = "has changed since the plan was approved, and it defines the KPI of the plan"
        affirm = f"`iterata affirm {context.document.path}`"
        remedy = f"revert the change; or check that the plan is still valid, then {affirm}"
        raise IterataError(message, remedy=remedy, where=change.path)


def _require_approved_code(prepared: PreparedRun, root: Path) -> None:
    """Refuse to run code that differs from what was approved with the plan."""
    approved, document = prepared.proposal.code_digest, prepared.document
    project = prepared.folder.project.path
    if approved in (None, code_digest(prepared.code, project)):
        return
    files = approved_differences(root, prepared.folder, prepared.code, str(approved))
    message = f"the code that the plan names is not what was approved: {', '.join(files)}"
    remedy = (
        f"undo the change; or `iterata move {document.path} draft`, add an amendment with its reason, and "
        f"have it approved again; to try the code before that: `iterata run {prepared.folder.ref} --draft`"
    )
    raise IterataError(message, remedy=remedy, where=document.path)


def _require_experiment_can_begin(folder: IterationFolder) -> None:
    """Refuse a run whose log could not be written to an existing experiment.md afterwards."""
    document = folder.document(Stage.EXPERIMENT)
    if document is None:
        return
    context = DocumentContext(require_valid(document), folder.project, folder)
    if reasons := list(gate_problems(context, Status.RUNNING)):
        raise ProblemsError("the experiment cannot begin", reasons, remedy="correct these, then run it again")


def _require_committed(prepared: PreparedRun, *, allow_dirty: bool) -> None:
    """Refuse a run whose result could not be computed again from a commit."""
    ref = prepared.folder.ref
    if prepared.commit is None:
        message = "there is no commit yet, so the result could not be traced to one"
        remedy = "commit the approved proposal: `git init`, `git add -A`, `git commit -m 'approve the plan'`"
        raise IterataError(message, remedy=remedy, where=ref)
    if prepared.uncommitted and not allow_dirty:
        message = f"files that the result depends on are not committed: {', '.join(prepared.uncommitted)}"
        remedy = "commit them; or run it with --allow-dirty, which the result records"
        raise IterataError(message, remedy=remedy, where=ref)
