"""Figures of a result that contradict each other, for the pages that quote them.

`iterata check` compares far more (RES020 to RES026), also with the plan. Somebody who edits a result and its
tables together leaves the marks of changed figures out; here is what the result alone tells, in half a
millisecond.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.results import ExperimentResult, LiftResult
    from iterata.rules.figures.fault import Fault

_known: dict[int, tuple[Fault, ...]] = {}


def contradictions(result: LiftResult | ExperimentResult) -> tuple[Fault, ...]:
    """The figures of a result that are not possible beside the others; found once as long as it exists."""
    place = id(result)
    if place not in _known:
        _known[place] = tuple(_found(result))
        weakref.finalize(result, _known.pop, place, None)
    return _known[place]


def _found(result: LiftResult | ExperimentResult) -> Iterator[Fault]:
    from iterata.rules.figures import derived, estimates, lift  # noqa: PLC0415  # only if there is a result

    is_own_function = result.kpi.kind == "python"  # it may not know its best value
    yield from estimates.interval_faults_of(result, is_unbiased=not is_own_function)
    if not is_own_function:
        yield from derived.order_faults(result, None)
    if result.kind == "lift":
        yield from lift.gain_faults(result)
        return
    yield from derived.variant_faults(result)
    yield from derived.segment_faults(result)
    yield from derived.hypothesis_faults(result)
    yield from derived.guardrail_faults(result)
