"""What was agreed to stays as it is: which changes to a settled document are allowed, and which are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iterata.documents.fingerprint import digest, prose
from iterata.lifecycle.context import result_or_none
from iterata.results.comparison import equal_apart_from_provenance
from iterata.stages import Stage, Status, result_approved_with, successors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents import Document
    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem
    from iterata.review.changes import Change
    from iterata.stages import ResultKind

_SETTLED = frozenset({Status.APPROVED, Status.COMPLETED, Status.STOPPED, Status.SUPERSEDED, Status.ABANDONED})
"""Statuses in which a document does not change in place."""

_BOOKKEEPING = frozenset({"status", "approvals", "written_against", "plan_digest"})
"""Front matter that commands keep; other rules look at it."""

_ADDED_LATER = frozenset({"superseded_by", "abandoned"})
"""Front matter that a later transition adds. Once it is there, it stays."""

_ADDED_LATER_TO: dict[Stage, frozenset[str]] = {
    Stage.REPORT: frozenset({"post_mortem"}),
    Stage.EXPERIMENT: frozenset({"started", "ended", "deviations", "hours"}),
}
"""The same, for the documents of one stage."""


def agreed_stays_as_it_is(change: Change) -> Iterator[Problem]:
    """MOVE003."""
    if change.before is None or change.after is None:
        return
    before, after = change.before.document, change.after.document
    if not {before.status, after.status} <= _SETTLED or _opened_again(before, after):
        return
    for key in changed_keys(before, after):
        message = f"`{key}` was changed after the document was {before.status}"
        yield after.problem("MOVE003", [key], message, _cure(after), key=True)
    kind = result_approved_with(after.stage)
    if kind and _figures_differ(change.before, change.after, kind):
        message = f"the figures in results/{kind}.json were changed after the document was {before.status}"
        yield after.problem("MOVE003", ["status"], message, _cure(after))
    yield from _prose_stays(before, after)


def _prose_stays(before: Document, after: Document) -> Iterator[Problem]:
    known, told = _entries(before, "errata"), _entries(after, "errata")
    if told[: len(known)] != known:
        message = "an entry under `errata` was changed or removed"
        yield after.problem("MOVE003", ["errata"], message, "leave it, and add a new one below it", key=True)
    elif prose(before.body) != prose(after.body) and len(told) == len(known):
        message = f"the prose was changed after the document was {before.status}"
        remedy = f"for a slip of the pen, add an entry under `errata:` (on, what); otherwise {_cure(after)}"
        yield after.problem_in_body("MOVE003", _first_difference(before.body, after.body), message, remedy)


def _figures_differ(before: DocumentContext, after: DocumentContext, kind: ResultKind) -> bool:
    """Whether the result an agreed document stands on says something else now, or is gone."""
    old, new = result_or_none(before.iteration, kind), result_or_none(after.iteration, kind)
    return old is not None and (new is None or not equal_apart_from_provenance(new, old))


def _cure(document: Document) -> str:
    again = {
        Stage.REQUIREMENTS: "move it to draft, raise `revision:` with its reason, and have it approved anew",
        Stage.PROPOSAL: "move it to draft, add an amendment with its reason, and have it approved anew",
        Stage.REPORT: "move it to draft, change it, and have it approved anew",
    }.get(document.stage)
    return f"{again}; or begin a new iteration" if again else "take the change back, or begin a new iteration"


def changed_keys(before: Document, after: Document) -> list[str]:
    """The keys of front matter that differ, without those that tools keep or a later transition adds."""
    later = _ADDED_LATER | _ADDED_LATER_TO.get(after.stage, frozenset())
    keys = dict.fromkeys([*before.data, *after.data])
    return [
        key
        for key in keys
        if key not in _BOOKKEEPING
        and key != "errata"
        and not (key in later and before.data.get(key) is None)
        and digest(before.data.get(key)) != digest(after.data.get(key))  # to Python, 1 is 1.0 and true
    ]


def _opened_again(before: Document, after: Document) -> bool:
    """Whether the document went through draft within the pull request, for a reason that it gives."""
    if Status.DRAFT not in successors(before.stage, Status.APPROVED) or before.status is not Status.APPROVED:
        return False
    approvals = _entries(after, "approvals")
    if after.status is Status.ABANDONED and not approvals:
        return True  # given up while it was open
    match after.stage:
        case Stage.REQUIREMENTS:
            opened = _raised(before, after)
        case Stage.PROPOSAL:
            opened = _amended(before, after)
        case _:
            return bool(approvals) and not any(each in _entries(before, "approvals") for each in approvals)
    return opened is not None and bool(approvals) and all(_day(each) >= opened for each in approvals)


def _raised(before: Document, after: Document) -> str | None:
    """The day a higher revision was opened on."""
    old, new = before.data.get("revision", 1), after.data.get("revision", 1)
    if not isinstance(old, int) or not isinstance(new, int) or new <= old:
        return None
    return next((_day(each) for each in _entries(after, "revisions") if each.get("revision") == new), None)


def _amended(before: Document, after: Document) -> str | None:
    """The day of the newest amendment, where there is one more than before."""
    old, new = _entries(before, "amendments"), _entries(after, "amendments")
    return _day(new[-1]) if len(new) > len(old) and new[: len(old)] == old else None


def _day(entry: dict[str, Any]) -> str:
    return str(entry.get("on", ""))


def _entries(document: Document, key: str) -> list[dict[str, Any]]:
    entries = document.data.get(key)
    return [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []


def _first_difference(before: str, after: str) -> int:
    old, new = before.splitlines(), after.splitlines(keepends=True)
    offset = 0
    for index, line in enumerate(new):
        if index >= len(old) or line.rstrip("\r\n") != old[index]:
            return offset
        offset += len(line)
    return max(0, offset - 1)
