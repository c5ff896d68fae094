"""What a declared rollout would do, simulated before it begins: how often it advances, reverts or stays.

The sum of scores of a stratified difference is a Brownian motion in information, whatever the metric: its
increment over some units has the expectation `effect / deviation * information` and the variance
`information`. So no units are drawn, only one normal number for each day of each simulated release.
"""

from __future__ import annotations

from itertools import accumulate
from math import inf
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.measure.release.confidence_sequence import critical_value
from iterata.measure.release.information import ObservedPhase, PlannedPhase, timings
from iterata.measure.release.sample_size import duration
from iterata.measure.release.sequential import looks_of, non_inferiority_looks_of
from iterata.measure.release.spending import obrien_fleming

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from iterata.arrays import Bools, Floats
    from iterata.measure.release.information import Timing
    from iterata.measure.release.spending import PlannedLook, Spending

    Integers = NDArray[np.int64]

SIMULATIONS = 20_000

NUMBERS = 2_000_000
"""The most days of releases that are simulated at once, to save memory."""

ADVANCED, HELD, REVERTED = 0, 1, 2
"""How a simulated release ends: after its last phase, in a phase that shows too little, or by harm."""


class DeclaredPhase(NamedTuple):
    """A phase of a rollout, with what it must show before the next one begins."""

    share: float
    """The share of the treatment."""
    units: float | None = None
    days: float | None = None
    needs_gain: bool = False
    """Whether a gain must be shown; otherwise that there is no harm beyond the margin."""

    @property
    def planned(self) -> PlannedPhase:
        """What the plan says about its length."""
        return PlannedPhase(self.share, self.units, self.days)


class Rollout(NamedTuple):
    """A declared rollout, and the traffic it meets."""

    phases: Sequence[DeclaredPhase]
    units_per_day: float
    """Units of both arms in a day; 0 if the data do not come."""
    alpha: float = 0.05
    """The two-sided false positive rate of all looks."""
    margin: float = inf
    """The acceptable loss, in standard deviations of a unit."""
    spending: Spending = obrien_fleming
    delay: int = 0
    """How many days the newest units are missing at a look."""

    def days(self) -> list[int]:
        """How long each phase lasts: its days and its units, in whole weeks."""
        return [_length(phase, self.units_per_day) for phase in self.phases]


class Simulated(NamedTuple):
    """How the simulated releases ended."""

    end: Integers
    """`ADVANCED`, `HELD` or `REVERTED`; `(n,)`."""
    phase: Integers
    """The place of the last phase that began; `(n,)`."""
    days: Floats
    """How long the phases with a control group took; `(n,)`."""
    found_gain: Bools
    """Whether any look showed a gain; `(n,)`."""

    def share(self, end: int) -> float:
        """The share of releases that ended in this way."""
        return float((self.end == end).mean())

    def passed(self, phases: int) -> list[float]:
        """The share of all releases that passes each phase."""
        beyond = [(self.phase > place) | (self.end == ADVANCED) for place in range(phases)]
        return [float(passed.mean()) for passed in beyond]


