"""Check that approved and finished documents do not change in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.fingerprint import digest, prose
from iterata.results.comparison import equal_apart_from_provenance
from iterata.stages import Stage, Status, result_approved_with, successors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents import Document
    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem
    from iterata.review.changes import Change
    from iterata.stages import ResultKind

    Entry = dict[str, object]
    """One entry of a list in front matter."""

_SETTLED = frozenset({Status.APPROVED, Status.COMPLETED, Status.STOPPED, Status.SUPERSEDED, Status.ABANDONED})
"""Statuses in which a document does not change in place."""

_BOOKKEEPING = frozenset({"status", "approvals", "written_against", "plan_digest"})
"""Keys that commands write; other rules check them."""

_ADDED_LATER = frozenset({"superseded_by", "abandoned"})
"""Keys that a later transition may add, but not change."""

_ADDED_LATER_TO: dict[Stage, frozenset[str]] = {
    Stage.PROPOSAL: frozenset({"code_digest"}),
    Stage.REPORT: frozenset({"post_mortem"}),
    Stage.EXPERIMENT: frozenset({"started", "ended", "deviations", "hours"}),
}
"""More such keys, for the documents of one stage."""

_REOPEN: dict[Stage, str] = {
    Stage.REQUIREMENTS: "move it to draft, raise `revision:` with its reason, and have it approved again",
    Stage.PROPOSAL: "move it to draft, add an amendment with its reason, and have it approved again",
    Stage.REPORT: "move it to draft, change it, and have it approved again",
}
"""How the documents of a stage are reopened; documents of other stages cannot be."""


def check_immutability(change: Change) -> Iterator[Problem]:
    """MOVE003."""
    if change.before is None or change.after is None:
        return
    before, after = change.before.document, change.after.document
    if not {before.status, after.status} <= _SETTLED or _was_reopened(before, after):
        return
    for key in changed_keys(before, after):
        message = f"`{key}` was changed after the document was {before.status}"
        yield after.problem("MOVE003", [key], message, _remedy(after), key=True)
    kind = result_approved_with(after.stage)
    if kind and _figures_differ(change.before, change.after, kind):
        message = f"the figures in results/{kind}.json were changed after the document was {before.status}"
        yield after.problem("MOVE003", ["status"], message, _remedy(after))
    yield from _check_prose(before, after)


def _check_prose(before: Document, after: Document) -> Iterator[Problem]:
    """Prose changes with a new erratum only, and errata are only added."""
    old, new = _entries(before, "errata"), _entries(after, "errata")
    if new[: len(old)] != old:
        message = "an entry under `errata` was changed or removed"
        yield after.problem("MOVE003", ["errata"], message, "restore it, and add a new entry below", key=True)
    elif prose(before.body) != prose(after.body) and len(new) == len(old):
        message = f"the prose was changed after the document was {before.status}"
        remedy = f"to correct an error, add an entry under `errata:` (on, what); otherwise {_remedy(after)}"
        yield after.problem_in_body("MOVE003", _first_difference(before.body, after.body), message, remedy)


def _figures_differ(before: DocumentContext, after: DocumentContext, kind: ResultKind) -> bool:
    """Whether the result of a settled document changed or was removed."""
    old, new = before.result(kind), after.result(kind)
    return old is not None and (new is None or not equal_apart_from_provenance(new, old))


def _remedy(document: Document) -> str:
    reopen = _REOPEN.get(document.stage)
    return f"{reopen}; or begin a new iteration" if reopen else "undo the change, or begin a new iteration"


def changed_keys(before: Document, after: Document) -> list[str]:
    """The keys of front matter that differ, without bookkeeping and what a later transition adds."""
    later = _ADDED_LATER | _ADDED_LATER_TO.get(after.stage, frozenset())
    keys = dict.fromkeys([*before.data, *after.data])
    return [
        key
        for key in keys
        if key not in _BOOKKEEPING
        and key != "errata"
        and not (key in later and before.data.get(key) is None)
        and digest(before.data.get(key)) != digest(after.data.get(key))  # in Python, 1 == 1.0 == True
    ]


def _was_reopened(before: Document, after: Document) -> bool:
    """Whether the document went through draft within the pull request, with the reason it needs."""
    if Status.DRAFT not in successors(before.stage, Status.APPROVED) or before.status is not Status.APPROVED:
        return False
    approvals = _entries(after, "approvals")
    if after.status is Status.ABANDONED and not approvals:
        return True  # abandoned while it was a draft
    match after.stage:
        case Stage.REQUIREMENTS:
            reopened_on = _revision_day(before, after)
        case Stage.PROPOSAL:
            reopened_on = _amendment_day(before, after)
        case _:
            earlier = _entries(before, "approvals")
            return bool(approvals) and not any(approval in earlier for approval in approvals)
    if reopened_on is None or not approvals:
        return False
    return all(_day(approval) >= reopened_on for approval in approvals)


def _revision_day(before: Document, after: Document) -> str | None:
    """The day of the entry of a higher revision, None if the revision was not raised."""
    old, new = before.data.get("revision", 1), after.data.get("revision", 1)
    if not isinstance(old, int) or not isinstance(new, int) or new <= old:
        return None
    revisions = _entries(after, "revisions")
    return next((_day(entry) for entry in revisions if entry.get("revision") == new), None)


def _amendment_day(before: Document, after: Document) -> str | None:
    """The day of the newest amendment, None if none was added."""
    old, new = _entries(before, "amendments"), _entries(after, "amendments")
    return _day(new[-1]) if len(new) > len(old) and new[: len(old)] == old else None


def _day(entry: Entry) -> str:
    return str(entry.get("on", ""))


def _entries(document: Document, key: str) -> list[Entry]:
    entries = document.data.get(key)
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _first_difference(before: str, after: str) -> int:
    """The offset in `after` of the first line that differs."""
    old, new = before.splitlines(), after.splitlines(keepends=True)
    offset = 0
    for index, line in enumerate(new):
        if index >= len(old) or line.rstrip("\r\n") != old[index]:
            return offset
        offset += len(line)
    return max(0, offset - 1)
