"""RES021 for intervals of identification: their ends are ordered, and follow from the ends of perfect."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.results.parts import Identified, ResultPart
from iterata.rules.figures.fault import Fault, close, differs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.errors import FieldPath
    from iterata.results import ExperimentResult, LiftResult, SampleResult

CODE = "RES021"


def identified_faults(part: object, place: FieldPath = ()) -> Iterator[Fault]:
    """Intervals of identification whose lower end is above the upper one."""
    if isinstance(part, Identified):
        lower, upper = part.lower.value, part.upper.value
        if lower > upper and not close(lower, upper):
            message = f"{lower:.7g} is above the upper end {upper:.7g}"
            yield Fault(CODE, (*place, "lower", "value"), message)
    elif isinstance(part, ResultPart):
        for name in type(part).model_fields:
            yield from identified_faults(getattr(part, name), (*place, name))
    elif isinstance(part, list):
        for index, entry in enumerate(part):
            if not isinstance(entry, ResultPart):
                return
            yield from identified_faults(entry, (*place, index))


class Ends(NamedTuple):
    """The models on the scale, in utility; perfect is at its lower or at its upper end."""

    status_quo: float
    random: float
    lower: float
    upper: float

    @classmethod
    def of(cls, result: SampleResult) -> Ends | None:
        """None if perfect is known row by row."""
        scale, sign = result.scale, result.kpi.direction.sign
        if scale.perfect_identified is None:
            return None
        lower, upper = sorted(
            sign * end.value for end in (scale.perfect_identified.lower, scale.perfect_identified.upper)
        )
        random = sign * scale.random.expectation.value
        return cls(sign * scale.status_quo.value, random, lower, upper)


def end_faults(result: SampleResult) -> Iterator[Fault]:
    """The ends of potential lift, position and captured shares follow from those of perfect."""
    ends = Ends.of(result)
    if ends is None:
        yield from _without_ends(result)
        return
    place, best = ("scale", "perfect", "value"), result.kpi.direction.sign * ends.upper
    yield from differs(CODE, place, result.scale.perfect.value, best, "perfect at its upper end")
    if (lift := result.potential_lift_identified) is not None:
        gains = max(ends.lower - ends.status_quo, 0.0), ends.upper - ends.status_quo
        for end, found, gain in zip(("lower", "upper"), (lift.lower, lift.upper), gains, strict=True):
            why = f"perfect at its {end} end minus the status quo"
            where: FieldPath = ("potential_lift_identified", end, "value")
            yield from differs(CODE, where, found.value, gain, why, *ends)
    if result.kind == "lift":
        yield from _position(result, ends)
    else:
        yield from _captured(result, ends)


def _without_ends(result: SampleResult) -> Iterator[Fault]:
    """Where perfect is known row by row, nothing else has two ends."""
    for name in ("potential_lift_identified", "position_identified"):
        if getattr(result, name, None) is not None:
            yield Fault(CODE, (name,), "is there, but perfect is known row by row")


def _position(result: LiftResult, ends: Ends) -> Iterator[Fault]:
    """Where the status quo is between random and perfect, at both ends of perfect."""
    if result.position_identified is None:
        return
    gain = ends.status_quo - ends.random
    spans = [best - ends.random for best in (ends.upper, max(ends.lower, ends.status_quo))]
    models = ends.status_quo, ends.random
    found, place = result.position_identified, ("position_identified",)
    yield from _shares(found, place, gain, spans, "of random to perfect", models)


def _captured(result: ExperimentResult, ends: Ends) -> Iterator[Fault]:
    """What a variant wins as a share of the potential lift, at most 1."""
    sign = result.kpi.direction.sign
    for number, variant in enumerate(result.variants):
        if variant.captured_share_identified is None:
            continue
        model = sign * variant.kpi.value
        spans = [best - ends.status_quo for best in (ends.upper, max(ends.lower, model))]
        place = ("variants", number, "captured_share_identified")
        gain = model - ends.status_quo
        found, models = variant.captured_share_identified, (model, ends.status_quo)
        yield from _shares(found, place, gain, spans, "of the potential lift", models)


def _shares(
    found: Identified, place: FieldPath, gain: float, spans: list[float], what: str, models: tuple[float, ...]
) -> Iterator[Fault]:
    """A gain as a share of each span; the gain is the difference of two models."""
    if min(spans) <= 1e-9 * max(map(abs, models)):  # there is no such share
        return
    by_share = sorted(spans, key=lambda span: gain / span)
    for name, end, span in zip(("lower", "upper"), (found.lower, found.upper), by_share, strict=True):
        share, why = gain / span, f"the share {what}, with perfect at an end"
        relative = [figure / span for figure in models] + [
            share * figure / span for figure in (span, *models)
        ]
        yield from differs(CODE, (*place, name, "value"), end.value, share, why, *relative)
