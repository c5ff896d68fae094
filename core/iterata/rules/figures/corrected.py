"""Which result may stand in the place of one that an ended phase has: the evaluation of the same rows.

What a phase ended by stays, so that nobody learns afterwards that it showed something else. A result that
contradicts itself shows nothing, so it is evaluated again; the one before stays in the history of Git.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.rules.figures import rollout

if TYPE_CHECKING:
    from iterata.results import AnyResult, RolloutResult


def corrects(old: AnyResult, new: AnyResult) -> bool:
    """Whether the old result contradicts itself, and the new one is of the same rows and does not."""
    if old.kind != "rollout" or new.kind != "rollout":
        return False
    return _evidence(old) == _evidence(new) and contradicts_itself(old) and not contradicts_itself(new)


def contradicts_itself(result: AnyResult) -> bool:
    """Whether the result of a phase has figures that do not follow from each other."""
    return result.kind == "rollout" and any(rollout.faults(result))


def _evidence(result: RolloutResult) -> tuple[object, ...]:
    """What tells that two results are of the same rows and the same split test."""
    phases = [(phase.share, phase.units, phase.first_day, phase.last_day) for phase in result.phases]
    arms = [
        (metric.name, share, effect.control, effect.treatment)
        for metric in result.metrics
        for share, effect in metric.phases
    ]
    what = (result.phase, result.variant, result.spec_digest)
    return *what, phases, arms, result.excluded, result.undecided_at
