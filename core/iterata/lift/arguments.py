"""From the arguments of a call in Python to the description that an assessment would hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from pydantic import ValidationError

from iterata.documents.explain import summarize
from iterata.documents.models.kpi import INHERITED, KpiBase
from iterata.documents.models.lift import LiftSpec
from iterata.documents.models.rows import StatusQuo, Treated
from iterata.errors import DataError

if TYPE_CHECKING:
    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.period import Period, Worth
    from iterata.lift.inputs import ArrayInputs, Column, TableInputs

Description: TypeAlias = Mapping[str, object]
"""A part of an assessment's front matter, before it is validated."""

RangeArgument: TypeAlias = "float | Sequence[float]"
"""A number, `(low, high)` or `(low, likely, high)`."""

StatusQuoArgument: TypeAlias = "RangeArgument | str | Mapping[str, RangeArgument]"
"""A range, ranges by class, or an answer."""

TargetArgument: TypeAlias = "str | float | Sequence[str | float]"
"""A value of the target, or several values."""

DEFAULT_POSITIVE = 1
"""The positive value of a target if neither a document nor a call names another."""

DEFAULT_CURRENCY = "money"
"""The currency of `worth` if the call does not name one."""


class ScalingArguments(NamedTuple):
    """What the figures are scaled to, and what they are worth."""

    period: float | Period | Description | None
    project_cost: float | None
    worth: float | tuple[float, str] | Worth | Description | None
    payback_periods: float

    def described(self) -> dict[str, object]:
        """The same as keys of an assessment's `lift:` block."""
        return {
            "period": self._period(),
            "project_cost": self.project_cost,
            "worth": self._worth(),
            "payback_periods": self.payback_periods,
        }

    def _period(self) -> object:
        return (
            {"name": "period", "rows": float(self.period)} if isinstance(self.period, Real) else self.period
        )

    def _worth(self) -> object:
        if isinstance(self.worth, Real):
            return {"per_unit": float(self.worth), "currency": DEFAULT_CURRENCY}
        if isinstance(self.worth, tuple):
            return dict(zip(("per_unit", "currency"), self.worth, strict=True))
        return self.worth


