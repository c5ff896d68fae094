"""Whether the looks of a rollout's result, and its sequential intervals, follow from its parts.

The critical values themselves need an integration, which `iterata verify` repeats. What they cannot be below
is known in closed form: a look is significant by chance in no more than the rate that is spent so far.
"""

from __future__ import annotations

from math import e, isclose, log, log1p, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

from iterata.rules.figures.fault import ROUNDED, Fault, close, differs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.errors import FieldPath
    from iterata.results.parts import Estimate
    from iterata.results.rollout import Look, MetricReading, RolloutResult

DERIVED, COUNTS = "RES021", "RES022"

OBRIEN_FLEMING = "Lan-DeMets, O'Brien-Fleming"

LATE_UNITS = 1.01
"""With fewer units more than at its look, a phase is looked at again."""

_NORMAL = NormalDist()


def look_faults(result: RolloutResult) -> Iterator[Fault]:
    """Contradictions in the looks, and between the last look and the metrics."""
    yield from _order_faults(result)
    for index, look in enumerate(result.looks):
        yield from _spending_faults(look, result, ("looks", index))
    compared = [phase.share for phase in result.phases if phase.share < 1]
    if not compared:
        return
    if not _is_look(result, compared[-1]):
        for index, metric in enumerate(result.metrics):
            yield from _width_faults(metric, "sequential", _least_at_any_time(result.alpha), index)
        return
    primary = result.metrics[0]
    if primary.total is None or not primary.total.standard_error > 0:
        return
    if not result.looks or not isclose(result.looks[-1].phase, compared[-1], rel_tol=1e-6):
        yield Fault(COUNTS, ("looks",), f"has no look after the phase of {compared[-1]:.10g}")
        return
    look, place = result.looks[-1], ("looks", len(result.looks) - 1, "z")
    z = primary.total.difference.value / primary.total.standard_error
    why = "the difference of the primary metric in standard errors"
    yield from differs(DERIVED, place, look.z, z, why)
    for index, metric in enumerate(result.metrics):
        yield from _width_faults(metric, "sequential", look.critical, index, exactly=True)
        if look.non_inferiority_critical is not None:
            critical, exactly = look.non_inferiority_critical, metric.method != "proportion"
            yield from _width_faults(metric, "non_inferiority", critical, index, exactly=exactly)


def _order_faults(result: RolloutResult) -> Iterator[Fault]:
    """Looks come in the order of phases, and use up more and more of the false positive rate."""
    before = (0.0, 0.0, 0.0)
    for index, look in enumerate(result.looks):
        now = (look.phase, look.information, look.spent)
        if any(value < earlier for value, earlier in zip(now, before, strict=True)):
            yield Fault(DERIVED, ("looks", index), "has less information than the look before it")
        if look.spent > result.alpha and not close(look.spent, result.alpha):
            message = f"{look.spent:.7g} is more than the rate of all looks, {result.alpha:.7g}"
            yield Fault(DERIVED, ("looks", index, "spent"), message)
        before = now


def _spending_faults(look: Look, result: RolloutResult, place: FieldPath) -> Iterator[Fault]:
    """The rate that is spent follows from the information, and the critical value is not below it."""
    at, alpha = min(look.information, 1.0), result.alpha
    if result.spending == OBRIEN_FLEMING and at > 0:
        spent = 4 * _NORMAL.cdf(_NORMAL.inv_cdf(alpha / 4) / sqrt(at))
        why = "what is spent at this information"
        yield from differs(DERIVED, (*place, "spent"), look.spent, spent, why, alpha)
    pocock = alpha * log(1 + (e - 1) * at)
    for key, rate in (("critical", look.spent), ("non_inferiority_critical", pocock)):
        critical = getattr(look, key)
        if critical is not None and 0 < rate < 1 and critical < _quantile(rate) * (1 - ROUNDED):
            message = f"{critical:.7g} is below {_quantile(rate):.7g}, which spends all of the rate at once"
            yield Fault(DERIVED, (*place, key), message)


def _quantile(rate: float) -> float:
    """The value that |z| exceeds with this probability."""
    return -_NORMAL.inv_cdf(rate / 2)


def _least_at_any_time(alpha: float) -> float:
    """A little less than the smallest critical value of the confidence sequence."""
    twice = -2 * log(alpha)
    spread = twice + log1p(twice)
    return 0.99 * sqrt(2 * (spread + 1) / spread * log(sqrt(spread + 1) / alpha))


def _is_look(result: RolloutResult, last: float) -> bool:
    """Whether the result is of a planned look, and not of a day before or after it."""
    hold = result.hold
    is_met = hold.days >= (hold.days_needed or 0) and hold.units >= (hold.units_needed or 0)
    units = next(phase.units for phase in result.phases if phase.share == last)
    total = units.treatment + units.control
    goes_on = result.undecided_at is not None and total > result.undecided_at * LATE_UNITS
    return (result.phase >= 1 or is_met) and not goes_on


def _width_faults(
    metric: MetricReading, key: str, critical: float, index: int, *, exactly: bool = False
) -> Iterator[Fault]:
    """An interval reaches as many standard errors to either side as it must, or at least so many."""
    estimate: Estimate | None = getattr(metric, key)
    if estimate is None or estimate.interval is None or metric.total is None:
        return
    low, high = estimate.interval
    half, expected = (high - low) / 2, critical * metric.total.standard_error
    is_right = close(half, expected, low, high) if exactly else half >= expected * (1 - ROUNDED)
    if not is_right:
        than = "" if exactly else "at least "
        message = f"reaches {half:.7g} to either side, but must reach {than}{expected:.7g} by its looks"
        yield Fault(DERIVED, ("metrics", index, key), message)
