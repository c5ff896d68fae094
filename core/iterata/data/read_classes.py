"""Reads labelled rows whose target has several classes: into memory, or in batches that are aggregated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from iterata.data.aggregate import BUCKETS, AggregatedRows, UnitBuckets
from iterata.data.class_reader import MOST_CLASSES, ClassReader
from iterata.data.columns import normalized_weights, require_values, row_weights
from iterata.data.labelled_rows import LabelledRows
from iterata.data.refusals import ZeroWeights
from iterata.data.status_quo_answers import status_quo_answers
from iterata.documents.models.enums import OutcomeKind
from iterata.documents.models.kpi import ClassValueSpec, MetricSpec, PythonSpec, person_of
from iterata.errors import at_field
from iterata.measure.classes.metrics import CLASS_METRICS
from iterata.measure.kpi.class_value import ClassValue
from iterata.measure.metrics import Needs
from iterata.measure.outcomes import Outcomes

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from iterata.arrays import Floats
    from iterata.data.description import RowDescription
    from iterata.data.sources.table import LoadedTable

    Units = Callable[[pd.DataFrame, RowDescription, Outcomes, str], NDArray[np.intp] | None]
    """Reads the unit of each row."""
    UnitValues = Callable[[pd.DataFrame, RowDescription, str], pd.Series | None]
    """What is the same for the rows of one unit."""

WIDTH = MOST_CLASSES + 2
"""More than the numbers of all answers: the classes and the person."""


def read_classes(
    table: LoadedTable, content: pd.DataFrame, description: RowDescription, units: Units
) -> LabelledRows:
    """All rows in memory; `units` reads the unit of each.

    Raises:
        DataError: a column does not hold what the document says.
    """
    where, reader = table.where, class_reader(description, table.where)
    true = reader.true(content[description.target])
    answers = status_quo_answers(content, description.status_quo, reader)
    reader.check()
    weights = row_weights(content, description.weights, where)
    if weights is not None:
        weights = normalized_weights(weights, None, reader.codes(true), where)
    columns = content if isinstance(description.kpi, PythonSpec) else None
    outcomes = Outcomes(reader.codes(true), weights, table=columns, classes=reader.names)
    _check_values(description, outcomes)
    return LabelledRows(
        source=where,
        digest=table.digest(),
        table=content,
        outcomes=outcomes,
        status_quo=answers if isinstance(answers, float) else reader.codes(answers),
        units=units(content, description, outcomes, where),
        unit_name=description.unit_name,
        weights=description.weights,
        binary=False,
    )


def can_aggregate(description: RowDescription) -> bool:
    """Whether the KPI depends on answers and classes alone, so that equal rows can be counted as one."""
    kpi = description.kpi
    if isinstance(kpi, MetricSpec) and description.outcome is OutcomeKind.CLASSES:
        metric = CLASS_METRICS.get(kpi.metric)
        return metric is not None and metric.needs is Needs.ANSWERS
    return isinstance(kpi, ClassValueSpec)


def aggregate_classes(
    table: LoadedTable, description: RowDescription, unit_values: UnitValues
) -> LabelledRows:
    """The rows in batches: those of the same bucket of units, class and answer become one.

    Raises:
        DataError: a column does not hold what the document says.
    """
    where, reader = table.where, class_reader(description, table.where)
    cells, known_kpi = _Cells(), description.status_quo.value
    for content in table.batches():
        true = reader.true(content[description.target])
        answers = status_quo_answers(content, description.status_quo, reader)
        unit = unit_values(content, description, where)
        if unit is not None:
            require_values(unit, "unit", where)
        given = true if isinstance(answers, float) else answers
        if reader.numbers > WIDTH:
            break  # `check` tells why
        cells.add(true, given, unit, row_weights(content, description.weights, where))
    reader.check()
    aggregated = cells.rows(reader)
    _check_values(description, aggregated.outcomes)
    return LabelledRows(
        source=where,
        digest=table.digest(),
        table=pd.DataFrame(),
        outcomes=aggregated.outcomes,
        status_quo=aggregated.prediction if known_kpi is None else known_kpi,
        units=aggregated.buckets,
        unit_name=description.unit_column or "row",
        weights=description.weights,
        binary=False,
        aggregated=aggregated,
    )


def class_reader(description: RowDescription, where: str) -> ClassReader:
    """Reads the classes of a table, whose name is `where`."""
    return ClassReader(
        description.target, where, None if description.kpi is None else person_of(description.kpi)
    )


def _check_values(description: RowDescription, outcomes: Outcomes) -> None:
    """Refuse values of classes that do not occur."""
    if isinstance(description.kpi, ClassValueSpec):
        ClassValue.of(description.kpi).values(outcomes)


class _Cells:
    """The weight of every cell: the bucket of the unit, the number of the class, and that of the answer."""

    def __init__(self) -> None:
        self._keys: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._weight: Floats = np.zeros(0)
        self._buckets = UnitBuckets(np.random.default_rng(0))
        self._rows = 0

    def add(
        self,
        true: NDArray[np.intp],
        answers: NDArray[np.intp],
        unit: pd.Series | None,
        weight: Floats | None,
    ) -> None:
        """Add the rows of a batch to their cells."""
        buckets = self._buckets.of(unit, len(true)).astype(np.int64)
        keys, at = np.unique((buckets * WIDTH + true) * WIDTH + answers, return_inverse=True)
        added = np.bincount(at, weight, len(keys)).astype(np.float64)
        self._keys, places = np.unique(np.concatenate([self._keys, keys]), return_inverse=True)
        summed = np.bincount(places, np.concatenate([self._weight, added]), len(self._keys))
        self._weight = summed.astype(np.float64)
        self._rows += len(true)

    def rows(self, reader: ClassReader) -> AggregatedRows:
        """One row for each cell that is not empty."""
        used = self._weight > 0
        if not used.any():
            raise ZeroWeights(at_field("weights.column"))
        keys, weight = self._keys[used], self._weight[used]
        buckets, cells = np.divmod(keys, WIDTH * WIDTH)
        true, answers = np.divmod(cells, WIDTH)
        assert buckets.max() < BUCKETS  # noqa: S101
        return AggregatedRows(
            outcomes=Outcomes(
                reader.codes(true), weight / weight.mean(), represents=self._rows, classes=reader.names
            ),
            prediction=reader.codes(answers),
            buckets=np.unique(buckets, return_inverse=True)[1],
            rows=self._rows,
            units=self._buckets.units or self._rows,
            positives=0,
        )
