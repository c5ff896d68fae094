"""The status quo's prediction for each row, from a column, a rule or a constant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iterata.data.columns import column_values, evaluate_expression, require_finite
from iterata.data.refusals import TextInsteadOfNumbers
from iterata.errors import DataError, at_field
from iterata.measure.predictions import stopped

if TYPE_CHECKING:
    import pandas as pd

    from iterata.arrays import Floats
    from iterata.documents.models.rows import StatusQuo


def status_quo_prediction(content: pd.DataFrame, status_quo: StatusQuo, source: str) -> Floats | float:
    """The status quo's score, decision or forecast for each row, `(n,)`; or the KPI it is known to reach.

    Scores below `stop_below` are minus infinity, which a KPI with a budget never acts upon.

    Raises:
        DataError: the column or the rule is not a finite number in some rows.
    """
    if status_quo.value is not None:
        return status_quo.value
    return stopped(status_quo_scores(content, status_quo, source), status_quo.stop_below)


def status_quo_scores(content: pd.DataFrame, status_quo: StatusQuo, source: str) -> Floats:
    """The status quo's score, decision or forecast for each row, `(n,)`, before any `stop_below`.

    Raises:
        DataError: as for `status_quo_prediction`.
    """
    if status_quo.constant is not None:
        return np.full(len(content), status_quo.constant)
    if status_quo.rule is not None:
        return evaluate_expression(status_quo.rule, content, at_field("status_quo.rule"), source)
    name = str(status_quo.column)
    what, column = f"status quo column `{name}`", column_values(content[name])
    if column.dtype == object:
        example = next((text for text in column if text is not None and not _is_number(text)), "")
        remedy = f'correct the file, or write a rule instead, such as `rule: {name} == "{example}"`'
        raise TextInsteadOfNumbers(what, example, source, remedy=remedy)
    remedy = f"fill the gaps in the file, or with a rule such as `rule: if_missing({name}, 0)`"
    return require_finite(column, what, source, remedy)


def check_threshold(status_quo: Floats, threshold: float, where: str) -> None:
    """Make sure that a KPI's threshold splits a status quo that is neither a probability nor a decision.

    Raises:
        DataError: all rows are on one side.
    """
    low, high = float(status_quo.min()), float(status_quo.max())
    if (low < 0 or high > 1) and (low >= threshold or high < threshold):
        message = f"the threshold {threshold:g} does not split the status quo's scores ({low:g} to {high:g})"
        remedy = "write a rule that is true or false, such as `rule: income > 30000`, or another threshold"
        raise DataError(message, remedy=remedy, where=where)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
