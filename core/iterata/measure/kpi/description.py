"""KPIs described in Python rather than in a document."""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003  # read by pydantic
from typing import TYPE_CHECKING, Literal, SupportsFloat, get_args, overload

from pydantic import Field, ValidationError

from iterata.documents.explain import summarize
from iterata.documents.models.kpi import (
    CellValues,
    ClassValueSpec,
    ForecastCostSpec,
    KpiSpec,
    MetricSpec,
    OutcomeValueSpec,
    PersonAnswer,
    PythonSpec,
    RankingSpec,
    TargetingSpec,
    UpliftSpec,
)
from iterata.errors import DataError
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KINDS: dict[str, type[KpiSpec]] = {
    get_args(model.model_fields["kind"].annotation)[0]: model for model in get_args(get_args(KpiSpec)[0])
}
"""The model of each kind."""


class CallableSpec(PythonSpec):
    """A KPI of kind `python` whose function is given directly instead of by name."""

    call: Callable[..., SupportsFloat] = Field(exclude=True)


@overload
def describe(
    kind: Literal["targeting"],
    *,
    budget: float,
    value_per_hit: float = ...,
    cost_per_contact: float = ...,
    spend: Literal["forced", "optional"] = ...,
    direction: Literal["maximise", "minimise"] = ...,
    name: str | None = ...,
    unit: str | None = ...,
) -> TargetingSpec: ...
@overload
def describe(
    kind: Literal["uplift"],
    *,
    budget: float = ...,
    value_per_outcome: float = ...,
    cost_per_contact: float = ...,
    spend: Literal["forced", "optional"] = ...,
    outcome: Literal["yes_no", "number"] = ...,
    strata: Sequence[str] = ...,
    turned_away_at_most: float | None = ...,
    direction: Literal["maximise", "minimise"] = ...,
    name: str | None = ...,
    unit: str | None = ...,
) -> UpliftSpec: ...
@overload
def describe(
    kind: Literal["outcome_value"],
    *,
    values: CellValues | Mapping[str, float],
    threshold: float = ...,
    random: Literal["status_quo_rate", "base_rate", "half"] = ...,
    direction: Literal["maximise", "minimise"] = ...,
    name: str | None = ...,
    unit: str | None = ...,
) -> OutcomeValueSpec: ...
@overload
def describe(
    kind: Literal["class_value"],
    *,
    values: Mapping[str, Mapping[str, float]] = ...,
    right: float = ...,
    wrong: float = ...,
    person: PersonAnswer | Mapping[str, str | float] | None = ...,
    random: Literal["status_quo_shares", "class_shares", "uniform"] = ...,
    direction: Literal["maximise", "minimise"] = ...,
    name: str | None = ...,
    unit: str | None = ...,
) -> ClassValueSpec: ...
@overload
def describe(
    kind: Literal["forecast_cost"],
    *,
    under: float,
    over: float,
    name: str | None = ...,
    unit: str | None = ...,
) -> ForecastCostSpec: ...
@overload
def describe(
    kind: Literal["ranking"],
    *,
    measure: Literal["precision", "recall", "ndcg", "hit_rate", "reciprocal_rank"],
    k: int,
    group: str = ...,
    empty_groups: Literal["skip", "zero"] = ...,
    name: str | None = ...,
    unit: str | None = ...,
) -> RankingSpec: ...
@overload
def describe(
    kind: Literal["metric"],
    *,
    metric: str,
    outcome: Literal["yes_no", "classes"] | None = ...,
    person: str | None = ...,
    name: str | None = ...,
    unit: str | None = ...,
) -> MetricSpec: ...
@overload
def describe(
    kind: Literal["python"],
    *,
    function: str | Callable[..., SupportsFloat],
    columns: Sequence[str] = ...,
    outcome: Literal["yes_no", "number", "relevance", "classes"] = ...,
    direction: Literal["maximise", "minimise"] = ...,
    name: str | None = ...,
    unit: str | None = ...,
) -> PythonSpec: ...
def describe(kind: str, *, name: str | None = None, unit: str | None = None, **parameters: object) -> KpiSpec:
    """Describe a KPI: the number that decides, in business units.

    Args:
        kind: `targeting`, `uplift`, `outcome_value`, `class_value`, `ranking`, `forecast_cost`, `metric` or
            `python`.
        name: its name on the page; the default is the kind, the measure or the metric.
        unit: what it is counted in, such as `EUR`; the default is `units`, or `points` if it is not an
            amount.
        parameters: the parameters of the kind, as in a document. For `python` also `function=`, any callable
            `f(frame, prediction, sample_weight) -> float`.

    Raises:
        DataError: there is no such kind, or a parameter is missing, unknown or wrong.

    >>> describe("targeting", budget=0.2, value_per_hit=45, cost_per_contact=1, unit="EUR").budget
    0.2
    >>> describe("class_value", values={"billing": {"technical": -3}}, unit="EUR").values
    {'billing': {'technical': -3.0}}
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
        parameters |= {"function": f"notebook:{_function_name(function)}", "call": function}
    if kind == "ranking":
        parameters.setdefault("group", "group")
    keys = {
        "kind": kind,
        "name": name or _default_name(kind, parameters),
        "unit": unit or _default_unit(kind),
        **parameters,
    }
    try:
        return model.model_validate(keys)
    except ValidationError as error:
        message, remedy = summarize(model, keys, error)
        raise DataError(message, remedy=remedy, where=kind) from None


def _function_name(function: object) -> str:
    name = getattr(function, "__name__", "")
    return name if name.isidentifier() and name.isascii() else "kpi"


def _default_name(kind: str, parameters: Mapping[str, object]) -> str:
    match kind:
        case "metric":
            return str(parameters.get("metric", kind))
        case "ranking":
            return f"{parameters.get('measure', kind)} at {parameters.get('k', 'k')}"
        case _:
            return kind.replace("_", " ")


def _default_unit(kind: str) -> str:
    return "points" if kind in ("metric", "ranking", "python") else "units"
