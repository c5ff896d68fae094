"""Which assumption matters most: the potential lift at both ends of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.enums import Direction
from iterata.render.lift.assumption_names import named
from iterata.text import decimals, number, percent
from mkdocs_iterata.charts.axis import Axis

if TYPE_CHECKING:
    from iterata.results import Assumption, LiftResult, Sensitivity


class End(NamedTuple):
    """The potential lift at one end of an assumption, as a bar from where it is likely."""

    side: str
    """`low` or `high`: which end of the assumption."""
    assumed: str
    """The assumption there, in figures."""
    lift: str
    """The potential lift there, in figures; empty where it cannot be."""
    left: float
    width: float


class Bar(NamedTuple):
    """An assumption's row."""

    name: str
    explains: str
    """Its share of the variance."""
    ends: tuple[End, End]
    """Its low end and its high end."""

    @property
    def span(self) -> str:
        """Its ends in figures: `5.0 % to 7.0 %`."""
        return f"{self.ends[0].assumed} to {self.ends[1].assumed}"

    @property
    def overlaps(self) -> bool:
        """Whether both ends lie on the same side of what is likely, so that one would hide the other."""
        low, high = self.ends
        return min(low.left + low.width, high.left + high.width) > max(low.left, high.left) + 0.01

    @property
    def lifts(self) -> str:
        """The potential lift at its ends, the low one first."""
        return " to ".join(end.lift or "cannot be" for end in self.ends)


@dataclass(frozen=True, slots=True)
class Tornado:
    """The drawing: a row for each uncertain assumption, around the line of the likely potential lift."""

    axis: Axis
    likely: float
    """Where the likely potential lift stands."""
    text: str
    """It in figures."""
    bars: tuple[Bar, ...]

    @property
    def title(self) -> str:
        """What the picture is of."""
        return "How the potential lift depends on each assumption"

    @property
    def anchor(self) -> str:
        """How the likely figure hangs on its place."""
        return "start" if self.likely < 12 else "end" if self.likely > 88 else "middle"

    @property
    def description(self) -> str:
        """Everything the picture shows, in words."""
        said = [
            f"{bar.name} from {bar.span}: {bar.lifts}, explains {bar.explains} of the variance"
            for bar in self.bars
        ]
        return f"Potential lift, likely {self.text}. {'; '.join(said)}."


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things stand, and how figures are written."""

    axis: Axis
    likely: float
    places: int

    def end(self, side: str, assumed: str, lift: float | None) -> End:
        """One end of a bar; nothing is drawn where it cannot be."""
        if lift is None:
            return End(side, assumed, "", self.axis.at(self.likely), 0.0)
        left, right = sorted((self.axis.at(self.likely), self.axis.at(lift)))
        return End(side, assumed, number(lift, self.places), left, round(right - left, 2))

    def bar(self, one: Sensitivity, written: Assumption) -> Bar:
        """An assumption's row."""
        words, write = named(one.name)
        ends = (
            self.end("low", write(written.low), one.at_low),
            self.end("high", write(written.high), one.at_high),
        )
        return Bar(words, percent(one.variance), ends)


def tornado(result: LiftResult) -> Tornado | None:
    """Lay out what each uncertain assumption does; none where there is no such assumption."""
    if result.assumed is None or not result.assumed.sensitivity:
        return None
    inputs = {each.name: each for each in result.assumed.inputs}
    likely, rows = result.potential_lift.value, result.assumed.sensitivity
    figures = [each for row in rows for each in (row.at_low, row.at_high) if each is not None]
    axis = Axis.over([likely, *figures], Direction.MAXIMISE)
    layout = _Layout(axis, likely, decimals(max(map(abs, [likely, *figures]))))
    bars = tuple(layout.bar(row, inputs[row.name]) for row in rows)
    return Tornado(axis, axis.at(likely), number(likely, layout.places), bars)
