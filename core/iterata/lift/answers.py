"""What the expected lift of a target of several classes also has: an A/B test, and what is confused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iterata.documents.models.kpi import ClassValueSpec
from iterata.lift.split_test import rows_of_split_test, variance_of_resamples
from iterata.measure.answer_table import AnswerTable
from iterata.measure.classes.confusion import Pairs
from iterata.measure.kpi.class_value import ClassValue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata import results
    from iterata.arrays import Floats
    from iterata.documents.models.lift import LiftSpec
    from iterata.measure.kpi_scale import KpiScale
    from iterata.measure.outcomes import Outcomes
    from iterata.results.classes import ConfusionTable

PERSON = "to a person"
"""The answer after those of all classes, if the KPI does not name it."""


def split_test(
    spec: LiftSpec,
    kpi_scale: KpiScale,
    break_even: results.BreakEven | None,
    potential: float,
    draws: Mapping[str, Floats],
) -> results.SplitTest | None:
    """The A/B test of the gain that repays the cost, for class values, of which no rule of thumb is known."""
    share = break_even.captured_share if break_even else None
    if not isinstance(spec.kpi, ClassValueSpec) or share is None or share > 1:
        return None
    variance = variance_of_resamples(kpi_scale, draws["status_quo"])
    return test_of_gain(spec, share * potential, variance, kpi_scale.period_rows)


def test_of_gain(
    spec: LiftSpec, gain: float, row_variance: float, period_rows: int
) -> results.SplitTest | None:
    """The A/B test of a gain of a period, if both arms vary alike; None if it needs none."""
    test = rows_of_split_test(spec, gain, (row_variance, row_variance), period_rows)
    return None if test is None else test.model_copy(update={"detected_gain": gain})


def confusion(kpi_scale: KpiScale) -> ConfusionTable | None:
    """What the status quo confuses with what; None if the target has no classes, or this is not known."""
    outcomes, status_quo, spec = kpi_scale.outcomes, kpi_scale.status_quo, kpi_scale.spec
    if outcomes.classes is None or isinstance(status_quo, float):
        return None
    if not isinstance(spec, ClassValueSpec):
        table = AnswerTable(outcomes, status_quo)
        return Pairs(_rows(table, outcomes)).table((*outcomes.classes, PERSON), outcomes.classes)
    kpi = ClassValue.of(spec)
    table = AnswerTable(outcomes, status_quo, kpi.values(outcomes))
    pairs = Pairs.of(
        _rows(table, outcomes),
        table.weights(),
        kpi.values(outcomes),
        sign=kpi_scale.sign,
        factor=kpi_scale.factor,
    )
    person = () if kpi.person else (PERSON,)
    return pairs.table((*kpi.answers(outcomes.classes), *person), outcomes.classes)


def _rows(table: AnswerTable, outcomes: Outcomes) -> Floats:
    """How many rows each pair of answer and truth has; of aggregated rows, by their weight."""
    if outcomes.represents is None:
        return table.rows()
    weights = table.weights()
    rows: Floats = np.rint(weights / weights.sum() * outcomes.represents)
    return rows
