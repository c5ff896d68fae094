"""Check in the Git history that a plan was approved before it was run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents import parse
from iterata.documents.proposed_plan import digest_of_plan
from iterata.problems import Position, Problem, Severity
from iterata.repository import git
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from iterata.documents import Document
    from iterata.repository.projects import IterationFolder
    from iterata.results import ExperimentResult
    from iterata.review.changes import Comparison


def check_run_provenance(comparison: Comparison, root: Path) -> Iterator[Problem]:
    """SCOPE001: the commit of a changed result contains the approved plan, and is part of this history."""
    head = comparison.head_commit or git.head(root)
    if head is None:
        return
    for folder in comparison.head.iterations:
        path = folder.result_path("experiment")
        result = folder.experiment_result if path in comparison.changed_paths else None
        if result is None:
            continue
        message = _mismatch(root, head, folder, result)
        if message is not None:
            remedy = f"`iterata run {folder.ref}` on a commit that contains the approved proposal"
            yield Problem("SCOPE001", Severity.ERROR, path, Position(1), "provenance.commit", message, remedy)


def _mismatch(root: Path, head: str, folder: IterationFolder, result: ExperimentResult) -> str | None:
    """Why the history does not confirm a result; None if it does."""
    commit = result.provenance.commit
    if (
        commit is None or git.resolve_commit(root, commit) != commit
    ):  # a name such as `HEAD` is not a fixed commit
        return "the result does not name a commit of this repository"
    computed = f"the result was computed on {commit[:12]}"
    if not git.is_ancestor(root, commit, head):
        return f"{computed}, which is not part of this history"
    raw = git.show(root, commit, f"{folder.path}/{Stage.PROPOSAL.filename}")
    if raw is None:
        return f"{computed}, before there was a proposal"
    proposal = parse(folder.path, Stage.PROPOSAL, raw)
    assessment = _assessment_at(root, commit, folder)
    if proposal.status is not Status.APPROVED:
        return f"{computed}, when the status of the proposal was {proposal.status}"
    if digest_of_plan(proposal, assessment) != result.plan_digest:
        return f"{computed}, when a different plan was approved"
    return None


def _assessment_at(root: Path, commit: str, folder: IterationFolder) -> Document | None:
    """The assessment that the plan was completed by, as it was at a commit."""
    source = folder.assessment_folder
    path = f"{source.path}/{Stage.ASSESSMENT.filename}" if source else ""
    raw = git.show(root, commit, path) if source else None
    return None if raw is None else parse(path, Stage.ASSESSMENT, raw)
