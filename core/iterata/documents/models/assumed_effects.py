"""What is assumed of a campaign if there are no data: both rates, and what the status quo gains of them.

The arithmetic is plain and imports no numpy, as in `iterata.documents.models.assumed_status_quo`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from iterata.documents.models.assumption_messages import WrongAssumption
from iterata.documents.models.enums import OutcomeKind, Spend
from iterata.documents.models.ranges import Range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from iterata.documents.models.assumptions import Assumptions
    from iterata.documents.models.kpi import UpliftSpec
    from iterata.documents.models.period import Period

Number: TypeAlias = Any
"""A `float`, or an array `(draws,)`; the same function computes with either."""

ROUNDING = 1e-9

KNOWN = (
    ("action_rate",),
    ("uplift",),
    ("action_rate", "uplift"),
    ("capture",),
    ("action_rate", "capture"),
    ("kpi",),
)
"""The figures that determine what the status quo gains. Without `action_rate` it spends the whole budget."""


class Effects(NamedTuple):
    """What the assumptions say, in shares of all rows."""

    untreated: Number
    """Positives without treatment."""
    effect: Number
    """The average effect of treating everybody on that share."""
    budget: Number
    """The share of rows that may be treated."""
    action_rate: Number
    """The share that the status quo treats."""
    gained: Number
    """How many positives more, or fewer, the status quo's treatment makes, as a share of all rows."""
    value: Number
    cost: Number

    @property
    def treated(self) -> Number:
        """Positives if everybody is treated."""
        return self.untreated + self.effect


def figures_of(assumptions: Assumptions) -> tuple[str, ...]:
    """The figures that the document gives of the status quo."""
    names = [name for name in type(assumptions.status_quo).model_fields if name != "label"]
    given = [name for name in names if getattr(assumptions.status_quo, name) is not None]
    return tuple(sorted(given))


def effect_ranges(kpi: UpliftSpec, assumptions: Assumptions, period: Period | None) -> dict[str, Range]:
    """Every number that the bounds depend on, by its path."""
    values: dict[str, float | list[float]] = {
        "volume": assumptions.volume or float(period.rows if period else 1),
        "base_rate": assumptions.base_rate or 0.0,
    }
    for name in ("effect", "treated_rate"):
        if (given := getattr(assumptions, name)) is not None:
            values[name] = given
    for name in figures_of(assumptions):
        values[f"status_quo.{name}"] = getattr(assumptions.status_quo, name)
    for name in ("value_per_outcome", "cost_per_contact"):
        assumed = getattr(assumptions.values, name, None)
        values[f"values.{name}"] = getattr(kpi, name) if assumed is None else assumed
    return {name: Range.of(value) for name, value in values.items()}


def effects(kpi: UpliftSpec, inputs: Mapping[str, Number]) -> Effects:
    """What follows from the assumptions; they may contradict each other, see `CONTRADICTIONS`."""
    untreated, volume = inputs["base_rate"], inputs["volume"]
    effect = inputs["effect"] if "effect" in inputs else inputs["treated_rate"] - untreated
    budget = kpi.budget if kpi.budget <= 1 else kpi.budget / volume
    value, cost = inputs["values.value_per_outcome"], inputs["values.cost_per_contact"]
    action_rate = inputs.get("status_quo.action_rate", budget)
    if "status_quo.kpi" in inputs:
        gained = (inputs["status_quo.kpi"] / volume + kpi.direction.sign * cost * action_rate) / value
    elif "status_quo.capture" in inputs:
        gained = inputs["status_quo.capture"] * effect
    else:  # nobody or everybody is treated, if no uplift is given
        gained = action_rate * inputs.get("status_quo.uplift", effect)
    return Effects(untreated, effect, budget, action_rate, gained, value, cost)


CONTRADICTIONS: tuple[tuple[str, Callable[[Effects], Number]], ...] = (
    ("more rows than all would be positive if treated", lambda found: found.treated > 1 + ROUNDING),
    ("fewer rows than none would be positive if treated", lambda found: found.treated < -ROUNDING),
    (
        "the status quo would treat more rows than the budget allows",
        lambda found: found.action_rate > found.budget + ROUNDING,
    ),
    (
        "the status quo would turn more rows than it treats",
        lambda found: (
            (found.gained > found.action_rate + ROUNDING) | (-found.gained > found.action_rate + ROUNDING)
        ),
    ),
    (
        "the status quo would gain more positives than both rates allow",
        lambda found: (
            (found.gained > found.treated + ROUNDING) | (found.gained > 1 - found.untreated + ROUNDING)
        ),
    ),
    (
        "the status quo would lose more positives than both rates allow",
        lambda found: (
            (-found.gained > found.untreated + ROUNDING) | (-found.gained > 1 - found.treated + ROUNDING)
        ),
    ),
)
"""What is impossible, and a test of it."""


def wrong_effects(
    kpi: UpliftSpec, assumptions: Assumptions, period: Period | None
) -> Iterator[WrongAssumption]:
    """Everything that prevents the bounds of a KPI of effects from being computed."""
    found = list(_incomplete(kpi, assumptions))
    yield from found
    if found:
        return
    likely = {name: interval.likely for name, interval in effect_ranges(kpi, assumptions, period).items()}
    shares = effects(kpi, likely)
    for reason, is_impossible in CONTRADICTIONS:
        if is_impossible(shares):
            field = ("effect",) if assumptions.effect is not None else ("treated_rate",)
            of_status_quo = reason.startswith("the status quo")
            path = ("status_quo", figures_of(assumptions)[0]) if of_status_quo else field
            yield WrongAssumption(path, f"contradicts the other assumptions: {reason}")
            return


def _incomplete(kpi: UpliftSpec, assumptions: Assumptions) -> Iterator[WrongAssumption]:
    if kpi.outcome is OutcomeKind.NUMBER:
        message = (
            "need data if the outcome is a number: its bounds depend on both distributions, not on two means"
        )
        yield WrongAssumption((), message)
    if assumptions.base_rate is None:
        yield WrongAssumption((), "needs `base_rate`, the share of rows that are positive if not treated")
    if (assumptions.effect is None) == (assumptions.treated_rate is None):
        message = "needs one of `effect` and `treated_rate` for a KPI of kind uplift"
        yield WrongAssumption((), message)
    figures = figures_of(assumptions)
    if figures not in KNOWN:
        message = (
            "needs one of these: `action_rate` of 0 (nobody) or 1 (everybody); `uplift` or `capture`, with "
            "`action_rate` if it treats less than the budget; `kpi`; it has "
            f"{' and '.join(figures) or 'none'}"
        )
        yield WrongAssumption(("status_quo",), message)
    elif figures == ("action_rate",) and assumptions.status_quo.action_rate not in (0, 1):
        message = "is sufficient alone only if it is 0 or 1; add `uplift`, the effect among these rows"
        yield WrongAssumption(("status_quo", "action_rate"), message)
    elif kpi.spend is Spend.FORCED and "action_rate" in figures:
        message = "does not apply with `spend: forced`: the whole budget is spent"
        yield WrongAssumption(("status_quo", "action_rate"), message)
    for name in type(assumptions.values).model_fields if assumptions.values else ():
        if (
            name not in {"value_per_outcome", "cost_per_contact"}
            and getattr(assumptions.values, name) is not None
        ):
            message = "is not a value of a KPI of kind uplift, which has value_per_outcome, cost_per_contact"
            yield WrongAssumption(("values", name), message)
