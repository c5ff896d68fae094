"""Check what a pull request changes in a release that has begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.review.releases.declared import check_begun_phases, check_declared
from iterata.review.releases.problem import release_problem
from iterata.review.releases.results import (
    as_planned,
    check_archive,
    check_results,
    corrected_phases,
    ends_by_other_results,
)
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents.models.deployment import Deployment
    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem
    from iterata.review.changes import Change

BEGUN = (Status.ROLLING_OUT, Status.DEPLOYED, Status.REVERTED)


def check_release(change: Change) -> Iterator[Problem]:
    """MOVE007: what a release has shown and done stays; a reverted one stays among the earlier ones."""
    if change.before is None or change.after is None or change.after.document.stage is not Stage.DEPLOYMENT:
        return
    old, new = change.before.deployment, change.after.deployment
    if old is None or new is None:  # other rules tell what is wrong with it
        return
    kept = new.earlier[: len(old.earlier)]
    if kept != old.earlier:
        message = "an earlier release was changed or removed"
        yield release_problem(change.after, ("earlier",), message, "restore it; another one is added below")
        return
    added = new.earlier[len(old.earlier) :]
    if added or change.before.document.status not in BEGUN:
        yield from ends_by_other_results(change.after, new, (as_planned(old, new), new))
    if change.before.document.status not in BEGUN:
        return
    if added:
        release, field = added[0], ("earlier", len(old.earlier))
        if release.variant != old.variant or (old.revert is not None and release.revert != old.revert):
            message = "it does not say of the reverted release what deployment.md said before"
            remedy = "write its variant and its revert as they were"
            yield release_problem(change.after, field, message, remedy)
        yield from check_begun_phases(change.after, old.phases, release.phases, (*field, "phases"))
        yield from check_archive(change, len(old.earlier) + 1)
    else:
        yield from _changed_release(change.before, change.after, old, new)


def _changed_release(
    before: DocumentContext, after: DocumentContext, old: Deployment, new: Deployment
) -> Iterator[Problem]:
    """What changed in the release that goes on."""
    if after.document.status is Status.PLANNED:
        message = f"the release was {before.document.status}, and it is not among the earlier ones"
        yield release_problem(after, ("status",), message, f"`iterata move {after.document.path} planned`")
        return
    if old.revert is not None and new.revert != old.revert:
        yield release_problem(after, ("revert",), "the revert was changed or removed", "restore it")
    yield from check_declared(after, old, new, corrected_phases(before, after, old))
    if old.split_test is not None:
        yield from check_results(before, after, old, new)
