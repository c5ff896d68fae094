"""A simulated rollout as tables and sentences, for a terminal or a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.enums import Requirement
from iterata.render.markdown import escape, markdown_table
from iterata.render.rollout.sentences import share_in_percent
from iterata.text import number, percent, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.results.rollout_simulation import (
        RolloutSimulation,
        SimulatedEffect,
        SimulatedPhase,
    )

NAMES = {
    "no_effect": "no effect",
    "loss_of_margin": "a loss of the margin",
    "assessment": "expected of a good model",
    "report": "offline: in the report",
    "report_low": "lower end of the report",
    "report_high": "upper end of the report",
    "half_of_potential": "half of the potential lift",
}

WORTH_SAYING = 1.005
"""From so many times the units on, the page says what the planned looks cost."""

REQUIREMENTS = {Requirement.GAIN: "a gain", Requirement.NO_HARM: "no harm"}


def render(simulation: RolloutSimulation) -> str:
    """The phases, how releases end under each true gain, and what to conclude; in Markdown."""
    points = "\n".join(f"- {sentence}" for sentence in sentences(simulation))
    tables = [_phases(simulation), _effects(simulation), _guardrails(simulation)]
    return "\n\n".join([*filter(None, tables), points]) + "\n"


def sentences(simulation: RolloutSimulation) -> Iterator[str]:
    """What the figures mean, one fact each."""
    unit = escape(simulation.kpi.scaled_unit)
    weeks = simulation.days // 7
    yield (
        f"If no phase is extended, the phases with a control group take {simulation.days:,} days "
        f"({weeks} {'week' if weeks == 1 else 'weeks'}), at {number(simulation.units_per_day)} units a day."
    )
    none = _named(simulation, "no_effect")
    if none is not None:
        yield (
            f"False alarms: without an effect, {percent(none.found_gain)} of the releases show a gain and "
            f"{percent(none.reverted)} are reverted; the looks together may err in "
            f"{percent(simulation.alpha / 2)} on either side, the daily sequence as often again."
        )
    if simulation.most_units is not None and simulation.most_units >= WORTH_SAYING:
        yield (
            "To show a gain as surely as one look at the end would, the planned looks need at most "
            f"{percent(simulation.most_units - 1)} more units."
        )
    yield from _stuck(simulation)
    if simulation.margin is None:
        yield "No margin is declared and no gain is expected, so a phase must show a gain to show no harm."
    else:
        yield (
            f"No harm means that the look excludes a loss of {number(simulation.margin)} {unit}, the margin "
            "of the primary metric."
        )
    names = ", ".join(map(escape, simulation.guardrails))
    also = f" The guardrails ({names}) can hold or revert it, too." if names else ""
    beside = " and, beside it, guardrails by their rate in the report" if simulation.guardrail_looks else ""
    yield (
        "A unit of the split test is taken as a row of the assessment. Only the primary metric is "
        f"simulated{beside}.{also}"
    )


def _stuck(simulation: RolloutSimulation) -> Iterator[str]:
    """The phase in which most releases stay although the expected gain is there."""
    expected = _named(simulation, "report") or _named(simulation, "assessment")
    expected = expected or _named(simulation, "half_of_potential")
    if expected is None or expected.held < 0.5:
        return
    before = [1.0, *expected.passed]
    lost = [earlier - later for earlier, later in zip(before, expected.passed, strict=False)]
    worst = lost.index(max(lost))
    phase = simulation.phases[worst]
    shows = "" if phase.detectable is None else f": its look can show {number(phase.detectable)}"
    yield (
        f"**With the gain of '{NAMES[expected.name]}', {percent(expected.held)} of the releases stay in a "
        f"phase, most of them at {share_in_percent(phase.share)}{shows}.** {_remedy(phase)}"
    )


def _remedy(phase: SimulatedPhase) -> str:
    """What would let releases pass a phase."""
    if phase.units_needed is None or phase.units_needed <= phase.units:
        return "Give the phase more days or units, or the primary metric a larger `margin`."
    in_days = "" if phase.days_needed is None else f", which take {phase.days_needed:,} days,"
    enough = (
        f"With {phase.units_needed:,} instead of {phase.units:,} units{in_days} the phase alone would show"
    )
    if phase.requires is Requirement.GAIN:
        return f"{enough} the expected gain in 80 of 100 releases."
    return (
        f"{enough} in 80 of 100 releases without an effect that there is no harm. Or give the primary metric "
        "a larger `margin`."
    )


def _named(simulation: RolloutSimulation, name: str) -> SimulatedEffect | None:
    return next((effect for effect in simulation.effects if effect.name == name), None)


def _phases(simulation: RolloutSimulation) -> str:
    headers = ("phase", "days", "units", "must show", "information", "critical z", "can show")
    rows = [
        (
            share_in_percent(phase.share),
            f"{phase.days:,}",
            f"{phase.units:,}",
            REQUIREMENTS[phase.requires],
            percent(phase.information),
            "-" if phase.critical is None else number(phase.critical),
            "-" if phase.detectable is None else number(phase.detectable),
        )
        for phase in simulation.phases
    ]
    return markdown_table(headers, rows)


def _effects(simulation: RolloutSimulation) -> str:
    headers = (
        "true gain",
        escape(simulation.kpi.scaled_unit),
        *(f"passes {share_in_percent(phase.share)}" for phase in simulation.phases),
        "stays",
        "reverted",
        "shows a gain",
        "mean days",
    )
    rows = [
        (
            NAMES[effect.name],
            signed(effect.gain),
            *(percent(passed) for passed in effect.passed),
            percent(effect.held),
            percent(effect.reverted),
            percent(effect.found_gain),
            f"{effect.days:.0f}",
        )
        for effect in simulation.effects
    ]
    return markdown_table(headers, rows)


def _guardrails(simulation: RolloutSimulation) -> str:
    """How often each look shows that a guardrail is kept; empty if nothing is known of them."""
    if not simulation.guardrail_looks:
        return ""
    headers = (
        "guardrail",
        "worse by",
        "margin",
        *(f"kept at {share_in_percent(phase.share)}" for phase in simulation.phases),
    )
    rows = [
        (
            escape(guardrail.name) + (", as in the report" if guardrail.source == "report" else ""),
            number(guardrail.worsening),
            number(guardrail.margin),
            *(percent(kept) for kept in guardrail.kept),
        )
        for guardrail in simulation.guardrail_looks
    ]
    return markdown_table(headers, rows)
