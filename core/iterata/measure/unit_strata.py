"""The arms of a campaign as strata within which units are resampled.

Every resample has as many units of each arm as the sample. A unit with rows in both arms, as of repeated
campaigns, is resampled as a whole: these units are a stratum of their own.

If the probability of treatment varies, resamples do not keep how many units of each probability are in an
arm: chance decided that, too, and Hajek's estimator varies with it. Resamples that keep it make intervals
that miss the truth in 8 % of samples if the outcome depends on what the probability depends on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from iterata.measure.unit_groups import UnitGroups, draw
from iterata.measure.weightings import Classes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from iterata.arrays import Bools, Codes, Floats
    from iterata.measure.outcomes import Outcomes


@dataclass(frozen=True)
class UnitStrata:
    """The stratum of every unit."""

    stratum: NDArray[np.intp]
    """`(units,)`, from 0 without gaps."""

    @classmethod
    def of(cls, outcomes: Outcomes | None, units: NDArray[np.intp] | None) -> Self | None:
        """The strata of the units of a campaign; None if the rows are none.

        Args:
            outcomes: of the rows, with their assignment.
            units: `(n,)`, the unit of each row, from 0 without gaps; None if every row is one.
        """
        if outcomes is None or outcomes.assignment is None:
            return None
        of_row = outcomes.assignment.treated.astype(np.intp)
        if units is not None:
            of_row = by_unit(of_row, units)
        occurs = np.bincount(of_row) > 0
        return cls((np.cumsum(occurs) - 1)[of_row] if not occurs.all() else of_row)

    @cached_property
    def members(self) -> list[NDArray[np.intp]]:
        """The units of each stratum."""
        order = np.argsort(self.stratum, kind="stable")
        return np.split(order, np.cumsum(np.bincount(self.stratum))[:-1])

    @cached_property
    def classes(self) -> Classes:
        """The strata as classes of rows, where every row is a unit."""
        count = int(self.stratum.max()) + 1
        return Classes(self.stratum.astype(np.min_scalar_type(count)), count)

    def draw(self, resamples: int, rng: np.random.Generator) -> NDArray[np.intp]:
        """How often each unit is drawn, `(resamples, units)`: as many of each stratum as it has."""
        counts = np.empty((resamples, len(self.stratum)), dtype=np.intp)
        for members in self.members:
            counts[:, members] = draw(len(members), resamples, rng)
        return counts

    def multinomial(
        self, counts: NDArray[np.intp], example: NDArray[np.intp], resamples: int, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """How often each joint class of rows is drawn, `(resamples, classes)`; a class is in one stratum.

        Args:
            counts: `(classes,)`, the rows of each class.
            example: `(classes,)`, the position of one of its rows.
            resamples: how many resamples to draw.
            rng: draws them.
        """
        drawn = np.empty((resamples, len(counts)), dtype=np.int64)
        stratum = self.stratum[example]
        for value in np.unique(stratum):
            classes = np.flatnonzero(stratum == value)
            rows = counts[classes]
            drawn[:, classes] = rng.multinomial(int(rows.sum()), rows / rows.sum(), size=resamples)
        return drawn

    def groups(
        self,
        rng: np.random.Generator,
        units: NDArray[np.intp] | None,
        positive: Bools | None,
        resamples: int,
    ) -> tuple[Codes, Floats]:
        """Groups of units within each stratum: the group of each row, and how often each group is drawn.

        Args:
            rng: assigns and draws the groups.
            units: `(n,)`, the unit of each row; None if every row is one.
            positive: `(n,)`, the positive rows; None if they are unknown.
            resamples: how many resamples to draw.
        """
        if positive is not None and units is not None:
            positive = np.bincount(units, positive, len(self.stratum)) > 0
        group, drawn, first = np.empty(len(self.stratum), dtype=np.intp), [], 0
        for members in self.members:
            own = None if positive is None else positive[members]
            ids = np.arange(len(members)) if units is not None else None
            part = UnitGroups.of(len(members), rng, ids, own)
            group[members] = part.group + first
            first += part.single + part.buckets
            drawn.append(part.draw(resamples, rng))
        return group if units is None else group[units], np.concatenate(drawn)


def by_unit(stratum: NDArray[np.intp], units: NDArray[np.intp]) -> NDArray[np.intp]:
    """The stratum of each unit, `(units,)`; of a unit with rows in several, one more than the largest."""
    count, mixed = int(units.max()) + 1, int(stratum.max()) + 1
    first = np.full(count, -1)
    first[units[::-1]] = stratum[::-1]
    several = np.zeros(count, dtype=bool)
    several[units[stratum != first[units]]] = True
    return np.where(several, mixed, first)
