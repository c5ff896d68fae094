"""RES024 for what both kinds of result have: the KPI is that of the assessment, for its period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.kpi import TargetingSpec, UpliftSpec
from iterata.results.parts import IntervalMethod
from iterata.rules.figures.fault import Fault, close, unequal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents.models.lift import LiftSpec
    from iterata.results import SampleResult

CODE = "RES024"
OF_KPI = "the assessment has"
CONFIDENCE: float = IntervalMethod.model_fields["confidence"].default


def kpi_faults(result: SampleResult, lift: LiftSpec, *, all_rows: bool) -> Iterator[Fault]:
    """A KPI, a period or a budget that is not the assessment's.

    Args:
        result: the result.
        lift: the analysis of the assessment.
        all_rows: whether the sample is the whole table, from which a number of rows as a budget is taken.
    """
    kpi, spec = result.kpi, lift.kpi
    for name in ("name", "kind", "unit", "direction"):
        yield from unequal(CODE, ("kpi", name), getattr(kpi, name), getattr(spec, name), OF_KPI)
    period = lift.period.name if lift.period else ""
    yield from unequal(CODE, ("kpi", "period"), kpi.period, period, OF_KPI)
    if lift.period is not None and lift.data is not None:
        yield from unequal(CODE, ("kpi", "period_rows"), kpi.period_rows, lift.period.rows, OF_KPI)
    yield from _budget(result, lift, all_rows=all_rows)
    if not close(result.interval.confidence, CONFIDENCE):
        yield from unequal(CODE, ("interval", "confidence"), result.interval.confidence, CONFIDENCE, "it is")


def _budget(result: SampleResult, lift: LiftSpec, *, all_rows: bool) -> Iterator[Fault]:
    kpi, place = result.kpi, ("kpi", "budget")
    if not isinstance(lift.kpi, TargetingSpec | UpliftSpec):
        yield from unequal(CODE, place, kpi.budget, None, "a KPI of this kind has")
        return
    share = lift.kpi.budget
    if share > 1:
        if lift.period is None and not all_rows:
            return
        share /= kpi.period_rows
    if kpi.budget is None or not close(kpi.budget, share):
        yield from unequal(CODE, place, kpi.budget, share, OF_KPI)
    is_counted = isinstance(lift.kpi, TargetingSpec)  # whom perfect treats is not known row by row
    if result.scale.contacts is None and is_counted and lift.kpi.may_stop:
        yield Fault(CODE, ("scale", "contacts"), "is missing, but the KPI may leave a part of its budget")
