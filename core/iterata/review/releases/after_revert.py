"""What moves while a revert is unexplained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.lifecycle.conditions import followed_so_far
from iterata.lifecycle.release import how_to_explain, owed_after_revert
from iterata.stages import Stage, Status, initial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.problems import Problem
    from iterata.review.changes import Comparison


def check_moves_after_revert(comparison: Comparison) -> Iterator[Problem]:
    """MOVE008: nothing moves before a reverted release has its post-mortem and a new decision."""
    for before, after in comparison.changes:
        if after is None or after.iteration is None:
            continue
        document = after.document
        status = before.document.status if before else initial(document.stage)
        if status is document.status:
            continue
        for folder in followed_so_far(after.iteration):
            explains = folder is after.iteration and document.stage in (Stage.REPORT, Stage.DEPLOYMENT)
            if not explains and (owed := owed_after_revert(folder)):
                message = f"the release of {folder.name} was reverted, and its report owes {owed}"
                yield document.problem("MOVE008", ["status"], message, how_to_explain(folder))


def is_caused_by_revert(comparison: Comparison, problem: Problem) -> bool:
    """Whether a problem of an unchanged document only says that a release is reverted here.

    A revert cannot wait for its post-mortem; what follows it waits instead (MOVE008).
    """
    return problem.code in ("LIFE024", "GATE005") and any(
        after is not None
        and after.document.stage is Stage.DEPLOYMENT
        and after.document.status is Status.REVERTED
        and (before is None or before.document.status is not Status.REVERTED)
        and problem.path.startswith(f"{after.project.path}/")
        for before, after in comparison.changes
    )
