"""The expected lift in Python: for a notebook, without any repository or document."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from iterata.data.sources.in_memory import InMemoryTable
from iterata.data.sources.table import Table
from iterata.documents.explain import in_one
from iterata.documents.models.kpi import KpiBase, PythonSpec
from iterata.documents.models.lift import LiftSpec
from iterata.documents.models.rows import StatusQuo, Weights
from iterata.errors import DataError
from iterata.lift import from_assumptions
from iterata.lift.from_data import of_frame, read
from iterata.lift.inputs import SOURCE, ArrayInputs, TableInputs, file
from iterata.render.lift.table import render
from iterata.results import LiftResult

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    import pandas as pd
    from numpy.typing import ArrayLike

    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.period import Period, Worth

    Column: TypeAlias = ArrayLike | pd.Series[Any]
    """A value for each row, or the name of a column of the frame."""

    Range: TypeAlias = float | Sequence[float]
    """A number, `(low, high)` or `(low, likely, high)`."""

LiftResult.notebook_renderer = render

MONEY = "money"
"""What money is called where nobody says its currency."""


def expected_lift(  # noqa: PLR0913  # a keyword each, which editors complete
    target: Column,
    status_quo: Column | float | StatusQuo | Mapping[str, Any],
    kpi: KpiSpec | Mapping[str, Any],
    *,
    frame: pd.DataFrame | Mapping[str, Any] | Table | str | PathLike[str] | None = None,
    positive: str | float = 1,
    unit_id: Column | None = None,
    group: Column | None = None,
    weights: Column | None = None,
    base_rate: float | None = None,
    period: float | Period | Mapping[str, Any] | None = None,
    project_cost: float | None = None,
    worth: float | tuple[float, str] | Worth | Mapping[str, Any] | None = None,
    payback_periods: float = 1.0,
    label: str = "status quo",
    source: str = SOURCE,
    resamples: int = 2000,
    seed: int = 0,
) -> LiftResult:
    """The bounds of what a model could win and lose, from labelled rows.

    Columns are arrays or Series of `(n,)`, or names of columns of `frame`.

    Args:
        target: what really happened.
        status_quo: what is done today: a score, decision or forecast for each row, the name of a column, a
            rule over columns such as `"income * 2 + (age > 40)"`, one number for all rows, or
            `{"value": 83.0}` where only the KPI of a period is known.
        kpi: the number that decides; see `iterata.kpi.describe`.
        frame: the columns that are named: a data frame, the path of a CSV or Parquet file or a `query`;
            only these columns are read.
        positive: the target's value that counts as positive.
        unit_id: the independent unit of each row, such as the user; none where each row is one.
        group: which rows are ranked against each other, for a KPI of kind `ranking`.
        weights: what each row counts for.
        base_rate: the true share of positives, where the rows hold more of them, or fewer.
        period: what the figures are scaled to: the number of its rows, or `{"name": "month", "rows": 4000}`,
            with `days` and `starts` where dates are wanted.
        project_cost: what the project costs, for the break-even.
        worth: money per unit of the KPI, alone or with its currency: `(100, "EUR")`.
        payback_periods: within how many periods the cost is to come back.
        label: what today's way is called on the page.
        source: what the rows are called there.
        resamples: how many bootstrap resamples the intervals use.
        seed: makes the intervals repeatable.

    Returns:
        The result; a notebook shows it as the page of an assessment would, `model_dump()` gives its figures.

    Raises:
        DataError: what is given does not fit together, or does not hold what it is said to hold.

    >>> from iterata.kpi import describe
    >>> bought = [1, 0, 1, 0, 0, 0, 0, 0, 1, 0] * 100
    >>> score = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0] * 100
    >>> found = expected_lift(bought, score, describe("targeting", budget=0.2, unit="sales"))
    >>> found.scale.random.expectation.value, found.scale.status_quo.value, found.scale.perfect.value
    (60.0, 100.0, 200.0)
    >>> found.potential_lift.value, found.risk.value
    (100.0, 40.0)
    """
    given = _given(frame)
    columns = {
        "target": given.name("target", target),
        "unit_id": None if unit_id is None else given.name("unit_id", unit_id),
    }
    weighted = None if weights is None else given.name("weights", weights)
    spec = _spec(
        {
            "kpi": _with_group(kpi, group, given),
            "data": {
                "source": "rows",
                **columns,
                "positive": positive.item() if isinstance(positive, np.generic) else positive,
                "status_quo": _status_quo(status_quo, given, label),
                "weights": _weights(weighted, base_rate),
            },
            "period": _period(period),
            "project_cost": project_cost,
            "worth": _worth(worth),
            "payback_periods": payback_periods,
            "resamples": resamples,
            "seed": seed,
        }
    )
    data = spec.data
    if data is None:
        raise TypeError("described with data just above")
    rows = given.rows(source)
    held = rows.columns if isinstance(rows, InMemoryTable) and isinstance(spec.kpi, PythonSpec) else ()
    return of_frame(spec, read(spec, data, rows, also=held), data.status_quo.label)


def lift_from_assumptions(  # noqa: PLR0913  # likewise
    kpi: KpiSpec | Mapping[str, Any],
    *,
    base_rate: Range,
    status_quo: Mapping[str, Any],
    period: float | Period | Mapping[str, Any] | None = None,
    volume: Range | None = None,
    values: Mapping[str, Range] | None = None,
    project_cost: float | None = None,
    worth: float | tuple[float, str] | Worth | Mapping[str, Any] | None = None,
    payback_periods: float = 1.0,
    label: str = "status quo",
    draws: int = 10_000,
    seed: int = 0,
) -> LiftResult:
    """The same bounds before there are any data, from numbers, or from ranges of what they may be.

    Args:
        kpi: the number that decides, of kind `targeting` or `outcome_value`.
        base_rate: the share of rows that are positive.
        status_quo: how well today's way does: one of `capture`, `lift_over_random`, `precision` and `kpi` for
            `targeting`; two of `precision`, `recall` and `action_rate` (or `action_rate` and `kpi`) for
            `outcome_value`.
        period: what the figures are scaled to, as for `expected_lift`.
        volume: the rows of a period, where they are uncertain.
        values: values of the KPI that are uncertain, such as `{"value_per_hit": (30, 45, 50)}`.
        project_cost: what the project costs, for the break-even.
        worth: money per unit of the KPI, alone or with its currency.
        payback_periods: within how many periods the cost is to come back.
        label: what today's way is called on the page.
        draws: how many times the ranges are drawn from.
        seed: makes the draws repeatable.

    Raises:
        DataError: the assumptions say too little, too much, or cannot be true together.

    >>> from iterata.kpi import describe
    >>> found = lift_from_assumptions(
    ...     describe("targeting", budget=800, unit="policies"),
    ...     base_rate=(0.04, 0.06, 0.09), status_quo={"capture": (0.25, 0.35)}, period=4000,
    ... )
    >>> found.scale.status_quo.value, found.scale.perfect.value, found.potential_lift.value
    (72.0, 240.0, 168.0)
    >>> [each.name for each in found.assumed.sensitivity]
    ['base_rate', 'status_quo.capture']
    """
    today = {key: _listed(each) for key, each in status_quo.items()}
    spec = _spec(
        {
            "kpi": kpi,
            "assumptions": {
                "base_rate": _listed(base_rate),
                "volume": _listed(volume),
                "status_quo": {"label": label, **today},
                "values": None if values is None else {key: _listed(each) for key, each in values.items()},
                "draws": draws,
            },
            "period": _period(period),
            "project_cost": project_cost,
            "worth": _worth(worth),
            "payback_periods": payback_periods,
            "seed": seed,
        }
    )
    return from_assumptions.compute(spec, "assumptions")


def _given(frame: Any) -> ArrayInputs | TableInputs:
    if isinstance(frame, str | PathLike):
        return TableInputs(file(frame))
    return TableInputs(frame) if isinstance(frame, Table) else ArrayInputs(frame)


def _spec(written: dict[str, Any]) -> LiftSpec:
    try:
        return LiftSpec.model_validate(written)
    except ValidationError as error:
        message, remedy = in_one(LiftSpec, written, error)
        raise DataError(message, remedy=remedy) from None


def _with_group(
    kpi: KpiSpec | Mapping[str, Any], group: Column | None, given: ArrayInputs | TableInputs
) -> Any:
    """The KPI with the column of its groups."""
    described = kpi.model_dump() if isinstance(kpi, KpiBase) else kpi
    kind = described.get("kind")
    if group is None:
        if kind == "ranking" and not given.has(str(described.get("group"))):
            remedy = "give `group=`, such as the user of each row"
            raise DataError("rows are ranked within groups, and there are none", remedy=remedy, where="group")
        return kpi
    if kind != "ranking":
        remedy = "leave out `group`; rows that belong together are told by `unit_id`"
        raise DataError(f"a KPI of kind {kind} has no groups", remedy=remedy, where="group")
    changed = {"group": given.name("group", group)}
    return kpi.model_copy(update=changed) if isinstance(kpi, KpiBase) else {**kpi, **changed}


def _status_quo(status_quo: Any, given: ArrayInputs | TableInputs, label: str) -> Any:
    """What is done today, as a document would say it."""
    if isinstance(status_quo, StatusQuo):
        return status_quo
    if isinstance(status_quo, Mapping):
        return {"label": label, **status_quo}
    if isinstance(status_quo, str) and not given.has(status_quo):
        return {"label": label, "rule": status_quo}
    if isinstance(status_quo, Real):
        return {"label": label, "constant": float(status_quo)}
    return {"label": label, "column": given.name("status_quo", status_quo)}


def _weights(column: str | None, base_rate: float | None) -> Weights | dict[str, Any] | None:
    return None if column is None and base_rate is None else {"column": column, "base_rate": base_rate}


def _period(period: Any) -> Any:
    return {"name": "period", "rows": float(period)} if isinstance(period, Real) else period


def _worth(worth: Any) -> Any:
    if isinstance(worth, Real):
        return {"per_unit": float(worth), "currency": MONEY}
    return dict(zip(("per_unit", "currency"), worth, strict=True)) if isinstance(worth, tuple) else worth


def _listed(written: Any) -> Any:
    """A range as a document writes it."""
    return list(written) if isinstance(written, tuple) else written
