"""What a split test comes to: the moments of its units, by phase, day and arm."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

from iterata.measure.release.moments import Moments

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date


class Arm(StrEnum):
    """The arm of a split test, to which chance assigned a unit."""

    CONTROL = "control"
    """The status quo."""
    TREATMENT = "treatment"
    """The variant that is released."""


class Cell(NamedTuple):
    """The units of an arm that were first exposed on a day of a phase."""

    phase: float
    """The share of the phase."""
    day: date | None
    """The day of the first row of each unit; None if rows have no date."""
    arm: Arm


class MetricColumns(NamedTuple):
    """Which quantities a metric needs: their positions in `ReleaseData.quantities`, and in moments."""

    of: int
    per: int | None = None
    before: int | None = None

    @property
    def positions(self) -> tuple[int, ...]:
        """The positions that are set, in the order `of`, `per`, `before`."""
        return tuple(position for position in self if position is not None)


@dataclass(frozen=True, slots=True)
class ReleaseData:
    """All that is read of a split test: sums, and no rows.

    A unit belongs to the phase, the day and the arm of its first row. All of its rows count, also those after
    the end of that phase: what a unit does later is an outcome of its exposure.
    """

    quantities: tuple[str, ...]
    """The quantities of each unit, which are the columns of every `Moments`."""
    metrics: Mapping[str, MetricColumns]
    """The quantities of each metric of `split_test.metrics`; products of those of two metrics are NaN."""
    cells: Mapping[Cell, Moments]
    excluded: Mapping[str, int] = field(default_factory=dict)
    """Units or rows that were left out, by the reason in words."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """The digest of each file or query that was read, by its name."""
    rows: int = 0

    def moments(self, phase: float, arm: Arm, days: Iterable[date | None] | None = None) -> Moments:
        """The moments of an arm in a phase, over all of its days or some; no units if there are none."""
        chosen = None if days is None else set(days)
        found = (
            moments
            for cell, moments in sorted(self.cells.items(), key=lambda item: str(item[0]))
            if (cell.phase, cell.arm) == (phase, arm) and (chosen is None or cell.day in chosen)
        )
        return reduce(Moments.merged, found, Moments.empty(len(self.quantities)))

    def days(self, phase: float) -> list[date]:
        """The days of a phase on which units were first exposed, in their order."""
        return sorted({cell.day for cell in self.cells if cell.phase == phase and cell.day is not None})

    @property
    def phases(self) -> list[float]:
        """The shares of the phases that have units, in their order."""
        return sorted({cell.phase for cell in self.cells})
