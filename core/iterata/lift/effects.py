"""What an expected lift of treatment effects has beside the scale: shares turned, the curve, the balance."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from iterata.data.columns import column_values
from iterata.errors import DataError, at_field
from iterata.lift.split_test import rows_of_split_test
from iterata.measure.intervals import UNDEFINED_EFFECTS_AT_MOST, estimate
from iterata.measure.uplift.arm_sums import arms_within
from iterata.measure.uplift.balance import balance
from iterata.measure.uplift.curve import GainCurve
from iterata.measure.uplift.identification import TURNED, TURNED_AWAY
from iterata.results import Balance, CurvePoint, UpliftAnalysis, UpliftCurve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iterata.arrays import Floats
    from iterata.data.description import RowDescription
    from iterata.data.labelled_rows import LabelledRows
    from iterata.data.sources.table import Table
    from iterata.documents.models.lift import LiftSpec
    from iterata.measure.kpi_scale import KpiScale
    from iterata.measure.measures import Measure
    from iterata.results import Identified, SplitTest

DEPTHS = tuple(step / 20 for step in range(1, 21))
"""The depths of the curve: 5 %, 10 %, ..., 100 %."""

MOST_COLUMNS = 300
"""The most columns of a table whose balance is compared."""

EFFECT, AREA = "effect", "area of the curve"


def with_columns_before(
    spec: LiftSpec,
    table: Table,
    description: RowDescription,
    read: Callable[[RowDescription], LabelledRows],
) -> tuple[LabelledRows, tuple[str, ...]]:
    """The rows, and the columns that the balance of the arms compares.

    A column that cannot be read is no reason to refuse the rows: then only the columns that the description
    names are compared.
    """
    named = description.named_columns()
    never = _never_compared(spec)
    if spec.kpi.kind == "uplift" and spec.data is not None and spec.data.treated is not None:
        further = _columns_before(spec, table, description)
        if further:
            try:
                rows = read(replace(description, also=(*description.also, *further)))
            except DataError:
                rows = read(description)
            return rows, tuple(name for name in rows.table.columns if name not in never)
    return read(description), tuple(dict.fromkeys(name for name in named if name not in never))


def _never_compared(spec: LiftSpec) -> frozenset[str]:
    """The columns that are not known before the treatment, or describe rows."""
    data = spec.data
    if data is None:
        return frozenset()
    weights = data.weights.column if data.weights else None
    treated = data.treated.columns if data.treated else ()
    named = {*treated, data.target, data.unit_id, weights, *data.known_afterwards}
    return frozenset(name for name in named if name is not None)


def _columns_before(spec: LiftSpec, table: Table, description: RowDescription) -> tuple[str, ...]:
    """Further columns to compare: all that may be known before, of a table that fits into memory."""
    never = _never_compared(spec)
    columns = tuple(column for column in table.columns if column not in never)
    if len(columns) > MOST_COLUMNS or len(set(columns)) < len(columns):
        return ()
    return columns if table.take(description.columns(table)).many_rows is None else ()


def measures(kpi_scale: KpiScale) -> dict[str, Measure]:
    """The average effect and the status quo's curve, for the bootstrap; nothing for another kind of KPI."""
    uplift, outcomes = kpi_scale.uplift, kpi_scale.outcomes
    if uplift is None:
        return {}
    sign = uplift.outcome_sign
    found = {EFFECT: uplift.effect(outcomes).map(lambda effect: sign * effect)}
    curve = _curve(kpi_scale)
    if curve is None:
        return found
    parts = arms_within(outcomes)
    points = {_at(depth): curve.at(depth).of_parts(parts) for depth in DEPTHS}
    return {**found, **points, AREA: curve.area().of_parts(parts)}


def _at(depth: float) -> str:
    return f"gain at depth {depth:g}"


def _curve(kpi_scale: KpiScale) -> GainCurve | None:
    """The curve of the status quo; None if it does not tell rows apart. Rows it never treats come last."""
    uplift, status_quo = kpi_scale.uplift, kpi_scale.status_quo
    if uplift is None or isinstance(status_quo, float):
        return None
    reached = status_quo > -np.inf
    if not reached.any():
        return None
    lowest = status_quo[reached].min() - 1.0
    scores = np.where(reached, status_quo, lowest)
    if (scores == scores[0]).all():
        return None
    return GainCurve(kpi_scale.outcomes, scores, uplift.outcome_sign)


