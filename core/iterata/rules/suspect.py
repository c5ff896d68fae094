"""Rules about what changed upstream of an agreed document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.lifecycle.staleness import upstream_changes
from iterata.problems import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem


def upstream_is_unchanged(case: DocumentContext) -> Iterator[Problem]:
    """SUSP001, a warning: somebody should look again."""
    for stage, path in upstream_changes(case):
        message = f"{path} has changed since this was written against it"
        remedy = f"read it again; if this still holds, `iterata affirm {case.document.path}`"
        place = ["written_against", stage.value]
        yield case.document.problem("SUSP001", place, message, remedy, severity=Severity.WARNING)


CHECKS = (upstream_is_unchanged,)
