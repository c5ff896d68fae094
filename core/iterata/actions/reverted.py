"""After a revert, nothing of the iteration moves before its post-mortem and a new decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.errors import IterataError
from iterata.lifecycle.conditions import followed_so_far
from iterata.lifecycle.release import how_to_explain, owed_after_revert, owed_in_report
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from datetime import date

    from iterata.lifecycle.context import DocumentContext

_EXPLAINING = (Stage.REPORT, Stage.DEPLOYMENT)
"""The documents of the reverted iteration that explain a revert, or wait for the explanation themselves."""


def refuse_while_revert_is_unexplained(context: DocumentContext, target: Status, today: date) -> None:
    """Refuse to move a document of an iteration whose release, or that of one before it, was reverted.

    The report may move, and is approved with its post-mortem and a new decision.

    Raises:
        IterataError: a report owes a post-mortem or a new decision.
    """
    if context.iteration is None:
        return
    for folder in followed_so_far(context.iteration):
        owed = owed_after_revert(folder, today)
        if folder is context.iteration and context.document.stage in _EXPLAINING:
            is_agreed_to = context.document.stage is Stage.REPORT and target is Status.APPROVED
            owed = owed_in_report(folder, today) if is_agreed_to else ""
        if owed:
            message = f"the release of {folder.name} was reverted, and its report owes {owed}"
            raise IterataError(message, remedy=how_to_explain(folder), where=context.document.path)
