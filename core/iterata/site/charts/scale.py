"""The main chart of the method: random, status quo, variants and perfect on one scale."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from iterata.render.estimates import TOO_FEW, identified_parts, parts
from iterata.results import Estimate, ExperimentResult
from iterata.site.charts.axis import Axis, LabelPosition, place
from iterata.text import truncate

if TYPE_CHECKING:
    from iterata.results import Identified, Kpi, LiftResult, VariantResult
    from iterata.results import Scale as Bounds

LABEL = 26
"""The longest name in characters that fits beside its figures on a phone."""


class Mark(NamedTuple):
    """A value with its interval, in drawing coordinates."""

    name: str
    text: str
    """The value as text."""
    interval: str
    """The interval as text."""
    x: float
    low: float
    high: float
    tone: str
    """`random`, `status_quo`, `perfect`; of a variant `better`, `worse`, `open`; of a good model `usual`."""

    @property
    def label(self) -> str:
        """The name, shortened to fit."""
        return truncate(self.name, LABEL)

    @property
    def sentence(self) -> str:
        """The mark in words."""
        return (
            f"{self.name} {self.text}"
            if self.low == self.high and self.interval != TOO_FEW
            else f"{self.name} {self.text} ({self.interval})"
        )

    @property
    def left(self) -> float:
        """The interval's left end."""
        return min(self.low, self.high)

    @property
    def width(self) -> float:
        """The interval's width."""
        return round(abs(self.high - self.low), 2)


class Identification(NamedTuple):
    """Where perfect lies, if no experiment can tell it exactly."""

    left: float
    width: float
    """The interval of identification, from the lower to the upper end of perfect."""
    lower: Mark
    """The lower end, with its interval of chance."""
    sentence: str
    """The rule for reading it."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The drawing: three anchors on a bar, and a row for each variant below."""

    kpi: str
    axis: Axis
    anchors: tuple[Mark, ...]
    """Random, status quo and perfect, in this order."""
    labels: tuple[LabelPosition, ...]
    """The positions of the anchors' labels."""
    variants: tuple[Mark, ...]
    """The variants; or the rule of thumb for a good model, if nothing was trained yet."""
    confidence: int
    """The confidence of the intervals, in percent."""
    identification: Identification | None = None
    """Where perfect lies; None if it is known row by row."""

    @property
    def title(self) -> str:
        """The title of the drawing."""
        return f"{self.kpi}, from random to perfect"

    @property
    def description(self) -> str:
        """The drawing in words."""
        sentences = [mark.sentence for mark in (*self.anchors, *self.variants)]
        identified = f" {self.identification.sentence}" if self.identification else ""
        intervals = f"In brackets: {self.confidence} % intervals. Right is better."
        return f"{'; '.join(sentences)}.{identified} {intervals}"

    @property
    def risk(self) -> tuple[float, float]:
        """The band from random to the status quo: its left end and its width."""
        return _band(self.anchors[0].x, self.anchors[1].x)

    @property
    def potential(self) -> tuple[float, float]:
        """The band from the status quo to perfect, or to its lower end: its left end and its width."""
        if self.identification is None:
            return _band(self.anchors[1].x, self.anchors[2].x)
        return _band(self.anchors[1].x, max(self.anchors[1].x, self.identification.left))

    @property
    def below_random(self) -> bool:
        """Whether the status quo is worse than random."""
        return self.anchors[1].x < self.anchors[0].x


def scale(result: LiftResult | ExperimentResult) -> Scale:
    """The drawing of a result."""
    bounds = result.scale
    variants = result.variants if isinstance(result, ExperimentResult) else []
    usual = (
        None if isinstance(result, ExperimentResult) or result.good_model is None else result.good_model.kpi
    )
    identified = bounds.perfect_identified
    estimates = [
        bounds.random.expectation,
        bounds.status_quo,
        bounds.perfect,
        *([] if identified is None else [identified.lower, identified.upper]),
        *(variant.kpi for variant in variants),
        *([] if usual is None else [_point(usual)]),
    ]
    axis = Axis.over(
        (figure for estimate in estimates for figure in estimate.extent),
        result.kpi.direction,
    )
    anchors = (
        mark(axis, "Random", bounds.random.expectation, "random"),
        mark(axis, bounds.status_quo_label.capitalize(), bounds.status_quo, "status_quo"),
        _perfect(axis, bounds),
    )
    labels = place([(anchor.x, max(anchor.label, anchor.text, key=len)) for anchor in anchors])
    rows = tuple(mark(axis, variant.name, variant.kpi, tone(variant)) for variant in variants)
    if usual is not None:
        rows = (mark(axis, "A good model, usually", _point(usual), "usual"),)
    confidence = round(100 * result.interval.confidence)
    assumed = not isinstance(result, ExperimentResult) and result.assumed is not None
    identification = _identification(axis, identified, assumed=assumed) if identified else None
    return Scale(kpi_name(result.kpi), axis, anchors, labels, rows, confidence, identification)


def _perfect(axis: Axis, bounds: Bounds) -> Mark:
    """Perfect; at the upper end if it is an interval of identification."""
    identified = bounds.perfect_identified
    if identified is None:
        return mark(axis, "Perfect", bounds.perfect, "perfect")
    text, widened = identified_parts(identified)
    return mark(axis, "Perfect", identified.upper, "perfect")._replace(text=text, interval=widened)


def _identification(axis: Axis, identified: Identified, *, assumed: bool) -> Identification:
    lower = mark(axis, "Perfect, lower end", identified.lower, "perfect")
    left, width = _band(lower.x, axis.at(identified.upper.value))
    return Identification(left, width, lower, identification_sentence(identified, assumed=assumed))


def identification_sentence(identified: Identified, *, assumed: bool = False) -> str:
    """What an interval of identification means, in one sentence."""
    between, widened = identified_parts(identified)
    low, _, high = between.partition(" to ")
    by = "The assumptions widen" if assumed else "Chance widens"
    chance = f" {by} this to {widened}." if identified.widened else ""
    if not high:
        return f"Perfect is {low}.{chance}"
    why = "no experiment can tell more, because nobody is seen both treated and untreated"
    return f"Perfect lies between {low} and {high}: {why}.{chance}"


def mark(axis: Axis, name: str, estimate: Estimate, tone: str) -> Mark:
    """An estimate as a mark on the axis."""
    text, interval = parts(estimate)
    low, high = estimate.interval or (estimate.value, estimate.value)
    return Mark(name, text, interval, axis.at(estimate.value), axis.at(low), axis.at(high), tone)


def tone(variant: VariantResult) -> str:
    """Whether the interval of the variant's difference is above zero, below zero, or contains it."""
    low, high = variant.difference.interval or (-inf, inf)
    return "better" if low > 0 else "worse" if high < 0 else "open"


def kpi_name(kpi: Kpi) -> str:
    """The KPI with its period: `policies sold per mailing`."""
    return f"{kpi.name} per {kpi.period}" if kpi.period else kpi.name


def _point(value: float) -> Estimate:
    return Estimate(value=value, low=value, high=value)


def _band(one: float, other: float) -> tuple[float, float]:
    return min(one, other), round(abs(other - one), 2)
