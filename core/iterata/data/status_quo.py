"""The status quo's prediction for each row, from a column, a rule or a constant."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from iterata.data.column_proposals import proposed_columns, proposed_rule
from iterata.data.columns import column_values, evaluate_expression, require_finite
from iterata.data.refusals import SHOWN_VALUES, TextInsteadOfNumbers, ThresholdOffScale, in_column, shown
from iterata.documents.models.columns import ColumnKind
from iterata.errors import DataError, at_field
from iterata.expressions.parse import operand
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
    if isinstance(status_quo.constant, str):
        remedy = "write the score, decision or forecast as a number"
        message = f"the KPI needs a number, not `{status_quo.constant}`"
        raise DataError(message, remedy=remedy, where=at_field("status_quo.constant"))
    if status_quo.constant is not None:
        return np.full(len(content), status_quo.constant)
    if status_quo.rule is not None:
        return evaluate_expression(status_quo.rule, content, at_field("status_quo.rule"), source)
    name = str(status_quo.column)
    what, column = f"status quo column `{name}`", column_values(content[name])
    place = in_column(source, name)
    if column.dtype == object:
        texts = [text for text in column if text is not None]
        example = next((text for text in texts if not _is_number(text)), None)
        if example is None:  # numbers that begin with 0
            remedy = f"declare `{proposed_columns({name: ColumnKind.NUMBER})}` in the description of the data"
            raise TextInsteadOfNumbers(what, texts[0], place, remedy=remedy)
        raise TextInsteadOfNumbers(what, example, place, remedy=_decisions(name, texts))
    return require_finite(
        column, what, place, lambda: f"fill them in the file, or write `{_finite(name, column)}`"
    )


def _decisions(name: str, texts: list[str]) -> str:
    """How to make numbers of text: a rule, if the words show which rows are acted upon."""
    words = list(dict.fromkeys(text.strip() for text in texts))
    acted = [word for word in words if word.casefold() in _ACTED]
    if len(words) == 2 and len(acted) == 1:  # yes and no
        rule = proposed_rule(f'{operand(name)} == "{acted[0]}"')
        return f"write `{rule}`"
    listed = ", ".join(map(shown, words[:SHOWN_VALUES])) + (" …" if len(words) > SHOWN_VALUES else "")
    return (
        f"name a column of scores or of decisions as 0 and 1, or write a rule that gives the values you act "
        f"upon; the column has {listed}"
    )


def _finite(name: str, column: Floats) -> str:
    """A rule that keeps the order of the finite values, and is finite in every row."""
    rule, finite = operand(name), column[np.isfinite(column)]
    if np.isnan(column).any():
        rule = f"if_missing({rule}, 0)"
    if np.isneginf(column).any():
        rule = f"max({rule}, {float(finite.min()) if len(finite) else 0.0!r})"
    if np.isposinf(column).any():
        rule = f"min({rule}, {float(finite.max()) if len(finite) else 0.0!r})"
    return proposed_rule(rule)


_ACTED = frozenset(
    {
        "yes",
        "y",
        "true",
        "t",
        "ja",
        "j",
        "oui",
        "si",
        "sí",
        "sim",
        "da",
        "act",
        "acted",
        "contact",
        "contacted",
    }
    | {"mailed", "called", "sent", "treated", "approved", "accept", "accepted", "positive", "on"}
)
"""Words for rows that are acted upon."""


@dataclass(slots=True)
class ScoreRange:
    """The range of the status quo's predictions, all at once or batch by batch."""

    low: float = math.inf
    high: float = -math.inf

    def add(self, status_quo: Floats | float) -> None:
        """Take these predictions into account; a known KPI has none."""
        if not isinstance(status_quo, float) and len(status_quo):
            self.low = min(self.low, float(status_quo.min()))
            self.high = max(self.high, float(status_quo.max()))

    def fits(self, threshold: float) -> bool:
        """Whether a KPI's threshold and the predictions are on the same scale.

        A threshold between 0 and 1 is meant for probabilities or decisions, whichever rows lie below it.
        """
        low, high = self.low, self.high
        if low > high:  # there are no predictions
            return True
        if low >= 0 and high <= 1:
            return 0 < threshold <= 1 or (low == high == 0 < threshold)
        return not 0 < threshold < 1 and low < threshold <= high

    def check_threshold(self, threshold: float, status_quo: StatusQuo, where: str) -> None:
        """Make sure that a KPI's threshold and the status quo's predictions are on the same scale.

        Raises:
            ThresholdOffScale: they are not.
        """
        if not self.fits(threshold):
            remedy = self._same_scale(threshold, status_quo)
            whose = "the status quo's predictions"
            raise ThresholdOffScale(whose, threshold, self.low, self.high, where, remedy=remedy)

    def _same_scale(self, threshold: float, status_quo: StatusQuo) -> str:
        """How to bring the status quo and the threshold to one scale."""
        low, high = self.low, self.high
        if low >= 0 and high <= 1:
            return "set `kpi.threshold` to a number above 0 and up to 1"
        name = status_quo.column or f"({status_quo.rule})"
        decisions = f"write decisions, such as `rule: {name} > {(low + high) / 2:g}`"
        if (low, high) == (1, 2):
            decisions = f"if 2 means that you act, write `rule: {name} == 2`"
        elif low >= 0 and 2 < high <= 100:  # more than decisions, up to percentages
            decisions = f"for percentages write `rule: {name} / 100`; otherwise {decisions}"
        return decisions if 0 < threshold <= 1 else f"{decisions} and `threshold: 0.5`"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
