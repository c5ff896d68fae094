"""Documents that one pull request reopened and another one closes: compared with their last approval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents import parse
from iterata.lifecycle.context import DocumentContext
from iterata.repository import git
from iterata.repository.git_tree import GitTree
from iterata.review.changes import Change
from iterata.review.immutability import check_immutability
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from iterata.problems import Problem
    from iterata.review.changes import Comparison

_REASON_REQUIRED = frozenset({Stage.REQUIREMENTS, Stage.PROPOSAL})
"""The stages whose documents give a reason when they are reopened: a revision or an amendment."""

_OPEN = frozenset({Status.DRAFT, Status.IN_REVIEW, Status.REJECTED})


def check_reopening(comparison: Comparison, root: Path) -> Iterator[Problem]:
    """MOVE003, for a document that an earlier pull request reopened and this one closes."""
    tree = comparison.base.tree
    if not isinstance(tree, GitTree):
        return
    for before, after in comparison.changes:
        if before is None or after is None or after.document.stage not in _REASON_REQUIRED:
            continue
        if before.document.status in _OPEN and after.document.status is Status.APPROVED:
            last_approved = _last_approved(root, tree.revision, before)
            if last_approved is not None:
                yield from check_immutability(Change(last_approved, after))


def _last_approved(root: Path, revision: str, context: DocumentContext) -> DocumentContext | None:
    """The document in its last approved state, None if the history of this clone has none."""
    path, stage = context.document.path, context.document.stage
    for commit in git.commits_changing(root, revision, path):
        raw = git.show(root, commit, path)
        document = parse(path, stage, raw) if raw is not None else None
        if document is not None and document.status is Status.APPROVED:
            return DocumentContext(document, context.project, context.iteration)
    return None
