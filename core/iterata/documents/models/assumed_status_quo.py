"""What the status quo achieves, as shares of the rows, derived from the figures that are assumed of it.

The arithmetic is plain and imports no numpy: it works on numbers, to check a document without data, and on
arrays with one element for each draw of a simulation.
"""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from iterata.documents.models.kpi import OutcomeValueSpec, TargetingSpec
from iterata.documents.models.ranges import Range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from iterata.documents.models.assumptions import AssumedStatusQuo, Assumptions
    from iterata.documents.models.period import Period

Number: TypeAlias = Any
"""A `float`, or an array `(draws,)`; the same function computes with either."""

ROUNDING = 1e-9
"""A share may exceed its limit by less than this, because of floating-point rounding."""

AssumableKpi = TargetingSpec | OutcomeValueSpec
"""The kinds of KPI that can be computed from assumptions instead of data."""


class PayoffMatrix(NamedTuple):
    """What a row is worth in the KPI's unit, by its outcome and whether it is acted upon."""

    tp: Number
    fp: Number
    fn: Number
    tn: Number

    @property
    def gains_of_acting(self) -> tuple[Number, Number]:
        """What acting upon a positive row adds to the KPI, and what acting upon a negative row adds."""
        return self.tp - self.fn, self.fp - self.tn

    def without_action(self, base_rate: Number) -> Number:
        """The KPI per row if no row is acted upon."""
        return base_rate * self.fn + (1 - base_rate) * self.tn


class StatusQuoShares(NamedTuple):
    """What the status quo does, in shares of all rows."""

    base_rate: Number
    """Rows that are positive."""
    action_rate: Number
    """Rows that are acted upon."""
    true_positives: Number
    """Rows that are both."""


class _DerivationInputs(NamedTuple):
    """The inputs of a derivation."""

    assumptions: Mapping[str, Number]
    """Every assumption, by its path: `base_rate`, `status_quo.capture`."""
    action_rate: Number
    """The budget, if the KPI has one; else what is assumed, or NaN if that is not assumed."""
    payoff: PayoffMatrix

    @property
    def base_rate(self) -> Number:
        return self.assumptions["base_rate"]

    def figure(self, name: str) -> Number:
        """A figure of the status quo."""
        return self.assumptions[f"status_quo.{name}"]


Derivation: TypeAlias = "Callable[[_DerivationInputs], tuple[Number, Number]]"
"""Computes the action rate and the true positives."""


def _from_recall(inputs: _DerivationInputs) -> tuple[Number, Number]:
    return inputs.action_rate, inputs.figure("recall") * inputs.base_rate


def _from_capture(inputs: _DerivationInputs) -> tuple[Number, Number]:
    return inputs.action_rate, inputs.figure("capture") * inputs.base_rate


def _from_precision(inputs: _DerivationInputs) -> tuple[Number, Number]:
    return inputs.action_rate, inputs.figure("precision") * inputs.action_rate


def _from_lift(inputs: _DerivationInputs) -> tuple[Number, Number]:
    return inputs.action_rate, inputs.figure("lift_over_random") * inputs.base_rate * inputs.action_rate


def _from_kpi(inputs: _DerivationInputs) -> tuple[Number, Number]:
    positive, negative = inputs.payoff.gains_of_acting
    added = inputs.figure("kpi") / inputs.assumptions["volume"] - inputs.payoff.without_action(
        inputs.base_rate
    )
    return inputs.action_rate, (added - inputs.action_rate * negative) / (positive - negative)


def _from_precision_and_recall(inputs: _DerivationInputs) -> tuple[Number, Number]:
    true_positives = inputs.figure("recall") * inputs.base_rate
    return true_positives / inputs.figure("precision"), true_positives


def _from_action_rate(inputs: _DerivationInputs) -> tuple[Number, Number]:
    return inputs.action_rate, inputs.action_rate * inputs.base_rate


DERIVATIONS: dict[str, dict[tuple[str, ...], Derivation]] = {
    "targeting": {
        ("capture",): _from_capture,
        ("precision",): _from_precision,
        ("lift_over_random",): _from_lift,
        ("kpi",): _from_kpi,
    },
    "outcome_value": {
        ("precision", "recall"): _from_precision_and_recall,
        ("precision", "action_rate"): _from_precision,
        ("recall", "action_rate"): _from_recall,
        ("action_rate", "kpi"): _from_kpi,
        ("action_rate",): _from_action_rate,
    },
}
"""By the KPI's kind: the figures that determine the status quo, with the function that derives its shares."""


