"""What a project has gained over the status quo, iteration by iteration."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.enums import Direction
from iterata.knowledge.agreed import is_provisional
from iterata.render.estimates import interval, parts
from iterata.site.charts.axis import Axis
from iterata.site.charts.conclusions import of_trajectory
from iterata.site.charts.forest import Forest, ForestRow, row
from iterata.site.charts.scale import kpi_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.knowledge import TrajectoryPoint
    from iterata.results import Estimate, Kpi


MOST_DRAWN = 20
"""The most iterations in drawings; more would be longer than a screen."""


class Step(NamedTuple):
    """A row of the table: an iteration with its figures."""

    iteration: str
    random: str
    status_quo: str
    best: str
    """The best variant with its figure, or why there is none."""
    realised: str
    """Empty if nothing was released on this scale."""
    perfect: str


@dataclass(frozen=True, slots=True)
class Trajectory:
    """The drawing, with the iterations of the same KPI."""

    kpi: str
    forest: Forest
    aside: str
    """The interval of the figure in the title; may be empty."""
    steps: tuple[Step, ...]

    @property
    def has_realised(self) -> bool:
        """Whether a gain was realised in any iteration."""
        return any(step.realised for step in self.steps)


def trajectories(points: Sequence[TrajectoryPoint]) -> tuple[Trajectory, ...]:
    """A drawing of the newest iterations for each KPI; figures of different KPIs never share an axis."""
    newest = points[-MOST_DRAWN:]
    note = f"The newest {MOST_DRAWN} of {len(points)} iterations." if len(points) > MOST_DRAWN else ""
    return tuple(_trajectory(list(group), note) for _, group in groupby(newest, key=_same))


def _same(point: TrajectoryPoint) -> tuple[object, ...]:
    return point.kpi.identity, point.kpi.period, point.kpi.period_rows


def _trajectory(points: Sequence[TrajectoryPoint], note: str) -> Trajectory:
    kpi = points[0].kpi
    gains = [gain for point in points for gain in (point.gain, point.realised_gain) if gain is not None]
    axis = Axis.over([0.0, *(end for gain in gains for end in gain.extent)], Direction.MAXIMISE)
    title, aside = of_trajectory(points)
    forest = Forest(
        title=title,
        axis=axis,
        label=f"Difference to the status quo, in {kpi.scaled_unit}",
        rows=tuple(drawn for point in points for drawn in _rows(axis, point)),
        zero=axis.at(0.0),
        zero_name="status quo",
        note=note,
    )
    return Trajectory(kpi_name(kpi), forest, aside, tuple(map(_step, points)))


def _rows(axis: Axis, point: TrajectoryPoint) -> Iterator[ForestRow]:
    """The best variant of an iteration, and what its release realised."""
    if point.gain is None or point.best is None:
        at = axis.at(0.0)
        most = f"{_without(point)}; at most {_headroom(point)}"
        yield ForestRow(point.iteration, most, "", "", "", "open", at, at, at, shape="none")
    else:
        note = f"{point.best[0]}, provisional" if is_provisional(point.report) else point.best[0]
        yield row(axis, point.iteration, point.gain, note=note)
    if point.realised_gain is not None:
        note = "realised, then reverted" if point.reverted else "realised by the release"
        yield row(axis, point.iteration, point.realised_gain, note=note, shape="diamond")


def _without(point: TrajectoryPoint) -> str:
    """Why an iteration has no figures of a variant."""
    return "its result cannot be read" if point.is_unread else "not run yet"


def _headroom(point: TrajectoryPoint) -> str:
    return parts(_difference(point.perfect, point.status_quo, point.kpi), sign=True)[0]


def _difference(perfect: Estimate, status_quo: Estimate, kpi: Kpi) -> Estimate:
    difference = kpi.direction.sign * (perfect.value - status_quo.value)
    return perfect.model_copy(update={"value": difference, "low": None, "high": None})


def _step(point: TrajectoryPoint) -> Step:
    lower = point.perfect_lower
    perfect = parts(point.perfect)[0]
    return Step(
        iteration=point.iteration,
        random=parts(point.random)[0],
        status_quo=parts(point.status_quo)[0],
        best=f"{point.best[0]}: {interval(point.best[1])}" if point.best else _without(point),
        realised=_realised(point.realised, reverted=point.reverted),
        perfect=f"{parts(lower)[0]} to {perfect}" if lower else perfect,
    )


def _realised(realised: Estimate | None, *, reverted: bool) -> str:
    if realised is None:
        return ""
    return f"{interval(realised)}, reverted" if reverted else interval(realised)
