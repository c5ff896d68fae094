"""Class value: what answers, each one of several classes, are worth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from iterata.documents.models.enums import RandomAnswers
from iterata.errors import DataError, at_field
from iterata.measure import random_model
from iterata.measure.measures import Measure
from iterata.measure.weightings import Classes
from iterata.text import closest

if TYPE_CHECKING:
    from iterata.arrays import Floats
    from iterata.documents.models.kpi import ClassValueSpec
    from iterata.measure.outcomes import Outcomes

SHOWN_CLASSES = 12
"""How many classes a message lists."""


class UnknownClass(DataError):
    """The KPI has a value for a class that no row of the table has."""

    def __init__(self, name: str, field: str, classes: tuple[str, ...]) -> None:
        guess = closest(name, list(classes))
        listed = ", ".join(classes[:SHOWN_CLASSES]) + (" …" if len(classes) > SHOWN_CLASSES else "")
        advice = f"did you mean `{guess}`? The" if guess else "remove it, or correct its name; the"
        message = (
            f"`{name}` has a value, but the target has no such class; values are `answer: {{truth: value}}`"
        )
        super().__init__(message, remedy=f"{advice} classes are {listed}", where=at_field(field))


class PersonIsClass(DataError):
    """The answer that hands a row to a person has the name of a class."""

    def __init__(self, name: str) -> None:
        remedy = "give the answer of `person` another name, which no row of the target has"
        message = f"`{name}` is the answer of `person`, and also a class of the target"
        super().__init__(message, remedy=remedy, where=at_field("kpi.person.answer"))


class BestConstant(NamedTuple):
    """The answer that is worth most if it is given to every row."""

    answer: str
    kpi: float
    """The KPI per row."""


@dataclass(frozen=True, slots=True)
class ClassValue:
    """The summed value of the answer to each row.

    A column of predictions holds the code of each row's answer: that of a class, or the number of classes if
    the row is handed to a person.
    """

    listed: tuple[tuple[str, str, float], ...] = ()
    """What an answer is worth where a class is true: `(answer, truth, value)`."""
    right: float = 1.0
    """What other right answers are worth."""
    wrong: float = 0.0
    """What other wrong answers are worth."""
    person: tuple[str, float] | None = None
    """The answer that hands a row to a person, and what that is worth; None if there is none."""
    sign: float = 1.0
    """1 if more is better, -1 if less is."""
    random_answers: RandomAnswers = RandomAnswers.STATUS_QUO_SHARES
    """How often the random model gives each answer."""

    adds_up: ClassVar[bool] = True
    budget: ClassVar[None] = None

    @classmethod
    def of(cls, spec: ClassValueSpec) -> ClassValue:
        """The KPI that a document describes."""
        listed = tuple(
            (answer, truth, value)
            for answer, by_truth in spec.values.items()
            for truth, value in by_truth.items()
        )
        person = None if spec.person is None else (spec.person.answer, spec.person.value)
        return cls(listed, spec.right, spec.wrong, person, spec.direction.sign, spec.random)

    @property
    def random_meaning(self) -> str:
        """How often the random model gives each answer."""
        return random_model.ANSWERS[self.random_answers]

    def answers(self, classes: tuple[str, ...]) -> tuple[str, ...]:
        """All answers in the order of their codes: the classes, and the person after them."""
        return classes if self.person is None else (*classes, self.person[0])

    def values(self, outcomes: Outcomes) -> Floats:
        """What a row is worth, `(answers, classes)`, by its answer and the class that is true.

        Raises:
            DataError: there are values for a class that no row has.
        """
        return _values(self, _classes(outcomes))

    def measure(self, outcomes: Outcomes, prediction: Floats) -> Measure:
        """The value of the answers, whose codes are in `prediction`."""
        values = self.values(outcomes)
        worth, code = np.unique(values.ravel(), return_inverse=True)
        of_cell = code.astype(np.min_scalar_type(len(worth)))
        cells = prediction.astype(np.intp) * values.shape[1] + outcomes.by_class.code
        by_worth = Classes(of_cell[cells], len(worth), outcomes.weight)
        return Measure.of_sums(by_worth, lambda sums: _mean_by_class(worth, sums))

    def perfect(self, outcomes: Outcomes) -> Measure:
        """The best answer to every row; that can be the person, or a wrong answer that is worth more."""
        values = self.values(outcomes)
        best = values.max(axis=0) if self.sign > 0 else values.min(axis=0)
        return Measure.of_sums(outcomes.by_class, lambda sums: _mean_by_class(best, sums))

    def random(self, outcomes: Outcomes, status_quo: Floats) -> Measure:
        """The expected value of answers that are drawn without looking at the row."""
        values = self.values(outcomes)
        if self.random_answers is RandomAnswers.UNIFORM:
            by_truth = values.mean(axis=0)
            return Measure.of_sums(outcomes.by_class, lambda sums: _mean_by_class(by_truth, sums))
        if self.random_answers is RandomAnswers.CLASS_SHARES:
            right_class = values[: values.shape[1]]
            return Measure.of_sums(
                outcomes.by_class, lambda sums: _expected(_shares(sums), right_class, _shares(sums))
            )
        answers = _by_answer(outcomes, status_quo, len(values))
        return Measure.of_several_sums(
            lambda given, true: _expected(_shares(given), values, _shares(true)),
            answers,
            outcomes.by_class,
        )

    def random_sd(self, outcomes: Outcomes, status_quo: Floats) -> float | None:
        """The standard deviation of a single random draw: the answers shuffled among the rows.

        That is Hoeffding's, 1951, for a shuffle; uniform answers are drawn for every row on its own.
        """
        values, true, rows = self.values(outcomes), outcomes.class_shares, outcomes.rows
        if self.random_answers is RandomAnswers.UNIFORM:
            return sqrt(max(float(true @ values.var(axis=0)), 0.0) / rows)
        if rows <= 1:
            return 0.0
        given = self._random_shares(outcomes, status_quo)
        return shuffle_sd(values, given, true, rows)

    def best_constant(self, outcomes: Outcomes) -> BestConstant:
        """The best of all answers that are given to every row."""
        by_answer = self.values(outcomes) @ outcomes.class_shares
        best = int(np.argmax(self.sign * by_answer))
        return BestConstant(self.answers(_classes(outcomes))[best], float(by_answer[best]))

    def do_nothing(self, outcomes: Outcomes) -> float | None:
        """None: every row has an answer; `best_constant` is the reference instead."""
        return None

    def treat_all(self, outcomes: Outcomes) -> float | None:
        """None, as above."""
        return None

    def _random_shares(self, outcomes: Outcomes, status_quo: Floats) -> Floats:
        """How often the random model gives each answer, unless they are uniform: `(answers,)`."""
        answers, true = len(self.answers(_classes(outcomes))), outcomes.class_shares
        if self.random_answers is RandomAnswers.CLASS_SHARES:
            return np.append(true, np.zeros(answers - len(true)))
        totals = _by_answer(outcomes, status_quo, answers).total()
        shares: Floats = totals / totals.sum()
        return shares


def shuffle_sd(values: Floats, given: Floats, true: Floats, rows: float) -> float:
    """The standard deviation of the mean value if the answers are shuffled among the rows.

    Hoeffding, A combinatorial central limit theorem, Annals of Mathematical Statistics 22 (1951), theorem 2.

    Args:
        values: `(answers, classes)`, what a row is worth.
        given: `(answers,)`, the share of each answer.
        true: `(classes,)`, the share of each class.
        rows: how many rows there are.
    """
    by_answer, by_truth = values @ true, given @ values
    residual = values - by_answer[:, None] - by_truth + given @ by_answer
    variance = float(given @ residual**2 @ true)
    return sqrt(max(variance, 0.0) / (rows - 1))


def _classes(outcomes: Outcomes) -> tuple[str, ...]:
    if outcomes.classes is None:
        raise TypeError("a KPI of kind class_value needs outcomes with classes")
    return outcomes.classes


@lru_cache(maxsize=8)
def _values(kpi: ClassValue, classes: tuple[str, ...]) -> Floats:
    answers = kpi.answers(classes)
    values = np.full((len(answers), len(classes)), kpi.wrong)
    np.fill_diagonal(values, kpi.right)
    if kpi.person is not None:
        if kpi.person[0] in classes:
            raise PersonIsClass(kpi.person[0])
        values[-1] = kpi.person[1]
    code_of = {name: code for code, name in enumerate(answers)}
    for answer, truth, value in kpi.listed:
        if answer not in code_of:
            raise UnknownClass(answer, f"kpi.values.{answer}", answers)
        if truth not in classes:
            raise UnknownClass(truth, f"kpi.values.{answer}.{truth}", classes)
        values[code_of[answer], code_of[truth]] = value
    values.flags.writeable = False
    return values


def _by_answer(outcomes: Outcomes, prediction: Floats, answers: int) -> Classes:
    """The rows by their answer."""
    return Classes(prediction.astype(np.min_scalar_type(answers)), answers, outcomes.weight)


def _shares(sums: Floats) -> Floats:
    """The share of each class in all rows, under each weighting."""
    shares: Floats = sums / sums.sum(axis=0)
    return shares


def _expected(given: Floats, values: Floats, true: Floats) -> Floats:
    """The mean value of answers `(answers, r)` that do not depend on the truth `(classes, r)`: `(r,)`."""
    expected: Floats = ((values.T @ given) * true).sum(axis=0)
    return expected


def _mean_by_class(values: Floats, sums: Floats) -> Floats:
    """The mean over rows of the value of each row's class."""
    mean: Floats = values @ sums / sums.sum(axis=0)
    return mean
