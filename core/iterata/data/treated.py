"""Reads the assignment of a campaign: who was treated, with which probability, and the strata of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from iterata.data.columns import finite_numbers
from iterata.data.refusals import SHOWN_VALUES, counted, in_column, yaml_list
from iterata.data.target_classes import ALL_OTHERS, is_equal
from iterata.data.times import times
from iterata.errors import DataError, Location, at_field
from iterata.measure.assignment import Assignment
from iterata.measure.strata import Strata

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iterata.arrays import Bools, Floats
    from iterata.documents.models.rows import TargetValue, TargetValues, Treated


class NotTreated(DataError):
    """A KPI of kind uplift has no description of who was treated."""

    fields = ("treated", "target")

    def __init__(self, where: str | Location) -> None:
        message = "a KPI of kind uplift needs to know who was treated by chance"
        remedy = (
            "add `treated: {column: COLUMN, value: VALUE, probability: 0.5}` to the description of the data"
        )
        super().__init__(message, remedy=remedy, where=where)


class WrongArms(DataError):
    """The column of the treatment does not divide the rows into two arms."""

    def __init__(
        self, column: object, problem: str, where: str, *, remedy: str, field: str = "treated.column"
    ) -> None:
        place = in_column(where, column)
        super().__init__(f"treatment column `{column}` {problem}", remedy=remedy, where=place)
        self.fields = (field, "treated.column", "treated")


class WrongProbability(DataError):
    """A probability of treatment is not between 0 and 1."""

    fields = ("treated.probability", "treated")

    def __init__(self, column: object, number: float, count: int, rows: int, where: Location) -> None:
        message = (
            f"column `{column}` is not strictly between 0 and 1 in {count:,} of {rows:,} rows, such as "
            f"{number:g}"
        )
        remedy = (
            "leave out rows that chance could not assign to both arms, in the program that writes the data "
            "or with a query; write shares such as 0.5 and not percentages"
        )
        super().__init__(message, remedy=remedy, where=where)


class OutcomeBeforeTreatment(DataError):
    """Some outcomes were measured before the row was assigned."""

    fields = ("treated.outcome_on", "treated")

    def __init__(self, column: object, count: int, rows: int, where: Location) -> None:
        message = (
            f"column `{column}` is before the day of the assignment in {count:,} of {rows:,} rows: an "
            "outcome that was known before the treatment is not caused by it"
        )
        remedy = "name the outcome after the treatment as `target`, or leave these rows out"
        super().__init__(message, remedy=remedy, where=where)


def read_assignment(content: pd.DataFrame, treated: Treated, target: str, where: str) -> Assignment:
    """Who was treated, and the probability of it.

    Raises:
        DataError: the column has not two values, an arm has no rows, a probability is not between 0 and 1, or
            an outcome is older than the treatment.
    """
    if treated.column == target:
        problem = "is the target, too: an outcome is not its own cause"
        raise WrongArms(target, problem, where, remedy="name the column of the assignment")
    series = content[treated.column]
    if missing := int(series.isna().sum()):
        problem = f"is empty in {missing:,} of {len(series):,} rows"
        query = f'WHERE "{treated.column}" IS NOT NULL'
        remedy = f"leave these rows out, with a query that has `{query}`, or fill in their arm"
        raise WrongArms(series.name, problem, where, remedy=remedy)
    codes, values = pd.factorize(series)
    counts = dict(zip(values, np.bincount(codes, minlength=len(values)).tolist(), strict=True))
    arms = _arms(series.name, counts, treated, where)
    is_treated: Bools = np.array([arms[value] for value in values], dtype=bool)[codes]
    _check_days(content, treated, where)
    if treated.probability is None:
        share = float(is_treated.mean())
        return Assignment(is_treated, np.full(len(is_treated), share), declared=False)
    return Assignment(is_treated, _probability(content, treated.probability, where), declared=True)


def _arms(column: object, counts: Mapping[object, int], treated: Treated, where: str) -> dict[object, bool]:
    """Whether each value of the column means treated."""
    chosen = {value: _is_one_of(value, treated.value) for value in counts}
    listed = counted(counts)
    if not any(chosen.values()):
        problem = f"has no row with the value {_written(treated.value)}; it has {listed}"
        remedy = "set `treated.value` to the value that means treated"
        raise WrongArms(column, problem, where, remedy=remedy, field="treated.value")
    if all(chosen.values()):
        problem = f"has treated rows only ({listed}): without untreated rows no effect can be measured"
        remedy = "add the rows of the control group; without one, use a KPI of kind targeting"
        raise WrongArms(column, problem, where, remedy=remedy)
    others = [value for value, is_treated in chosen.items() if not is_treated]
    _check_control(column, counts, others, treated, where)
    return chosen


def _check_control(
    column: object, counts: Mapping[object, int], others: Sequence[object], treated: Treated, where: str
) -> None:
    """Make sure that the values which are not the treatment's are those of one control arm."""
    control = treated.control
    if control is None and len(others) == 1:
        return
    unknown = [value for value in others if control is None or not _is_one_of(value, control)]
    if control == ALL_OTHERS or not unknown:
        return
    if control is not None and len(unknown) == len(others):
        problem = f"has no row with the value {_written(control)}; it has {counted(counts)}"
        remedy = "set `treated.control` to the value that means not treated"
        raise WrongArms(column, problem, where, remedy=remedy, field="treated.control")
    problem = f"has more than the two arms: {counted(counts)}"
    remedy = (
        f"compare two arms: leave the rows of the others out with a query; or write `control: "
        f"{yaml_list(others) if len(others) <= SHOWN_VALUES else chr(34) + '*' + chr(34)}` if all of them "
        "mean not treated"
    )
    raise WrongArms(column, problem, where, remedy=remedy, field="treated.control")


