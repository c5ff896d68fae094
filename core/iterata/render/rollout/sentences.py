"""Sentences about a rollout, for its page, the terminal and a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.enums import Advice
from iterata.render.estimates import interval
from iterata.render.markdown import escape
from iterata.text import number, percent, signed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iterata.results.rollout import RolloutResult

ADVICE = {Advice.ADVANCE: "advance", Advice.HOLD: "hold", Advice.REVERT: "revert"}

STATES = {
    "better": "better",
    "not_worse": "not worse",
    "inconclusive": "inconclusive",
    "worse": "**worse**",
    "no_data": "no data",
}

EXPECTED = {"assessment": "expected of a good model", "report": "in the report"}

METHODS = {
    "mean": "mean (Welch's t-test)",
    "proportion": "proportion (z-test)",
    "ratio": "ratio of totals (delta method)",
    "mean_cuped": "mean, adjusted for the time before (CUPED)",
    "ratio_cuped": "ratio of totals, adjusted for the time before (CUPED)",
}

INTERVALS_OF_PHASES = (
    "95 % intervals. A phase's is its own, as if nobody had looked before; the one of all phases allows for "
    "every look."
)


def share_in_percent(share: float) -> str:
    """A share of users as documents write it: `10 %`, `2.5 %`."""
    return f"{share * 100:.10g} %"


def advice(result: RolloutResult) -> str:
    """The advice in one sentence, in Markdown."""
    phase = share_in_percent(result.phase)
    return f"**After the phase of {phase}: {ADVICE[result.advice]}.** {escape(result.reason)}"


def plain_advice(result: RolloutResult) -> str:
    """The advice for a terminal, with every problem on a line of its own."""
    phase = share_in_percent(result.phase)
    first = f"{phase}: {ADVICE[result.advice]}. {result.reason}"
    return "\n".join([first, *(f"also: {problem.message}" for problem in result.health[1:])])


def in_review(result: RolloutResult, escaped: Callable[[str], str]) -> str:
    """The advice, the realised gain and what was expected, for the reviewers of a pull request.

    Args:
        result: the result of a phase.
        escaped: makes text of documents inert.
    """
    phase = share_in_percent(result.phase)
    parts = [f"phase of {phase}: **{ADVICE[result.advice]}**. {escaped(result.reason)}"]
    if result.realised is not None and result.kpi is not None:
        gain = interval(result.realised.gain, sign=True)
        expected = "".join(
            f", {EXPECTED[found.source]} {signed(found.gain.value)}" for found in result.realised.expected
        )
        parts.append(f"Realised: {gain} {escaped(result.kpi.scaled_unit)}{expected}.")
    return " ".join(parts)


def how_compared(result: RolloutResult) -> str:
    """How the figures of the metrics were computed."""
    by_method: dict[str, list[str]] = {}
    for metric in result.metrics:
        by_method.setdefault(METHODS[metric.method], []).append(escape(metric.name))
    methods = "; ".join(f"{', '.join(names)}: {method}" for method, names in by_method.items())
    sentences = [
        f"*{methods}. Each phase is compared within itself; the differences are averaged with weights by the "
        "sizes of both arms. The interval of a difference stays valid although it is looked at repeatedly.*"
    ]
    sentences += [
        f"*The time before takes away {percent(metric.variance_reduction)} of the variance of "
        f"{escape(metric.name)}.*"
        for metric in result.metrics
        if metric.variance_reduction is not None
    ]
    return " ".join(sentences)


def how_many_looks(result: RolloutResult) -> str:
    """What the looks have used up of the false positive rate."""
    spent = result.looks[-1].spent if result.looks else 0.0
    if not result.looks:
        return (
            "*No planned look was taken yet: a phase is looked at once it has all days and units that it "
            "waits for. Until then the intervals are a confidence sequence, of which only harm is read.*"
        )
    return (
        f"*Of the false positive rate of {rate(result.alpha)} for all looks together, {rate(spent)} is spent "
        f"({escape(result.spending)}).{_which_interval(result)}*"
    )


def _which_interval(result: RolloutResult) -> str:
    """Which interval decides what, once some are held against margins; with a space before it."""
    if result.undecided_at is not None and result.metrics[0].always_valid is None:
        return (
            f" The last look, at {result.undecided_at:,} units, decided nothing, and the phase goes on: the "
            "intervals are now a confidence sequence, which holds on every day."
        )
    if result.looks[-1].non_inferiority_critical is None:
        return ""
    return (
        " A gain, harm and the realised effect are read from the interval with this critical z. Whether a "
        "margin is kept is read from the interval beside the margin, which spends more at early looks "
        f"(Pocock-type, critical z {number(result.looks[-1].non_inferiority_critical)}) and, of a share, has "
        "at least the variance of a loss of the margin."
    )


MANY = 2
"""From so many times the units that a phase waited for on, its look takes rate from later ones."""


def about_units(result: RolloutResult) -> Iterator[str]:
    """That a phase took many more units than planned, so that its look has spent what later ones need."""
    hold, looks = result.hold, result.looks
    needed = hold.units_needed or 0
    if needed and hold.units > MANY * needed and looks and looks[-1].information < 1:
        yield (
            f"The phase of {share_in_percent(result.phase)} has {hold.units:,} units, and waited for "
            f"{needed:,}: {rate(looks[-1].spent)} of the false positive rate is spent, and later looks share "
            "the rest. Begin the next phase in time, or declare as many `units` as come."
        )


def rate(value: float) -> str:
    """A false positive rate in percent; very small ones all look alike."""
    return "< 0.01 %" if value < 1e-4 else f"{value * 100:.2g} %"


def about_margin(result: RolloutResult) -> Iterator[str]:
    """Where the margin of the primary metric is from, if the deployment declares none."""
    primary = result.metrics[0]
    if primary.margin_from == "expected_gain" and primary.margin is not None:
        yield (
            f"The deployment declares no margin of {escape(primary.name)}: it is the expected gain, "
            f"{number(primary.margin)}."
        )
