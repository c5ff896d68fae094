"""Whether the arms of a campaign are alike, as chance makes them: the sample ratio, and columns before it."""

from __future__ import annotations

from math import erfc, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.measure.sample_ratio import LEVEL, combined, sample_ratio
from iterata.measure.uplift.arm_sums import assignment_of
from iterata.results.uplift import Arm, AssignmentTest, Balance, ColumnDifference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from iterata.arrays import Bools, Floats
    from iterata.measure.assignment import Assignment
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.sample_ratio import RatioTest

ALPHA = 0.05
"""In which share of tables chance exceeds the level that the largest difference is compared with."""

SMALL = 1e-9
"""A variance within the arms that is a smaller part of the whole one is rounding."""

MOST_LEVELS = 50
"""A column of texts with more different values names or describes rows: it is not compared."""


class StandardizedDifference(NamedTuple):
    """How much the arms differ in a column or a level, in pooled standard deviations."""

    name: str
    difference: float


def balance(
    outcomes: Outcomes, units: NDArray[np.intp] | None, columns: Mapping[str, Floats | NDArray[np.object_]]
) -> Balance:
    """The balance of the arms.

    Args:
        outcomes: of the rows, with their assignment.
        units: `(n,)`, the independent unit of each row, from 0; None if every row is one.
        columns: what was known before the treatment, each `(n,)`: numbers with NaN for gaps, or texts with
            None for gaps.
    """
    assignment = assignment_of(outcomes)
    of_unit, in_both = _units(assignment, units)
    arms = [
        _arm(outcomes, rows, units, assignment.inverse) for rows in (assignment.treated, ~assignment.treated)
    ]
    differences = list(standardized_differences(assignment, columns))
    largest = max(differences, key=lambda entry: abs(entry.difference), default=None)
    return Balance(
        treated=arms[0],
        control=arms[1],
        declared=assignment.declared,
        probability=float(assignment.probability[0]) if assignment.is_constant else None,
        sample_ratio=sample_ratio_of(of_unit) if assignment.declared else None,
        units_in_both=in_both,
        columns=len(differences),
        largest=None if largest is None else ColumnDifference(**largest._asdict()),
        chance=chance_level(arms[0].units, arms[1].units, len(differences)) if differences else None,
    )


def _units(assignment: Assignment, units: NDArray[np.intp] | None) -> tuple[Assignment, int]:
    """The assignment of the units that are in one arm, and how many are in both."""
    if units is None:
        return assignment, 0
    count = int(units.max()) + 1
    treated = np.bincount(units, assignment.treated, count)
    rows = np.bincount(units, minlength=count)
    in_both = (treated > 0) & (treated < rows)
    first = np.zeros(count, dtype=np.intp)
    first[units[::-1]] = np.arange(len(units))[::-1]
    return assignment.among(first[~in_both]), int(in_both.sum())


def _arm(outcomes: Outcomes, rows: Bools, units: NDArray[np.intp] | None, inverse: Floats) -> Arm:
    weight, count = (outcomes.counts * inverse)[rows], int(rows.sum())
    return Arm(
        rows=count,
        units=count if units is None else len(np.unique(units[rows])),
        positives=int(outcomes.positive[rows].sum()) if outcomes.is_binary else None,
        mean=float(weight @ outcomes.target[rows] / weight.sum()) if weight.any() else 0.0,
    )


def sample_ratio_of(assignment: Assignment) -> AssignmentTest:
    """The test of the sample ratio against the declared probabilities, by unit.

    With few probabilities the chi-square statistics of both arms are summed over them, with one degree of
    freedom each; else `z = sum(T - e) / sqrt(sum e (1 - e))`.
    """
    treated, probability = assignment.treated.astype(float), assignment.probability
    few = assignment.probabilities
    expected = float(probability.sum())
    if len(few):
        found = combined([_of_probability(value, treated[probability == value]) for value in few.tolist()])
        return AssignmentTest(
            test="chi2",
            statistic=found.chi_square,
            freedom=found.freedom,
            p=found.p_value,
            expected=expected,
            off=found.is_off(),
        )
    spread = sqrt(float((probability * (1 - probability)).sum()))
    z = float((treated - probability).sum()) / spread
    p = erfc(abs(z) / sqrt(2))
    return AssignmentTest(test="z", statistic=z, p=p, expected=expected, off=p < LEVEL)


def _of_probability(probability: float, treated: Floats) -> RatioTest:
    """The test of the units that are treated with one probability."""
    count = int(treated.sum())
    return sample_ratio([count, len(treated) - count], [probability, 1 - probability])


def chance_level(treated: int, control: int, columns: int) -> float:
    """What the largest standardised difference of so many columns exceeds by chance in 5 % of tables."""
    return sqrt(1 / treated + 1 / control) * NormalDist().inv_cdf(1 - ALPHA / 2 / columns)


def standardized_differences(
    assignment: Assignment, columns: Mapping[str, Floats | NDArray[np.object_]]
) -> Iterator[StandardizedDifference]:
    """The difference of every column; of categories that of every level, and gaps are a level.

    Rows count with the inverse probability of their arm where it varies. A column that is the same in every
    row is left out.
    """
    weight = None if assignment.is_constant else assignment.inverse
    for name, values in columns.items():
        for label, numbers in _parts(name, values):
            difference = _difference(numbers, assignment.treated, weight)
            if difference is not None:
                yield StandardizedDifference(label, difference)


def _parts(name: str, values: Floats | NDArray[np.object_]) -> Iterable[tuple[str, Floats]]:
    """The numbers that are compared for a column, with NaN for gaps."""
    if values.dtype != object:
        gaps = np.isnan(values.astype(float))
        yield name, values.astype(float)
        if gaps.any():
            yield f"{name}: missing", gaps.astype(float)
        return
    levels = {value for value in values if value is not None}
    if len(levels) > MOST_LEVELS:
        return
    for level in sorted(levels):
        yield f"{name}: {level}", (values == level).astype(float)
    missing = np.array([value is None for value in values], dtype=float)
    if missing.any():
        yield f"{name}: missing", missing


def _difference(numbers: Floats, treated: Bools, weight: Floats | None) -> float | None:
    """The standardised difference of a number; None if an arm has fewer than two, or all are the same."""
    moments = []
    for rows in (treated, ~treated):
        part = numbers[rows]
        known = ~np.isnan(part)
        part = part[known]
        if len(part) < 2:
            return None
        share = np.ones(len(part)) if weight is None else weight[rows][known]
        share = share / share.sum()
        mean = float(share @ part)
        variance = float(share @ (part - mean) ** 2) * len(part) / (len(part) - 1)
        moments.append((mean, variance))
    (treated_mean, treated_variance), (control_mean, control_variance) = moments
    pooled = (treated_variance + control_variance) / 2
    everywhere = float(np.nanvar(numbers))
    if everywhere <= 0:
        return None
    # A column that is the same within each arm tells the arm: it has the spread between the arms only.
    return (treated_mean - control_mean) / sqrt(pooled if pooled > SMALL * everywhere else everywhere)
