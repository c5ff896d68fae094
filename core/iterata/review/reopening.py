"""Documents that an earlier pull request opened again: what was agreed to last is found in the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents import parse
from iterata.lifecycle.context import DocumentContext
from iterata.repository import git
from iterata.repository.git_tree import GitTree
from iterata.review.changes import Change
from iterata.review.immutability import agreed_stays_as_it_is
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from iterata.problems import Problem
    from iterata.review.changes import Comparison

_TELL_WHY = frozenset({Stage.REQUIREMENTS, Stage.PROPOSAL})
"""The stages whose documents give a reason for being opened again: a revision, or an amendment."""

_OPEN = frozenset({Status.DRAFT, Status.IN_REVIEW, Status.REJECTED})


def opened_for_a_reason(comparison: Comparison, root: Path) -> Iterator[Problem]:
    """MOVE003, where one pull request opened the document and another one closes it."""
    tree = comparison.base.tree
    for before, after in comparison.changes:
        if before is None or after is None or not isinstance(tree, GitTree):
            continue
        closed = before.document.status in _OPEN and after.document.status is Status.APPROVED
        if (
            closed
            and after.document.stage in _TELL_WHY
            and (last := _last_agreed(root, tree.revision, before))
        ):
            yield from agreed_stays_as_it_is(Change(last, after))


def _last_agreed(root: Path, revision: str, case: DocumentContext) -> DocumentContext | None:
    """The document as it was when it was last approved, as far as this clone remembers."""
    path, stage = case.document.path, case.document.stage
    for commit in git.changing(root, revision, path):
        raw = git.show(root, commit, path)
        document = parse(path, stage, raw) if raw is not None else None
        if document is not None and document.status is Status.APPROVED:
            return DocumentContext(document, case.project, case.iteration)
    return None
