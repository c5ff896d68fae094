"""Check that approved and finished documents do not change in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents import blocks
from iterata.documents.fingerprint import digest, prose, without_links
from iterata.lifecycle.agreement import content_digest
from iterata.results.comparison import equal_apart_from_provenance
from iterata.review.changed_share import changed_markup, prose_change
from iterata.stages import SETTLED, Stage, Status, result_approved_with

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.documents import Document
    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem
    from iterata.review.changes import Change
    from iterata.stages import ResultKind

    Entry = dict[str, object]
    """One entry of a list in front matter."""

_BOOKKEEPING = frozenset({"status", "approvals", "written_against", "plan_digest", "schema_version"})
"""Keys that commands write; other rules check them."""

_ADDED_LATER = frozenset({"superseded_by", "abandoned"})
"""Keys that a later transition may add, but not change."""

_ADDED_LATER_TO: dict[Stage, frozenset[str]] = {
    Stage.PROPOSAL: frozenset({"code_digest"}),
    Stage.REPORT: frozenset({"post_mortem"}),
    Stage.EXPERIMENT: frozenset({"started", "ended", "deviations", "hours"}),
}
"""More such keys, for the documents of one stage."""

_AMEND = "move it to draft, add an amendment with its reason, and have it approved again"
_REOPEN: dict[Stage, str] = {
    Stage.REQUIREMENTS: "move it to draft, raise `revision:` with its reason, and have it approved again",
    Stage.PROPOSAL: _AMEND,
    Stage.REPORT: _AMEND,
}
"""How the documents of a stage are reopened; documents of other stages cannot be."""

MAX_ERRATA = 0.1
"""The share of the approved words that errata may change without new approvals."""

_FEW_WORDS = 5
"""Words that errata may change in any document, however short it is."""


def check_immutability(change: Change) -> Iterator[Problem]:
    """MOVE003, compared with the merge base."""
    if change.before is None or change.after is None:
        return
    if {change.before.document.status, change.after.document.status} <= SETTLED:
        yield from content_problems(change)


def content_problems(
    change: Change, approved: DocumentContext | None = None, commit: str = ""
) -> Iterator[Problem]:
    """MOVE003, if a settled document differs from an agreed state, and was not reopened with a reason.

    Args:
        change: the agreed state, and the document.
        approved: the state with which the share of changed prose is compared; by default the agreed one.
        commit: the commit of the agreed state, for the message; empty for the merge base.
    """
    if change.before is None or change.after is None:
        return
    before, after = change.before.document, change.after.document
    agreed = f"{before.status} in {commit[:12]}" if commit else f"{before.status}"
    for approval in _lost_approvals(change):
        message = f"the approval of {approval.get('role')} was changed or removed after it was {agreed}"
        remedy = f"restore the entry; a role agrees again by `iterata move {after.path} approved`"
        yield after.problem("MOVE003", ["approvals"], message, remedy, key=True)
    if _was_reopened(change):
        return
    for key in changed_keys(before, after):
        message = f"`{key}` was changed after the document was {agreed}"
        yield after.problem("MOVE003", [key], message, _remedy(after), key=True)
    kind = result_approved_with(after.stage)
    if kind and _figures_differ(change.before, change.after, kind):
        message = f"the figures in results/{kind}.json were changed after the document was {agreed}"
        yield after.problem("MOVE003", ["status"], message, _remedy(after))
    yield from _check_prose(before, after, agreed)
    if approved is not None:
        yield from check_errata(approved.document, after)


def _check_prose(before: Document, after: Document, agreed: str) -> Iterator[Problem]:
    """Prose changes with a new erratum only, and errata are only added."""
    old, new = _entries(before, "errata"), _entries(after, "errata")
    if new[: len(old)] != old:
        message = "an entry under `errata` was changed or removed"
        yield after.problem("MOVE003", ["errata"], message, "restore it, and add a new entry below", key=True)
    elif _prose_differs(before.body, after.body) and len(new) == len(old):
        message = f"the prose was changed after the document was {agreed}"
        remedy = f"to correct an error, add an entry under `errata:` (on, what); otherwise {_remedy(after)}"
        yield after.problem_in_body("MOVE003", _first_difference(before.body, after.body), message, remedy)


def _prose_differs(before: str, after: str) -> bool:
    """Whether the prose differs, or the tables that both have are at another place of it."""
    if prose(before) != prose(after):
        return True
    both = blocks.find(before)[0].keys() & blocks.find(after)[0].keys()
    return len(both) > 0 and prose(before, both) != prose(after, both)


def check_errata(approved: Document, after: Document) -> Iterator[Problem]:
    """MOVE006: errata that change much of the prose need new approvals, however many they are.

    `approved` is the earliest state with the approvals that the document has before the change.
    """
    old, new = _entries(approved, "errata"), _entries(after, "errata")
    if len(new) <= len(old):
        return
    change = prose_change(approved.body, after.body)
    markup = changed_markup(approved.body, after.body, change.changed)
    if markup is None and (change.share <= MAX_ERRATA or change.changed <= _FEW_WORDS):
        return
    approvals = _entries(after, "approvals")
    if approvals and all(_day(approval) >= _day(new[-1]) for approval in approvals):
        return
    message = f"errata changed {change.changed} of {change.approved} words that were approved"
    remedy = f"undo most of it, or have the document approved again on or after {_day(new[-1])}"
    if markup is not None:
        message = f"errata changed or moved markup that can hide text: {markup}"
        remedy = f"undo this change, or have the document approved again on or after {_day(new[-1])}"
    yield after.problem("MOVE006", ["errata", len(new) - 1], message, remedy)


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
    old, new = without_links(before.data), without_links(after.data)
    keys = dict.fromkeys([*old, *new])
    return [
        key
        for key in keys
        if key not in _BOOKKEEPING
        and key != "errata"
        and not (key in later and old.get(key) is None)
        and digest(old.get(key)) != digest(new.get(key))  # in Python, 1 == 1.0 == True
    ]


def _was_reopened(change: Change) -> bool:
    """Whether the document went through draft with the reason it needs, and was approved again."""
    if change.before is None or change.after is None:
        return False
    before, after = change.before.document, change.after.document
    if before.status is not Status.APPROVED or after.stage not in _REOPEN:
        return False
    approvals = _entries(after, "approvals")
    reason = _revision_day if after.stage is Stage.REQUIREMENTS else _amendment_day
    reopened_on = reason(before, after)
    if reopened_on is None:
        return after.stage is Stage.REPORT and _keeps_findings(before, after) and has_new_approvals(*change)
    if any(_day(approval) > reopened_on for approval in _entries(before, "approvals")):
        return False  # a reason that is older than what it changes
    since_then = all(_day(approval) >= reopened_on for approval in approvals)
    return since_then and has_new_approvals(*change)


def has_new_approvals(before: DocumentContext | None, after: DocumentContext | None) -> bool:
    """Whether the document is approved, and no approval is one of the earlier state, or older than those.

    An approval of the same role, account and day is a new one if it records the present content.
    """
    earlier, approvals = (
        _entries(context.document, "approvals") if context else [] for context in (before, after)
    )
    since = max(map(_day, earlier), default="")
    return bool(approvals) and all(
        _day(approval) >= since and not _is_among(approval, earlier, after) for approval in approvals
    )


def _is_among(approval: Entry, earlier: Sequence[Entry], context: DocumentContext | None) -> bool:
    """Whether an approval is one of the earlier ones."""
    same = [entry for entry in earlier if _who_and_when(entry) == _who_and_when(approval)]
    content = approval.get("content")
    if not same or content is None or any(entry.get("content") == content for entry in same):
        return bool(same)
    return context is None or content != content_digest(context)


def _who_and_when(approval: Entry) -> tuple[object, ...]:
    """What people write into an approval."""
    return tuple(approval.get(key) for key in ("role", "on", "by"))


def _lost_approvals(change: Change) -> Iterator[Entry]:
    """The approvals that an approved document had and has no longer, if not all of them were renewed."""
    if change.before is None or change.after is None or _are_renewed(change.before, change.after):
        return
    before, after = change.before.document, change.after.document
    if before.status is after.status is Status.APPROVED:
        present = _entries(after, "approvals")
        for approval in _entries(before, "approvals"):
            if not any(_continues(approval, entry) for entry in present):
                yield approval


def _are_renewed(before: DocumentContext, after: DocumentContext) -> bool:
    """Whether all approvals are new ones, of a later day or with the content that they are for."""
    since = max(map(_day, _entries(before.document, "approvals")), default="")
    approvals = _entries(after.document, "approvals")
    dated = all(_day(approval) > since or approval.get("content") for approval in approvals)
    return dated and has_new_approvals(before, after)


def _continues(approval: Entry, later: Entry) -> bool:
    """Whether an entry is an earlier approval, perhaps with an account now, or a later one of the role."""
    if str(approval.get("role")).casefold() != str(later.get("role")).casefold():
        return False
    same_account = approval.get("by") in (None, later.get("by"))
    return _day(later) > _day(approval) or (_day(later) == _day(approval) and same_account)


def _keeps_findings(before: Document, after: Document) -> bool:
    """Whether every finding, which other documents may cite, is as it was."""
    findings = _entries(after, "findings")
    return all(finding in findings for finding in _entries(before, "findings"))


def _revision_day(before: Document, after: Document) -> str | None:
    """The day of the entry of a higher revision, None if the revision was not raised."""
    old, new = before.data.get("revision", 1), after.data.get("revision", 1)
    if not isinstance(old, int) or not isinstance(new, int) or new <= old:
        return None
    revisions = _entries(after, "revisions")
    if any(entry not in revisions for entry in _entries(before, "revisions")):
        return None
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
