"""The expected lift in Python: for a notebook, without a repository or documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.data.sources.in_memory import InMemoryTable
from iterata.documents.models.kpi import PythonSpec
from iterata.lift import from_assumptions, from_data
from iterata.lift.arguments import AssumptionArguments, RowArguments, ScalingArguments, validated
from iterata.lift.inputs import SOURCE, inputs_of
from iterata.render.lift.table import render
from iterata.results import LiftResult

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from iterata.data.sources.table import Table
    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.period import Period, Worth
    from iterata.documents.models.rows import StatusQuo, Treated
    from iterata.lift.arguments import RangeArgument, StatusQuoArgument, TargetArgument
    from iterata.lift.inputs import Column, Frame

LiftResult.notebook_renderer = render


def expected_lift(  # noqa: PLR0913  # keywords, which editors complete
    target: Column,
    status_quo: Column | float | StatusQuo | Mapping[str, object],
    kpi: KpiSpec | Mapping[str, object],
    *,
    frame: Frame | Table | str | PathLike[str] | None = None,
    positive: TargetArgument = 1,
    negative: TargetArgument | None = None,
    unit_id: Column | None = None,
    group: Column | None = None,
    weights: Column | None = None,
    base_rate: float | None = None,
    treated: Column | Treated | Mapping[str, object] | None = None,
    probability: float | Column | None = None,
    columns: Mapping[str, object] | None = None,
    period: float | Period | Mapping[str, object] | None = None,
    project_cost: float | None = None,
    worth: float | tuple[float, str] | Worth | Mapping[str, object] | None = None,
    payback_periods: float = 1.0,
    label: str = "status quo",
    source: str = SOURCE,
    resamples: int = 2000,
    seed: int = 0,
) -> LiftResult:
    """The bounds of what a model can win and lose, from labelled rows.

    Columns are arrays or Series of shape `(n,)`, or names of columns of `frame`.

    Args:
        target: the outcome of each row.
        status_quo: what is done today: a score, decision, forecast or class for each row, the name of a
            column, a rule over columns such as `"income * 2 + (age > 40)"`, one number for all rows,
            `{"constant": "billing"}` for one class, or `{"value": 83.0}` if only the KPI of a period is
            known.
        kpi: the number that decides; see `iterata.kpi.describe`.
        frame: the columns that are named: a data frame, the path of a data file or folder, or a `query`;
            only these columns are read.
        positive: the target's value that counts as positive, or several values.
        negative: the values that count as negative, if the target has more than two; `"*"` for all others.
        unit_id: the independent unit of each row, such as the user; None if each row is one.
        group: the rows that are ranked against each other, for a KPI of kind `ranking`.
        weights: how much each row counts.
        base_rate: the true share of positives, if the rows are oversampled.
        treated: who was treated in a past campaign that chance decided, for a KPI of kind `uplift`: 1 for
            treated rows, or `{"column": "arm", "value": "mail", "control": "*"}` if it is written in another
            way. It is the assignment, not who was reached.
        probability: the probability of treatment by design: a number, or a column if it varied between rows.
        columns: what named columns are, where their values do not show it, as in the description of data:
            `{"customer": "id", "price": {"number": {"decimal": ","}}}`.
        period: what the figures are scaled to: the number of its rows, or `{"name": "month", "rows": 4000}`,
            with `days` and `starts` for dates.
        project_cost: what the project costs, for the break-even.
        worth: money per unit of the KPI, alone or with its currency: `(100, "EUR")`.
        payback_periods: within how many periods the cost must be repaid.
        label: the name of the status quo on the page.
        source: the name of the rows on the page.
        resamples: the number of bootstrap resamples for the intervals.
        seed: makes the intervals repeatable.

    Returns:
        The result; a notebook shows it as the page of an assessment would, `model_dump()` gives its figures.

    Raises:
        DataError: arguments do not fit together, or columns do not hold what the arguments say.

    >>> from iterata.kpi import describe
    >>> bought = [1, 0, 1, 0, 0, 0, 0, 0, 1, 0] * 100
    >>> score = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0] * 100
    >>> lift = expected_lift(bought, score, describe("targeting", budget=0.2, unit="sales"))
    >>> lift.scale.random.expectation.value, lift.scale.status_quo.value, lift.scale.perfect.value
    (60.0, 100.0, 200.0)
    >>> lift.potential_lift.value, lift.risk.value
    (100.0, 40.0)

    Answers of several classes are names:

    >>> topic, answer = ["billing", "sales", "sales"] * 20, ["billing", "billing", "sales"] * 20
    >>> lift = expected_lift(topic, answer, describe("class_value", values={"billing": {"sales": -2}}))
    >>> lift.scale.status_quo.value, lift.scale.perfect.value
    (0.0, 60.0)

    A campaign in which chance decided shows effects: here calls make 10 of 100 buy who would not.

    >>> called, bought = [1] * 100 + [0] * 100, ([1] * 30 + [0] * 70) + ([1] * 20 + [0] * 80)
    >>> nobody = {"constant": 0, "stop_below": 1}
    >>> lift = expected_lift(bought, nobody, describe("uplift"), treated=called, probability=0.5)
    >>> round(lift.scale.treat_all, 6), lift.scale.status_quo.value
    (20.0, 0.0)
    """
    inputs = inputs_of(frame)
    rows = RowArguments(
        target,
        status_quo,
        positive,
        negative,
        unit_id,
        group,
        weights,
        base_rate,
        label,
        treated,
        probability,
    )
    data = rows.described(inputs) | ({"columns": columns} if columns else {})
    scaling = ScalingArguments(period, project_cost, worth, payback_periods).described()
    described_kpi = rows.kpi_with_group(kpi, inputs)
    spec = validated({"kpi": described_kpi, "data": data, **scaling, "resamples": resamples, "seed": seed})
    table = inputs.table(source).declared(spec.data.columns if spec.data else {}, as_argument=True)
    # A function of the user may read any column of a data frame, but a file is not read as a whole.
    every_column = isinstance(table, InMemoryTable) and isinstance(spec.kpi, PythonSpec)
    return from_data.lift_of_table(spec, table, also=table.columns if every_column else ())


def lift_from_assumptions(  # noqa: PLR0913  # as above
    kpi: KpiSpec | Mapping[str, object],
    *,
    base_rate: RangeArgument | None = None,
    classes: Mapping[str, RangeArgument] | None = None,
    status_quo: Mapping[str, StatusQuoArgument],
    period: float | Period | Mapping[str, object] | None = None,
    volume: RangeArgument | None = None,
    values: Mapping[str, object] | None = None,
    project_cost: float | None = None,
    worth: float | tuple[float, str] | Worth | Mapping[str, object] | None = None,
    payback_periods: float = 1.0,
    label: str = "status quo",
    draws: int = 10_000,
    seed: int = 0,
) -> LiftResult:
    """The same bounds if there are no data yet, from numbers or from ranges of what they may be.

    A range is a number, `(low, high)` or `(low, likely, high)`.

    Args:
        kpi: the number that decides, of kind `targeting`, `outcome_value` or `class_value`; see
            `iterata.kpi.describe`.
        base_rate: the share of rows that are positive; not for `class_value`.
        classes: the share of each class, for `class_value`; draws are divided by their sum.
        status_quo: how good the status quo is: one of `capture`, `lift_over_random`, `precision` and `kpi`
            for `targeting`; two of `precision`, `recall` and `action_rate` (or `action_rate` and `kpi`) for
            `outcome_value`; one of `accuracy`, `recall_by_class`, `answer` and `kpi` for `class_value`, the
            first two also with `handed_over`.
        period: what the figures are scaled to, as for `expected_lift`.
        volume: the rows of a period, if they are uncertain.
        values: values of the KPI that are uncertain, such as `{"value_per_hit": (30, 45, 50)}`.
        project_cost: what the project costs, for the break-even.
        worth: money per unit of the KPI, alone or with its currency.
        payback_periods: within how many periods the cost must be repaid.
        label: the name of the status quo on the page.
        draws: how often the ranges are drawn from.
        seed: makes the draws repeatable.

    Returns:
        The result, as of `expected_lift`; its intervals show how uncertain the assumptions are.

    Raises:
        DataError: assumptions are missing, superfluous, or contradict each other.

    >>> from iterata.kpi import describe
    >>> lift = lift_from_assumptions(
    ...     describe("targeting", budget=800, unit="policies"),
    ...     base_rate=(0.04, 0.06, 0.09), status_quo={"capture": (0.25, 0.35)}, period=4000,
    ... )
    >>> lift.scale.status_quo.value, lift.scale.perfect.value, lift.potential_lift.value
    (72.0, 240.0, 168.0)
    >>> [assumption.name for assumption in lift.assumed.sensitivity]
    ['base_rate', 'status_quo.capture']
    """
    assumptions = AssumptionArguments(
        base_rate, classes, status_quo, volume, values, label, draws
    ).described()
    scaling = ScalingArguments(period, project_cost, worth, payback_periods).described()
    spec = validated({"kpi": kpi, "assumptions": assumptions, **scaling, "seed": seed})
    return from_assumptions.compute(spec, "assumptions")
