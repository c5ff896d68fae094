"""Answers that programs and files name: a class in each row, and optionally the probability of each class."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from iterata.errors import RunError
from iterata.experiment.variants.alignment import check_rows
from iterata.experiment.variants.class_scoring import distribution, label_text
from iterata.experiment.variants.refusals import SHOWN_CLASSES
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iterata.arrays import Floats

PREFIX = "probability_"
"""Begins the name of the column with the probability of a class: `probability_billing`."""


class AnswerNames(NamedTuple):
    """What a program or a file may answer."""

    classes: tuple[str, ...]
    """Of the whole table, in their order."""
    person: str | None
    """The answer that hands a row to a person; None if there is none."""
    needs_probabilities: bool
    """Whether the KPI or the variant needs the probability of every class."""

    @property
    def identity(self) -> list[object]:
        """What decides how answers are read: part of a cache key."""
        return [list(self.classes), self.person]

    @property
    def columns(self) -> list[str]:
        """The columns of the probabilities."""
        return [f"{PREFIX}{name}" for name in self.classes]


class UnknownAnswer(RunError):
    """A row has an answer that is no class."""

    def __init__(self, answer: str, row: object, names: AnswerNames) -> None:
        choices = [*names.classes, *([] if names.person is None else [names.person])]
        guess = closest(answer, choices)
        listed = ", ".join(choices[:SHOWN_CLASSES]) + (" …" if len(choices) > SHOWN_CLASSES else "")
        remedy = f"did you mean {guess}?" if guess else f"answer one of {listed}"
        super().__init__(f"{answer}, the answer to row {row}, is not a class of the target", remedy=remedy)


class UnknownProbability(RunError):
    """A column has the probability of something that is no class."""

    def __init__(self, column: str, names: AnswerNames) -> None:
        guess = closest(column, names.columns)
        hint = f"did you mean {guess}? " if guess else ""
        message = f"the column {column} names no class of the target"
        remedy = f"{hint}name these columns {PREFIX} and the class, as it is in the data"
        super().__init__(message, remedy=remedy)


class ProbabilitiesNeeded(RunError):
    """There are no probabilities, and the plan or the KPI needs them."""

    def __init__(self, names: AnswerNames) -> None:
        message = "there are no probabilities, which the KPI, `decide` or `person_below` needs"
        super().__init__(message, remedy=f"write a column for each class, such as {names.columns[0]}")


def probability_columns(columns: Iterable[str], names: AnswerNames) -> list[str]:
    """The columns of probabilities among those of a table.

    Raises:
        UnknownProbability: one is of no class.
        ProbabilitiesNeeded: there are none, although they are needed.
    """
    present = [name for name in columns if name.startswith(PREFIX)]
    for name in present:
        if name not in names.columns:
            raise UnknownProbability(name, names)
    if not present and names.needs_probabilities:
        raise ProbabilitiesNeeded(names)
    return present


def align_answers(
    row_ids: pd.Series,
    answers: pd.Series,
    probabilities: pd.DataFrame,
    expected: pd.Index,
    names: AnswerNames,
) -> tuple[Floats, Floats | None]:
    """The code of the answer to each expected row, `(m,)`, and the probabilities of all classes, `(m, K)`.

    Args:
        row_ids: the row that each line is for.
        answers: the class or the person of each line.
        probabilities: a column for each class that has any, named as in `AnswerNames.columns`; without
            columns if there are none.
        expected: the rows to predict, each once.
        names: what may be answered.

    Raises:
        RowsMismatch: a row is missing, predicted twice, or not one of the expected rows.
        RunError: an answer is missing or no class, or probabilities are none.
    """
    check_rows(row_ids, expected)
    places = pd.Index(row_ids).get_indexer(expected)
    codes = _codes(answers.iloc[places], expected, names)
    if not len(probabilities.columns):
        return codes, None
    by_class = np.zeros((len(expected), len(names.classes)))
    for number, column in enumerate(names.columns):
        if column in probabilities:
            numbers = pd.to_numeric(probabilities[column], errors="coerce")
            by_class[:, number] = np.asarray(numbers, dtype=np.float64)[places]
    return codes, distribution(by_class)


def _codes(answers: pd.Series, expected: pd.Index, names: AnswerNames) -> Floats:
    missing = answers.isna().to_numpy(bool)
    if missing.any():
        message = (
            f"{missing.sum():,} of {len(expected):,} rows have no answer, such as row {expected[missing][0]}"
        )
        raise RunError(message, remedy="write the name of a class in every row")
    numbers, distinct = pd.factorize(answers)
    code_of = {name: float(code) for code, name in enumerate(names.classes)}
    if names.person is not None:
        code_of[names.person] = float(len(names.classes))
    codes = np.empty(len(distinct))
    for number, value in enumerate(distinct):
        text = label_text(value)
        if text not in code_of:
            raise UnknownAnswer(text, expected[numbers == number][0], names)
        codes[number] = code_of[text]
    by_row: Floats = codes[numbers]
    return by_row
