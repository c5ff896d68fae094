"""KPIs described in Python rather than in a document."""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003  # read by pydantic
from typing import Any, get_args

from pydantic import Field, ValidationError

from iterata.documents.explain import in_one
from iterata.documents.models.kpi import KpiBase, KpiSpec, PythonSpec
from iterata.errors import DataError
from iterata.text import closest

KINDS: dict[str, type[KpiBase]] = {
    get_args(model.model_fields["kind"].annotation)[0]: model for model in get_args(get_args(KpiSpec)[0])
}
"""The model of each kind."""


class CallableSpec(PythonSpec):
    """A function that is at hand, in place of one that is named."""

    call: Callable[..., Any] = Field(exclude=True)


def describe(kind: str, *, name: str | None = None, unit: str | None = None, **parameters: Any) -> KpiSpec:
    """Describe a KPI: the number that decides, in business units.

    Args:
        kind: `targeting`, `outcome_value`, `ranking`, `forecast_cost`, `metric` or `python`.
        name: what it is called on the page; by default the kind, the measure or the metric.
        unit: what it is counted in, such as `EUR`; by default `units`, or `points` for what is no amount.
        parameters: those of the kind, as in a document; for `python` also `function=`, any callable
            `f(frame, prediction, sample_weight) -> float`.

    Raises:
        DataError: there is no such kind, or a parameter is missing, unknown or wrong.

    >>> describe("targeting", budget=0.2, value_per_hit=45, cost_per_contact=1, unit="EUR").budget
    0.2
    >>> describe("targeting", budget=0.2, budgt=0.3)
    Traceback (most recent call last):
    iterata.errors.DataError: targeting: unknown key `budgt`
      fix: did you mean `budget`?
    """
    model = KINDS.get(kind)
    if model is None:
        guess = closest(kind, list(KINDS))
        remedy = f"did you mean {guess}?" if guess else f"use one of {', '.join(KINDS)}"
        raise DataError(f"there is no kind of KPI called {kind}", remedy=remedy)
    function = parameters.get("function")
    if kind == "python" and callable(function):
        model = CallableSpec
        parameters |= {"function": f"notebook:{_named(function)}", "call": function}
    if kind == "ranking":
        parameters.setdefault("group", "group")
    written = {
        "kind": kind,
        "name": name or _name(kind, parameters),
        "unit": unit or _unit(kind),
        **parameters,
    }
    try:
        return model.model_validate(written)  # type: ignore[return-value]  # a model of the union
    except ValidationError as error:
        message, remedy = in_one(model, written, error)
        raise DataError(message, remedy=remedy, where=kind) from None


def _named(function: Callable[..., Any]) -> str:
    name = getattr(function, "__name__", "")
    return name if name.isidentifier() and name.isascii() else "kpi"


def _name(kind: str, parameters: dict[str, Any]) -> str:
    """What the KPI is called by default."""
    match kind:
        case "metric":
            return str(parameters.get("metric", kind))
        case "ranking":
            return f"{parameters.get('measure', kind)} at {parameters.get('k', 'k')}"
        case _:
            return kind.replace("_", " ")


def _unit(kind: str) -> str:
    return "points" if kind in ("metric", "ranking", "python") else "units"