def _is_one_of(value: object, expected: TargetValue | TargetValues) -> bool:
    listed = expected if isinstance(expected, list) else [expected]
    return any(is_equal(value, one) for one in listed)


def _written(values: TargetValue | TargetValues) -> str:
    return " or ".join(map(str, values)) if isinstance(values, list) else str(values)


def _probability(content: pd.DataFrame, probability: float | str, where: str) -> Floats:
    if not isinstance(probability, str):
        return np.full(len(content), probability)
    values = finite_numbers(content[probability], where, "treated.probability")
    outside = np.flatnonzero((values <= 0) | (values >= 1))
    if len(outside):
        place = in_column(where, probability, int(outside[0]) + 1)
        raise WrongProbability(probability, float(values[outside[0]]), len(outside), len(values), place)
    return values


def _check_days(content: pd.DataFrame, treated: Treated, where: str) -> None:
    if treated.on is None or treated.outcome_on is None:
        return
    assigned, measured = (
        _days(content[name], field, where)
        for field, name in (("treated.on", treated.on), ("treated.outcome_on", treated.outcome_on))
    )
    early = np.flatnonzero(measured < assigned)
    if len(early):
        place = in_column(where, treated.outcome_on, int(early[0]) + 1)
        raise OutcomeBeforeTreatment(treated.outcome_on, len(early), len(content), place)


def _days(column: pd.Series, field: str, where: str) -> Floats:
    try:
        return times(column, where)
    except DataError as error:
        raise error.about(field) from None


GAP = "missing"
"""The label of a stratum of rows without a value."""


def read_strata(content: pd.DataFrame, columns: Sequence[str], never: Sequence[str], where: str) -> Strata:
    """The stratum of each row: its values in some columns.

    Raises:
        DataError: a column is not known before the treatment: one of `never`.
    """
    for number, name in enumerate(columns):
        if name in never:
            message = f"`{name}` is known only with or after the treatment, so it cannot be a stratum"
            remedy = "name columns whose values were known before the treatment"
            raise DataError(message, remedy=remedy, where=at_field(f"kpi.strata[{number}]"))
    texts = pd.DataFrame(
        {name: content[name].astype(object).where(content[name].notna(), GAP).map(_label) for name in columns}
    )
    code, labels = pd.factorize(pd.MultiIndex.from_frame(texts), sort=True)
    named = tuple(
        ", ".join(f"{name}: {value}" for name, value in zip(columns, label, strict=True)) for label in labels
    )
    return Strata(code.astype(np.intp), named)


def _label(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
