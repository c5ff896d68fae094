"""Sums of both arms by level: all that a gain or a bound needs to know about the rows of a campaign.

Rows are weighted by their sample weight and by the inverse probability of their arm (Horvitz and Thompson
1952), and rates are ratios of such sums (Hajek 1971). With one probability for all rows it cancels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.measure.measures import Measure
from iterata.measure.weightings import Classes, NestedClasses

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from iterata.arrays import Bools, Codes, Floats
    from iterata.measure.assignment import Assignment
    from iterata.measure.outcomes import Outcomes


class ArmSums(NamedTuple):
    """Sums of each level under `r` weightings: `(levels, r)`."""

    size: Floats
    """The weight of the rows of both arms."""
    treated: Floats
    """The weight of the treated rows over their probability."""
    treated_outcome: Floats
    """The same, times the outcome."""
    control: Floats
    control_outcome: Floats

    @property
    def rates(self) -> tuple[Floats, Floats]:
        """The mean outcome of treated and of untreated rows; NaN where an arm has no rows."""
        return ratio(self.treated_outcome, self.treated), ratio(self.control_outcome, self.control)

    def joined(self) -> ArmSums:
        """The sums over all levels, `(1, r)`."""
        return ArmSums(*(part.sum(axis=0, keepdims=True) for part in self))


@dataclass(frozen=True, eq=False)
class ClassValues:
    """Rows in classes; the sums are those of several numbers per row, by class."""

    code: Codes
    """`(n,)`, from 0."""
    classes: int
    columns: Floats
    """`(k, n)`."""

    @property
    def width(self) -> int:
        """The number of sums."""
        return self.classes * len(self.columns)

    def total(self) -> Floats:
        """The sums over all rows, `(width,)`: the classes of the first number, then of the next."""
        return np.concatenate([np.bincount(self.code, column, self.classes) for column in self.columns])

    @cached_property
    def _matrices(self) -> list[csr_array]:
        from scipy.sparse import csr_array  # noqa: PLC0415  # slow to import

        rows, shape = np.arange(len(self.code)), (self.classes, len(self.code))
        return [csr_array((column, (self.code, rows)), shape=shape) for column in self.columns]

    def under(self, weights: Floats) -> Floats:
        """The sums under weights `(n, r)`: `(width, r)`."""
        return np.concatenate([matrix @ weights for matrix in self._matrices])

    def of(self, rows: NDArray[np.intp]) -> ClassValues:
        """The same of some rows."""
        return ClassValues(self.code[rows], self.classes, self.columns[:, rows])

    def by_group(self, group: Codes, groups: int) -> Floats:
        """The sums within each group: `(groups, width)`."""
        joint = group.astype(np.intp) * self.classes + self.code
        parts = [np.bincount(joint, column, groups * self.classes) for column in self.columns]
        return np.concatenate([part.reshape(groups, self.classes) for part in parts], axis=1)


@dataclass(frozen=True, eq=False)
class ArmLevels:
    """The rows of a campaign in levels. All figures of it share their sums, which are computed once."""

    outcomes: Outcomes
    level: Codes
    """`(n,)`, the level of each row, from 0."""
    levels: int
    detailed: Callable[[], tuple[Codes, int]] | None = None
    """The same rows in more levels, for resamples that are not of independent rows; None for the same."""

    @classmethod
    def whole(cls, outcomes: Outcomes) -> ArmLevels:
        """All rows in one level."""
        return cls(outcomes, np.zeros(len(outcomes), dtype=np.uint8), 1)

    @cached_property
    def _features(self) -> tuple[Classes | ClassValues, Callable[[Floats], ArmSums]]:
        return arm_features(self.outcomes, self.level, self.levels, self.detailed)

    def measure(self, figure: Callable[[ArmSums], Floats]) -> Measure:
        """A figure of the sums of each level: `figure` maps them to `(r,)`."""
        features, read = self._features
        return Measure.of_sums(features, lambda sums: figure(read(sums))).within_arms()

    @property
    def sums(self) -> ArmSums:
        """The sums on the rows themselves: `(levels, 1)`."""
        features, read = self._features
        return read(features.total()[:, None])


def assignment_of(outcomes: Outcomes) -> Assignment:
    """The assignment of rows that have one."""
    if outcomes.assignment is None:
        raise TypeError("a KPI of kind uplift is measured on rows with an assignment")
    return outcomes.assignment


def has_both_arms(outcomes: Outcomes) -> bool:
    """Whether some rows were treated and others not, as those of a segment may not be."""
    treated = assignment_of(outcomes).treated
    return bool(treated.any() and not treated.all())


def arms_within(outcomes: Outcomes, rows: Bools | None = None) -> list[tuple[Outcomes, Bools]]:
    """The outcomes of each arm within a mask of the rows, with their masks; none if it has no rows."""
    treated = assignment_of(outcomes).treated
    among = np.ones(len(treated), dtype=bool) if rows is None else rows
    if not among.any():
        return []
    return [(outcomes.among(mask), mask) for mask in (among & treated, among & ~treated)]


def arm_features(
    outcomes: Outcomes, level: Codes, levels: int, detailed: Callable[[], tuple[Codes, int]] | None = None
) -> tuple[Classes | ClassValues, Callable[[Floats], ArmSums]]:
    """The features of rows in levels, and how to read their sums."""
    assignment = assignment_of(outcomes)
    probabilities, designs = assignment.probabilities, len(assignment.probabilities)
    if not outcomes.is_binary or not designs:
        wide, count = (level, levels) if detailed is None else detailed()
        return ClassValues(wide, count, _columns(outcomes)), lambda sums: ArmSums(*np.split(sums, 5))
    cell = 2 * assignment.stratum.astype(np.uint8) + outcomes.positive.view(np.uint8)

    def classes(code: Codes, count: int) -> Classes:
        width = 4 * designs
        joint = code.astype(np.min_scalar_type(count * width)) * np.array(width, dtype=np.uint8)
        return Classes(joint + cell, count * width, outcomes.weight)

    def read(sums: Floats) -> ArmSums:
        return _of_cells(sums.reshape(-1, designs, 2, 2, sums.shape[1]), probabilities)

    features = classes(level, levels)
    if detailed is not None:
        more = detailed
        features = NestedClasses(
            features.code, features.width, outcomes.weight, detailed=lambda: classes(*more())
        )
    return features, read


def _columns(outcomes: Outcomes) -> Floats:
    """What is summed of every row, in the order of `ArmSums`: `(5, n)`."""
    assignment, weight, target = assignment_of(outcomes), outcomes.counts, outcomes.target
    treated = weight * np.where(assignment.treated, assignment.inverse, 0.0)
    control = weight * np.where(assignment.treated, 0.0, assignment.inverse)
    return np.stack([weight, treated, treated * target, control, control * target])


def _of_cells(cells: Floats, probabilities: Floats) -> ArmSums:
    """From `(levels, designs, arms, outcomes, r)` weights to sums by level."""
    rows = cells.sum(axis=3)
    if len(probabilities) == 1:
        control, treated = rows[:, 0, 0], rows[:, 0, 1]
        return ArmSums(rows.sum(axis=(1, 2)), treated, cells[:, 0, 1, 1], control, cells[:, 0, 0, 1])
    to_treated, to_control = 1 / probabilities, 1 / (1 - probabilities)
    return ArmSums(
        rows.sum(axis=(1, 2)),
        np.einsum("ldr,d->lr", rows[:, :, 1], to_treated),
        np.einsum("ldr,d->lr", cells[:, :, 1, 1], to_treated),
        np.einsum("ldr,d->lr", rows[:, :, 0], to_control),
        np.einsum("ldr,d->lr", cells[:, :, 0, 1], to_control),
    )


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """The ratio of two sums; NaN where the denominator is 0."""
    ratios: Floats = np.divide(
        numerator, denominator, out=np.full_like(numerator, np.nan), where=denominator > 0
    )
    return ratios
