"""Labelled rows with the status quo's prediction: what every model is compared on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from iterata import results
from iterata.data.blocks import PREFIX
from iterata.data.columns import evaluate_expression
from iterata.errors import DataError, at_field
from iterata.measure.predictions import PredictionKind, column

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from iterata.arrays import Bools, Floats
    from iterata.data.aggregate import AggregatedRows
    from iterata.documents.models.rows import Weights
    from iterata.errors import Location
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.predictions import PredictionColumn


@dataclass(frozen=True, slots=True)
class LabelledRows:
    """Labelled rows with the status quo's prediction. Every array is `(n,)`, in the order of the table."""

    source: str
    """The name of the table in messages and results: a path relative to the repository, or a query."""
    digest: str
    table: pd.DataFrame
    """The columns that were read; empty for aggregated rows."""
    outcomes: Outcomes
    status_quo: Floats | float
    """Its score, decision or forecast for each row; or the KPI it reaches, if only that is known."""
    units: NDArray[np.intp] | None
    """The independent unit of each row, numbered from 0; None if each row is one."""
    unit_name: str
    """The column of the units, or `row`."""
    binary: bool = True
    """Whether outcomes are positive or negative, rather than amounts or degrees of relevance."""
    unstopped: Floats | None = None
    """The status quo's scores before those below `stop_below` were set to minus infinity; None if none
    were."""
    weights: Weights | None = None
    """How the rows are weighted; None if every row counts for 1."""
    aggregated: AggregatedRows | None = None
    """The aggregation, if each of these rows counts for many rows of the table; None if they are all rows."""

    @property
    def positive(self) -> Bools:
        """Which rows have a positive outcome."""
        return self.outcomes.positive

    @property
    def status_quo_prediction(self) -> Floats:
        """The status quo's score, decision or forecast for each row.

        Raises:
            DataError: only the KPI that the status quo reaches is known.
        """
        if isinstance(self.status_quo, float):
            remedy = "describe the status quo as a column, a rule or a constant"
            message = "the status quo is a single value, which cannot be compared row by row"
            raise DataError(message, remedy=remedy, where=at_field("status_quo.value"))
        return self.status_quo

    @property
    def status_quo_column(self) -> PredictionColumn:
        """The status quo's predictions, and how to read them.

        Raises:
            DataError: only the KPI that the status quo reaches is known.
        """
        values = self.status_quo_prediction
        if self.outcomes.classes is not None:
            return column(values, PredictionKind.CLASS)
        scores = values if self.unstopped is None else self.unstopped
        return column(scores)._replace(values=values, unstopped=self.unstopped)

    @property
    def rows(self) -> int:
        """The number of rows here; aggregated rows count once."""
        return len(self.outcomes)

    @property
    def resampled(self) -> str:
        """What the bootstrap resamples, in words."""
        if self.unit_name == "row" or self.unit_name.startswith(PREFIX):
            return "rows" if self.unit_name == "row" else self.unit_name
        return f"units ({self.unit_name})"

    def sample_of(self, rows: Bools) -> LabelledRows:
        """The rows of a mask, `(n,)`, as a sample of the same population.

        Their units are numbered from 0 without gaps, and their weights keep a known base rate.
        """
        status_quo, units = self.status_quo, self.units
        return replace(
            self,
            table=self.table[rows].reset_index(drop=True),
            outcomes=self.outcomes.sample(rows),
            status_quo=status_quo if isinstance(status_quo, float) else status_quo[rows],
            units=None if units is None else np.unique(units[rows], return_inverse=True)[1],
            unstopped=None if self.unstopped is None else self.unstopped[rows],
        )

    def sample(self) -> results.Sample:
        """The sample's size, as a result file records it."""
        if self.aggregated is not None:
            rows, units, positives = self.aggregated.rows, self.aggregated.units, self.aggregated.positives
        else:
            rows, positives = self.rows, int(self.positive.sum())
            units = rows if self.units is None else int(self.units.max()) + 1
        return results.Sample(
            source=self.source,
            rows=rows,
            units=units,
            positives=positives if self.binary else None,
            weights=self._weights(),
        )

    def _weights(self) -> results.SampleWeights | None:
        if self.weights is None:
            return None
        return results.SampleWeights(column=self.weights.column, base_rate=self.weights.base_rate)

    def compute(self, expression: str, where: Location) -> Floats:
        """The value of an expression over the table's columns in each row; `where` names the expression.

        Raises:
            DataError: it cannot be evaluated, or is not a finite number in some rows.
        """
        return evaluate_expression(expression, self.table, where, self.source)
