"""The KPI of a project by iteration, inside the band from random to perfect."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from iterata.site.charts.axis import Axis
from iterata.site.charts.scale import Mark, kpi_name, mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.knowledge import TrajectoryPoint


class Step(NamedTuple):
    """The row of an iteration."""

    iteration: str
    random: Mark
    status_quo: Mark
    perfect: Mark
    best: Mark | None
    lower: Mark | None = None
    """The lower end of perfect, where it is not known row by row."""
    realised: Mark | None = None
    """The status quo with the gain that the release realised."""
    reverted: bool = False

    @property
    def sure(self) -> Mark:
        """Where the potential lift reaches at least."""
        return self.lower or self.perfect

    @property
    def perfect_text(self) -> str:
        """Perfect as text."""
        return f"{self.lower.text} to {self.perfect.text}" if self.lower else self.perfect.text

    @property
    def left(self) -> float:
        """The left end of the band."""
        return min(self.random.x, self.perfect.x)

    @property
    def width(self) -> float:
        """The width of the band."""
        return round(abs(self.perfect.x - self.random.x), 2)


@dataclass(frozen=True, slots=True)
class Trajectory:
    """The drawing, with a row for each iteration with the same KPI."""

    kpi: str
    unit: str
    axis: Axis
    steps: tuple[Step, ...]

    @property
    def has_realised(self) -> bool:
        """Whether a gain was realised in any iteration."""
        return any(step.realised for step in self.steps)

    @property
    def title(self) -> str:
        """The title of the drawing."""
        return f"{self.kpi}, iteration by iteration"

    @property
    def description(self) -> str:
        """The drawing in words."""
        return " ".join(_sentence(step) for step in self.steps) + " Right is better."


def trajectories(points: Sequence[TrajectoryPoint]) -> tuple[Trajectory, ...]:
    """A drawing for each KPI; figures of different KPIs never share an axis."""
    return tuple(_trajectory(list(group)) for _, group in groupby(points, key=_same))


def _same(point: TrajectoryPoint) -> tuple[object, ...]:
    return point.kpi.identity, point.kpi.period, point.kpi.period_rows


def _trajectory(points: Sequence[TrajectoryPoint]) -> Trajectory:
    kpi = points[0].kpi
    estimates = [bound for point in points for bound in (point.random, point.status_quo, point.perfect)]
    estimates += [point.best[1] for point in points if point.best]
    estimates += [point.realised for point in points if point.realised]
    estimates += [point.perfect_lower for point in points if point.perfect_lower]
    axis = Axis.over(
        (figure for estimate in estimates for figure in estimate.extent),
        kpi.direction,
    )
    steps = tuple(
        Step(
            point.iteration,
            mark(axis, "random", point.random, "random"),
            mark(axis, "status quo", point.status_quo, "status_quo"),
            mark(axis, "perfect", point.perfect, "perfect"),
            mark(axis, point.best[0], point.best[1], "best") if point.best else None,
            mark(axis, "perfect, at least", point.perfect_lower, "perfect") if point.perfect_lower else None,
            mark(axis, "realised", point.realised, "realised") if point.realised else None,
            point.reverted,
        )
        for point in points
    )
    return Trajectory(kpi_name(kpi), kpi.unit, axis, steps)


def _sentence(step: Step) -> str:
    bounds = f"random {step.random.text}, status quo {step.status_quo.text}, perfect {step.perfect_text}"
    best = f", best variant {step.best.name} {step.best.text} ({step.best.interval})" if step.best else ""
    realised = f", realised {step.realised.text} ({step.realised.interval})" if step.realised else ""
    end = ", reverted" if step.realised and step.reverted else ""
    return f"{step.iteration}: {bounds}{best}{realised}{end}."
