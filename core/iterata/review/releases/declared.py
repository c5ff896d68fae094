"""What a release has declared: what stays while it is rolling out, and what needs an amendment to change.

What the release must show stays, because whoever may move it after the start can release anything. Which rows
are read, how, and what is watched may have been wrong; a recorded amendment says what changed and why.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

from iterata.documents.models.split_test import OnlineMeasure, SplitTestSpec
from iterata.lifecycle.release import percent
from iterata.review.releases.problem import RESTORE, release_problem
from iterata.stages import Status

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from iterata.documents.models.deployment import Deployment, Hold, Phase
    from iterata.documents.models.split_test import Arms
    from iterata.errors import FieldPath
    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem

_EVERYBODY = 1.0

_OF_STARTED = ("hold", "requires", "started")
"""The keys of a phase that stay once it has begun."""

_OF_ENDED = (*_OF_STARTED, "ended", "approved", "override")
"""Those that stay once it has ended; its conclusion and the name of its result may be added."""

_OF_RELEASE = ("variant", "alpha", "on")
"""The keys of a deployment that stay while it is rolling out."""

_GOALS = ("margin", "better")
"""The keys of a metric that stay; `worth` is one of them where the margin follows from it."""

_ROWS = [key for key in SplitTestSpec.model_fields if key not in ("arm", "metrics", "not_measured")]
"""The keys that say which rows are read, and how."""

_MEASURED = [key for key in OnlineMeasure.model_fields if key not in (*_GOALS, "worth")]
"""The keys that say what of a row is measured."""

_Arm = Literal["control", "treatment"]
_ARMS: tuple[_Arm, ...] = ("control", "treatment")


class Edit(NamedTuple):
    """Something that was changed, and that only an amendment can change."""

    field: FieldPath
    what: str


def check_declared(
    after: DocumentContext, old: Deployment, new: Deployment, corrected: Collection[float] = ()
) -> Iterator[Problem]:
    """MOVE007 for what changed in the declaration of a release that has begun.

    Args:
        after: the deployment as it is now.
        old: what it said before.
        new: what it says now.
        corrected: the shares of ended phases whose result contradicted itself and was evaluated again.
    """
    edits: list[Edit] = []
    if after.document.status is not Status.REVERTED:
        edits += _monitors(old, new)
    if old.split_test is not None:  # without one, phases are dated by hand
        yield from _goals(after, old, new)
        yield from check_begun_phases(after, old.phases, new.phases, ("phases",), corrected)
        edits += _rows(old, new)
        edits += _coming_phases(old, new)
        yield from _fixed_phases(after, old, new)
    yield from _amended(after, old, new, edits)


def check_begun_phases(
    after: DocumentContext,
    old: Sequence[Phase],
    new: Sequence[Phase],
    field: FieldPath,
    corrected: Collection[float] = (),
) -> Iterator[Problem]:
    """MOVE007 for phases that have begun, and were changed or removed.

    Where a result was corrected, it may advise otherwise; an override then says why the phase ended.
    """
    present = {phase.share: index for index, phase in enumerate(new)}
    begun = [phase for phase in old if phase.started is not None]
    for index, phase in enumerate(new):
        if begun and phase.share < begun[-1].share and phase.share not in {known.share for known in old}:
            message = f"the phase of {percent(phase.share)} was added before one that had begun"
            yield release_problem(after, (*field, index), message, "remove it")
    for phase in begun:
        share, place = percent(phase.share), present.get(phase.share)
        if place is None:
            message = f"the phase of {share} had begun, and is not among the phases any more"
            yield release_problem(after, field, message, RESTORE)
            continue
        state, keys = ("ended", _OF_ENDED) if phase.ended else ("begun", _OF_STARTED)
        for key in keys:
            if key == "override" and phase.override is None and phase.share in corrected:
                continue
            if getattr(phase, key) != getattr(new[place], key):
                message = f"`{key}` was changed after the phase of {share} had {state}"
                yield release_problem(
                    after, (*field, place, key), message, _restore(key, getattr(phase, key))
                )


def _restore(key: str, value: object) -> str:
    """How to undo the change of a key of a phase; a day is named, because a merge may leave either one."""
    if value is None:
        return RESTORE.replace("restore it", f"remove `{key}:`")
    return RESTORE.replace("restore it", f"write `{key}: {value}`") if isinstance(value, date) else RESTORE


def _goals(after: DocumentContext, old: Deployment, new: Deployment) -> Iterator[Problem]:
    """What the release must show, which nothing changes."""
    when = "was changed while the release was rolling out"
    for key in _OF_RELEASE:
        if getattr(old, key) != getattr(new, key):
            yield release_problem(after, (key,), f"`{key}` {when}", RESTORE)
    if old.holdout != new.holdout and any(phase.started for phase in _of_everybody(old)):
        message = "`holdout` was changed after the phase of everybody had begun"
        yield release_problem(after, ("holdout",), message, RESTORE)
    if old.split_test is None or new.split_test is None:
        message = "the split test was removed while the release was rolling out"
        yield release_problem(after, ("phases",), message, "restore `split_test:`")
        return
    for arm in _ARMS:
        if not _values(old.split_test.arm, arm) <= _values(new.split_test.arm, arm):
            message = f"a value of the {arm} was removed while the release was rolling out"
            yield release_problem(after, ("split_test", "arm", arm), message, RESTORE)
    for name, metric in old.split_test.metrics.items():
        field, present = ("split_test", "metrics", name), new.split_test.metrics.get(name)
        if present is None:
            message = f"{name} is no longer measured, although the release is rolling out"
            yield release_problem(after, field[:2], message, RESTORE)
            continue
        for key in (*_GOALS, *(["worth"] if metric.margin is None else [])):
            if getattr(metric, key) != getattr(present, key):
                yield release_problem(after, (*field, key), f"`{key}` of {name} {when}", RESTORE)


def _fixed_phases(after: DocumentContext, old: Deployment, new: Deployment) -> Iterator[Problem]:
    """Phases to come that were removed, added, or that wait for something else.

    Those with a control group are the plan of looks, and each look spends a part of the false positive rate.
    """
    wait = "restore it; a phase may last longer than planned, and `--override` ends it earlier with a reason"
    known = {phase.share: phase for phase in new.phases}
    for phase in (phase for phase in old.phases if phase.started is None):
        share, present = percent(phase.share), known.get(phase.share)
        if present is None:
            message = f"the phase of {share} was removed while the release was rolling out"
            yield release_problem(after, ("phases",), message, wait)
            continue
        place = ("phases", new.phases.index(present))
        if present.requires != phase.requires:
            message = f"what the phase of {share} must show was changed while the release was rolling out"
            yield release_problem(after, (*place, "requires"), message, RESTORE)
        if not _waits_as_long(phase, present):
            message = f"what the phase of {share} waits for was changed while the release was rolling out"
            yield release_problem(after, (*place, "hold"), message, wait)
    planned = {phase.share for phase in old.phases}
    last_begun = max((phase.share for phase in old.phases if phase.started is not None), default=0.0)
    for index, phase in enumerate(new.phases):
        if phase.share not in planned and last_begun < phase.share < _EVERYBODY:
            message = f"the phase of {percent(phase.share)} was added while the release was rolling out"
            remedy = "remove it; for more caution, stay longer in the phase before"
            yield release_problem(after, ("phases", index), message, remedy)


def _waits_as_long(old: Phase, new: Phase) -> bool:
    """Whether a phase waits for what it did; the one of everybody, which is no look, may wait longer."""

    def weight(hold: Hold) -> tuple[int, int]:
        return hold.days or 0, hold.units or 0

    was, now = weight(old.hold), weight(new.hold)
    may_last = old.share == _EVERYBODY
    is_as_long = was == now or (may_last and all(a <= b for a, b in zip(was, now, strict=True)))
    return is_as_long and old.hold.approval in (None, new.hold.approval)


def _coming_phases(old: Deployment, new: Deployment) -> Iterator[Edit]:
    """Changes of phases to come that make the release more careful, or let it reach everybody."""
    planned = {phase.share: phase for phase in old.phases}
    for index, phase in enumerate(new.phases):
        before, place = planned.get(phase.share), ("phases", index)
        if before is None and phase.share == _EVERYBODY:
            yield Edit(place, "the phase of 100 %")
        if before is not None and before.started is None and before.hold != phase.hold:
            yield Edit((*place, "hold"), f"what the phase of {percent(phase.share)} waits for")
    if old.holdout != new.holdout and not any(phase.started for phase in _of_everybody(old)):
        yield Edit(("holdout",), "`holdout`")


def _rows(old: Deployment, new: Deployment) -> Iterator[Edit]:
    """Which rows are read, and what is measured in them."""
    before, after = old.split_test, new.split_test
    if before is None or after is None:
        return
    for key in _ROWS:
        if getattr(before, key) != getattr(after, key):
            yield Edit(("split_test", key), f"`{key}` of the split test")
    if before.arm.column != after.arm.column:
        yield Edit(("split_test", "arm", "column"), "the column of the arm")
    for arm in _ARMS:
        if _values(before.arm, arm) < _values(after.arm, arm):
            yield Edit(("split_test", "arm", arm), f"the values of the {arm}")
    for name, metric in before.metrics.items():
        present = after.metrics.get(name)
        for key in (*_MEASURED, *(["worth"] if metric.margin is not None else [])):
            if present is not None and getattr(metric, key) != getattr(present, key):
                yield Edit(("split_test", "metrics", name, key), f"`{key}` of {name}")


def _monitors(old: Deployment, new: Deployment) -> Iterator[Edit]:
    """Monitors that watch something else now, or nothing; others may be added."""
    present = {monitor.name: index for index, monitor in enumerate(new.monitors)}
    for monitor in old.monitors:
        index = present.get(monitor.name)
        if index is None:
            yield Edit(("monitors",), f"the monitor {monitor.name}, which is gone,")
            continue
        changes = {"promql": monitor.promql}  # only where it is evaluated, not what
        if new.monitors[index].model_copy(update=changes) != monitor:
            yield Edit(("monitors", index), f"the monitor {monitor.name}")


def _amended(
    after: DocumentContext, old: Deployment, new: Deployment, edits: Sequence[Edit]
) -> Iterator[Problem]:
    """Edits without an amendment, and earlier amendments that are gone."""
    count = len(old.amendments)
    if new.amendments[:count] != old.amendments:
        message = "an amendment was changed or removed"
        yield release_problem(after, ("amendments",), message, "restore it; another one is added below")
        return
    begun = [phase.started for phase in old.phases if phase.started is not None]
    since = max(begun, default=None)
    if any(since is None or amendment.on >= since for amendment in new.amendments[count:]):
        return
    remedy = "restore it; or add an entry under `amendments:` with `on` (today), `what` and `why`"
    for field, what in edits:
        message = f"{what} changed while the release was rolling out, and no amendment says why"
        yield release_problem(after, field, message, remedy)


def _of_everybody(deployment: Deployment) -> list[Phase]:
    return [phase for phase in deployment.phases if phase.share == _EVERYBODY]


def _values(arms: Arms, arm: _Arm) -> set[str]:
    """The values of an arm, as they are written."""
    value = arms.control if arm == "control" else arms.treatment
    return {str(one) for one in (value if isinstance(value, list) else [value])}
