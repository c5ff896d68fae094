"""The main chart of the method: what variants gain over the status quo, and how far perfect is.

Before an experiment: random, status quo and perfect on one scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.enums import Direction
from iterata.render.estimates import (
    identified_parts,
    identified_percent,
    interval,
    parts,
    percent_interval,
    percent_parts,
)
from iterata.results import Estimate, ExperimentResult
from iterata.results.best import best_variant, broken_by
from iterata.site.charts.axis import Axis
from iterata.site.charts.conclusions import of_headroom, of_variants, unbroken
from iterata.site.charts.forest import Forest, ForestRow, differences, row, tone_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.results import Identified, Kpi, LiftResult, VariantResult
    from iterata.results import Scale as Bounds


class Way(NamedTuple):
    """How much of the way from the status quo to perfect a model has gone."""

    name: str
    figure: str
    interval: str
    x: float
    left: float
    right: float
    start: str
    """The KPI of the status quo."""
    end: str
    """The KPI of perfect."""
    is_identified: bool
    """Whether it is an interval of identification, from `left` to `right`."""


class Figures(NamedTuple):
    """A row of the table."""

    name: str
    figure: str
    interval: str
    difference: str = ""
    share: str = ""
    is_imagined: bool = True
    """Whether nobody trained it: random, status quo, perfect."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The drawing: a forest, a thin bar below it, and the same figures as a table."""

    kpi: str
    forest: Forest
    aside: str
    """The interval of the figure in the title; may be empty."""
    way: Way | None
    figures: tuple[Figures, ...]
    identification: str = ""
    """Why perfect is not known exactly; may be empty."""

    @property
    def title(self) -> str:
        """What it shows, as a sentence."""
        return self.forest.title

    @property
    def description(self) -> str:
        """The drawing in words."""
        way = self.way
        share = f" {way.name}: {way.figure} of the way from {way.start} to perfect, {way.end}." if way else ""
        rest = f" {self.identification}" if self.identification else ""
        return f"{self.forest.description}{share}{rest}"

    @property
    def has_variants(self) -> bool:
        """Whether something was trained."""
        return any(not figures.is_imagined for figures in self.figures)


def scale(result: LiftResult | ExperimentResult) -> Scale:
    """The drawing of a result."""
    if isinstance(result, ExperimentResult):
        return _of_experiment(result)
    return _of_lift(result)


def _of_experiment(result: ExperimentResult) -> Scale:
    title, aside = of_variants(result)
    figures = [(variant.name, _broken(result, variant), variant.difference) for variant in result.variants]
    random = result.scale.random.expectation
    forest = differences(
        figures,
        title=title,
        label=f"Difference to the status quo, in {result.kpi.scaled_unit}",
        zero_name=_status_quo(result.scale),
        note="Each interval is of one variant alone; the best of several is partly luck."
        if len(figures) > 1
        else "",
    )
    return Scale(
        kpi=kpi_name(result.kpi),
        forest=forest or _empty(title, random),
        aside=aside,
        way=_way(result),
        figures=tuple(_figures(result)),
        identification=_identification(result.scale, assumed=False),
    )


def _empty(title: str, random: Estimate) -> Forest:
    """A plan without variants."""
    axis = Axis.over(random.extent, Direction.MAXIMISE)
    return Forest(title, axis, "", (row(axis, "Random", random, tone="reference", sign=False),))


def _broken(result: ExperimentResult, variant: VariantResult) -> str:
    broken = broken_by(result, variant.name)
    return f"breaks {', '.join(broken)}" if broken else ""


def _way(result: ExperimentResult) -> Way | None:
    leading = best_variant(result)
    if leading is None:
        return None
    start, end = parts(result.scale.status_quo)[0], _perfect_text(result.scale)
    found = leading.captured_share_identified
    if found is not None:
        text, chance = identified_percent(found)
        left, right = _inside(found.lower.value), _inside(found.upper.value)
        return Way(leading.name, text, chance, left, left, right, start, end, is_identified=True)
    share = leading.captured_share
    if share is None:
        return None
    low, high = share.interval or (share.value, share.value)
    ends = (_inside(share.value), _inside(low), _inside(high))
    return Way(leading.name, *percent_parts(share), *ends, start, end, is_identified=False)


def _inside(share: float) -> float:
    return round(100 * min(max(share, 0.0), 1.0), 2)


def _of_lift(result: LiftResult) -> Scale:
    bounds, usual = result.scale, result.good_model
    found = bounds.perfect_identified
    good = None if usual is None else _point(usual.kpi)
    estimates = [bounds.random.expectation, bounds.status_quo, bounds.perfect]
    estimates += [found.lower, found.upper] if found else []
    estimates += [good] if good else []
    axis = Axis.over((end for estimate in estimates for end in estimate.extent), result.kpi.direction)
    rows = [
        _reference(axis, "Random", bounds.random.expectation, bounds.random.meaning),
        _reference(axis, "Status quo", bounds.status_quo, _label(bounds)),
    ]
    if good is not None:
        rule = row(axis, "A good model, usually", good, tone="expected", sign=False)
        rows.append(rule._replace(note="a rule of thumb, not a promise"))
    rows += [_perfect(axis, bounds), *_bars(axis, result)]
    title, aside = of_headroom(result)
    label = f"{kpi_name(result.kpi)}, in {result.kpi.unit}"
    forest = Forest(title, axis, label[:1].upper() + label[1:], tuple(rows), axis.at(bounds.status_quo.value))
    return Scale(
        kpi=kpi_name(result.kpi),
        forest=forest,
        aside=aside,
        way=None,
        figures=tuple(Figures(row.name, row.figure, row.interval) for row in rows),
        identification=_identification(bounds, assumed=result.assumed is not None),
    )


