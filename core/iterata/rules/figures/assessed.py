"""RES021: what an experiment repeats of its assessment is what the expected lift says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.rules.figures.fault import Fault, close, differs, unequal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.errors import FieldPath
    from iterata.results import ExperimentResult, LiftResult

CODE = "RES021"


def assessed_faults(result: ExperimentResult, lift: LiftResult, *, is_current: bool) -> Iterator[Fault]:
    """Expectations that the expected lift does not have.

    Args:
        result: of the experiment.
        lift: the expected lift of the assessment.
        is_current: whether it was computed from the assessment as it is now.
    """
    expected, model = result.expected, lift.good_model
    if expected is not None and model is None:
        yield Fault(CODE, ("expected",), "is there, but the assessment expects nothing of a good model")
    for name in ("kpi", "gain", "captured_share") if expected and model else ():
        figures = getattr(expected, name), getattr(model, name)
        yield from differs(CODE, ("expected", name), *figures, "as results/lift.json says")
    if is_current:
        yield from _status_quo(result, lift)


def _status_quo(result: ExperimentResult, lift: LiftResult) -> Iterator[Fault]:
    assessed, place = result.assessed_status_quo, ("assessed_status_quo",)
    if assessed is None:
        return
    if not result.kpi.comparable_with(lift.kpi):
        yield Fault(CODE, place, "is there, but the assessment has no figure of the same KPI")
    where: FieldPath = (*place, "value")
    found, why = lift.scale.status_quo.value, "as results/lift.json says"
    yield from differs(CODE, where, assessed.value, found, why)
    yield from unequal(CODE, (*place, "period_rows"), assessed.period_rows, lift.kpi.period_rows, why)
    same = close(found, result.scale.status_quo.value)
    if same == bool(assessed.differs_because):
        message = "gives a reason if, and only if, the status quo has another figure"
        yield Fault(CODE, (*place, "differs_because"), message)
