"""What the columns of a table hold: outcomes, units, numbers or text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.api import types

from iterata.documents.models.enums import OutcomeKind
from iterata.errors import DataError, at_field, dotted
from iterata.expressions.evaluate import evaluate
from iterata.expressions.parse import columns
from iterata.text import closest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from iterata.arrays import Bools, Codes, Floats
    from iterata.documents.models.rows import StatusQuo, Weights
    from iterata.errors import Location
    from iterata.expressions.evaluate import Column

SHOWN = 8
"""How many of a column's values a message lists."""

_WORDS = {True: {"true", "yes", "on", "y"}, False: {"false", "no", "off", "n"}}
"""What YAML reads as true and false, so that `positive: Yes` without quotes finds the text Yes."""

_NUMBERS = {"boolean", "decimal", "floating", "integer", "mixed-integer-float"}
"""What pandas calls values that are numbers, in columns that may hold anything."""


def as_column(series: pd.Series[Any]) -> Column:
    """A column's values: `float64`, not a number where missing; or text, `None` where missing."""
    if not (types.is_numeric_dtype(series) or types.is_bool_dtype(series)):
        plain = series.astype(object)
        if types.infer_dtype(plain, skipna=True) not in _NUMBERS:
            gaps = plain.isna()
            return np.array(
                [None if gap else str(value) for value, gap in zip(plain, gaps, strict=True)], dtype=object
            )
        series = plain.astype(float)
    return series.to_numpy(dtype=np.float64, na_value=np.nan)


def positives(series: pd.Series[Any], positive: str | float, where: str, *, whole: bool = True) -> Bools:
    """Which rows hold the positive outcome.

    A value written just as the document writes it comes first; else numbers are compared as numbers, and
    true and false with the words YAML takes for them.

    Raises:
        DataError: outcomes are missing, or all rows (`whole`) have the same one.
    """
    name, missing = series.name, int(series.isna().sum())
    if missing:
        message = f"the target {name} is missing in {missing:,} of {len(series):,} rows"
        remedy = "leave those rows out of the file, or find out what happened"
        raise DataError(message, remedy=remedy, where=where)
    codes, values = pd.factorize(series)
    exact = [code for code, value in enumerate(values) if str(value) == str(positive)]
    meant = exact or [code for code, value in enumerate(values) if _same(value, positive)]
    found = np.isin(np.arange(len(values)), meant)[codes]
    if not whole:
        return found
    if not found.any():
        shown = [str(value) for value in values[:SHOWN]]
        message = f"the target {name} is never {positive}; it is {', '.join(shown)}"
        guess = closest(str(positive), shown)
        certain = f"write `positive: {guess}`, in quotes if it is text"
        remedy = certain if guess else "say with `positive:` which of these it is, in quotes if it is text"
        raise DataError(message, remedy=remedy, where=where)
    if found.all():
        message = f"the target {name} is {positive} in every row, so there is nothing to tell apart"
        remedy = "choose a target that differs between rows, or add the rows that are left out"
        raise DataError(message, remedy=remedy, where=where)
    return found


def amounts(series: pd.Series[Any], where: str, *, least: float = -math.inf) -> Floats:
    """The numbers of a target column, none below `least`.

    Raises:
        DataError: some are missing, are no finite numbers, or are too small.
    """
    name, column = series.name, as_column(series)
    if column.dtype == object:
        example = next((text for text in column if text is not None), "")
        remedy = "name a column of numbers, or make it one where the data are made"
        raise DataError(f"{name} holds text, such as {example}", remedy=remedy, where=where)
    gaps = int((~np.isfinite(column)).sum())
    if gaps:
        remedy = "leave those rows out of the file, or find out what happened"
        message = f"{name} is no finite number in {gaps:,} of {len(column):,} rows"
        raise DataError(message, remedy=remedy, where=where)
    low = int((column < least).sum())
    if low:
        message = f"{name} is below {least:g} in {low:,} of {len(column):,} rows"
        raise DataError(message, remedy="correct it where the data are made", where=where)
    return column.astype(np.float64)


def codes(series: pd.Series[Any], what: str, where: str) -> NDArray[np.intp]:
    """A number from 0 for each value of a column, in the order of appearance; `what` a value stands for.

    Raises:
        DataError: some are missing.
    """
    missing = int(series.isna().sum())
    if missing:
        message = f"the {what} {series.name} is missing in {missing:,} of {len(series):,} rows"
        raise DataError(message, remedy=f"give every row its {what}", where=where)
    return pd.factorize(series)[0].astype(np.intp)


def unit_codes(series: pd.Series[Any], where: str) -> NDArray[np.intp] | None:
    """The unit of each row, numbered from 0 in the order of appearance; none where every row is another one.

    Raises:
        DataError: units are missing, or there is only one.
    """
    missing = int(series.isna().sum())
    if missing:
        message = f"the unit {series.name} is missing in {missing:,} of {len(series):,} rows"
        remedy = "give every row its unit; if each row is one, name no `unit_id`, and no `column` of folds"
        raise DataError(message, remedy=remedy, where=where)
    codes, values = pd.factorize(series)
    if len(values) == 1 and len(series) > 1:
        message = f"the unit {series.name} is {values[0]} in every row, so nothing can be said of chance"
        remedy = "name one that tells independent units apart, as `unit_id`, or as the `column` of folds"
        raise DataError(message, remedy=remedy, where=where)
    return None if len(values) == len(series) else codes.astype(np.intp)


def _same(value: object, positive: str | float) -> bool:
    number, wanted = _number(value), _number(positive)
    if number is not None and wanted is not None:
        return number == wanted
    return any(
        isinstance(flag, bool | np.bool_) and str(word).lower() in _WORDS[bool(flag)]
        for flag, word in ((value, positive), (positive, value))
    )