def check_status_quo(
    kpi_scale: KpiScale, sample: Mapping[str, float], replicates: Mapping[str, Floats]
) -> None:
    """Refuse a status quo whose gain these rows do not show, or show to be impossible.

    Raises:
        DataError: an arm has no row among those that it chooses, or it claims more than perfect can gain.
    """
    identification = kpi_scale.identification
    if identification is None:
        return
    if np.isnan(sample["status_quo"]):
        message = "one arm of the campaign has no row among those that the status quo chooses"
        remedy = "its gain cannot be measured there: choose by a rule that has treated and untreated rows"
        raise DataError(message, remedy=remedy, where=at_field("status_quo"))
    most = identification.perfect_gain(sample, replicates)
    best = most.upper if kpi_scale.sign > 0 else most.lower.negative
    claimed = kpi_scale.sign * sample["status_quo"]
    if isinstance(kpi_scale.status_quo, float) and claimed > max(best.extent):
        message = f"the status quo's value is more than any choice of rows can gain, {best.value:g}"
        remedy = "write what it gains over treating nobody, in the KPI's unit and for the period"
        raise DataError(message, remedy=remedy, where=at_field("status_quo.value"))


def curve_of(sample: Mapping[str, float], replicates: Mapping[str, Floats]) -> UpliftCurve | None:
    """The status quo's curve; points where an arm has no row are left out."""
    if AREA not in sample or np.isnan(sample[AREA]):
        return None
    points = []
    for depth in DEPTHS:
        name = _at(depth)
        if not np.isnan(sample[name]):
            found = estimate(sample[name], replicates[name], undefined_at_most=UNDEFINED_EFFECTS_AT_MOST)
            points.append(CurvePoint(depth=depth, gain=found.value, low=found.low, high=found.high))
    return UpliftCurve(points=points, area=estimate(sample[AREA], replicates[AREA]))


def analysis(
    kpi_scale: KpiScale, sample: Mapping[str, float], replicates: Mapping[str, Floats]
) -> UpliftAnalysis | None:
    """What only a KPI of treatment effects has."""
    identification = kpi_scale.identification
    if identification is None:
        return None
    turned_away = identification.shares(TURNED_AWAY, sample, replicates)
    uplift, effect = kpi_scale.uplift, estimate(sample[EFFECT], replicates[EFFECT])
    harm = None if uplift is None else uplift.turned_away
    plug_in = identification.plug_in_lower
    return UpliftAnalysis(
        turned=identification.shares(TURNED, sample, replicates),
        turned_away=turned_away,
        effect=effect,
        plug_in_lower=None if plug_in is None else kpi_scale.sign * kpi_scale.factor * plug_in,
        shares_that_gain=list(identification.shares_that_gain or ()),
        strata=list(identification.strata.labels),
        joined_strata=list(identification.strata.joined),
        contradicts_no_harm=harm is not None and effect.high is not None and effect.high < -harm,
        undefined_resamples=_undefined(replicates["status_quo"]),
    )


def _undefined(replicates: Floats) -> int:
    """The resamples in which the choice has no row of one arm; 0 if too few outcomes leave no interval."""
    undefined = int(np.isnan(replicates).sum())
    return undefined if undefined < len(replicates) else 0


def balance_of(rows: LabelledRows, columns: tuple[str, ...]) -> Balance | None:
    """The balance of the arms of a campaign; None if the rows are none."""
    if rows.outcomes.assignment is None or rows.aggregated is not None:
        return None
    before = {name: column_values(rows.table[name]) for name in columns if name in rows.table}
    return balance(rows.outcomes, rows.units, before)


def split_test(spec: LiftSpec, kpi_scale: KpiScale, potential: Identified | None) -> SplitTest | None:
    """The A/B test of two policies, the status quo's and a model's, that detects a gain.

    The gain is the one that repays the project's cost; without a cost, the potential lift at its lower end. A
    row of an arm adds the value of its outcome less the cost of treating it, and nearly all of its variance
    is that of the outcome. None without a gain to detect.
    """
    if kpi_scale.uplift is None or potential is None:
        return None
    gain = potential.lower.value
    if spec.project_cost is not None:
        per_unit = spec.worth.per_unit if spec.worth else 1.0
        gain = spec.project_cost / (per_unit * spec.payback_periods)
    variance = variance_of_outcome(kpi_scale)
    test = rows_of_split_test(spec, gain, (variance, variance), kpi_scale.period_rows)
    return None if test is None else test.model_copy(update={"detected_gain": gain})


def variance_of_outcome(kpi_scale: KpiScale) -> float:
    """The variance of the value of a row's outcome; 0 for a KPI that is not about effects."""
    uplift, outcomes = kpi_scale.uplift, kpi_scale.outcomes
    if uplift is None:
        return 0.0
    mean = outcomes.mean(outcomes.target)
    return float(uplift.value**2 * outcomes.mean((outcomes.target - mean) ** 2))
