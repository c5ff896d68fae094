"""The KPI and the description of the rows that an assessment begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.actions.beginnings.outcomes import TargetLook, target_look
from iterata.actions.beginnings.survey import Look, Survey, survey
from iterata.actions.beginnings.times import block_length, time_column
from iterata.documents.models.columns import ColumnKind
from iterata.documents.models.enums import Direction, ModelKind, OutcomeKind
from iterata.lifecycle.conditions import TODO

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.actions.beginnings.values import Values
    from iterata.documents.models.requirements import Requirements

_IN_LISTS = (ModelKind.RANKING, ModelKind.RECOMMENDATION)
_OF_NUMBERS = (ModelKind.REGRESSION, ModelKind.FORECASTING)


_NOBODY = {"constant": 0, "stop_below": 1, "label": "nobody is treated"}


class Hints(NamedTuple):
    """What the author tells of the rows besides the requirements."""

    target: str | None = None
    """The column of the true outcomes."""
    treated: str | None = None
    """The column that tells which rows chance chose to be treated."""
    group: str | None = None
    """The column of the groups within which rows are ranked."""


NO_HINTS = Hints()
"""Nothing is known of the rows."""


class _Question(NamedTuple):
    """What decides the kind of the KPI."""

    model_kind: ModelKind | None
    direction: Direction
    """Of the first KPI of the requirements, which the assessment takes."""
    look: TargetLook | None
    """What the target holds, if that is known."""
    treated: TargetLook | None
    """What the column of the treatment holds, if there is one and it is known."""
    hints: Hints

    @property
    def outcome(self) -> OutcomeKind:
        """What the target holds, or else what the kind of model suggests."""
        if self.look is not None:
            return self.look.outcome
        if self.model_kind in _IN_LISTS:
            return OutcomeKind.RELEVANCE
        return OutcomeKind.NUMBER if self.model_kind in _OF_NUMBERS else OutcomeKind.YES_NO


def lift_block(requirements: Requirements | None, project: Path, root: Path, hints: Hints) -> Values:
    """The block at `lift`: a KPI that fits the question and the target, and the rows as far as seen."""
    seen = survey(project, root, {})
    model_kind = requirements.model_kind if requirements else None
    direction = requirements.kpis[0].direction if requirements else Direction.MAXIMISE
    look = target_look(seen.values(hints.target) if seen else None, model_kind)
    treated = target_look(seen.values(hints.treated) if seen else None, None)
    question = _Question(model_kind, direction, look, treated, hints)
    return {"kpi": _kpi(question), "data": _rows(question, seen)}


def _kpi(question: _Question) -> Values:
    if question.hints.treated is not None:
        return _uplift(question)
    match question.outcome:
        case OutcomeKind.RELEVANCE:
            group = question.hints.group or TODO
            return {"kind": "ranking", "measure": "ndcg", "k": 10, "group": group}
        case OutcomeKind.CLASSES:
            return _class_value(question)
        case OutcomeKind.NUMBER if question.direction is Direction.MINIMISE:
            return {"kind": "forecast_cost", "under": 1, "over": 1}
        case OutcomeKind.NUMBER:
            return {"kind": "metric", "metric": "neg_mean_absolute_error"}
        case _:
            return {"kind": "targeting", "budget": 0.2, "spend": "forced"}


def _uplift(question: _Question) -> Values:
    """The gain of treating, from a campaign that chance decided."""
    of_numbers = question.outcome is OutcomeKind.NUMBER
    kpi: Values = {"kind": "uplift", "budget": 0.2, "value_per_outcome": 1, "cost_per_contact": 0}
    return {**kpi, **({"outcome": OutcomeKind.NUMBER.value} if of_numbers else {})}


def _class_value(question: _Question) -> Values:
    """What answers are worth; one pair of classes shows how others are written."""
    first, second, *_ = map(str, question.look.values if question.look else (TODO, TODO))
    return {"kind": "class_value", "values": {first: {second: 0}}, "right": 1, "wrong": 0}


def _rows(question: _Question, seen: Survey | None) -> Values:
    target = question.hints.target
    rows: Values = {"source": seen.source if seen else "data/rows.csv", "target": target or TODO}
    if question.outcome is OutcomeKind.YES_NO:
        rows["positive"] = question.look.positive if question.look else 1
    texts = [name for name in (seen.named(Look.TEXT) if seen else []) if name != target]
    if texts:
        rows["columns"] = dict.fromkeys(texts, ColumnKind.TEXT.value)
    if question.model_kind is ModelKind.FORECASTING:
        column = time_column(seen)
        length = block_length(seen, column)
        if length is not None:
            rows["blocks"] = {"column": column, "length": length}
    if question.hints.treated is not None:
        treated: Values = {"column": question.hints.treated, "probability": TODO}
        value = question.treated.positive if question.treated else 1
        rows["treated"] = treated if value == 1 else {**treated, "value": value}
        return {**rows, "status_quo": dict(_NOBODY)}
    return {**rows, "status_quo": {"column": TODO}}