def _number(value: object) -> float | None:
    try:
        return float(value)  # type: ignore[arg-type]  # whatever a column may hold
    except (TypeError, ValueError):
        return None


def target_values(
    series: pd.Series[Any], positive: str | float, outcome: OutcomeKind, where: str, *, whole: bool = True
) -> Floats:
    """What a target column says: 1 or 0, an amount, or a degree of relevance; `(n,)`.

    Raises:
        DataError: it does not hold that; for all rows (`whole`), also where it is the same in each.
    """
    match outcome:
        case OutcomeKind.YES_NO:
            return positives(series, positive, where, whole=whole).astype(np.float64)
        case OutcomeKind.NUMBER:
            return amounts(series, where)
        case OutcomeKind.RELEVANCE:
            if types.is_numeric_dtype(series) or types.is_bool_dtype(series):
                return _relevant(amounts(series, where, least=0), series, where)
            return positives(series, positive, where).astype(np.float64)


def _relevant(target: Floats, series: pd.Series[Any], where: str) -> Floats:
    if not target.any():
        remedy = "choose a column that is above 0 where a row is relevant"
        raise DataError(f"the target {series.name} is 0 in every row", remedy=remedy, where=where)
    return target


def two_classes(outcome: OutcomeKind, target: Floats) -> bool:
    """Whether outcomes are yes or no: relevance may be that, too, or come in degrees."""
    graded = outcome is OutcomeKind.RELEVANCE and not np.isin(target, (0, 1)).all()
    return outcome is not OutcomeKind.NUMBER and not graded


def counts_of(weights: Weights | None, content: pd.DataFrame, where: str) -> Floats | None:
    """What the rows count for by a column; none where they count for 1.

    Raises:
        DataError: the column does not hold numbers from 0 on.
    """
    if weights is None or weights.column is None:
        return None
    return amounts(content[weights.column], where, least=0)


def normal_weights(counts: Floats, base_rate: float | None, target: Floats, where: str) -> Floats:
    """What rows count for, 1 on average; with a base rate, positives as often as in the population.

    Raises:
        DataError: none counts for anything.
    """
    if not counts.any():
        remedy = "name another column as `weights.column`"
        raise DataError("every row counts for 0", remedy=remedy, where=where)
    if base_rate is not None:
        share = float(counts @ target / counts.sum())
        counts = counts * np.where(target > 0, base_rate / share, (1 - base_rate) / (1 - share))
    normal: Floats = counts / counts.mean()
    return normal


def check_groups(group: Codes, units: NDArray[np.intp], where: str) -> None:
    """Make sure that no group lies in several units: resampling units would tear it apart.

    Raises:
        DataError: some do.
    """
    pairs = np.unique(np.stack([group, units]), axis=1)
    torn = pairs.shape[1] - (int(group.max()) + 1)
    if torn:
        remedy = "name the group's column as `unit_id`, or leave `unit_id` out"
        message = f"{torn:,} of the KPI's groups hold rows of several units"
        raise DataError(message, remedy=remedy, where=where)


def today(content: pd.DataFrame, status_quo: StatusQuo, source: str) -> Floats | float:
    """What is done today, row by row, or what it is known to come to.

    Raises:
        DataError: the column or the rule gives no finite number for some rows.
    """
    if status_quo.value is not None:
        return status_quo.value
    if status_quo.constant is not None:
        return np.full(len(content), status_quo.constant)
    if status_quo.rule is not None:
        return computed(status_quo.rule, content, at_field("status_quo.rule"), source)
    name = str(status_quo.column)
    column = as_column(content[name])
    if column.dtype == object:
        example = next((text for text in column if text is not None and not _is_number(text)), "")
        message = f"the status quo {name} holds text, such as {example}"
        remedy = f'correct the file, or write a rule instead, such as `rule: {name} == "{example}"`'
        raise DataError(message, remedy=remedy, where=source)
    remedy = f"fill the gaps in the file, or with a rule such as `rule: if_missing({name}, 0)`"
    return _finite(column, f"the status quo {name}", remedy, source)


def check_decides(today: Floats, threshold: float, where: str) -> None:
    """Make sure that a KPI's threshold cuts a status quo that is neither probability nor decision.

    Raises:
        DataError: all of it lies on one side.
    """
    low, high = float(today.min()), float(today.max())
    if (low < 0 or high > 1) and (low >= threshold or high < threshold):
        message = f"the threshold {threshold:g} cuts nothing of the status quo, from {low:g} to {high:g}"
        remedy = "write a rule that says yes or no, such as `rule: income > 30000`, or another threshold"
        raise DataError(message, remedy=remedy, where=where)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def computed(expression: str, content: pd.DataFrame, where: Location, source: str) -> Floats:
    """An expression over a table's columns, row by row; `where` says whose it is.

    Raises:
        DataError: it cannot be computed, or gives no finite number for some rows.
    """
    table = {name: as_column(content[name]) for name in columns(expression, where) if name in content}
    values = evaluate(expression, table, len(content), where)
    remedy = "say what to do about gaps, such as `if_missing(income, 0)`, and do not divide by 0"
    return _finite(values, f"`{dotted(where.field)}`", remedy, source)


def _finite(values: Floats, what: str, remedy: str, source: str) -> Floats:
    gaps = int((~np.isfinite(values)).sum())
    if gaps:
        message = f"{what} is no finite number in {gaps:,} of {len(values):,} rows"
        raise DataError(message, remedy=remedy, where=source)
    return values
