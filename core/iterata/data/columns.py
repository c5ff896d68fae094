"""What the columns of a table hold: outcomes, units, numbers or text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.api import types

from iterata.documents.explain import closest
from iterata.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from iterata.expressions.evaluate import Column
    from iterata.measure.weightings import Bools, Floats

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
