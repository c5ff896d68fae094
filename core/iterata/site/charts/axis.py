"""A horizontal axis in percent of the drawing's width. Right is always better."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.enums import Direction
from iterata.text import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NARROWEST = 300
"""The width in pixels at which labels must not touch: the text column of a small phone."""
CHARACTER = 8.0
"""The width in pixels of a character of a label, in DejaVu Sans, the widest of the usual fonts."""


class Tick(NamedTuple):
    """A tick of the axis."""

    x: float
    text: str
    anchor: str


class LabelPosition(NamedTuple):
    """The position of a label: its anchor point, the alignment of the text, and its lane (0 is nearest)."""

    x: float
    anchor: str
    lane: int


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis from `worst` (0 %) to `best` (100 %)."""

    worst: float
    best: float
    step: float

    @classmethod
    def over(cls, values: Iterable[float], direction: Direction) -> Axis:
        """The shortest axis with all values, with ticks at round numbers."""
        values = list(values)
        low, high = min(values), max(values)
        if low == high:
            low, high = low - (abs(low) / 2 or 1), high + (abs(high) / 2 or 1)
        step = _nice((high - low) / 6)
        return cls(low, high, step) if direction is Direction.MAXIMISE else cls(high, low, step)

    def at(self, value: float) -> float:
        """The position of a value, in percent."""
        return round(100 * (value - self.worst) / (self.best - self.worst), 2)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """The ticks, from left to right."""
        places = max(0, -math.floor(math.log10(self.step)))
        low, high = sorted((self.worst, self.best))
        counts = range(math.ceil(low / self.step - 1e-9), math.floor(high / self.step + 1e-9) + 1)
        values = sorted((count * self.step for count in counts), key=self.at)
        return tuple(Tick(self.at(value), number(value, places), _anchor(self.at(value))) for value in values)


def place(labels: Sequence[tuple[float, str]], narrowest: float = NARROWEST) -> tuple[LabelPosition, ...]:
    """Assign labels (position in percent, text) to lanes, so they do not touch at the narrowest width."""
    ends: list[float] = []
    positions: dict[int, LabelPosition] = {}
    for index in sorted(range(len(labels)), key=lambda label: labels[label][0]):
        x, text = labels[index]
        width = 100 * CHARACTER * (len(text) + 1) / narrowest
        anchor = "start" if x < width / 2 else "end" if x > 100 - width / 2 else "middle"
        left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        lane = next((lane for lane, end in enumerate(ends) if end <= left), len(ends))
        ends[lane:] = [left + width, *ends[lane + 1 :]]
        positions[index] = LabelPosition(x, anchor, lane)
    return tuple(positions[index] for index in range(len(labels)))


def spaced(ticks: Sequence[Tick], narrowest: float) -> tuple[Tick, ...]:
    """Every tick, or every second and so on, so their labels do not touch at a width in pixels.

    The tick of zero is among them.
    """
    needed = 100 * CHARACTER * (max((len(tick.text) for tick in ticks), default=0) + 1) / narrowest
    zero = next((place for place, tick in enumerate(ticks) if set(tick.text) <= set("0.")), 0)
    for every in range(1, len(ticks)):
        kept = ticks[zero % every :: every]
        if all(second.x - first.x >= needed for first, second in pairwise(kept)):
            return tuple(kept)
    return tuple(ticks[zero : zero + 1])


def _anchor(x: float) -> str:
    return "start" if x < 5 else "end" if x > 95 else "middle"


def _nice(step: float) -> float:
    """The smallest of 1, 2, 5 and 10 times a power of ten that is not below `step`."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step * (1 - 1e-9))
