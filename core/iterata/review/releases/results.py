"""The results of a release: those that showed something stay, also those of earlier releases."""

from __future__ import annotations

import re
import shlex
from contextlib import suppress
from typing import TYPE_CHECKING

from iterata.documents.release_digest import digest_of_release
from iterata.errors import IterataError
from iterata.lifecycle.release import percent
from iterata.problems import Position, Problem, Severity
from iterata.repository.git_tree import GitTree
from iterata.results.comparison import equal_apart_from_provenance
from iterata.review.releases.problem import release_problem
from iterata.rules.figures.corrected import corrects
from iterata.rules.figures.looks import LATE_UNITS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from iterata.documents.models.deployment import Deployment
    from iterata.lifecycle.context import DocumentContext
    from iterata.repository.projects import Repository
    from iterata.results import RolloutResult
    from iterata.review.changes import Change, Comparison

_ARCHIVED = re.compile(r"/results/release-\d+/[^/]+\.json\Z")
"""A result of an earlier release."""


def check_results(
    before: DocumentContext, after: DocumentContext, old: Deployment, new: Deployment
) -> Iterator[Problem]:
    """Results of ended phases that changed, and phases that ended by a result of another split test."""
    folder, earlier = after.iteration, before.iteration
    if folder is None or earlier is None:
        return
    ended = [phase.share for phase in old.phases if phase.ended is not None]
    for share in ended:
        agreed, result = earlier.readable_rollout_result(share), folder.readable_rollout_result(share)
        if agreed is not None and not _stays(agreed, result):
            path = folder.result_path("rollout", share)
            message = f"its figures were changed after the phase of {percent(share)} had ended"
            remedy = _to_restore(before.project.repository, earlier.result_path("rollout", share))
            yield Problem("MOVE007", Severity.ERROR, path, Position(1), "", message, remedy)
    yield from _lost_looks(before, after, old)
    yield from ends_by_other_results(after, new, (old, new), set(ended))


def _stays(agreed: RolloutResult, result: RolloutResult | None) -> bool:
    """Whether a result is the agreed one, or its correction where that contradicts itself."""
    if result is None:
        return False
    return equal_apart_from_provenance(result, agreed) or corrects(agreed, result)


def corrected_phases(before: DocumentContext, after: DocumentContext, old: Deployment) -> set[float]:
    """The shares of ended phases whose result contradicted itself, and was evaluated again."""
    pairs = {
        phase.share: [
            context.iteration.readable_rollout_result(phase.share) if context.iteration else None
            for context in (before, after)
        ]
        for phase in old.phases
        if phase.ended is not None
    }
    return {share for share, (was, now) in pairs.items() if was and now and corrects(was, now)}


def _lost_looks(before: DocumentContext, after: DocumentContext, old: Deployment) -> Iterator[Problem]:
    """A look that decided nothing, and that the result of its phase does not know any more.

    It spent the rest of the false positive rate, so another one cannot be taken as if it was the first.
    """
    folder, earlier = after.iteration, before.iteration
    for share in (phase.share for phase in old.phases if phase.ended is None):
        agreed = earlier.readable_rollout_result(share) if earlier else None
        if folder is None or agreed is None or agreed.undecided_at is None:
            continue
        result = folder.readable_rollout_result(share)
        seen = result is not None and (
            result.undecided_at is not None or result.hold.units <= agreed.undecided_at * LATE_UNITS
        )
        if not seen:
            path = folder.result_path("rollout", share)
            message = f"the look at the phase of {percent(share)} decided nothing, and its result is gone"
            restore = _to_restore(before.project.repository, path)
            remedy = f"{restore}, then `iterata rollout {folder.ref}`"
            yield Problem("MOVE007", Severity.ERROR, path, Position(1), "undecided_at", message, remedy)


def ends_by_other_results(
    after: DocumentContext,
    new: Deployment,
    declared: Sequence[Deployment],
    ended_before: Collection[float] = (),
) -> Iterator[Problem]:
    """Phases that end in this change by a result of another split test."""
    folder = after.iteration
    if folder is None:
        return
    for index, phase in enumerate(new.phases):
        if phase.ended is None or phase.override is not None or phase.share in ended_before:
            continue
        result = folder.readable_rollout_result(phase.share)
        if result is not None and not _is_of(result, *declared):
            message = f"the phase of {percent(phase.share)} ended by the result of another split test"
            remedy = f"remove `ended:` and what follows it, then `iterata rollout {folder.ref}`"
            yield release_problem(after, ("phases", index, "ended"), message, remedy)


def as_planned(old: Deployment, new: Deployment) -> Deployment:
    """The new deployment with the phases of the old one, of which later ones may have been changed since."""
    return new.model_copy(update={"phases": old.phases})


def _is_of(result: RolloutResult, *deployments: Deployment) -> bool:
    """Whether a result is of what one of the deployments declares."""
    return result.spec_digest in [digest_of_release(deployment) for deployment in deployments]


def check_archive(change: Change, number: int) -> Iterator[Problem]:
    """Results of the reverted release that are not kept, as they were, in a folder of their own."""
    before, after = (context.iteration if context else None for context in change)
    if before is None or after is None:
        return
    for share in before.rollout_shares:
        old = before.result_path("rollout", share)
        new = f"{after.path}/results/release-{number}/{old.rpartition('/')[2]}"
        if _content(after.project.repository, new) != _content(before.project.repository, old):
            message = f"the result of the phase of {percent(share)} is not kept in results/release-{number}"
            remedy = f"restore {old} as {new}"
            yield Problem("MOVE007", Severity.ERROR, new, Position(1), "", message, remedy)


def check_archived_results(comparison: Comparison) -> Iterator[Problem]:
    """MOVE007: the results of earlier releases stay as they are."""
    for path in sorted(filter(_ARCHIVED.search, comparison.changed_paths)):
        was = _content(comparison.base, path)
        if was is not None and _content(comparison.head, path) != was:
            message = "it is a result of an earlier release, and was changed or removed"
            remedy = _to_restore(comparison.base, path)
            yield Problem("MOVE007", Severity.ERROR, path, Position(1), "", message, remedy)


def _to_restore(repository: Repository, path: str) -> str:
    """How to get a file back as it is in a revision."""
    if not isinstance(repository.tree, GitTree):
        return "restore the file"
    return f"`git restore --source={repository.tree.revision[:12]} {shlex.quote(path)}`"


def _content(repository: Repository, path: str) -> bytes | None:
    """The content of a file; None if there is none."""
    folder, _, name = path.rpartition("/")
    if name not in {entry.name for entry in repository.entries(folder) if not entry.is_dir}:
        return None
    with suppress(IterataError):
        return repository.tree.read(path)
    return None
