"""Which assumption matters most: the potential lift at both ends of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.enums import Direction
from iterata.render.lift.assumption_names import term
from iterata.site.charts.axis import Axis, spaced
from iterata.site.charts.conclusions import of_assumptions
from iterata.site.charts.forest import NARROWEST, name_width
from iterata.text import decimal_places, number, percent

if TYPE_CHECKING:
    from iterata.results import Assumption, LiftResult, Sensitivity
    from iterata.site.charts.axis import Tick


class End(NamedTuple):
    """The potential lift at one end of an assumption, as a bar from the likely value."""

    side: str
    """`low` or `high`: which end of the assumption."""
    assumed: str
    """The assumed value, as text."""
    lift: str
    """The potential lift, as text. Empty if the value is not feasible."""
    left: float
    width: float


class Bar(NamedTuple):
    """The row of an assumption."""

    name: str
    explains: str
    """Its share of the variance."""
    ends: tuple[End, End]
    """The low end and the high end."""

    @property
    def span(self) -> str:
        """Its ends as text: `5.0 % to 7.0 %`."""
        return f"{self.ends[0].assumed} to {self.ends[1].assumed}"

    @property
    def overlaps(self) -> bool:
        """Whether both ends are on the same side of the likely value, so one bar would hide the other."""
        low, high = self.ends
        return min(low.left + low.width, high.left + high.width) > max(low.left, high.left) + 0.01

    @property
    def lifts(self) -> str:
        """The potential lift at its ends, low end first."""
        return " to ".join(end.lift or "not feasible" for end in self.ends)


@dataclass(frozen=True, slots=True)
class Tornado:
    """The drawing: a row for each uncertain assumption, around the line of the likely potential lift."""

    axis: Axis
    likely: float
    """The position of the likely potential lift."""
    text: str
    """The likely potential lift, as text."""
    bars: tuple[Bar, ...]

    title: str
    """What it shows, as a sentence."""
    label: str
    """What the axis measures, with its unit."""

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """The ticks of the axis whose labels do not touch on a phone."""
        return spaced(self.axis.ticks, NARROWEST)

    @property
    def margin(self) -> int:
        """The characters of the longest name, for the width of the margin."""
        return name_width(text for bar in self.bars for text in (bar.name, bar.span))

    @property
    def longest(self) -> int:
        """The most characters of the figures at the right."""
        return max(len(f"{bar.lifts}") for bar in self.bars)

    @property
    def description(self) -> str:
        """The drawing in words."""
        sentences = [
            f"{bar.name} from {bar.span}: {bar.lifts}, explains {bar.explains} of the variance"
            for bar in self.bars
        ]
        return f"Potential lift, likely {self.text}. {'; '.join(sentences)}."


@dataclass(frozen=True, slots=True)
class _Layout:
    """The positions of bars, and the format of figures."""

    axis: Axis
    likely: float
    places: int

    def end(self, side: str, assumed: str, lift: float | None) -> End:
        """One end of a bar, of width 0 if the value is not feasible."""
        if lift is None:
            return End(side, assumed, "", self.axis.at(self.likely), 0.0)
        left, right = sorted((self.axis.at(self.likely), self.axis.at(lift)))
        return End(side, assumed, number(lift, self.places), left, round(right - left, 2))

    def bar(self, sensitivity: Sensitivity, assumption: Assumption) -> Bar:
        """The row of an assumption."""
        words, write = term(sensitivity.name)
        ends = (
            self.end("low", write(assumption.low), sensitivity.at_low),
            self.end("high", write(assumption.high), sensitivity.at_high),
        )
        return Bar(words, percent(sensitivity.variance), ends)


def tornado(result: LiftResult) -> Tornado | None:
    """The drawing of the uncertain assumptions. None if there are none."""
    if result.assumed is None or not result.assumed.sensitivity:
        return None
    inputs = {assumption.name: assumption for assumption in result.assumed.inputs}
    likely, rows = result.potential_lift.value, result.assumed.sensitivity
    figures = [lift for row in rows for lift in (row.at_low, row.at_high) if lift is not None]
    axis = Axis.over([likely, *figures], Direction.MAXIMISE)
    layout = _Layout(axis, likely, decimal_places(max(map(abs, [likely, *figures]))))
    bars = tuple(layout.bar(row, inputs[row.name]) for row in rows)
    return Tornado(
        axis,
        axis.at(likely),
        number(likely, layout.places),
        bars,
        of_assumptions(bars[0].name, rows[0].variance),
        f"Potential lift, in {result.kpi.scaled_unit}",
    )
