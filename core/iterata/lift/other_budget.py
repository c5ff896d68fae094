"""What is assumed of the status quo at today's budget, at another budget.

The share of all positives that the best-scored share `d` of the rows contains is the curve of cumulative
gains. It begins at (0, 0), ends at (1, 1), and is concave wherever better-scored rows are positive more often
(its slope is the rate of positives: Fawcett, 2006, An introduction to ROC analysis, sections 4 and 6, for the
ROC curve, of which it is a linear map). One point of a concave curve bounds all others: they lie between the
straight lines from that point to the two ends. The curve itself is unknown, so no single value is right.
"""

from __future__ import annotations

from itertools import product
from math import isclose
from typing import TYPE_CHECKING, NamedTuple

from pydantic import ValidationError

from iterata.documents.models.assumed_status_quo import (
    assumed_figures,
    budget_share,
    payoff_matrix,
    ranges,
    status_quo_shares,
)
from iterata.documents.models.assumptions import Assumptions
from iterata.documents.models.kpi import TargetingSpec
from iterata.documents.models.period import Period

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeAlias

    from iterata.documents.models.ranges import Range

    Inputs: TypeAlias = Mapping[str, float]
    Figure: TypeAlias = Callable[[TargetingSpec, Inputs, float, float], float]
    """From the KPI, the assumptions, the depth and the share of positives that is reached."""

_DIGITS = 4
"""Significant digits of a converted figure: it is a bound of a rough assumption."""


class Assumed(NamedTuple):
    """What the figures of the status quo are assumed with."""

    kpi: TargetingSpec
    assumptions: Assumptions
    period: Period | None

    @classmethod
    def of(cls, block: Mapping[str, object]) -> Assumed | None:
        """The parts of the block at `lift`; None if a part is missing or invalid.

        They may contradict each other, as today's capture can at another budget.
        """
        try:
            kpi = TargetingSpec.model_validate(block.get("kpi"))
            assumptions = Assumptions.model_validate(block.get("assumptions"))
            period = block.get("period")
            return cls(kpi, assumptions, Period.model_validate(period) if period is not None else None)
        except ValidationError:
            return None

    @property
    def inputs(self) -> dict[str, Range]:
        """Every number that the bounds depend on."""
        return ranges(self.kpi, self.assumptions, self.period)

    @property
    def depth(self) -> float:
        """The share of rows that is contacted, at the likely volume."""
        return budget_share(self.kpi, self.inputs["volume"].likely) or 0.0


def assumed_at_other_budget(before: Assumed, after: Assumed) -> tuple[str, list[float]] | None:
    """The assumed figure of the status quo, and its range `[low, likely, high]` at the other budget.

    Returns:
        None if nothing is to convert: the share of rows that is contacted is the same, or the figure itself
        is changed too.
    """
    if before.assumptions.status_quo != after.assumptions.status_quo:
        return None
    if isclose(before.depth, after.depth) or not 0 < after.depth <= 1 or not 0 < before.depth <= 1:
        return None
    figures = assumed_figures(before.assumptions.status_quo, before.kpi.kind)
    if len(figures) != 1 or figures[0] not in _FIGURES:
        return None
    figure = _FIGURES[figures[0]]
    today, other = before.inputs, after.inputs
    ends = [end for corner in _corners(today, other) for end in _ends(figure, before, after, *corner)]
    likely = sum(_ends(figure, before, after, _likely(today), _likely(other))) / 2
    numbers = min(ends), likely, max(ends)
    return figures[0], [float(f"{number:.{_DIGITS}g}") for number in numbers]


def _likely(inputs: Mapping[str, Range]) -> Inputs:
    return {name: interval.likely for name, interval in inputs.items()}


def _corners(today: Mapping[str, Range], other: Mapping[str, Range]) -> Iterator[tuple[Inputs, Inputs]]:
    """Every combination of the ends of the assumptions, before and after the change."""
    names = [name for name, interval in today.items() if interval.low != interval.high]
    for ends in product(("low", "high"), repeat=len(names)):
        chosen = dict(zip(names, ends, strict=True))
        yield (
            {name: getattr(interval, chosen.get(name, "likely")) for name, interval in today.items()},
            {name: getattr(interval, chosen.get(name, "likely")) for name, interval in other.items()},
        )


def _ends(
    figure: Figure, before: Assumed, after: Assumed, today: Inputs, other: Inputs
) -> tuple[float, float]:
    """The least and the largest value of the figure at the other budget, for given assumptions."""
    depth: float = budget_share(after.kpi, other["volume"]) or 0.0
    shares = status_quo_shares(before.kpi, today)
    captures = capture_bounds(
        float(shares.action_rate), float(shares.true_positives / shares.base_rate), depth
    )
    reached = [min(capture, 1.0, depth / other["base_rate"]) for capture in captures]
    low, high = sorted(figure(after.kpi, other, depth, capture) for capture in reached)
    return low, high


def capture_bounds(depth: float, capture: float, other_depth: float) -> tuple[float, float]:
    """The least and the largest capture at another depth that a concave curve through one point allows.

    Args:
        depth: the share of rows that is contacted.
        capture: the share of all positives among them.
        other_depth: the other share of rows; all three from 0 to 1.
    """
    to_none = capture * other_depth / depth if depth else 0.0
    to_all = 1 - (1 - capture) * (1 - other_depth) / (1 - depth) if depth < 1 else other_depth
    low, high = sorted((to_none, to_all))
    return max(low, 0.0), min(high, 1.0)


def _capture(_: TargetingSpec, _inputs: Inputs, _depth: float, capture: float) -> float:
    return capture


def _precision(_: TargetingSpec, inputs: Inputs, depth: float, capture: float) -> float:
    return capture * inputs["base_rate"] / depth


def _lift_over_random(_: TargetingSpec, _inputs: Inputs, depth: float, capture: float) -> float:
    return capture / depth


def _kpi(kpi: TargetingSpec, inputs: Inputs, depth: float, capture: float) -> float:
    payoff, hits = payoff_matrix(kpi, inputs), capture * inputs["base_rate"]
    hit, miss = payoff.gains_of_acting
    return float(inputs["volume"] * (hits * hit + (depth - hits) * miss))


_FIGURES: dict[str, Figure] = {
    "capture": _capture,
    "precision": _precision,
    "lift_over_random": _lift_over_random,
    "kpi": _kpi,
}
"""The figures that may be assumed of `targeting`, by the share of positives that is reached."""
