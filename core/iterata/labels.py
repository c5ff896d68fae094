"""What the columns of labelled rows say: what happened, what rows count for, what is done today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pandas.api import types

from iterata.data.columns import amounts, as_column, positives
from iterata.documents.models.enums import OutcomeKind
from iterata.errors import DataError
from iterata.expressions.evaluate import evaluate
from iterata.expressions.parse import columns

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from iterata.documents.models.rows import StatusQuo, Weights
    from iterata.measure.weightings import Codes, Floats


def happened(
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
        return computed(status_quo.rule, content, "status_quo.rule", source)
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


def computed(expression: str, content: pd.DataFrame, where: str, source: str) -> Floats:
    """An expression over a table's columns, row by row; `where` says whose it is.

    Raises:
        DataError: it cannot be computed, or gives no finite number for some rows.
    """
    table = {name: as_column(content[name]) for name in columns(expression, where) if name in content}
    values = evaluate(expression, table, len(content), where)
    remedy = "say what to do about gaps, such as `if_missing(income, 0)`, and do not divide by 0"
    return _finite(values, f"`{where}`", remedy, source)


def _finite(values: Floats, what: str, remedy: str, source: str) -> Floats:
    gaps = int((~np.isfinite(values)).sum())
    if gaps:
        message = f"{what} is no finite number in {gaps:,} of {len(values):,} rows"
        raise DataError(message, remedy=remedy, where=source)
    return values
