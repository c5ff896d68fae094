"""What the columns of a table hold: units, groups, weights, numbers or text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd
from pandas.api import types

from iterata.data.column_refusals import with_column
from iterata.data.plain_columns import as_text
from iterata.data.refusals import (
    BelowMinimum,
    MissingValues,
    NotFinite,
    TextInsteadOfNumbers,
    ZeroWeights,
    in_column,
)
from iterata.errors import DataError, Location, dotted
from iterata.expressions.evaluate import evaluate, evaluate_text
from iterata.expressions.parse import InvalidExpression, column_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from iterata.arrays import Codes, Floats
    from iterata.documents.models.rows import Weights
    from iterata.expressions.evaluate import Column

Values = TypeVar("Values")

_NUMERIC = {"boolean", "decimal", "floating", "integer", "mixed-integer-float"}
"""The results of `pandas.api.types.infer_dtype` that mean numbers."""


LARGEST = 1e100
"""Beyond it the squares of numbers overflow."""


def column_values(series: pd.Series) -> Column:
    """The values of a column: `float64` with NaN for missing values; or text with None for missing values."""
    if series.dtype.kind == "M":
        series = as_text(series)
    if not _is_numeric(series):
        cells = series.astype(object)
        if types.infer_dtype(cells, skipna=True) not in _NUMERIC:
            missing = cells.isna()
            return np.array(
                [None if gap else str(cell) for cell, gap in zip(cells, missing, strict=True)], dtype=object
            )
        series = cells.astype(float)
    return series.to_numpy(dtype=np.float64, na_value=np.nan)


def finite_numbers(series: pd.Series, where: str, field: str = "", *, minimum: float = -math.inf) -> Floats:
    """The numbers of a column, `(n,)`; `field` is the field of the document that names it.

    Raises:
        DataError: the column holds text, or some numbers are missing, infinite or below the minimum.
    """
    try:
        return _finite_numbers(series, where, minimum)
    except DataError as error:
        raise error.about(field) from None


def _finite_numbers(series: pd.Series, where: str, minimum: float) -> Floats:
    name, column, place = f"column `{series.name}`", column_values(series), in_column(where, series.name)
    if column.dtype == object:
        texts = ((row, text) for row, text in enumerate(column, 1) if text is not None)
        row, example = next(
            ((row, text) for row, text in texts if not _is_number(text)), (1, column[0] or "")
        )
        remedy = "name a column of numbers, or convert this one in the program that writes the data"
        raise TextInsteadOfNumbers(name, example, place._replace(row=row), remedy=remedy)
    require_finite(column, name, place, "remove those rows, or fill in the number")
    too_large = np.flatnonzero(np.abs(column) > LARGEST)
    if len(too_large):
        message = f"{name} is beyond {LARGEST:g} in {len(too_large):,} of {len(column):,} rows"
        remedy = "correct those rows, or write another unit in the program that writes the data"
        raise DataError(message, remedy=remedy, where=place._replace(row=int(too_large[0]) + 1))
    too_low = np.flatnonzero(column < minimum)
    if len(too_low):
        at_row = place._replace(row=int(too_low[0]) + 1)
        raise BelowMinimum(series.name, minimum, len(too_low), len(column), at_row)
    return column.astype(np.float64)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def require_values(series: pd.Series, role: str, where: str) -> None:
    """Make sure that no value is missing; `role` is target, unit, group or time.

    Raises:
        DataError: some are.
    """
    if missing := int(series.isna().sum()):
        raise MissingValues(role, series.name, missing, len(series), where)


def group_codes(series: pd.Series, where: str) -> NDArray[np.intp]:
    """The group of each row, `(n,)`, numbered from 0 in the order of appearance.

    Raises:
        DataError: some are missing.
    """
    require_values(series, "group", where)
    return pd.factorize(series)[0].astype(np.intp)


def unit_codes(series: pd.Series, where: str) -> NDArray[np.intp] | None:
    """The unit of each row, `(n,)`, numbered from 0 in the order of appearance; None if all units differ.

    Raises:
        DataError: units are missing, or there is only one.
    """
    require_values(series, "unit", where)
    codes, values = pd.factorize(series)
    if len(values) == 1 and len(series) > 1:
        message = f"unit column `{series.name}` is {values[0]} in every row: no interval can be computed"
        remedy = "name a column of several independent units as `unit_id`, or as the `column` of the folds"
        raise DataError(message, remedy=remedy, where=in_column(where, series.name))
    return None if len(values) == len(series) else codes.astype(np.intp)


def check_groups_within_units(group: Codes, units: NDArray[np.intp], where: str) -> None:
    """Make sure that every group lies within one unit, because units are resampled as a whole.

    Raises:
        DataError: some groups have rows of several units.
    """
    pairs = np.unique(np.stack([group, units]), axis=1)
    if divided := pairs.shape[1] - (int(group.max()) + 1):
        remedy = "name the group's column as `unit_id`, or remove `unit_id`"
        message = f"{divided:,} of the KPI's groups have rows of several units"
        raise DataError(message, remedy=remedy, where=where)


def row_weights(content: pd.DataFrame, weights: Weights | None, where: str) -> Floats | None:
    """How much each row counts, `(n,)`, before normalization; None without weights.

    Raises:
        DataError: the column of the weights does not hold numbers from 0 up.
    """
    if weights is None:
        return None
    if weights.column is None:
        return np.ones(len(content))
    return finite_numbers(content[weights.column], where, "weights.column", minimum=0)


def normalized_weights(weights: Floats, base_rate: float | None, target: Floats, where: str) -> Floats:
    """Weights with mean 1, `(n,)`; with a base rate, positives get that share of the total.

    Raises:
        DataError: all weights are 0.
    """
    if not weights.any():
        raise ZeroWeights(where)
    if base_rate is not None:
        share = float(weights @ target / weights.sum())
        weights = weights * np.where(target > 0, base_rate / share, (1 - base_rate) / (1 - share))
    normalized: Floats = weights / weights.mean()
    return normalized


def evaluate_expression(expression: str, content: pd.DataFrame, where: Location, source: str) -> Floats:
    """The value of an expression in each row, `(n,)`.

    Args:
        expression: a formula over columns.
        content: the rows.
        where: the field of the document that holds the expression.
        source: the name of the table.

    Raises:
        DataError: it cannot be evaluated, or is not a finite number in some rows.
    """
    values = _evaluated(evaluate, expression, content, where, source)
    remedy = "handle missing values, such as with `if_missing(income, 0)`, and avoid division by 0"
    try:
        return require_finite(values, f"`{dotted(where.field)}`", source, remedy)
    except NotFinite as error:
        raise error.about(dotted(where.field)) from None


def evaluate_text_expression(
    expression: str, content: pd.DataFrame, where: Location, source: str
) -> NDArray[np.object_]:
    """The text that an expression gives in each row, `(n,)`; None if it is missing.

    Args:
        expression: a formula over columns.
        content: the rows.
        where: the field of the document that holds the expression.
        source: the name of the table.

    Raises:
        DataError: it cannot be evaluated.
    """
    return _evaluated(evaluate_text, expression, content, where, source)


def _evaluated(
    function: Callable[[str, dict[str, Column], int, Location], Values],
    expression: str,
    content: pd.DataFrame,
    where: Location,
    source: str,
) -> Values:
    table = {
        name: column_values(content[name]) for name in column_names(expression, where) if name in content
    }
    try:
        return function(expression, table, len(content), where)
    except InvalidExpression as error:
        refusal = with_column(error, table)
        raise refusal.replace(location=refusal.location._replace(data=source)) from None


def require_finite(
    values: Floats, what: str, where: str | Location, remedy: str | Callable[[], str]
) -> Floats:
    """The same numbers, after checking that all are finite; `what` names them in the message.

    A remedy that reads the values is a function: it is called only if some are not finite.

    Raises:
        DataError: some are missing or infinite.
    """
    finite = np.isfinite(values)
    if finite.all():
        return values
    wrong = np.flatnonzero(~finite)
    place = Location(where) if isinstance(where, str) else where
    place = place._replace(row=int(wrong[0]) + 1)
    advice = remedy if isinstance(remedy, str) else remedy()
    raise NotFinite(what, len(wrong), len(values), place, remedy=advice)


def _is_numeric(series: pd.Series) -> bool:
    return types.is_numeric_dtype(series) or types.is_bool_dtype(series)
