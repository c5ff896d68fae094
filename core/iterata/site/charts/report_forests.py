"""The forest plots of a report: hypotheses, segments, guardrails with their margins, other metrics."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from iterata.documents.models.enums import Direction, Verdict
from iterata.render.experiment.verdicts import LEVEL, required_difference
from iterata.site.charts.axis import Axis
from iterata.site.charts.forest import Forest, ForestRow, differences, row, tone_of
from iterata.text import decimal_places, number, signed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from iterata.results import Estimate, ExperimentResult
    from iterata.results.experiment import GuardrailResult, HypothesisResult, SegmentVariant

MOST_ROWS = 50
"""The most rows of a forest; a page says that there are more."""

_TONES = {Verdict.SUPPORTED: "better", Verdict.REFUTED: "worse"}


def hypotheses(result: ExperimentResult) -> tuple[Forest, ...]:
    """The difference of each hypothesis, with the difference that it requires as a limit."""
    tested = result.hypotheses[:MOST_ROWS]
    if not tested:
        return ()
    figures = [figure for one in tested for figure in (*one.difference.extent, one.by)]
    axis = Axis.over([0.0, *figures], Direction.MAXIMISE)
    supported = sum(one.verdict is Verdict.SUPPORTED for one in tested)
    title = f"{supported} of {len(result.hypotheses)} hypotheses supported"
    rows = tuple(_hypothesis(axis, one) for one in tested)
    label = f"Difference to the model it should beat, in {result.kpi.scaled_unit}"
    return (Forest(title, axis, label, rows, axis.at(0.0), "no difference", note=_LIMIT),)


_LIMIT = "The upright mark is the difference that a hypothesis requires."


def _hypothesis(axis: Axis, tested: HypothesisResult) -> ForestRow:
    needs = required_difference(tested.by)
    drawn = row(axis, tested.id, tested.difference, note=f"{tested.variant} against {tested.over}: {needs}")
    return drawn._replace(
        verdict=tested.verdict.label, tone=_TONES.get(tested.verdict, "open"), limit=axis.at(tested.by)
    )


def guardrails(result: ExperimentResult) -> tuple[Forest, ...]:
    """A forest for each guardrail: how far each variant may be worse, and its margin."""
    named = sorted(result.guardrails, key=lambda kept: kept.name)
    groups = (list(group) for _, group in groupby(named, key=lambda kept: kept.name))
    return tuple(filter(None, map(_guardrail, groups)))


def _guardrail(kept: Sequence[GuardrailResult]) -> Forest | None:
    kept = kept[:MOST_ROWS]
    ends = [
        -figure for one in kept for figure in (one.worsening, one.worsening_at_most) if figure is not None
    ]
    if not ends:
        return None
    margin = kept[0].margin
    axis = Axis.over([0.0, -margin, *ends], Direction.MAXIMISE)
    places = decimal_places(max(map(abs, [margin, *ends])))
    broken = [one.variant for one in kept if not one.holds]
    title = (
        f"{kept[0].name}: not kept by {' and '.join(broken)}"
        if broken
        else f"{kept[0].name}: kept by {'every variant' if len(kept) > 1 else kept[0].variant}"
    )
    return Forest(
        title=title,
        axis=axis,
        label="Difference to the status quo; right is better",
        rows=tuple(_kept(axis, one, places) for one in kept),
        zero=axis.at(0.0),
        zero_name="status quo",
        note=f"The upright mark is the margin: at most {number(margin, places)} worse. "
        "The line goes to the lower end of a one-sided 95 % interval.",
    )


def _kept(axis: Axis, kept: GuardrailResult, places: int) -> ForestRow:
    """A variant and a guardrail; without a figure only the margin is drawn."""
    value, end = kept.worsening, kept.worsening_at_most
    start = axis.at(0.0 if value is None else -value)
    reach = start if end is None else axis.at(-end)
    return ForestRow(
        name=kept.variant,
        note=kept.needed,
        figure="no figure" if value is None else signed(-value, places),
        interval="" if end is None else f"at least {signed(-end, places)}",
        verdict="kept" if kept.holds else "not kept",
        tone="better" if kept.holds else "worse",
        x=start,
        left=min(reach, start),
        right=start,
        shape="none" if value is None else "dot",
        limit=axis.at(-kept.margin),
    )


def segments(result: ExperimentResult) -> tuple[Forest, ...]:
    """A forest for each variant: its difference to the status quo within each segment, and in all rows."""
    return tuple(filter(None, (_segments(result, name.name, name.difference) for name in result.variants)))


def _segments(result: ExperimentResult, variant: str, overall: Estimate) -> Forest | None:
    found = [
        (f"{part.column}: {part.value}", f"{part.rows:,} rows", inside, inside.difference)
        for part in result.segments
        for inside in part.variants
        if inside.name == variant and inside.difference is not None
    ]
    shown = found[:MOST_ROWS]
    if not shown:
        return None
    figures = [overall, *(figure for *_, figure in shown)]
    axis = Axis.over([0.0, *(end for figure in figures for end in figure.extent)], Direction.MAXIMISE)
    rows = [
        _adjusted(row(axis, name, figure, note=size), inside, figure) for name, size, inside, figure in shown
    ]
    total = row(axis, "All rows", overall, note=f"{result.sample.rows:,} rows", shape="diamond")
    clear = sum(drawn.tone != "open" for drawn in rows)
    more = (
        f" Only the first {MOST_ROWS} of {len(found)} segments are drawn." if len(found) > len(shown) else ""
    )
    return Forest(
        title=f"{variant}: {clear or 'no'} of {len(found)} segments {'differ' if clear != 1 else 'differs'} "
        "from the status quo",
        axis=axis,
        label=f"Difference to the status quo within the segment, in {result.kpi.scaled_unit}",
        rows=(*rows, total),
        zero=axis.at(0.0),
        zero_name="status quo",
        note=f"The intervals are for each segment alone; the words allow for all segments.{more}",
    )


def _adjusted(drawn: ForestRow, inside: SegmentVariant, figure: Estimate) -> ForestRow:
    """The row; nothing is claimed if it would be one find among many."""
    is_shown = inside.p_adjusted is None or inside.p_adjusted <= LEVEL
    return (
        drawn if is_shown or tone_of(figure) == "open" else drawn._replace(tone="open", verdict="not shown")
    )


def metrics(result: ExperimentResult) -> tuple[Forest, ...]:
    """A forest for each secondary metric: the variants' differences to the status quo; higher is better."""
    return tuple(filter(None, (_metric(result, name) for name in dict.fromkeys(_metric_names(result)))))


def _metric_names(result: ExperimentResult) -> Iterator[str]:
    return (metric.name for variant in result.variants for metric in variant.metrics)


def _metric(result: ExperimentResult, name: str) -> Forest | None:
    found = [
        (variant.name, number(metric.value.value) if metric.value else "", metric.difference)
        for variant in result.variants
        for metric in variant.metrics
        if metric.name == name and metric.difference is not None
    ]
    better = [variant for variant, _, figure in found if tone_of(figure) == "better"]
    worse = [variant for variant, _, figure in found if tone_of(figure) == "worse"]
    told = [
        f"{len(names)} of {len(found)} variants {word}"
        for names, word in ((better, "better"), (worse, "worse"))
        if names
    ]
    return differences(
        found,
        title=f"{name}: {' and '.join(told) or 'no difference is shown'}",
        label=f"Difference to the status quo in {name}; right is better",
        zero_name="status quo",
    )


REPORT_FORESTS: dict[str, Callable[[ExperimentResult], tuple[Forest, ...]]] = {
    "hypotheses": hypotheses,
    "segments": segments,
    "guardrails": guardrails,
    "metrics": metrics,
}
"""The forests of a report by the name of their tables."""