def _reference(axis: Axis, name: str, estimate: Estimate, note: str) -> ForestRow:
    return row(axis, name, estimate, note=note, tone="reference", sign=False)


def _perfect(axis: Axis, bounds: Bounds) -> ForestRow:
    """Perfect; from its lower to its upper end if it is an interval of identification."""
    found = bounds.perfect_identified
    if found is None:
        return _reference(axis, "Perfect", bounds.perfect, "a bound: no model reaches it")
    text, widened = identified_parts(found)
    left, right = sorted((axis.at(found.lower.value), axis.at(found.upper.value)))
    drawn = _reference(axis, "Perfect", found.upper, "it lies in here; no model reaches it")
    if left == right:
        return drawn._replace(figure=text, interval=widened)
    return drawn._replace(figure=text, interval=widened, left=left, right=right, shape="hatch")


def _bars(axis: Axis, result: LiftResult) -> Iterator[ForestRow]:
    """What can be lost and what can be won, as bars from the status quo."""
    bounds = result.scale
    at = [axis.at(figure) for figure in (bounds.random.expectation.value, bounds.status_quo.value)]
    end = bounds.perfect_identified.lower if bounds.perfect_identified else bounds.perfect
    below = at[1] < at[0]
    name, note = ("Below random", "random is better") if below else ("Risk", "random to status quo")
    yield _bar(axis, name, result.risk, note, at)
    reach = [at[1], max(at[1], axis.at(end.value))]
    potential = result.potential_lift_identified
    drawn = _bar(axis, "Potential lift", result.potential_lift, "status quo to perfect", reach)
    if potential is not None:
        text, widened = identified_parts(potential, sign=True)
        drawn = drawn._replace(figure=text, interval=widened, note="at least")
    yield drawn


def _bar(axis: Axis, name: str, size: Estimate, note: str, ends: list[float]) -> ForestRow:
    drawn = row(axis, name, size, note=note, tone="reference")
    return drawn._replace(x=min(ends), left=min(ends), right=max(ends), shape="bar")


def _figures(result: ExperimentResult) -> Iterator[Figures]:
    """Random, status quo, the variants and perfect, as rows of a table."""
    bounds = result.scale
    yield Figures("Random", *parts(bounds.random.expectation))
    yield Figures(_status_quo(bounds), *parts(bounds.status_quo))
    for variant in result.variants:
        yield Figures(
            variant.name,
            *parts(variant.kpi),
            interval(variant.difference, sign=True),
            _captured(variant),
            is_imagined=False,
        )
    found = bounds.perfect_identified
    yield Figures("Perfect", *(identified_parts(found) if found else parts(bounds.perfect)))


def _captured(variant: VariantResult) -> str:
    if variant.captured_share_identified is not None:
        return identified_percent(variant.captured_share_identified)[0]
    return percent_interval(variant.captured_share) if variant.captured_share else ""


def _label(bounds: Bounds) -> str:
    return "" if bounds.status_quo_label == "status quo" else bounds.status_quo_label


def _status_quo(bounds: Bounds) -> str:
    """The status quo with its label: `status quo: newest first`."""
    label = _label(bounds)
    return f"status quo: {label}" if label else "status quo"


def _perfect_text(bounds: Bounds) -> str:
    found = bounds.perfect_identified
    return identified_parts(found)[0] if found else parts(bounds.perfect)[0]


def _identification(bounds: Bounds, *, assumed: bool) -> str:
    found = bounds.perfect_identified
    return identification_sentence(found, assumed=assumed) if found else ""


def identification_sentence(identified: Identified, *, assumed: bool = False) -> str:
    """What an interval of identification means, in one sentence."""
    between, widened = identified_parts(identified)
    low, _, high = between.partition(" to ")
    by = "The assumptions widen" if assumed else "Chance widens"
    chance = f" {by} this to {unbroken(widened)}." if identified.widened else ""
    if not high:
        return f"Perfect is {low}.{chance}"
    why = "no experiment can tell more, because nobody is seen both treated and untreated"
    return f"Perfect lies between {low} and {high}: {why}.{chance}"


def tone(variant: VariantResult) -> str:
    """Whether the interval of the variant's difference is above zero, below zero, or contains it."""
    return tone_of(variant.difference)


def kpi_name(kpi: Kpi) -> str:
    """The KPI with its period: `policies sold per mailing`."""
    return f"{kpi.name} per {kpi.period}" if kpi.period else kpi.name


def _point(value: float) -> Estimate:
    return Estimate(value=value, low=value, high=value)
