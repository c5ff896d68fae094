"""What a chart shows, in one sentence. No sentence claims a difference whose interval includes zero."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

from iterata.documents.models.enums import Direction
from iterata.render.estimates import parts
from iterata.results.best import best_variant, broken_by, is_shown
from iterata.results.parts import AMOUNTS
from iterata.site.charts.forest import tone_of
from iterata.text import decimal_places, number, percent, truncate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.knowledge import TrajectoryPoint
    from iterata.results import Estimate, ExperimentResult, Kpi, LiftResult, VariantResult

LONGEST_NAME = 60
"""The most characters of a name in a title."""


def unbroken(text: str) -> str:
    """The text on one line: an interval is never broken."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def quoted(name: str) -> str:
    """A name in a sentence: it may have commas, or be a sentence of its own."""
    return f"\N{LEFT DOUBLE QUOTATION MARK}{truncate(name, LONGEST_NAME)}\N{RIGHT DOUBLE QUOTATION MARK}"


def brings(name: str, gain: Estimate, kpi: Kpi, over: str = "the status quo") -> str:
    """That something gains over something else; `gain` is positive if it is better."""
    figure, _ = parts(gain)
    size = f"{unbroken(figure)} {kpi.scaled_unit}"
    if kpi.kind not in AMOUNTS:
        return f"{name} is better than {over} by {size}"
    if kpi.direction is Direction.MINIMISE:
        return f"{name} saves {size} against {over}"
    return f"{name} brings {unbroken(figure)} more {kpi.scaled_unit} than {over}"


def withstands_choice(gain: Estimate, of: int, confidence: float = 0.95) -> bool:
    """Whether a gain is above zero although it is the best of several.

    The interval is widened so that all of them hold at once (Bonferroni), as far as their tails are normal.

    Args:
        gain: the gain, with the interval of it alone.
        of: from how many it was chosen.
        confidence: the confidence of its interval.
    """
    ends = gain.interval
    if of < 2 or ends is None:
        return tone_of(gain) == "better"
    alone = 1 - (1 - confidence) / 2
    wider = NormalDist().inv_cdf(1 - (1 - alone) / of) / NormalDist().inv_cdf(alone)
    return gain.value - (gain.value - ends[0]) * wider > 0


def brings_as_best(name: str, gain: Estimate, kpi: Kpi, of: int) -> str:
    """That the best of several gains, as far as it does not only because it was chosen."""
    if of < 2:
        return brings(name, gain, kpi)
    if withstands_choice(gain, of):
        return brings(f"{name}, the best of {of} tried,", gain, kpi)
    return f"{name} came out best of {of} tried, which may be luck"


def of_variants(result: ExperimentResult) -> tuple[str, str]:
    """What an experiment shows about its variants, and the interval of the figure it names."""
    leading = best_variant(result)
    if leading is None:
        return "No variant was measured", ""
    tones = [tone_of(variant.difference) for variant in result.variants]
    if tone_of(leading.difference) == "better":
        return _claim(result, leading), unbroken(parts(leading.difference, sign=True)[1])
    breaking = [variant for variant in result.variants if is_shown(variant.difference)]
    if breaking:  # the leading variant keeps the guardrails, or it would be one of these
        largest = max(breaking, key=lambda variant: variant.difference.value)
        return (
            f"No variant that keeps the guardrails is shown to be better; {_claim(result, largest)}",
            unbroken(parts(largest.difference, sign=True)[1]),
        )
    name = quoted(leading.name) if len(tones) == 1 else "Every variant"
    if set(tones) == {"worse"}:
        return f"{name} is worse than the status quo", ""
    if len(tones) == 1:
        return f"{name} is not shown to be better than the status quo", ""
    return "No variant is shown to be better than the status quo", ""


def _claim(result: ExperimentResult, variant: VariantResult) -> str:
    """What a variant gains, and which guardrails it breaks."""
    claim = brings_as_best(quoted(variant.name), variant.difference, result.kpi, len(result.variants))
    broken = broken_by(result, variant.name)
    return f"{claim}, but breaks {' and '.join(map(quoted, broken))}" if broken else claim


def of_headroom(result: LiftResult) -> tuple[str, str]:
    """How much a perfect model would gain, and its interval."""
    found = result.potential_lift_identified
    gain = result.potential_lift
    if found is not None and found.point is None:
        places = decimal_places(found.upper.value)
        most = number(found.upper.value, places)
        if tone_of(found.lower) == "better":
            least = number(found.lower.value, places)
            size = unbroken(f"{least} to {most}")
            return f"A perfect model gains {size} {result.kpi.scaled_unit}; no model can gain more", ""
        return f"No model can gain more than {unbroken(most)} {result.kpi.scaled_unit}", ""
    if gain.value > 0 and (tone_of(gain) == "better" or gain.interval is None):
        claim = brings("A perfect model", gain, result.kpi)
        return f"{claim}; no model can gain more", unbroken(parts(gain, sign=True)[1])
    return "No room above the status quo is shown", ""


def of_trajectory(points: Sequence[TrajectoryPoint]) -> tuple[str, str]:
    """Which iteration gained most over the status quo, and the interval of its gain."""
    shown = [point for point in points if point.gain is not None and tone_of(point.gain) == "better"]
    if not shown:
        measured = any(point.gain is not None for point in points)
        return ("No gain is shown yet" if measured else "No variant was measured yet"), ""
    leading = max(
        shown, key=lambda point: (not point.breaks_guardrail, point.gain.value if point.gain else 0.0)
    )
    if leading.gain is None or leading.best is None:
        return "No gain is shown yet", ""
    name = f"{quoted(leading.best[0])} of {leading.iteration}"
    claim = brings_as_best(name, leading.gain, leading.kpi, sum(point.variants for point in points))
    return claim, unbroken(parts(leading.gain, sign=True)[1])


def of_budget(result: LiftResult, status_quo: float, perfect: float, budget: str) -> str:
    """Status quo and perfect at the budget."""
    places = decimal_places(max(abs(status_quo), abs(perfect)))
    now, most = (unbroken(number(figure, places)) for figure in (status_quo, perfect))
    return f"At a budget of {unbroken(budget)}: {now} {result.kpi.scaled_unit} now, {most} at most"


def of_order(name: str, area: Estimate) -> str:
    """Whether treating the best-scored rows first gains more than a random order."""
    tone = tone_of(area)
    if tone in ("better", "worse"):
        return f"{quoted(name)} orders rows {tone} than chance"
    return f"{quoted(name)} is not shown to order rows better than chance"


def of_assumptions(name: str, variance: float) -> str:
    """Which assumption matters most."""
    if variance <= 0:
        return "No assumption changes the potential lift"
    return f"{name[:1].upper()}{name[1:]} matters most: {unbroken(percent(variance))} of the variance"
