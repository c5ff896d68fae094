"""The block `rollout` of a deployment, from the results of its phases alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.render.estimates import interval, parts, percent_interval
from iterata.render.markdown import escape, markdown_table
from iterata.render.rollout.sentences import (
    ADVICE,
    INTERVALS_OF_PHASES,
    STATES,
    about_margin,
    about_units,
    advice,
    how_compared,
    how_many_looks,
    rate,
    share_in_percent,
)
from iterata.text import number, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iterata.results.parts import Estimate
    from iterata.results.rollout import MetricReading, PhaseUnits, RolloutResult

NO_FIGURE = "-"

ROLES = {
    "primary": "primary",
    "guardrail": "guardrail",
    "secondary": "secondary",
    "other": "further",
}

SOURCES = {"assessment": "expected of a good model", "report": "offline: in the report"}


def render(results: Mapping[float, RolloutResult]) -> str:
    """The newest phase in full, then what was advised in the earlier ones.

    Args:
        results: the result of each phase by its share; at least one.
    """
    shares = sorted(results)
    newest = results[shares[-1]]
    sections = (
        advice(newest),
        _health(newest),
        _realised(newest),
        _comparison(newest),
        _phases(newest),
        _metrics(newest),
        how_compared(newest),
        _by_phase(newest),
        _looks(newest),
        _left_out(newest),
        _earlier([results[share] for share in shares[:-1]]),
    )
    return "\n\n".join(section for section in sections if section)


def _health(result: RolloutResult) -> str:
    """Every problem but the one that decides."""
    return "\n".join(f"- {escape(problem.message)}" for problem in result.health[1:])


def _realised(result: RolloutResult) -> str:
    """The realised effect beside what was expected and what was seen offline, on one scale."""
    found, kpi = result.realised, result.kpi
    if found is None or kpi is None:
        return ""
    potential = found.potential_lift
    rows = [_gain_row("**realised**", found.gain, potential)]
    if found.share_of_potential is not None:
        rows[0][-1] = percent_interval(found.share_of_potential)
    for expected in found.expected:
        rows.append(_gain_row(SOURCES[expected.source], expected.gain, potential))
        if expected.source == "report" and found.selection is not None:
            rows.append(_gain_row("offline, corrected for having been chosen", found.selection, potential))
    if potential is not None:
        figure, span = parts(potential, sign=True)
        rows.append(["potential lift", figure, span if potential.interval else NO_FIGURE, "100 %"])
    headers = (f"gain in {escape(kpi.scaled_unit)}", "", "95 % interval", "share of the potential lift")
    return markdown_table(headers, rows)


def _gain_row(label: str, gain: Estimate, potential: Estimate | None) -> list[str]:
    figure, span = parts(gain, sign=True)
    share = NO_FIGURE if potential is None or potential.value <= 0 else percent(gain.value / potential.value)
    return [label, figure, span if gain.interval else NO_FIGURE, share]


def _comparison(result: RolloutResult) -> str:
    found = result.comparison
    if found is None:
        return ""
    against = "the holdout" if found.kind == "holdout" else "the last control group (before and after)"
    effect = found.effect
    return (
        f"*Against {against}:* {number(effect.treatment)} instead of {number(effect.control)}, difference "
        f"{interval(effect.difference, sign=True)}. {escape(found.note)}"
    )


def _phases(result: RolloutResult) -> str:
    rows = [_phase_row(phase) for phase in result.phases]
    return markdown_table(("phase", "days", "control", "treatment", "sample ratio"), rows, text_columns=2)


def _phase_row(phase: PhaseUnits) -> tuple[str, ...]:
    days = NO_FIGURE
    if phase.first_day is not None and phase.last_day is not None:
        days = f"{phase.first_day.isoformat()} to {phase.last_day.isoformat()}"
    ratio = phase.sample_ratio
    test = NO_FIGURE
    if ratio is not None:
        test = f"{'**off**' if ratio.is_off else 'as planned'} (p {_p_value(ratio.p_value)})"
    return (
        share_in_percent(phase.share),
        days,
        f"{phase.units.control:,}",
        f"{phase.units.treatment:,}",
        test,
    )


def _p_value(p_value: float) -> str:
    return "< 0.001" if p_value < 0.001 else f"= {p_value:.3f}"


def _metrics(result: RolloutResult) -> str:
    """All metrics over all phases; the interval is the one that decides."""
    rows = [_metric_row(metric) for metric in result.metrics]
    headers = ("metric", "role", "shows", "control", "treatment", "difference", "margin")
    return markdown_table(headers, rows, text_columns=3)


def _metric_row(metric: MetricReading) -> tuple[str, ...]:
    total = metric.total
    shows = STATES[metric.state]
    role = f"{ROLES[metric.role]}, {metric.better} is better"
    margin = NO_FIGURE if metric.margin is None else number(metric.margin)
    if metric.non_inferiority is not None and metric.non_inferiority.interval is not None:
        margin += f" ({parts(metric.non_inferiority, sign=True)[1]})"
    if total is None or metric.sequential is None:
        return escape(metric.name), role, shows, NO_FIGURE, NO_FIGURE, NO_FIGURE, margin
    difference = (
        interval(metric.sequential, sign=True)
        if metric.sequential.interval
        else f"{parts(metric.sequential, sign=True)[0]}"
    )
    return (
        escape(metric.name),
        role,
        shows,
        number(total.control),
        number(total.treatment),
        difference,
        margin,
    )


def _by_phase(result: RolloutResult) -> str:
    """The primary metric in each phase by itself, if there are several."""
    primary = result.metrics[0]
    if len(primary.phases) < 2:
        return ""
    rows = [
        (
            share_in_percent(share),
            number(effect.control),
            number(effect.treatment),
            interval(effect.difference, sign=True),
        )
        for share, effect in primary.phases
    ]
    table = markdown_table((escape(primary.name), "control", "treatment", "difference"), rows)
    return f"{table}\n\n*{INTERVALS_OF_PHASES}*"


def _looks(result: RolloutResult) -> str:
    if not result.looks:
        return how_many_looks(result)
    rows = [
        (
            share_in_percent(look.phase),
            percent(look.information),
            rate(look.spent),
            number(look.critical),
            number(look.z),
        )
        for look in result.looks
    ]
    headers = ("look after the phase", "information", "spent", "critical z", "z")
    return f"{markdown_table(headers, rows)}\n\n{how_many_looks(result)}"


def _left_out(result: RolloutResult) -> str:
    return "\n".join(f"- {line}" for line in _omissions(result))


def _omissions(result: RolloutResult) -> Iterator[str]:
    if result.not_measured:
        names = ", ".join(map(escape, result.not_measured))
        yield f"Of the proposal, not measured in the split test: {names}."
    for reason, count in sorted(result.excluded.items()):
        yield f"Left out: {count:,} {escape(reason)}."
    yield from about_margin(result)
    yield from about_units(result)


def _earlier(results: Sequence[RolloutResult]) -> str:
    """What was advised in the phases before."""
    lines = [
        f"- {share_in_percent(result.phase)}: *{ADVICE[result.advice]}*. {escape(result.reason)}"
        for result in reversed(results)
    ]
    return "\n".join(["What was advised in the earlier phases:", "", *lines]) if lines else ""
