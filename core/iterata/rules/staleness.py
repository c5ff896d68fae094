"""The rule about changes upstream of an agreed document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.lifecycle.staleness import UPSTREAM, upstream_changes
from iterata.problems import Severity
from iterata.rules.rule import RuleSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem

RULES = RuleSet()


@RULES.rule(
    "SUSP001",
    "The document that an agreed document was written against is unchanged.",
    *UPSTREAM,
    why="An answer fits its question; when the question changes, somebody must look again.",
    bad="an approved assessment whose requirements gained a revision since",
    good="the same, after `iterata affirm` recorded that it is still valid",
)
def upstream_unchanged(context: DocumentContext) -> Iterator[Problem]:
    """SUSP001, a warning."""
    for stage, path in upstream_changes(context):
        message = f"{path} has changed since this document was written against it"
        remedy = f"read it again; if this document is still valid, `iterata affirm {context.document.path}`"
        field = ["written_against", stage.value]
        yield context.document.problem("SUSP001", field, message, remedy, severity=Severity.WARNING)