class RowArguments(NamedTuple):
    """The columns of labelled rows, and the status quo."""

    target: Column
    status_quo: Column | float | StatusQuo | Description
    positive: TargetArgument
    negative: TargetArgument | None
    unit_id: Column | None
    group: Column | None
    weights: Column | None
    base_rate: float | None
    label: str
    treated: Column | Treated | Description | None = None
    probability: float | Column | None = None

    def described(self, inputs: ArrayInputs | TableInputs) -> dict[str, object]:
        """The same as an assessment's `lift.data` block; values become columns of the inputs.

        Raises:
            DataError: a column is missing, or has other rows than the others.
        """
        target = inputs.column_name("target", self.target)
        unit_id = None if self.unit_id is None else inputs.column_name("unit_id", self.unit_id)
        weights = None if self.weights is None else inputs.column_name("weights", self.weights)
        weighted = weights is not None or self.base_rate is not None
        positive = _plain(self.positive)
        return {
            "source": "rows",
            "target": target,
            "unit_id": unit_id,
            **({} if positive is DEFAULT_POSITIVE else {"positive": positive}),
            "negative": _plain(self.negative),
            "status_quo": self._status_quo(inputs),
            "weights": {"column": weights, "base_rate": self.base_rate} if weighted else None,
            "treated": self._treated(inputs),
        }

    def kpi_with_group(self, kpi: KpiSpec | Description, inputs: ArrayInputs | TableInputs) -> object:
        """The KPI with the column of its groups.

        Raises:
            DataError: a KPI of kind ranking has no groups, or a KPI of another kind has.
        """
        described = kpi.model_dump() if isinstance(kpi, KpiBase) else kpi
        kind = described.get("kind")
        if self.group is None:
            if kind == "ranking" and not inputs.has(str(described.get("group"))):
                remedy = "pass `group=`, such as the user of each row"
                raise DataError("a KPI of kind ranking needs groups of rows", remedy=remedy, where="group")
            return kpi
        if kind != "ranking":
            remedy = "remove `group`; pass rows that belong together as `unit_id`"
            raise DataError(f"a KPI of kind {kind} has no groups", remedy=remedy, where="group")
        group = {"group": inputs.column_name("group", self.group)}
        return kpi.model_copy(update=group) if isinstance(kpi, KpiBase) else {**kpi, **group}

    def _treated(self, inputs: ArrayInputs | TableInputs) -> object:
        """Who was treated, with the probability of it."""
        if self.treated is None:
            if self.probability is not None:
                remedy = "pass `treated=`, too: the column of the assignment"
                raise DataError("there is no treatment", remedy=remedy, where="probability")
            return None
        treated: dict[str, object]
        if isinstance(self.treated, Treated):
            treated = self.treated.model_dump()
        elif isinstance(self.treated, Mapping):
            treated = dict(self.treated)
        else:
            treated = {"column": inputs.column_name("treated", self.treated)}
        if isinstance(self.probability, Real):
            treated["probability"] = float(self.probability)
        elif self.probability is not None:
            treated["probability"] = inputs.column_name("probability", self.probability)
        return treated

    def _status_quo(self, inputs: ArrayInputs | TableInputs) -> object:
        status_quo = self.status_quo
        if isinstance(status_quo, StatusQuo):
            return status_quo
        if isinstance(status_quo, Mapping):
            return {"label": self.label, **status_quo}
        if isinstance(status_quo, str) and not inputs.has(status_quo):
            return {"label": self.label, "rule": status_quo}
        if isinstance(status_quo, Real):
            return {"label": self.label, "constant": float(status_quo)}
        return {"label": self.label, "column": inputs.column_name("status_quo", status_quo)}


class AssumptionArguments(NamedTuple):
    """What is assumed if there are no data."""

    base_rate: RangeArgument | None
    classes: Mapping[str, RangeArgument] | None
    status_quo: Mapping[str, StatusQuoArgument]
    volume: RangeArgument | None
    values: Mapping[str, object] | None
    label: str
    draws: int

    def described(self) -> dict[str, object]:
        """The same as an assessment's `lift.assumptions` block."""
        return {
            "base_rate": _range(self.base_rate),
            "classes": None if self.classes is None else _ranges(self.classes),
            "volume": _range(self.volume),
            "status_quo": {"label": self.label, **_ranges(self.status_quo)},
            "values": None if self.values is None else _ranges(self.values),
            "draws": self.draws,
        }


def validated(description: dict[str, object]) -> LiftSpec:
    """The description of a lift, checked as an assessment is.

    Raises:
        DataError: it is not valid; the message names every mistake.
    """
    try:
        spec = LiftSpec.model_validate(description)
    except ValidationError as error:
        message, remedy = summarize(LiftSpec, description, error)
        raise DataError(message, remedy=remedy) from None
    for key in ("name", "unit"):
        if getattr(spec.kpi, key) == INHERITED:
            raise DataError(f"the KPI has no {key}", remedy=f"give its `{key}`")
    return spec


def _plain(values: TargetArgument | None) -> object:
    """Values of the target as a document holds them: numbers of Python, and a list of several values."""
    if isinstance(values, Sequence) and not isinstance(values, str):
        return [_plain(value) for value in values]
    return values.item() if isinstance(values, np.generic) else values


def _range(argument: object) -> object:
    """A range as a document holds it: a number or a list; or several of them by their names."""
    if isinstance(argument, Mapping):
        return _ranges(argument)
    return list(argument) if isinstance(argument, tuple) else argument


def _ranges(arguments: Mapping[str, object]) -> dict[str, object]:
    return {name: _range(argument) for name, argument in arguments.items()}
