"""The block `lift` of an assessment: sentences first, the table after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.formatting import number, parts, percent_parts, table, text
from iterata.lift.judgement import sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.results import LiftResult


def render(result: LiftResult) -> str:
    """The block's Markdown, from the result alone."""
    points = "\n".join(f"- {sentence}" for sentence in sentences(result))
    unit = text(result.kpi.unit)
    period = f" per {text(result.kpi.period)}" if result.kpi.period else ""
    figures = table(
        (f"{text(result.kpi.name)} ({unit}{period})", "figure", "95 % interval"), list(_rows(result))
    )
    return f"{points}\n\n{figures}\n\n{_how(result)}"


def _rows(result: LiftResult) -> Iterator[tuple[str, str, str]]:
    scale = result.scale
    estimates = (
        (f"random: {text(scale.random.meaning)}", scale.random.expectation),
        (f"status quo: {text(scale.status_quo_label)}", scale.status_quo),
        ("perfect", scale.perfect),
        ("**potential lift**", result.potential_lift),
        ("**risk**", result.risk),
    )
    for name, estimate in estimates:
        yield name, *parts(estimate)
    if result.position is not None:
        yield "position of the status quo", *percent_parts(result.position)
    for name, figure in (("do nothing", scale.do_nothing), ("treat all", scale.treat_all)):
        if figure is not None:
            yield name, number(figure), ""


def _how(result: LiftResult) -> str:
    sample, made = result.sample, result.interval
    unit = "rows" if made.unit == "row" else f"units (`{text(made.unit)}`)"
    return (
        f"*From {sample.rows:,} rows with {sample.positives:,} positives (`{text(sample.source)}`); "
        f"intervals from {made.resamples:,} bootstrap resamples of {unit}."
        f"{_one_draw(result.scale.random.sd_of_one_draw)}*"
    )


def _one_draw(sd: float | None) -> str:
    return "" if sd is None else f" A single random draw strays by {number(sd)} (standard deviation)."
