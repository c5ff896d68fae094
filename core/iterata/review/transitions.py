"""What a pull request may do to a document: move along the table, and leave alone what was agreed."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from iterata.documents.fingerprint import TOOL_OWNED, prose
from iterata.lifecycle.case import readable
from iterata.problems import Position, Problem, Severity
from iterata.results import say_the_same
from iterata.stages import Stage, Status, initial, successors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents import Document
    from iterata.lifecycle.case import Case
    from iterata.repository import IterationFolder, Repository
    from iterata.review.changes import Change, Comparison

DISPOSABLE = frozenset({Status.DRAFT, Status.PLANNED, Status.REJECTED, None})
"""Statuses in which a document may be deleted or moved: nobody has agreed to it yet."""

_SETTLED = frozenset({Status.APPROVED, Status.COMPLETED, Status.STOPPED, Status.SUPERSEDED, Status.ABANDONED})
"""Statuses in which a document does not change in place."""

_LATER: dict[Stage, frozenset[str]] = {
    Stage.REPORT: frozenset({"post_mortem"}),
    Stage.EXPERIMENT: frozenset({"started", "ended"}),
}
"""Front matter that a later transition may still write, beyond what tools own."""


_STANDS_ON = {Stage.ASSESSMENT: "lift", Stage.REPORT: "experiment"}
"""The result that each agreed document stands on."""


def reachable(stage: Stage, source: Status, target: Status) -> bool:
    """Whether the table leads from one status to the other, in any number of steps."""
    seen, queue = {source}, deque([source])
    while queue:
        for status in successors(stage, queue.popleft()):
            if status not in seen:
                seen.add(status)
                queue.append(status)
    return target in seen


def moves_along_the_table(change: Change) -> Iterator[Problem]:
    """MOVE001."""
    if change.after is None or change.after.document.status is None:
        return
    document = change.after.document
    before = change.before.document.status if change.before else None
    source = before or initial(document.stage)
    target = document.status
    if target is not None and not reachable(document.stage, source, target):
        steps = ", ".join(successors(document.stage, source)) or "nothing"
        message = f"its status went from {source} to {target}, which no path of the table allows"
        yield document.problem("MOVE001", ["status"], message, f"from {source} it may go to {steps}")


def is_not_lost(change: Change) -> Iterator[Problem]:
    """MOVE002."""
    if change.before is None or change.before.document.status in DISPOSABLE:
        return
    before = change.before.document
    if change.after is None:
        message = f"it was {before.status}, and is deleted here"
        remedy = (
            f"`git checkout` it again; to give it up, move it to {Status.ABANDONED} or {Status.SUPERSEDED}"
        )
        yield Problem("MOVE002", Severity.ERROR, before.path, Position(1), "", message, remedy)
    elif change.after.document.path != before.path:
        message = f"it was {before.status} as {before.path}, and is moved here"
        remedy = f"leave it at {before.path}; results, links and other documents refer to it there"
        yield Problem("MOVE002", Severity.ERROR, change.after.document.path, Position(1), "", message, remedy)


def agreed_stays_as_it_is(change: Change) -> Iterator[Problem]:
    """MOVE003."""
    if change.before is None or change.after is None:
        return
    before, after = change.before.document, change.after.document
    if before.status not in _SETTLED or after.status is not before.status or _opened_again(before, after):
        return
    for key in changed_keys(before, after):
        message = f"`{key}` was changed after the document was {before.status}"
        yield after.problem("MOVE003", [key], message, _cure(after), key=True)
    kind = _STANDS_ON.get(after.stage)
    if kind and _figures_differ(change.before, change.after, kind):
        message = f"the figures in results/{kind}.json were changed after the document was {before.status}"
        yield after.problem("MOVE003", ["status"], message, _cure(after))
    if prose(before.body) != prose(after.body) and len(_errata(after)) <= len(_errata(before)):
        message = f"the prose was changed after the document was {before.status}"
        remedy = f"for a slip of the pen, add an entry under `errata:` (on, what); otherwise {_cure(after)}"
        yield after.problem_in_body("MOVE003", _first_difference(before.body, after.body), message, remedy)


def _figures_differ(before: Case, after: Case, kind: str) -> bool:
    """Whether the result an agreed document stands on says something else now, or is gone."""
    old, new = readable(before.iteration, kind), readable(after.iteration, kind)
    return old is not None and (new is None or not say_the_same(new, old))


def _cure(document: Document) -> str:
    again = {
        Stage.REQUIREMENTS: "move it to draft, raise `revision:` with its reason, and have it approved anew",
        Stage.PROPOSAL: "move it to draft, add an amendment with its reason, and have it approved anew",
        Stage.REPORT: "move it to draft, change it, and have it approved anew",
    }.get(document.stage)
    return f"{again}; or begin a new iteration" if again else "take the change back, or begin a new iteration"


def changed_keys(before: Document, after: Document) -> list[str]:
    """The keys of front matter that differ and that no later transition owns."""
    owned = TOOL_OWNED | _LATER.get(after.stage, frozenset()) | {"errata"}
    keys = dict.fromkeys([*before.data, *after.data])
    return [key for key in keys if key not in owned and before.data.get(key) != after.data.get(key)]


def _opened_again(before: Document, after: Document) -> bool:
    """Whether the document went through draft and was agreed to anew within the pull request."""
    witness: dict[Stage, Any] = {
        Stage.REQUIREMENTS: lambda data: data.get("revision", 1),
        Stage.PROPOSAL: lambda data: len(data.get("amendments") or []),
        Stage.REPORT: lambda data: data.get("approvals"),
    }
    told = witness.get(after.stage)
    anew = before.data.get("approvals") != after.data.get("approvals")
    return told is not None and anew and told(before.data) != told(after.data)


def _errata(document: Document) -> list[Any]:
    entries = document.data.get("errata")
    return entries if isinstance(entries, list) else []


def _first_difference(before: str, after: str) -> int:
    old, new = before.splitlines(), after.splitlines(keepends=True)
    offset = 0
    for index, line in enumerate(new):
        if index >= len(old) or line.rstrip("\r\n") != old[index]:
            return offset
        offset += len(line)
    return max(0, offset - 1)


def numbers_do_not_collide(comparison: Comparison) -> Iterator[Problem]:
    """MOVE004: a new iteration does not take a number that the target branch has given out meanwhile."""
    for project in comparison.head.projects:
        known = {folder.name for folder in _iterations(comparison.base, project.name)}
        tip = _iterations(comparison.tip, project.name)
        given_out = {folder.number: folder.name for folder in tip if folder.name not in known}
        for folder in project.iterations:
            other = given_out.get(folder.number)
            if folder.name in known or other is None or other == folder.name:
                continue
            free = max(each.number for each in (*tip, *project.iterations)) + 1
            message = f"the target branch has an iteration {other} by now"
            remedy = f"rename this one to {free:02}-{folder.name.split('-', 1)[1]}"
            yield Problem("MOVE004", Severity.ERROR, folder.path, Position(1), "", message, remedy)


def _iterations(repository: Repository, project: str) -> tuple[IterationFolder, ...]:
    return next((each.iterations for each in repository.projects if each.name == project), ())


CHECKS = (moves_along_the_table, is_not_lost, agreed_stays_as_it_is)
