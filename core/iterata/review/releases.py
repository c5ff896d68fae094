"""Check what a pull request changes in a release, and what moves while a revert is unexplained."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from iterata.documents.release_digest import digest_of_release
from iterata.errors import IterataError
from iterata.lifecycle.conditions import followed_so_far
from iterata.lifecycle.release import how_to_explain, owed_after_revert, percent
from iterata.problems import Position, Problem, Severity
from iterata.results.comparison import equal_apart_from_provenance
from iterata.stages import Stage, Status, initial

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from iterata.documents.models.deployment import Deployment, Phase
    from iterata.documents.models.split_test import Arms
    from iterata.lifecycle.context import DocumentContext
    from iterata.repository.projects import Repository
    from iterata.results import RolloutResult
    from iterata.review.changes import Change, Comparison

_BEGUN = (Status.ROLLING_OUT, Status.DEPLOYED, Status.REVERTED)

_ARCHIVED = re.compile(r"/results/release-\d+/[^/]+\.json\Z")
"""A result of an earlier release."""

_OF_STARTED = ("share", "hold", "requires", "started")
"""The keys of a phase that stay once it has begun."""

_OF_ENDED = (*_OF_STARTED, "ended", "approved", "override")
"""Those that stay once it has ended; its conclusion and the name of its result may be added."""

_OF_RELEASE = ("variant", "alpha", "on")
"""The keys of a deployment that stay while it is rolling out."""

_Arm = Literal["control", "treatment"]
_ARMS: tuple[_Arm, ...] = ("control", "treatment")

_RESTORE = "restore it; to begin anew, revert the release, and plan another one"


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
        yield _problem(change.after, ("earlier",), message, "restore it; another one is added below")
        return
    added = new.earlier[len(old.earlier) :]
    if added or change.before.document.status not in _BEGUN:
        yield from _ends_by_other_results(change.after, new, (_as_planned(old, new), new))
    if change.before.document.status not in _BEGUN:
        return
    if added:
        release, field = added[0], ("earlier", len(old.earlier))
        if release.variant != old.variant or (old.revert is not None and release.revert != old.revert):
            message = "it does not say of the reverted release what deployment.md said before"
            yield _problem(change.after, field, message, "write its variant and its revert as they were")
        yield from _changed_phases(change.after, old.phases, release.phases, (*field, "phases"))
        yield from _lost_results(change, len(old.earlier) + 1)
    else:
        yield from _changed_release(change.before, change.after, old, new)


def _changed_release(
    before: DocumentContext, after: DocumentContext, old: Deployment, new: Deployment
) -> Iterator[Problem]:
    """What changed in the release that goes on."""
    if after.document.status is Status.PLANNED:
        message = f"the release was {before.document.status}, and it is not among the earlier ones"
        yield _problem(after, ("status",), message, f"`iterata move {after.document.path} planned`")
        return
    if old.revert is not None and new.revert != old.revert:
        yield _problem(after, ("revert",), "the revert was changed or removed", "restore it")
    if old.split_test is None:  # its phases are dated by hand
        return
    for key in _OF_RELEASE:
        if getattr(old, key) != getattr(new, key):
            yield _problem(after, (key,), f"`{key}` was changed while the release was rolling out", _RESTORE)
    yield from _changed_phases(after, old.phases, new.phases, ("phases",))
    yield from _changed_metrics(after, old, new)
    yield from _changed_results(before, after, old, new)


def _changed_phases(
    after: DocumentContext, old: Sequence[Phase], new: Sequence[Phase], field: tuple[str | int, ...]
) -> Iterator[Problem]:
    for index, phase in enumerate(old):
        if phase.started is None:
            break
        share = percent(phase.share)
        if index >= len(new):
            message = f"the phase of {share} had begun, and was removed"
            yield _problem(after, field, message, _RESTORE)
            continue
        state, keys = ("ended", _OF_ENDED) if phase.ended else ("begun", _OF_STARTED)
        for key in keys:
            if getattr(phase, key) != getattr(new[index], key):
                message = f"`{key}` was changed after the phase of {share} had {state}"
                yield _problem(after, (*field, index, key), message, _RESTORE)


def _changed_metrics(after: DocumentContext, old: Deployment, new: Deployment) -> Iterator[Problem]:
    """Metrics that are no longer measured, or that more is accepted of."""
    if old.split_test is None or new.split_test is None:
        message = "the split test was removed while the release was rolling out"
        yield _problem(after, ("phases",), message, "restore `split_test:`")
        return
    for arm in _ARMS:
        if not _values(old.split_test.arm, arm) <= _values(new.split_test.arm, arm):
            message = f"a value of the {arm} was removed while the release was rolling out"
            yield _problem(after, ("split_test", "arm", arm), message, _RESTORE)
    for name, metric in old.split_test.metrics.items():
        field, present = ("split_test", "metrics", name), new.split_test.metrics.get(name)
        if present is None:
            message = f"{name} is no longer measured, although the release is rolling out"
            yield _problem(after, field[:2], message, _RESTORE)
        elif (metric.margin, metric.better) != (present.margin, present.better):
            message = f"the margin or the direction of {name} was changed while the release was rolling out"
            yield _problem(after, field, message, _RESTORE)


def _values(arms: Arms, arm: _Arm) -> set[str]:
    """The values of an arm, as they are written."""
    value = arms.control if arm == "control" else arms.treatment
    return {str(one) for one in (value if isinstance(value, list) else [value])}


def _changed_results(
    before: DocumentContext, after: DocumentContext, old: Deployment, new: Deployment
) -> Iterator[Problem]:
    """Results of ended phases that changed, and phases that ended by a result of another split test."""
    folder, earlier = after.iteration, before.iteration
    if folder is None or earlier is None:
        return
    ended = [phase.share for phase in old.phases if phase.ended is not None]
    for share in ended:
        agreed, result = earlier.readable_rollout_result(share), folder.readable_rollout_result(share)
        if agreed is not None and (result is None or not equal_apart_from_provenance(result, agreed)):
            path = folder.result_path("rollout", share)
            message = f"its figures were changed after the phase of {percent(share)} had ended"
            yield Problem("MOVE007", Severity.ERROR, path, Position(1), "", message, "restore the file")
    yield from _ends_by_other_results(after, new, (old, new), set(ended))


def _ends_by_other_results(
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
            yield _problem(after, ("phases", index, "ended"), message, remedy)


def _as_planned(old: Deployment, new: Deployment) -> Deployment:
    """The new deployment with the phases of the old one, of which later ones may have been changed since."""
    return new.model_copy(update={"phases": old.phases})


def _is_of(result: RolloutResult, *deployments: Deployment) -> bool:
    """Whether a result is of what one of the deployments declares."""
    return result.spec_digest in [digest_of_release(deployment) for deployment in deployments]


def _lost_results(change: Change, number: int) -> Iterator[Problem]:
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
            yield Problem("MOVE007", Severity.ERROR, path, Position(1), "", message, "restore the file")


def _content(repository: Repository, path: str) -> bytes | None:
    """The content of a file; None if there is none."""
    folder, _, name = path.rpartition("/")
    if name not in {entry.name for entry in repository.entries(folder) if not entry.is_dir}:
        return None
    with suppress(IterataError):
        return repository.tree.read(path)
    return None


def check_moves_after_revert(comparison: Comparison) -> Iterator[Problem]:
    """MOVE008: nothing moves before a reverted release has its post-mortem and a new decision."""
    for before, after in comparison.changes:
        if after is None or after.iteration is None:
            continue
        document = after.document
        status = before.document.status if before else initial(document.stage)
        if status is document.status:
            continue
        for folder in followed_so_far(after.iteration):
            explains = folder is after.iteration and document.stage in (Stage.REPORT, Stage.DEPLOYMENT)
            if not explains and (owed := owed_after_revert(folder)):
                message = f"the release of {folder.name} was reverted, and its report owes {owed}"
                yield document.problem("MOVE008", ["status"], message, how_to_explain(folder))


def is_caused_by_revert(comparison: Comparison, problem: Problem) -> bool:
    """Whether a problem of an unchanged document only says that a release is reverted here.

    A revert cannot wait for its post-mortem; what follows it waits instead (MOVE008).
    """
    return problem.code in ("LIFE024", "GATE005") and any(
        after is not None
        and after.document.stage is Stage.DEPLOYMENT
        and after.document.status is Status.REVERTED
        and (before is None or before.document.status is not Status.REVERTED)
        and problem.path.startswith(f"{after.project.path}/")
        for before, after in comparison.changes
    )


def _problem(context: DocumentContext, field: tuple[str | int, ...], message: str, remedy: str) -> Problem:
    return context.document.problem("MOVE007", field, message, remedy, key=True)
