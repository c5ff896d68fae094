"""The information of a split test: how precisely it can show a difference, whatever the variance.

The variance of the difference of two means is the variance of a unit divided by `n1 n0 / (n1 + n0)`. With n
units of which a share s is treated, this is `n s (1 - s)`: a phase at 10 % adds less than half as much as one
of the same length at 50 %, and a phase at 100 % adds nothing.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

WEEK = 7


class PlannedPhase(NamedTuple):
    """A phase as it is declared."""

    share: float
    """The share of the treatment, from 0 to 1."""
    units: float | None = None
    """Units of both arms that it waits for."""
    days: float | None = None
    """Days that it waits for; a phase with neither lasts a week."""


class ObservedPhase(NamedTuple):
    """The units of a phase so far."""

    treatment: int
    control: int
    days: float | None = None
    """Days with data; None if they are not known."""

    @property
    def units(self) -> int:
        """The units of both arms."""
        return self.treatment + self.control


class Timing(NamedTuple):
    """When a look happens, in information."""

    information: float
    """The information at the look; in units."""
    fraction: float
    """The share of the information that the plan ends with; 1 at the last look."""


def information(treatment: float, control: float) -> float:
    """The information of two arms: half of the harmonic mean of their sizes.

    >>> information(1000, 9000), information(5000, 5000), information(10000, 0)
    (900.0, 2500.0, 0.0)
    """
    return treatment * control / (treatment + control) if treatment and control else 0.0


def planned_information(plan: Sequence[PlannedPhase], units_per_day: float | None = None) -> list[float]:
    """The information that each phase adds, from its units, or else from its days and share.

    Args:
        plan: the phases.
        units_per_day: units of both arms in a day, for phases without a number of units. By default as in
            the phases with units and days; 1 if there are none, so that the values hold up to a factor.
    """
    rate = _units_per_day(plan) if units_per_day is None else units_per_day
    return [
        (_days(phase) * rate if phase.units is None else phase.units) * phase.share * (1 - phase.share)
        for phase in plan
    ]


def planned_fractions(plan: Sequence[PlannedPhase]) -> list[float]:
    """The share of the whole information at the end of each phase.

    >>> [round(at, 3) for at in planned_fractions([PlannedPhase(share) for share in (0.1, 0.25, 0.5)])]
    [0.171, 0.526, 1.0]
    """
    total = list(accumulate(planned_information(plan)))
    return [at / total[-1] if total[-1] else 0.0 for at in total]


def timings(plan: Sequence[PlannedPhase], observed: Sequence[ObservedPhase]) -> list[Timing]:
    """The information at the end of each phase so far, and the fraction at which its look spends.

    The fraction is what was observed divided by the sum of this and what the phases to come plan. It equals
    the planned fraction if all went to plan. A phase that took more or fewer units than planned leaves the
    rest of the false positive rate to the looks to come, and the last look spends all that is left. Each
    fraction depends only on the sizes of arms until its look, never on an effect, as Lan and DeMets (1983)
    require. A phase without data adds nothing.

    Args:
        plan: all phases of the plan.
        observed: the first phases, in the same order.
    """
    found, before = [], Timing(0.0, 0.0)
    for count in range(1, len(observed) + 1):
        seen, to_come = observed[:count], plan[count:]
        so_far = sum(information(phase.treatment, phase.control) for phase in seen)
        rest = sum(planned_information(to_come, _rate(seen) or _units_per_day(plan))) if to_come else 0.0
        fraction = so_far / (so_far + rest) if so_far else 0.0
        before = Timing(so_far, max(fraction, before.fraction))
        found.append(before)
    return found


def _days(phase: PlannedPhase) -> float:
    return WEEK if phase.days is None else phase.days


def _units_per_day(plan: Sequence[PlannedPhase]) -> float:
    known = [(phase.units, _days(phase)) for phase in plan if phase.units is not None]
    return sum(units for units, _ in known) / sum(days for _, days in known) if known else 1.0


def _rate(seen: Sequence[ObservedPhase]) -> float | None:
    """Units in a day of the phases so far; None if their days are not known."""
    dated = [(phase.units, phase.days) for phase in seen if phase.days]
    return sum(units for units, _ in dated) / sum(days for _, days in dated if days) if dated else None