def kpi_values(kpi: AssumableKpi) -> dict[str, float]:
    """The values in the KPI's description that an assumption may replace."""
    if isinstance(kpi, OutcomeValueSpec):
        return {cell: getattr(kpi.values, cell) for cell in PayoffMatrix._fields}
    return {"value_per_hit": kpi.value_per_hit, "cost_per_contact": kpi.cost_per_contact}


def assumed_figures(status_quo: AssumedStatusQuo, kind: str) -> tuple[str, ...]:
    """The figures that the document gives, in the order of `DERIVATIONS`; others come last."""
    used = [figure for figures in DERIVATIONS[kind] for figure in figures]
    figures = dict.fromkeys([*used, *type(status_quo).model_fields])
    return tuple(
        figure for figure in figures if figure != "label" and getattr(status_quo, figure) is not None
    )


def ranges(kpi: AssumableKpi, assumptions: Assumptions, period: Period | None) -> dict[str, Range]:
    """Every number that the bounds depend on, by its path: `base_rate`, `values.tp`."""
    return {name: Range.of(value) for name, value in _inputs(kpi, assumptions, period)}


def _inputs(
    kpi: AssumableKpi, assumptions: Assumptions, period: Period | None
) -> Iterator[tuple[str, float | list[float]]]:
    yield "volume", assumptions.volume or float(period.rows if period else 1)
    yield "base_rate", assumptions.base_rate or 0.0  # a validated document has one
    for figure in assumed_figures(assumptions.status_quo, kpi.kind):
        yield f"status_quo.{figure}", getattr(assumptions.status_quo, figure)
    for name, value in kpi_values(kpi).items():
        assumed = getattr(assumptions.values, name, None)
        yield f"values.{name}", value if assumed is None else assumed


def payoff_matrix(kpi: AssumableKpi, inputs: Mapping[str, Number]) -> PayoffMatrix:
    """What a row is worth. A contact costs something, whichever direction of the KPI is better."""
    if isinstance(kpi, OutcomeValueSpec):
        return PayoffMatrix(*(inputs[f"values.{cell}"] for cell in PayoffMatrix._fields))
    cost = inputs["values.cost_per_contact"] * kpi.direction.sign
    return PayoffMatrix(inputs["values.value_per_hit"] - cost, -cost, 0.0, 0.0)


def budget_share(kpi: AssumableKpi, volume: Number) -> Number | None:
    """The share of rows that may be acted upon; None if nothing limits it."""
    if isinstance(kpi, OutcomeValueSpec):
        return None
    return kpi.budget if kpi.budget <= 1 else kpi.budget / volume


def status_quo_shares(kpi: AssumableKpi, inputs: Mapping[str, Number]) -> StatusQuoShares:
    """The shares that follow from the assumptions; they may contradict each other, see `CONTRADICTIONS`."""
    figures = tuple(name.removeprefix("status_quo.") for name in inputs if name.startswith("status_quo."))
    budget = budget_share(kpi, inputs["volume"])
    action_rate = inputs.get("status_quo.action_rate", nan) if budget is None else budget
    derivation = _DerivationInputs(inputs, action_rate, payoff_matrix(kpi, inputs))
    return StatusQuoShares(derivation.base_rate, *DERIVATIONS[kpi.kind][figures](derivation))


CONTRADICTIONS: tuple[tuple[str, Callable[[StatusQuoShares], Number]], ...] = (
    ("more rows would be acted upon than there are", lambda shares: shares.action_rate > 1 + ROUNDING),
    (
        "more positives would be reached than there are",
        lambda shares: shares.true_positives > shares.base_rate + ROUNDING,
    ),
    (
        "more positives would be reached than rows are acted upon",
        lambda shares: shares.true_positives > shares.action_rate + ROUNDING,
    ),
    ("a negative number of positives would be reached", lambda shares: shares.true_positives < -ROUNDING),
    (
        "more negatives would be acted upon than there are",
        lambda shares: shares.action_rate - shares.true_positives > 1 - shares.base_rate + ROUNDING,
    ),
)
"""What is impossible, and a test of it."""
