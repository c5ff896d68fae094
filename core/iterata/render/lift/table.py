"""The block `lift` of an assessment: sentences, then the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.render.estimates import few_units, parts, percent_parts, resampled_unit, status_quo_row
from iterata.render.lift import uplift
from iterata.render.lift.answers import answers_table
from iterata.render.lift.assumptions import assumptions_table, how_assumed
from iterata.render.lift.sentences import sentences
from iterata.render.markdown import escape, markdown_table
from iterata.render.weights import weights_sentence
from iterata.text import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.results import IntervalMethod, LiftResult, Sample


def render(result: LiftResult) -> str:
    """The Markdown of the block, from the result alone."""
    points = "\n".join(f"- {sentence}" for sentence in sentences(result))
    unit = escape(result.kpi.scaled_unit)
    interval = "95 % uncertainty interval" if result.assumed else "95 % interval"
    figures = markdown_table((f"{escape(result.kpi.name)} ({unit})", "figure", interval), list(_rows(result)))
    assumed = assumptions_table(result.assumed) if result.assumed else ""
    answers, curve = answers_table(result), uplift.curve_table(result)
    parts = (points, figures, answers, curve, assumed, _method(result))
    return "\n\n".join(part for part in parts if part)


def _rows(result: LiftResult) -> Iterator[tuple[str, str, str]]:
    scale = result.scale
    known = ("perfect", scale.perfect), ("**potential lift**", result.potential_lift)
    estimates = (
        (f"random: {escape(scale.random.meaning)}", scale.random.expectation),
        (status_quo_row(scale.status_quo_label), scale.status_quo),
        *(() if scale.perfect_identified else known),
    )
    for name, estimate in estimates:
        yield name, *parts(estimate)
    yield from uplift.perfect_rows(result)
    yield "**risk**", *parts(result.risk)
    position = result.position_identified
    if position is not None and position.point is not None:
        yield "position of the status quo", *percent_parts(position.point)
    elif position is not None:
        for end, share in (("lower", position.lower), ("upper", position.upper)):
            yield f"position of the status quo, {end} end", *percent_parts(share)
    elif result.position is not None:
        yield "position of the status quo", *percent_parts(result.position)
    yield from _references(result)


def _references(result: LiftResult) -> Iterator[tuple[str, str, str]]:
    """The KPI without any action, and of acting on every row."""
    scale, assumed = result.scale, result.assumed
    for name, figure, estimate in (
        ("do nothing", scale.do_nothing, assumed.do_nothing if assumed else None),
        ("treat all", scale.treat_all, assumed.treat_all if assumed else None),
    ):
        ends = estimate.interval if estimate else None
        if estimate is not None and ends is not None and ends[0] < ends[1]:
            yield name, *parts(estimate)
        elif figure is not None:
            yield name, number(figure), ""
    if scale.best_constant is not None:
        yield f"always {escape(scale.best_constant.answer)}", number(scale.best_constant.value), ""


def _method(result: LiftResult) -> str:
    origin = how_assumed(result.assumed, result.interval) if result.assumed else ""
    if result.sample is not None:
        origin = _how_measured(result.sample, result.interval, within_arms=result.kpi.kind == "uplift")
    if result.kpi.period and result.sample is not None:
        origin += f" They are about the average {escape(result.kpi.period)}: a single one varies more."
    return f"*{origin}{_spread_of_random(result.scale.random.sd_of_one_draw)}*"


def _how_measured(sample: Sample, method: IntervalMethod, *, within_arms: bool) -> str:
    within = ", as many of each arm as there are" if within_arms else ""
    positives = "" if sample.positives is None else f" with {sample.positives:,} positives"
    weighted = weights_sentence(sample)
    return (
        f"From {sample.rows:,} rows{positives} (`{escape(sample.source)}`); "
        f"intervals from {method.resamples:,} bootstrap resamples of {resampled_unit(method)}{within}."
        f"{few_units(sample, method)}{f' {weighted}' if weighted else ''}"
    )


def _spread_of_random(sd: float | None) -> str:
    return "" if sd is None else f" The standard deviation of a single random draw is {number(sd)}."
