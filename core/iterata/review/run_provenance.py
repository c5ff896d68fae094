"""Check in the Git history that a plan and its code were approved before they were run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.errors import IterataError
from iterata.lifecycle.agreement import record_remedy
from iterata.problems import Position, Problem, Severity
from iterata.repository import git
from iterata.repository.plan_code import code_digest, code_of_iteration, has_approved_code
from iterata.repository.result_history import ResultHistory
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from iterata.lifecycle.context import DocumentContext
    from iterata.repository.result_history import CommitState, Confirmation
    from iterata.results import ExperimentResult
    from iterata.review.changes import Change, Comparison

_APPROVAL_KEYS = ("status", "approvals", "plan_digest", "code_digest")
"""The keys of a proposal that show a new approval."""


def check_run_provenance(comparison: Comparison, root: Path) -> Iterator[Problem]:
    """SCOPE001 to SCOPE003: the history of a changed result contains its approved plan and its code."""
    head = comparison.head_commit or git.head(root)
    if head is None:
        return
    for folder in comparison.head.iterations:
        path = folder.result_path("experiment")
        result = folder.experiment_result if path in comparison.changed_paths else None
        if result is not None:
            with ResultHistory(root, folder, result) as history:
                yield from _provenance_problems(history, head)


def _provenance_problems(history: ResultHistory, head: str) -> Iterator[Problem]:
    folder, result = history.folder, history.result
    path, run = folder.result_path("experiment"), f"`iterata run {folder.ref}`"
    remedy = f"{run} on a commit that contains the approved proposal and its code"
    if history.commit is None:
        message = "the result does not name a commit of this repository"
        yield _problem("SCOPE001", Severity.ERROR, path, message, remedy)
        return
    confirmation = history.confirm(head)
    state = confirmation.state
    if not confirmation.confirmed and state is not None and state.is_approved and state.is_same:
        # if the present approval is of other code, too, the rule about results reports it
        if has_approved_code(folder.proposal, result, folder.project.path):
            recorded = result.provenance.code is not None
            other = (
                f"with other code in {state.commit[:12]}" if recorded else "with code that it does not record"
            )
            message = f"the plan of the result was approved {other}"
            yield _problem("SCOPE002", Severity.ERROR, path, message, remedy)
    elif not confirmation.confirmed:
        yield _problem("SCOPE001", Severity.ERROR, path, _mismatch(confirmation, result), remedy)
    elif result.provenance.code is None and not confirmation.by_its_commit:
        message = "only its plan is known: its commit is not part of this history, and it records no code"
        yield _problem("SCOPE003", Severity.ERROR, path, message, f"{run}, which records the code")


def _problem(code: str, severity: Severity, path: str, message: str, remedy: str) -> Problem:
    return Problem(code, severity, path, Position(1), "provenance", message, remedy)


def _mismatch(confirmation: Confirmation, result: ExperimentResult) -> str:
    """Why the history does not confirm a result."""
    state, commit = confirmation.state, str(result.provenance.commit)
    if confirmation.by_its_commit and state is not None:
        return f"the result was computed on {commit[:12]}, {_before_approval(state)}"
    gone = f"the commit {commit[:12]} is not part of this history"
    if state is None or not state.has_proposal:
        return f"{gone}, and the result was added before there was a proposal"
    if state.is_approved:
        files = ", ".join(state.other_files[:3])
        return f"no commit up to the result contains the approved plan with its code; other: {files}"
    return f"{gone}, and the result was added {_before_approval(state)}"


def _before_approval(state: CommitState) -> str:
    if not state.has_proposal:
        return "before there was a proposal"
    if state.status is not Status.APPROVED:
        return f"when the status of the proposal was {state.status}"
    return "when a different plan was approved"


def check_approved_code(comparison: Comparison) -> Iterator[Problem]:
    """SCOPE002 for a proposal that the pull request approves: its approval covers the code as it is here."""
    for change in comparison.changes:
        if change.after and change.after.document.stage is Stage.PROPOSAL and _is_approved_here(change):
            yield from _code_problems(change.after)


def _is_approved_here(change: Change) -> bool:
    before = change.before.document.data if change.before else {}
    after = change.after.document if change.after else None
    if after is None or after.status is not Status.APPROVED:
        return False
    return any(before.get(key) != after.data.get(key) for key in _APPROVAL_KEYS)


def _code_problems(context: DocumentContext) -> Iterator[Problem]:
    if context.iteration is None or context.proposal is None:
        return
    folder, document, recorded = context.iteration, context.document, context.proposal.code_digest
    key = ["code_digest"] if recorded else ["status"]
    try:
        present = code_digest(code_of_iteration(folder), folder.project.path)
    except IterataError as error:
        yield document.problem("SCOPE002", key, error.message, error.remedy, key=True)
        return
    if present is None and recorded is None:
        return
    if recorded is None:
        message = "the approval does not cover the code that the plan names: there is no `code_digest`"
        remedy = record_remedy(document, "code_digest", present)
        yield document.problem("SCOPE002", key, message, remedy, key=True)
    elif recorded != present:
        message = "the code that the plan names is not the code that was approved"
        remedy = (
            f"undo the change of the code; or `iterata move {document.path} draft`, add an amendment with "
            "its reason, and have it approved again"
        )
        yield document.problem("SCOPE002", key, message, remedy, key=True)
