"""The KPI within parts of the population that the plan names."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.data.columns import has_two_classes
from iterata.documents.models.enums import STATUS_QUO
from iterata.documents.models.kpi import outcome_of
from iterata.errors import DataError
from iterata.experiment.analysis.figures import per_model
from iterata.results import SegmentResult, SegmentVariant

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from iterata.arrays import Bools
    from iterata.errors import Location
    from iterata.experiment.analysis.figures import Columns, Evidence, Key
    from iterata.measure.kpi_scale import KpiScale
    from iterata.measure.metrics import PredictionColumn
    from iterata.measure.weightings import Measure

MOST = 20
"""Values a segment's column may have; a table of more tells nobody anything."""

MISSING = "(missing)"


class Segment(NamedTuple):
    """The rows that share a value of a column."""

    column: str
    value: str
    rows: Bools
    """`(n,)`."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What its figures are found by."""
        return ("segment", self.column, self.value)


def find(column: str, values: pd.Series, where: str | Location) -> list[Segment]:
    """The segments of a column, in the order of its values.

    Raises:
        DataError: it has too many values; `where` is the field of the plan.
    """
    known = sorted(values.dropna().unique().tolist(), key=lambda value: (isinstance(value, str), value))
    if len(known) > MOST:
        remedy = "add a column of a few groups where the data are made, and name that one"
        message = f"{column} has {len(known)} values, which is too many segments"
        raise DataError(message, remedy=remedy, where=where)
    segments = [Segment(column, _named(value), (values == value).to_numpy(bool)) for value in known]
    missing = values.isna().to_numpy(bool)
    return [*segments, Segment(column, MISSING, missing)] if missing.any() else segments


def measures(segment: Segment, columns: Columns, kpi_scale: KpiScale) -> dict[Key, Measure]:
    """The KPI of every model on the segment's rows."""
    rows, within = segment.rows, kpi_scale.within(segment.rows)

    def prepare(column: PredictionColumn) -> Measure:
        measure = within.column(column.values[rows])
        return lambda draws: measure(draws.among(rows))

    return per_model(columns, prepare, *segment.key)


def result(
    segment: Segment, variants: Sequence[str], kpi_scale: KpiScale, evidence: Evidence
) -> SegmentResult:
    """What became of a segment."""
    figures = {name: evidence[*segment.key, name] for name in (STATUS_QUO, *variants)}
    today = figures[STATUS_QUO]
    classes = has_two_classes(outcome_of(kpi_scale.spec), kpi_scale.outcomes.target)
    return SegmentResult(
        column=segment.column,
        value=segment.value,
        rows=int(segment.rows.sum()),
        positives=int(np.sum(kpi_scale.outcomes.positive & segment.rows)) if classes else None,
        status_quo=today.known(),
        variants=[
            SegmentVariant(
                name=name,
                kpi=figures[name].known(),
                difference=figures[name].minus(today, kpi_scale.sign).known(),
            )
            for name in variants
        ],
    )


def _named(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
