"""What today's way does, as shares of the rows, from the figures that are assumed of it.

Plain arithmetic without numpy: it serves numbers, so that a document is judged without data, and arrays of
draws alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from iterata.documents.models.assumptions import Range
from iterata.documents.models.enums import Direction
from iterata.documents.models.kpi import OutcomeValueSpec, TargetingSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from iterata.documents.models.assumptions import AssumedStatusQuo, Assumptions
    from iterata.documents.models.period import Period

Number = Any
"""A `float`, or `(n,)` with one for each draw."""

ROUNDING = 1e-9
"""A share that is beyond its limit by less than this is at its limit."""


class Cells(NamedTuple):
    """What a row is worth in the KPI's unit, by its outcome and whether it is acted upon."""

    tp: Number
    fp: Number
    fn: Number
    tn: Number

    @property
    def gains(self) -> tuple[Number, Number]:
        """What acting upon a positive adds to the KPI, and what acting upon a negative adds."""
        return self.tp - self.fn, self.fp - self.tn

    def idle(self, base: Number) -> Number:
        """The KPI per row where nobody is acted upon."""
        return base * self.fn + (1 - base) * self.tn


class Today(NamedTuple):
    """What is done today, in shares of all rows."""

    base: Number
    """Positive."""
    acted: Number
    """Acted upon."""
    hits: Number
    """Both."""


Way: TypeAlias = "Callable[[Mapping[str, Number], Number, Cells], tuple[Number, Number]]"
"""From what is assumed, the budget and the values, to the shares acted upon and hit."""


def _from_kpi(inputs: Mapping[str, Number], acted: Number, cells: Cells) -> tuple[Number, Number]:
    hit, miss = cells.gains
    per_row = inputs["status_quo.kpi"] / inputs["volume"]
    return acted, (per_row - cells.idle(inputs["base_rate"]) - acted * miss) / (hit - miss)


def _from_precision_and_recall(inputs: Mapping[str, Number], _: Number, __: Cells) -> tuple[Number, Number]:
    hits = inputs["status_quo.recall"] * inputs["base_rate"]
    return hits / inputs["status_quo.precision"], hits


WAYS: dict[str, dict[tuple[str, ...], Way]] = {
    "targeting": {
        ("capture",): lambda known, acted, _: (acted, known["status_quo.capture"] * known["base_rate"]),
        ("precision",): lambda known, acted, _: (acted, known["status_quo.precision"] * acted),
        ("times_random",): lambda known, acted, _: (
            acted,
            known["status_quo.times_random"] * known["base_rate"] * acted,
        ),
        ("kpi",): _from_kpi,
    },
    "outcome_value": {
        ("precision", "recall"): _from_precision_and_recall,
        ("precision", "acted"): lambda known, acted, _: (acted, known["status_quo.precision"] * acted),
        ("recall", "acted"): lambda known, acted, _: (acted, known["status_quo.recall"] * known["base_rate"]),
        ("acted", "kpi"): _from_kpi,
        ("acted",): lambda known, acted, _: (acted, acted * known["base_rate"]),
    },
}
"""By the KPI's kind: what may be known of today, and the shares acted upon and hit that follow from it."""

Assumable = TargetingSpec | OutcomeValueSpec
"""The kinds of KPI that assumptions can stand for."""


def values_of(kpi: Assumable) -> dict[str, float]:
    """The values of the KPI that may be assumed instead, as its description has them."""
    if isinstance(kpi, OutcomeValueSpec):
        return {cell: getattr(kpi.values, cell) for cell in Cells._fields}
    return {"value_per_hit": kpi.value_per_hit, "cost_per_contact": kpi.cost_per_contact}


def known_of(assumed: AssumedStatusQuo, kind: str) -> tuple[str, ...]:
    """What the document says of today, in the order of `WAYS`; what is of no use there comes last."""
    keys = dict.fromkeys([*(key for way in WAYS[kind] for key in way), *type(assumed).model_fields])
    return tuple(key for key in keys if key != "label" and getattr(assumed, key) is not None)


def ranges(kpi: Assumable, assumptions: Assumptions, period: Period | None) -> dict[str, Range]:
    """Every number the figures depend on, by where it is written: `base_rate`, `values.tp`."""
    return {name: Range.of(written) for name, written in _written(kpi, assumptions, period)}


def _written(
    kpi: Assumable, assumptions: Assumptions, period: Period | None
) -> Iterator[tuple[str, float | list[float]]]:
    yield "volume", assumptions.volume or float(period.rows if period else 1)
    yield "base_rate", assumptions.base_rate
    for key in known_of(assumptions.status_quo, kpi.kind):
        yield f"status_quo.{key}", getattr(assumptions.status_quo, key)
    for key, value in values_of(kpi).items():
        assumed = getattr(assumptions.values, key, None)
        yield f"values.{key}", value if assumed is None else assumed


def cells(kpi: Assumable, inputs: Mapping[str, Number]) -> Cells:
    """What a row is worth. A contact is a burden, whichever way the KPI points."""
    if isinstance(kpi, OutcomeValueSpec):
        return Cells(*(inputs[f"values.{cell}"] for cell in Cells._fields))
    cost = inputs["values.cost_per_contact"] * (1 if kpi.direction is Direction.MAXIMISE else -1)
    return Cells(inputs["values.value_per_hit"] - cost, -cost, 0.0, 0.0)


def budget(kpi: Assumable, volume: Number) -> Number | None:
    """The share of rows that may be acted upon; none where nothing limits it."""
    if isinstance(kpi, OutcomeValueSpec):
        return None
    return kpi.budget if kpi.budget <= 1 else kpi.budget / volume


def today(kpi: Assumable, inputs: Mapping[str, Number]) -> Today:
    """The shares that follow from what is assumed; they may contradict each other."""
    known = tuple(name.removeprefix("status_quo.") for name in inputs if name.startswith("status_quo."))
    limit = budget(kpi, inputs["volume"])
    acted = limit if limit is not None else inputs.get("status_quo.acted")
    return Today(inputs["base_rate"], *WAYS[kpi.kind][known](inputs, acted, cells(kpi, inputs)))


CONTRADICTIONS: tuple[tuple[str, Callable[[Today], Number]], ...] = (
    ("more rows would be acted upon than there are", lambda at: at.acted > 1 + ROUNDING),
    ("more positives would be found than there are", lambda at: at.hits > at.base + ROUNDING),
    ("more positives would be found than rows are acted upon", lambda at: at.hits > at.acted + ROUNDING),
    ("fewer than no positives would be found", lambda at: at.hits < -ROUNDING),
    (
        "more negatives would be acted upon than there are",
        lambda at: at.acted - at.hits > 1 - at.base + ROUNDING,
    ),
)
"""What cannot be, and when that is so."""
