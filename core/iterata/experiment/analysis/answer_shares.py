"""Guardrails on answers: the share of rows for which an expression over columns and the answer is true.

With classes every row is answered, so a guardrail watches what the answers are: how many rows are handed to a
person, or how many urgent messages are called spam.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iterata.data.columns import evaluate_expression
from iterata.documents.models.enums import OutcomeKind
from iterata.documents.models.kpi import ClassValueSpec, outcome_of
from iterata.errors import RunError, at_field
from iterata.expressions.parse import column_names
from iterata.measure.measures import mean_of, weighted_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iterata.arrays import Bools, Floats
    from iterata.data.labelled_rows import LabelledRows
    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.proposal import Plan
    from iterata.experiment.analysis.evidence import Predictions
    from iterata.measure.measures import Measure
    from iterata.measure.outcomes import Outcomes

    AnswerMasks = Mapping[str, Mapping[str, Sequence[Bools]]]
    """For which rows an expression is true, `(n,)` for each repeat, by guardrail and model."""

ANSWER = "answer"
"""What an expression calls the model's answer; it has precedence over a column of this name."""


class AnswerNotNamed(RunError):
    """A guardrail on answers does not say which, so it is the same for all models."""

    def __init__(self, expression: str, field: str) -> None:
        message = "every row is answered, so this share is the same for every model"
        remedy = f'name the answer, such as `share_of: answer == "..." and ({expression})`'
        super().__init__(message, remedy=remedy, where=at_field(field))


def watches_answers(kpi: KpiSpec) -> bool:
    """Whether guardrails of a KPI watch what is answered, rather than which rows are acted upon."""
    return outcome_of(kpi) is OutcomeKind.CLASSES


def answer_masks(plan: Plan, kpi: KpiSpec, data: LabelledRows, predictions: Predictions) -> AnswerMasks:
    """For which rows the expression of each guardrail is true, given the answers of each model.

    Raises:
        DataError: an expression cannot be evaluated.
        RunError: it does not name the answer.
    """
    if not watches_answers(kpi):
        return {}
    names = _answers(kpi, data.outcomes)
    return {
        guardrail.name: {
            model: [_mask(guardrail.share_of, number, data, names, column.values) for column in columns]
            for model, columns in predictions.items()
        }
        for number, guardrail in enumerate(plan.metrics.guardrail)
        if guardrail.share_of is not None
    }


def measure_shares(masks: AnswerMasks, outcomes: Outcomes) -> dict[str, dict[str, Measure]]:
    """The share of rows for which each guardrail's expression is true, by guardrail and model."""
    rows = weighted_mean(np.full(len(outcomes), float(len(outcomes))), outcomes.counts)

    def share(by_repeat: Sequence[Bools]) -> Measure:
        repeats = [weighted_mean(mask.astype(np.float64), outcomes.counts) for mask in by_repeat]
        return mean_of(repeats).of_trials(rows)

    return {
        name: {model: share(repeats) for model, repeats in by_model.items()}
        for name, by_model in masks.items()
    }


def _mask(expression: str, number: int, data: LabelledRows, names: Sequence[str], codes: Floats) -> Bools:
    field = f"metrics.guardrail[{number}].share_of"
    if ANSWER not in column_names(expression, at_field(field)):
        raise AnswerNotNamed(expression, field)
    answers = np.array(names, dtype=object)[codes.astype(np.intp)]
    table = data.table.assign(**{ANSWER: answers})
    mask: Bools = evaluate_expression(expression, table, at_field(field), data.source) != 0
    return mask


def _answers(kpi: KpiSpec, outcomes: Outcomes) -> list[str]:
    person = kpi.person.answer if isinstance(kpi, ClassValueSpec) and kpi.person is not None else ""
    return [*(outcomes.classes or ()), person]
