"""The frame every model is a column of: what happened, who is independent, and what is done today."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from iterata import results
from iterata.data.aggregate import Batch, aggregate
from iterata.data.columns import (
    check_decides,
    check_groups,
    codes,
    computed,
    counts_of,
    normal_weights,
    target_values,
    today,
    two_classes,
    unit_codes,
)
from iterata.documents.models.enums import OutcomeKind
from iterata.documents.models.kpi import OutcomeValueSpec, PythonSpec, group_of, outcome_of
from iterata.errors import DataError, at_field
from iterata.expressions.parse import columns
from iterata.measure.outcomes import Outcomes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from iterata.arrays import Bools, Floats
    from iterata.data.aggregate import AggregatedRows
    from iterata.data.sources.table import LoadedTable, Table
    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.rows import LiftData, StatusQuo, Weights
    from iterata.errors import Location
    from iterata.measure.binning import Binning


@dataclass(frozen=True, slots=True)
class LabelledRows:
    """Labelled rows with the status quo's prediction. Every array is `(n,)`, in the file's order."""

    source: str
    """The file, relative to the repository."""
    digest: str
    table: pd.DataFrame
    """The columns that were asked for."""
    outcomes: Outcomes
    status_quo: Floats | float
    """What is done today: a score, a decision or a forecast; or what it is known to come to."""
    units: NDArray[np.intp] | None
    """The independent unit of each row, numbered from 0; none where each row is one."""
    unit_name: str
    """The column that names units, or `row`."""
    binary: bool = True
    """Whether outcomes are positive or not, rather than amounts or degrees."""
    aggregated_from: AggregatedRows | None = None
    """What these few rows stand for; none where they are all."""

    @property
    def positive(self) -> Bools:
        """Which rows have a positive outcome."""
        return self.outcomes.positive

    @property
    def today(self) -> Floats:
        """What is done today, row by row.

        Raises:
            DataError: only what it comes to is known.
        """
        if isinstance(self.status_quo, float):
            remedy = "describe it as a column, a rule or a constant, so that it can be compared row by row"
            raise DataError(
                "the status quo is only a value", remedy=remedy, where=at_field("status_quo.value")
            )
        return self.status_quo

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.outcomes)

    def among(self, rows: Bools) -> LabelledRows:
        """Some of the rows; units are numbered anew, without gaps."""
        today, units = self.status_quo, self.units
        return replace(
            self,
            table=self.table[rows].reset_index(drop=True),
            outcomes=self.outcomes.among(rows),
            status_quo=today if isinstance(today, float) else today[rows],
            units=None if units is None else np.unique(units[rows], return_inverse=True)[1],
        )

    def sample(self) -> results.Sample:
        """The rows as a result file names them."""
        if self.aggregated_from is not None:
            all_rows, units, positives = (
                self.aggregated_from.rows,
                self.aggregated_from.distinct_units,
                self.aggregated_from.positives,
            )
        else:
            all_rows, positives = self.rows, int(self.positive.sum())
            units = self.rows if self.units is None else int(self.units.max()) + 1
        return results.Sample(
            source=self.source, rows=all_rows, units=units, positives=positives if self.binary else None
        )

    def compute(self, expression: str, where: Location) -> Floats:
        """An expression over the table's columns, row by row; `where` says whose it is.

        Raises:
            DataError: it cannot be computed, or gives no finite number for some rows.
        """
        return computed(expression, self.table, where, self.source)


def read(
    table: Table,
    *,
    target: str,
    positive: str | float,
    status_quo: StatusQuo,
    kpi: KpiSpec | None = None,
    unit_id: str | None = None,
    weights: Weights | None = None,
    also: Iterable[str] = (),
) -> LabelledRows:
    """Read the rows a document describes, with the columns named in `also`.

    Args:
        table: where they are.
        target: the column of what happened.
        positive: the target's value that counts as positive, for yes / no outcomes.
        status_quo: what is done today.
        kpi: what the outcomes are for; none for yes / no outcomes.
        unit_id: the column of the independent unit.
        weights: what rows count for; none for 1.
        also: further columns.

    Raises:
        DataError: a column is missing, or does not hold what the document says it holds.
    """
    named = needed(table, target, status_quo, kpi=kpi, unit_id=unit_id, weights=weights)
    outcome = outcome_of(kpi) if kpi else OutcomeKind.YES_NO
    if weights and weights.base_rate and outcome is not OutcomeKind.YES_NO:
        remedy = "leave out `base_rate`, or weigh rows by a column"
        raise DataError(
            "a base rate is of yes / no outcomes", remedy=remedy, where=at_field("weights.base_rate")
        )
    rows = table.take([*named, *also])
    content = rows.frame()
    group, where = group_of(kpi), table.where
    truth = target_values(content[target], positive, outcome, where)
    counts = counts_of(weights, content, where)
    outcomes = Outcomes(
        truth,
        normal_weights(np.ones(len(truth)) if counts is None else counts, weights.base_rate, truth, where)
        if weights
        else None,
        codes(content[group], "group", where) if group else None,
        content if isinstance(kpi, PythonSpec) else None,
    )
    unit_id = unit_id or group
    units = unit_codes(content[unit_id], where) if unit_id else None
    if outcomes.group is not None and units is not None:
        check_groups(outcomes.group, units, where)
    done = today(content, status_quo, where)
    if isinstance(kpi, OutcomeValueSpec) and not isinstance(done, float):
        check_decides(done, kpi.threshold, where)
    return LabelledRows(
        source=where,
        digest=rows.digest(),
        table=content,
        outcomes=outcomes,
        status_quo=done,
        units=units,
        unit_name=unit_id or "row",
        binary=two_classes(outcome, truth),
    )


def needed(
    table: Table,
    target: str,
    status_quo: StatusQuo,
    *,
    kpi: KpiSpec | None = None,
    unit_id: str | None = None,
    weights: Weights | None = None,
) -> list[str]:
    """The columns that a description needs; see `read`.

    Raises:
        DataError: the table lacks one.
    """
    group = group_of(kpi)
    unit_id = unit_id or group
    named = {
        "target": [target],
        "unit_id": [unit_id] if unit_id else [],
        "weights.column": [weights.column] if weights and weights.column else [],
        "status_quo.column": [status_quo.column] if status_quo.column else [],
        "status_quo.rule": columns(status_quo.rule, at_field("status_quo.rule")) if status_quo.rule else [],
        "kpi.group": [group] if group else [],
        "kpi.columns": kpi.columns if isinstance(kpi, PythonSpec) else [],
    }
    for field, names in named.items():
        table.require(names, field)
    return list(chain.from_iterable(named.values()))


def read_condensed(
    rows: LoadedTable, data: LiftData, kpi: KpiSpec, alike: Binning, many: int
) -> LabelledRows:
    """Read very many rows in batches, as few that stand for them; see `iterata.data.aggregate`.

    Args:
        rows: the columns that are needed.
        data: what the document says of them.
        kpi: what is to be measured.
        alike: which rows are counted as one.
        many: how many there are.

    Raises:
        DataError: a column does not hold what the document says it holds.
    """
    outcome, where = outcome_of(kpi), rows.where

    def batch(content: pd.DataFrame) -> Batch:
        truth = target_values(content[data.target], data.positive, outcome, where, whole=False)
        done = today(content, data.status_quo, where)
        unit = content[data.unit_id] if data.unit_id else None
        if unit is not None:
            codes(unit, "unit", where)
        counts = counts_of(data.weights, content, where)
        return Batch(truth, truth if isinstance(done, float) else done, unit, counts)

    few = aggregate(lambda: map(batch, rows.batches()), alike, many)
    if outcome is OutcomeKind.YES_NO and few.positives in (0, few.rows):
        message = f"the target {data.target} is {'never' if not few.positives else 'always'} {data.positive}"
        remedy = "say with `positive:` which value counts, or choose a target that differs between rows"
        raise DataError(message, remedy=remedy, where=where)
    base_rate = data.weights.base_rate if data.weights else None
    outcomes = few.outcomes
    if base_rate is not None:
        weight = normal_weights(outcomes.counts, base_rate, outcomes.target, where)
        outcomes = replace(outcomes, weight=weight)
    known = data.status_quo.value
    return LabelledRows(
        source=where,
        digest=rows.digest(),
        table=pd.DataFrame(),
        outcomes=outcomes,
        status_quo=few.prediction if known is None else known,
        units=few.units.astype(np.intp),
        unit_name=data.unit_id or "row",
        binary=outcome is OutcomeKind.YES_NO,
        aggregated_from=few,
    )
