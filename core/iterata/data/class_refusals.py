"""The refusals of targets and answers that are classes: each has its own message and remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.data.refusals import SHOWN_COLUMNS, in_column, shown
from iterata.errors import DataError, at_field
from iterata.text import closest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iterata.errors import Location


class SeveralLabels(DataError):
    """A row of the target has several labels; `example` is what it holds."""

    fields = ("target",)

    def __init__(self, column: str, example: str, where: Location) -> None:
        message = f"target column `{column}` has several labels in one row, such as {shown(example)}"
        remedy = (
            "keep the one label that decides, in the program that writes the data; or make one iteration for "
            "each label, with a yes / no target; or, if rows rank labels, write a row for each pair"
        )
        super().__init__(message, remedy=remedy, where=where)


class ClassesAreIds(DataError):
    """The target has so many values that they are no classes."""

    fields = ("target",)

    def __init__(self, column: str, classes: int, rows: int, where: Location) -> None:
        message = f"target column `{column}` has {classes:,} values in {rows:,} rows: too many for classes"
        remedy = (
            "name the column of the classes; for an amount choose a KPI of kind forecast_cost; join rare "
            "classes, such as to `other`, in the program that writes the data"
        )
        super().__init__(message, remedy=remedy, where=where)


class LongClass(DataError):
    """A value of the target is too long for the name of a class."""

    fields = ("target",)

    def __init__(self, column: str, characters: int, where: Location) -> None:
        message = f"target column `{column}` has a text of {characters:,} characters: too long for a class"
        remedy = "name the column of the classes; a text is what a model learns from, not its answer"
        super().__init__(message, remedy=remedy, where=where)


class ClassSpellings(DataError):
    """A class is written in several ways; `counts` has the rows of each."""

    fields = ("target",)

    def __init__(self, column: str, counts: Mapping[str, int], where: Location) -> None:
        listed = ", ".join(f"{text!r} ({rows:,} rows)" for text, rows in counts.items())
        message = f"target column `{column}` has several spellings of one class: {listed}"
        remedy = (
            "write them alike in the program that writes the data, or with a `query:` that has "
            f"`lower(trim({column})) AS {column}`"
        )
        super().__init__(message, remedy=remedy, where=where)


class OneClass(DataError):
    """Every row has the same class."""

    fields = ("target",)

    def __init__(self, column: str, name: str, where: Location) -> None:
        message = (
            f"target column `{column}` is {shown(name)} in every row, so there are no classes to tell apart"
        )
        remedy = "choose a target that differs between rows, or add the rows of the other classes"
        super().__init__(message, remedy=remedy, where=where)


class MissingAnswers(DataError):
    """The status quo has no answer for some rows."""

    def __init__(self, what: str, missing: int, rows: int, where: Location, *, person: str | None) -> None:
        message = f"{what} has no answer in {missing:,} of {rows:,} rows"
        answer = person or "to a person"
        remedy = f"fill them in, such as with `{answer}` if a person answers them"
        if person is None:
            remedy += "; the KPI then needs `person`"
        super().__init__(message, remedy=remedy, where=where)


class UnknownAnswer(DataError):
    """An answer of the status quo is no class of the target.

    Args:
        answer: the answer.
        origin: the column that holds it, or the field of the document that gives it.
        classes: those of the target.
        where: the table.
        row: the first row that has the answer.
    """

    def __init__(self, answer: str, origin: str, classes: Sequence[str], where: str, row: int) -> None:
        guess = _same_but_for_spelling(answer, classes) or closest(answer, classes)
        listed = ", ".join(map(shown, classes[:SHOWN_COLUMNS])) + (
            " …" if len(classes) > SHOWN_COLUMNS else ""
        )
        advice = f"did you mean {shown(guess)}? The" if guess else "the"
        remedy = (
            f"{advice} classes are {listed}; if the answer means that a person decides, name it as the "
            "`person` of the KPI"
        )
        is_field = origin in FIELDS
        place = at_field(origin) if is_field else in_column(where, origin, row)
        super().__init__(
            f"the status quo answers {shown(answer)}, which is no class of the target",
            remedy=remedy,
            where=place,
        )
        self.fields = (origin,) if is_field else ("status_quo.column",)


FIELDS = ("status_quo.rule", "status_quo.constant")
"""The fields that give answers without a column."""


def _same_but_for_spelling(answer: str, classes: Sequence[str]) -> str | None:
    spelling = answer.strip().casefold()
    return next((name for name in classes if name.strip().casefold() == spelling), None)