def simulate(rollout: Rollout, effect: float, *, simulations: int = SIMULATIONS, seed: int = 0) -> Simulated:
    """Simulate a rollout many times.

    A phase ends with a planned look. It advances if the interval of its requirement shows it: with
    O'Brien-Fleming bounds for a gain, with Pocock-type ones for no harm. It reverts if the former shows a
    loss, and otherwise stays. On each day between, a confidence sequence reverts if it shows a loss. A
    release without data never advances and never reverts.

    Args:
        rollout: the declared phases and the traffic.
        effect: the true gain of a unit, in its standard deviations.
        simulations: the number of simulated releases.
        seed: makes the figures reproducible.
    """
    lengths = rollout.days()
    increments = np.concatenate(
        [
            np.full(days, rollout.units_per_day * phase.share * (1 - phase.share))
            for phase, days in zip(rollout.phases, lengths, strict=True)
        ]
    )
    information = np.concatenate([np.zeros(rollout.delay), np.cumsum(increments)])[: len(increments)]
    ends = list(accumulate(lengths))
    times = _timings(rollout, lengths, information, ends)
    looks = list(
        zip(
            looks_of(times, rollout.alpha, rollout.spending),
            non_inferiority_looks_of(times, rollout.alpha),
            strict=True,
        )
    )
    rng, size = np.random.default_rng(seed), max(NUMBERS // len(increments), 1)
    parts = [
        _ended(rollout, information, ends, looks, _paths(information, effect, count, rng))
        for count in _chunks(simulations, size)
    ]
    return Simulated(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _chunks(total: int, size: int) -> list[int]:
    """Sizes of at most `size` that add up to the total."""
    return [min(size, total - begun) for begun in range(0, total, size)]


def _length(phase: DeclaredPhase, units_per_day: float) -> int:
    needed = [duration(phase.days or 0.0, 1.0)]
    if phase.units is not None and units_per_day > 0:
        needed.append(duration(phase.units, units_per_day))
    return max(lasts.whole_weeks for lasts in needed)


def _timings(
    rollout: Rollout, lengths: Sequence[int], information: Floats, ends: Sequence[int]
) -> list[Timing]:
    """When the planned looks happen, each with the units that have come until then."""
    observed, before = [], 0.0
    for phase, days, end in zip(rollout.phases, lengths, ends, strict=True):
        added, before = float(information[end - 1]) - before, float(information[end - 1])
        treated = 0.0 if phase.share >= 1 else added / (1 - phase.share)
        control = added / phase.share if phase.share < 1 else 0.0
        observed.append(ObservedPhase(round(treated), round(control), days))
    return timings([phase.planned for phase in rollout.phases], observed)


def _paths(information: Floats, effect: float, simulations: int, rng: np.random.Generator) -> Floats:
    """z on each day; `(n, days)`, 0 as long as there is no information."""
    steps = np.diff(information, prepend=0.0)
    noise = rng.standard_normal((simulations, len(steps)))
    scores = np.cumsum(noise * np.sqrt(steps) + effect * steps, axis=1)
    z: Floats = scores / np.sqrt(np.where(information > 0, information, 1.0))
    return z


def _ended(
    rollout: Rollout,
    information: Floats,
    ends: Sequence[int],
    looks: Sequence[tuple[PlannedLook, PlannedLook]],
    z: Floats,
) -> Simulated:
    whole = float(information[-1])
    fractions = information / whole if whole else information
    limits = np.array([critical_value(float(fraction), rollout.alpha) for fraction in fractions])
    simulations = len(z)
    open_, end = np.ones(simulations, dtype=bool), np.full(simulations, HELD)
    phase_of, days = np.zeros(simulations, dtype=int), np.zeros(simulations)
    gain = np.zeros(simulations, dtype=bool)
    begun = 0
    for place, (phase, ended, (look, kept)) in enumerate(zip(rollout.phases, ends, looks, strict=True)):
        phase_of[open_], days[open_] = place, ended
        stopped, on_day = _harmed(z[:, begun:ended], limits[begun:ended])
        at_look = z[:, ended - 1]
        stopped = open_ & (stopped | (at_look < -look.critical))
        days[stopped] = begun + on_day[stopped] + 1
        end[stopped] = REVERTED
        open_ = open_ & ~stopped
        gain |= open_ & (at_look > look.critical)
        known = float(information[ended - 1])
        shown = at_look > look.critical
        if not phase.needs_gain:
            shown |= _no_harm(at_look, kept.critical, rollout.margin, known)
        open_ = open_ & shown
        begun = ended
    end[open_] = ADVANCED
    return Simulated(end, phase_of, days, gain)


def _harmed(z: Floats, limits: Floats) -> tuple[Bools, Integers]:
    """Whether the daily sequence shows a loss in a phase, and on which of its days; the last one if not."""
    beyond: Bools = z < -limits
    any_day: Bools = np.asarray(beyond.any(axis=1))
    return any_day, np.where(any_day, beyond.argmax(axis=1), z.shape[1] - 1)


def _no_harm(z: Floats, critical: float, margin: float, information: float) -> Bools:
    """Whether a loss of the margin is excluded; without information nothing is."""
    if information <= 0 or critical == inf:
        return np.zeros(len(z), dtype=bool)
    excluded: Bools = z - critical > -margin * information**0.5
    return excluded
