"""Whether a result was made after its plan was approved, by the history and not by its word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents import parse
from iterata.documents.fingerprint import plan_digest
from iterata.problems import Position, Problem, Severity
from iterata.repository import git
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from iterata.repository.projects import IterationFolder
    from iterata.results import ExperimentResult
    from iterata.review.changes import Comparison


def ran_what_was_approved(comparison: Comparison, root: Path) -> Iterator[Problem]:
    """SCOPE001: the commit a changed result names holds the approved plan, and is part of this history."""
    head = comparison.head_commit or git.head(root)
    for folder in comparison.head.iterations:
        path = folder.result_path("experiment")
        if path not in comparison.touched or head is None:
            continue
        result = folder.results.get("experiment")
        if result is not None and (why := _why_not(root, head, folder, result)):  # type: ignore[arg-type]  # by its kind
            remedy = f"`iterata run {folder.ref}` on the commit that holds the approved proposal"
            yield Problem("SCOPE001", Severity.ERROR, path, Position(1), "provenance.commit", why, remedy)


def _why_not(root: Path, head: str, folder: IterationFolder, result: ExperimentResult) -> str | None:
    commit = result.provenance.commit
    if commit is None or git.commit(root, commit) != commit:  # `HEAD` and `main` are another one every day
        return "it names no commit of this repository"
    if not git.is_ancestor(root, commit, head):
        return f"it was made on {commit[:12]}, which is not part of this history"
    raw = git.show(root, commit, f"{folder.path}/{Stage.PROPOSAL.filename}")
    if raw is None:
        return f"it was made on {commit[:12]}, before there was a proposal"
    proposal = parse(folder.path, Stage.PROPOSAL, raw)
    if proposal.status is not Status.APPROVED:
        return f"it was made on {commit[:12]}, when the proposal was {proposal.status}"
    if plan_digest(proposal.data.get("plan") or {}) != result.plan_digest:
        return f"it was made on {commit[:12]}, when another plan was approved"
    return None
