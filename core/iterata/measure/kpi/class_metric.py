"""Metric: a scorer of scikit-learn for targets of several classes as the KPI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from iterata.documents.models.enums import RandomAnswers
from iterata.errors import DataError, RunError, at_field
from iterata.measure import random_model
from iterata.measure.classes.formulas import blind, slopes
from iterata.measure.intervals import ROUNDING, without_rounding
from iterata.measure.kpi.class_value import shuffle_sd
from iterata.measure.measures import Measure
from iterata.measure.metrics import AnswerFormula
from iterata.measure.predictions import (
    LabelledPredictions,
    PredictionColumn,
    PredictionKind,
    can_evaluate,
    class_metric,
    column,
    metric_measure,
)

if TYPE_CHECKING:
    from iterata.arrays import Floats
    from iterata.measure.metrics import Formula, Metric
    from iterata.measure.outcomes import Outcomes


class NoProbabilities(DataError):
    """A metric of probabilities is asked to evaluate answers."""

    def __init__(self, metric: Metric) -> None:
        remedy = (
            "choose a metric of answers, such as accuracy or f1_macro, and this one as a secondary metric"
        )
        message = f"{metric.name} evaluates {metric.needs}, but the status quo gives answers"
        super().__init__(message, remedy=remedy, where=at_field("kpi.metric"))


@dataclass(frozen=True, slots=True)
class ClassMetricKpi:
    """A scorer by its name; more is better. It is not an amount, so it is not scaled to a period."""

    metric: Metric
    formula: Formula
    random_answers: RandomAnswers = RandomAnswers.STATUS_QUO_SHARES
    """How often the random model gives each answer, for a metric of answers."""

    adds_up: ClassVar[bool] = False
    budget: ClassVar[None] = None

    @classmethod
    def of(cls, name: str) -> ClassMetricKpi:
        """The KPI of a scorer's name.

        Raises:
            DataError: there is no such metric of several classes.
        """
        try:
            metric = class_metric(name, "")
        except RunError as error:
            raise DataError(error.message, remedy=error.remedy, where=at_field("kpi.metric")) from None
        if metric.formula is None:
            raise TypeError(f"{name} has no formula")
        return cls(metric, metric.formula)

    @property
    def random_meaning(self) -> str:
        """How often the random model gives each answer; or the same probabilities for every row."""
        answers = isinstance(self.formula, AnswerFormula)
        return random_model.ANSWERS[self.random_answers] if answers else random_model.CLASS_SHARES

    def measure(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        """The score of a column of answers.

        Raises:
            DataError: the metric evaluates probabilities.
        """
        return self.measure_column(outcomes, column(prediction, PredictionKind.CLASS))

    def measure_column(self, outcomes: Outcomes, predictions: PredictionColumn) -> Measure:
        """The same for answers that may have probabilities."""
        if not can_evaluate(self.metric, predictions):
            raise NoProbabilities(self.metric)
        return metric_measure(self.formula, LabelledPredictions(outcomes, predictions))

    def perfect(self, outcomes: Outcomes) -> Measure:
        """The true classes as answers, and as certain."""
        true = outcomes.by_class
        return self.measure_column(outcomes, _answers(outcomes.target, np.eye(true.width)[true.code]))

    def random(self, outcomes: Outcomes, status_quo: Floats) -> Measure:
        """The expectation of answers that are drawn blindly; of probabilities, the share of each class."""
        if not isinstance(self.formula, AnswerFormula):
            shares = np.tile(outcomes.class_shares, (len(outcomes), 1))
            return self.measure_column(outcomes, _answers(outcomes.target, shares))
        figure, in_total, rows = self.formula.figure, self.formula.in_total, outcomes.rows

        def expected(given: Floats, true: Floats) -> Floats:
            return without_rounding(blind(figure, given, true, rows, in_total=in_total), ROUNDING)

        if self.random_answers is RandomAnswers.CLASS_SHARES:
            return Measure.of_sums(outcomes.by_class, lambda true: expected(true, true))
        answers = LabelledPredictions(outcomes, column(status_quo, PredictionKind.CLASS)).answers
        return Measure.of_several_sums(expected, answers, outcomes.by_class)

    def random_sd(self, outcomes: Outcomes, status_quo: Floats) -> float | None:
        """The standard deviation of a single blind choice of answers; None if nothing is drawn."""
        if not isinstance(self.formula, AnswerFormula) or outcomes.rows <= 1:
            return None
        true = outcomes.class_shares
        answers = LabelledPredictions(outcomes, column(status_quo, PredictionKind.CLASS)).answers.total()
        of_shares = self.random_answers is RandomAnswers.CLASS_SHARES
        given = np.append(true, 0.0) if of_shares else answers / answers.sum()
        values = np.zeros((len(given), len(true)))
        np.fill_diagonal(values, slopes(self.formula.figure, given, true))
        return shuffle_sd(values, given, true, outcomes.rows)

    def do_nothing(self, outcomes: Outcomes) -> float | None:
        """None: a metric has no actions."""
        return None

    def treat_all(self, outcomes: Outcomes) -> float | None:
        """None: a metric has no actions."""
        return None


def _answers(answers: Floats, probabilities: Floats) -> PredictionColumn:
    return column(answers, PredictionKind.CLASS)._replace(probabilities=probabilities)
