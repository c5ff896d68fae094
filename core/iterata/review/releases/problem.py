"""How a change of a release is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iterata.errors import FieldPath
    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem

RESTORE = "restore it; to begin anew, revert the release, and plan another one"


def release_problem(context: DocumentContext, field: FieldPath, message: str, remedy: str) -> Problem:
    """MOVE007 at a field of a deployment."""
    return context.document.problem("MOVE007", field, message, remedy, key=True)
