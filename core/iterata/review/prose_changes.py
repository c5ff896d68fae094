"""How much of the approved prose a pull request changes, for its summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.fingerprint import prose
from iterata.render.comment import MAX_ENTRIES, code
from iterata.render.markdown import markdown_table
from iterata.review.agreed_states import agreed_history, identity_of
from iterata.review.changed_share import prose_change
from iterata.stages import SETTLED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.lifecycle.context import DocumentContext
    from iterata.review.agreed_states import AgreedState
    from iterata.review.changes import Change, Comparison


def prose_changes(comparison: Comparison) -> Iterator[str]:
    """A table of the agreed documents whose prose changes; nothing if there are none."""
    changed = {
        identity_of(change.after): change
        for change in comparison.changes
        if change.after and _is_changed(change)
    }
    if not changed:
        return
    with agreed_history(comparison) as history:
        agreed = history.last(changed)
        rows = [
            _row(before, after, agreed.get(identity))
            for identity, (before, after) in changed.items()
            if before and after
        ]
    yield markdown_table(
        ("document", "changed here", "since its approval"), rows[:MAX_ENTRIES], text_columns=1
    )
    if len(rows) > MAX_ENTRIES:
        yield f"\nand {len(rows) - MAX_ENTRIES} more"


def _row(before: DocumentContext, after: DocumentContext, state: AgreedState | None) -> tuple[str, str, str]:
    approved = state.approved if state else before
    changes = [prose_change(context.document.body, after.document.body) for context in (before, approved)]
    here, since = (_percent(change.share) for change in changes)
    return code(after.document.path), here, since


def _percent(share: float) -> str:
    return "under 1 %" if 0 < share < 0.01 else f"{100 * share:.0f} %"


def _is_changed(change: Change) -> bool:
    before, after = change.before, change.after
    if before is None or after is None or before.document.status not in SETTLED:
        return False
    return prose(before.document.body) != prose(after.document.body)
