"""A forest plot: a row for each figure with its interval, around a line of reference."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.enums import Direction
from iterata.render.estimates import parts
from iterata.site.charts.axis import Axis, spaced
from iterata.text import truncate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from iterata.results import Estimate
    from iterata.site.charts.axis import Tick

NARROWEST = 180
"""The least width of the drawing in pixels, between names and figures."""

WIDEST_NAME = 30
"""The most characters of a line in the margin; a longer name is broken into lines."""

LONGEST_NAME = 120
"""The most characters of a name in the drawing."""

VERDICTS = {"better": "better", "worse": "worse", "open": "not shown"}
"""The word of a tone that claims something, so that colour never stands alone."""


class ForestRow(NamedTuple):
    """A row: a name in the margin, the interval, and the figure at its right."""

    name: str
    note: str
    """What it is of: `14 days, 2,000 units`; may be empty."""
    figure: str
    interval: str
    """Empty without an interval."""
    verdict: str
    """`better`, `worse` or `not shown`; empty where nothing is claimed."""
    tone: str
    """`better`, `worse`, `open`; `reference` claims nothing; `expected` comes from no measurement."""
    x: float
    left: float
    right: float
    shape: str = "dot"
    """`dot`; `diamond` for the sum of the rows above; `bar` from the left end to the right one."""
    limit: float | None = None
    """The position of what must not be passed."""

    @property
    def shown_name(self) -> str:
        """The name, cut if nobody would read it to its end."""
        return truncate(self.name, LONGEST_NAME)

    @property
    def is_total(self) -> bool:
        """Whether it is the sum of the rows above."""
        return self.shape == "diamond"

    @property
    def sentence(self) -> str:
        """The row in words."""
        note = f" ({self.note})" if self.note else ""
        span = f", {self.interval}" if self.interval else ""
        verdict = f": {self.verdict}" if self.verdict else ""
        return f"{self.name}{note} {self.figure}{span}{verdict}"


@dataclass(frozen=True, slots=True)
class Forest:
    """The drawing: a row for each figure, on one axis."""

    title: str
    """What it shows, as a sentence."""
    axis: Axis
    label: str
    """What the axis measures, with its unit."""
    rows: tuple[ForestRow, ...]
    zero: float | None = None
    """The position of the line of reference."""
    zero_name: str = ""
    band: tuple[float, float] | None = None
    """A stretch of the axis: its left end and its width."""
    band_name: str = ""
    note: str = ""
    """How to read it, in a sentence below the drawing."""

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """The ticks of the axis whose labels do not touch on a phone."""
        return spaced(self.axis.ticks, NARROWEST)

    @property
    def margin(self) -> int:
        """The characters of the longest name, for the width of the margin."""
        return name_width(text for row in self.rows for text in (row.name, row.note))

    @property
    def longest(self) -> int:
        """The most characters of a figure or an interval, which are never broken."""
        return max(max(len(row.interval), len(f"{row.figure} {row.verdict}")) for row in self.rows)

    @property
    def description(self) -> str:
        """The drawing in words."""
        rows = "; ".join(row.sentence for row in self.rows)
        zero = f" 0 is {self.zero_name}." if self.zero is not None and self.zero_name else ""
        return f"{self.label}: {rows}.{zero}"

    @property
    def has_intervals(self) -> bool:
        """Whether a row has an interval."""
        return any(row.interval for row in self.rows)

    @property
    def has_verdicts(self) -> bool:
        """Whether a row claims something."""
        return any(row.verdict for row in self.rows)


def name_width(names: Iterable[str]) -> int:
    """The width of the margin in characters: of the longest name, or of its lines if it is long."""
    longest = max((len(name) for name in names), default=0)
    return longest if longest <= WIDEST_NAME else max(18, min(WIDEST_NAME, ceil(longest / 2)))


def tone_of(difference: Estimate | None) -> str:
    """Whether the whole interval is above zero (`better`), below (`worse`), or contains it (`open`)."""
    low, high = (difference.interval if difference else None) or (-inf, inf)
    return "better" if low > 0 else "worse" if high < 0 else "open"


def row(
    axis: Axis,
    name: str,
    estimate: Estimate,
    *,
    note: str = "",
    tone: str = "",
    sign: bool = True,
    shape: str = "dot",
    written: Callable[[Estimate], tuple[str, str]] | None = None,
) -> ForestRow:
    """A figure as a row.

    Args:
        axis: where it is drawn.
        name: its name in the margin.
        estimate: the figure.
        note: what it is of.
        tone: its tone; empty for the one that its interval has around zero.
        sign: whether the figure is a difference, which is written with its sign.
        shape: how it is drawn.
        written: how its figure and interval are written, if not with three digits.
    """
    low, high = estimate.interval or (estimate.value, estimate.value)
    left, right = sorted((axis.at(low), axis.at(high)))
    figure, span = written(estimate) if written else parts(estimate, sign=sign)
    claimed = tone or tone_of(estimate)
    is_certain = estimate.interval is not None and low == high
    return ForestRow(
        name=name,
        note=note,
        figure=figure,
        interval="" if is_certain else span,
        verdict="" if tone else VERDICTS[claimed],
        tone=claimed,
        x=axis.at(estimate.value),
        left=left,
        right=right,
        shape=shape,
    )


def differences(
    figures: Sequence[tuple[str, str, Estimate]], *, title: str, label: str, zero_name: str, note: str = ""
) -> Forest | None:
    """A forest of differences to a model: name, note and difference of each. None without any."""
    if not figures:
        return None
    axis = Axis.over([0.0, *(end for *_, figure in figures for end in figure.extent)], Direction.MAXIMISE)
    rows = tuple(row(axis, name, figure, note=about) for name, about, figure in figures)
    return Forest(title, axis, label, rows, axis.at(0.0), zero_name, note=note)
