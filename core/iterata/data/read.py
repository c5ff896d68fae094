"""Reading labelled rows: all of them into memory, or in batches that are aggregated."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from iterata.data.aggregate import Batch, aggregate
from iterata.data.blocks import block_numbers
from iterata.data.columns import (
    check_groups_within_units,
    group_codes,
    normalized_weights,
    require_values,
    row_weights,
    unit_codes,
)
from iterata.data.labelled_rows import LabelledRows
from iterata.data.read_classes import aggregate_classes, can_aggregate, read_classes
from iterata.data.status_quo import ScoreRange, status_quo_prediction, status_quo_scores
from iterata.data.target import TargetReader, has_two_classes
from iterata.data.treated import NotTreated, read_assignment, read_strata
from iterata.documents.models.enums import OutcomeKind
from iterata.documents.models.kpi import OutcomeValueSpec, PythonSpec, UpliftSpec
from iterata.errors import DataError, at_field
from iterata.measure.outcomes import Outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from iterata.arrays import Floats
    from iterata.data.aggregate import AggregatedRows
    from iterata.data.description import RowDescription
    from iterata.data.sources.table import LoadedTable, Table
    from iterata.measure.assignment import Assignment
    from iterata.measure.binning import Binning
    from iterata.measure.strata import Strata


MOST_CAMPAIGN_ROWS = 50_000_000
"""The most rows of a campaign, whose outcomes, arms, scores and weights take some 3 GB."""


def read_rows(
    table: Table,
    description: RowDescription,
    binning: Callable[[int], Binning | None] = lambda _: None,
) -> LabelledRows:
    """Read the labelled rows that a document describes.

    Args:
        table: the rows and their columns.
        description: the role of each column.
        binning: for a table that is too large for memory, from its number of rows to the binning of its
            rows (see `iterata.data.aggregate`); None keeps every row.

    Raises:
        DataError: a column is missing, or does not hold what the document says.
    """
    if description.base_rate and description.outcome is not OutcomeKind.YES_NO:
        remedy = "remove `base_rate`, or weight rows by a column"
        raise DataError(
            "a base rate needs binary outcomes", remedy=remedy, where=at_field("weights.base_rate")
        )
    _check_treatment(description, table.where)
    loaded = table.with_ids(description.ids).take(description.columns(table))
    _check_size(description, loaded)
    if loaded.many_rows is not None and can_aggregate(description):
        return aggregate_classes(loaded, description, _unit_values)
    bins = None if loaded.many_rows is None else binning(loaded.many_rows)
    if bins is not None:
        return _read_in_batches(loaded, description, bins)
    return _read_in_memory(loaded, description)


def _check_treatment(description: RowDescription, where: str) -> None:
    """Refuse a KPI of effects without a campaign, or with a status quo that looks at who was treated."""
    if not isinstance(description.kpi, UpliftSpec):
        return
    if description.treated is None:
        raise NotTreated(where)
    if description.base_rate:
        remedy = "remove `base_rate`, or weight rows by a column"
        message = "a base rate cannot be kept in both arms of a campaign: the treatment changes it"
        raise DataError(message, remedy=remedy, where=at_field("weights.base_rate"))
    named = description.fields_of(*description.treated.columns, description.target)
    for field in ("status_quo.column", "status_quo.rule"):
        for name in named.get(field, ()):
            message = f"the status quo uses `{name}`, which is known only with or after the treatment"
            remedy = "describe by which columns today's practice chooses whom to treat, before it treats them"
            raise DataError(message, remedy=remedy, where=at_field(field))


def _check_size(description: RowDescription, table: LoadedTable) -> None:
    """Refuse a campaign that does not fit into memory: its bounds need every row of both arms."""
    rows = table.many_rows
    if isinstance(description.kpi, UpliftSpec) and rows is not None and rows > MOST_CAMPAIGN_ROWS:
        most = f"a KPI of kind uplift keeps at most {MOST_CAMPAIGN_ROWS:,} in memory"
        message = f"has about {rows:,} rows; {most}"
        remedy = (
            "read a random sample of the units with a query, such as "
            "`SELECT * FROM 'FILE' WHERE hash(customer) % 10 = 0`, and scale to a `period`"
        )
        raise DataError(message, remedy=remedy, where=table.where)


def _read_in_memory(table: LoadedTable, description: RowDescription) -> LabelledRows:
    content, where = table.frame(), table.where
    if description.unit_column is not None:
        require_values(content[description.unit_column], "unit", where)
    if description.outcome is OutcomeKind.CLASSES:
        return read_classes(table, content, description, _units)
    outcomes = _outcomes(content, description, where)
    status_quo = status_quo_prediction(content, description.status_quo, where)
    stop_below = description.status_quo.stop_below
    scores = ScoreRange()
    scores.add(status_quo)
    _check_threshold(scores, description, where)
    return LabelledRows(
        source=where,
        digest=table.digest(),
        table=content,
        outcomes=outcomes,
        status_quo=status_quo,
        units=_units(content, description, outcomes, where),
        unit_name=description.unit_name,
        weights=description.weights,
        unstopped=None if stop_below is None else status_quo_scores(content, description.status_quo, where),
        binary=has_two_classes(description.outcome, outcomes.target),
    )


def _outcomes(content: pd.DataFrame, description: RowDescription, where: str) -> Outcomes:
    reader = _target_reader(description, where)
    target = reader.read(content[description.target])
    reader.check()
    weights = row_weights(content, description.weights, where)
    if weights is not None:
        weights = normalized_weights(weights, description.base_rate, target, where)
    group = group_codes(content[description.group], where) if description.group else None
    table = content if isinstance(description.kpi, PythonSpec) else None
    return Outcomes(
        target,
        weights,
        group,
        table,
        base_rate=description.base_rate,
        assignment=_assignment(content, description, where),
        strata=_strata(content, description, where),
    )


def _assignment(content: pd.DataFrame, description: RowDescription, where: str) -> Assignment | None:
    treated = description.treated
    return None if treated is None else read_assignment(content, treated, description.target, where)


def _strata(content: pd.DataFrame, description: RowDescription, where: str) -> Strata | None:
    kpi, treated = description.kpi, description.treated
    if not isinstance(kpi, UpliftSpec) or not kpi.strata or treated is None:
        return None
    return read_strata(content, kpi.strata, (*treated.columns, description.target), where)


def _target_reader(description: RowDescription, where: str) -> TargetReader:
    return TargetReader(description.target, description.classes, description.outcome, where)


def _check_threshold(scores: ScoreRange, description: RowDescription, where: str) -> None:
    if isinstance(description.kpi, OutcomeValueSpec):
        scores.check_threshold(description.kpi.threshold, description.status_quo, where)


def _units(
    content: pd.DataFrame, description: RowDescription, outcomes: Outcomes, where: str
) -> NDArray[np.intp] | None:
    column = _unit_values(content, description, where)
    if column is None:
        return None
    units = unit_codes(column, where)
    if outcomes.group is not None and units is not None:
        check_groups_within_units(outcomes.group, units, where)
    return units


def _unit_values(content: pd.DataFrame, description: RowDescription, where: str) -> pd.Series | None:
    """What is the same for rows of one unit; None if each row is one."""
    blocks = description.blocks
    if description.unit_column is None and blocks is not None:
        return pd.Series(block_numbers(content[blocks.column], blocks.length, where), name=blocks.column)
    return content[description.unit_column] if description.unit_column else None


def _read_in_batches(table: LoadedTable, description: RowDescription, binning: Binning) -> LabelledRows:
    where = table.where
    aggregated = aggregate(lambda: _batches(table, description), binning, table.many_rows or 0)
    known_kpi = description.status_quo.value
    return LabelledRows(
        source=where,
        digest=table.digest(),
        table=pd.DataFrame(),
        outcomes=_reweighted(aggregated, description.base_rate, where),
        status_quo=aggregated.prediction if known_kpi is None else known_kpi,
        units=aggregated.buckets,
        unit_name=description.unit_column or "row",
        weights=description.weights,
        binary=description.outcome is OutcomeKind.YES_NO,
        aggregated=aggregated,
    )


def _batches(table: LoadedTable, description: RowDescription) -> Iterator[Batch]:
    """Every batch; after the last one, what only all rows together show is checked."""
    reader, scores = _target_reader(description, table.where), ScoreRange()
    for content in table.batches():
        status_quo = status_quo_prediction(content, description.status_quo, table.where)
        scores.add(status_quo)
        yield _batch(content, description, reader, status_quo)
    reader.check()
    _check_threshold(scores, description, table.where)


def _batch(
    content: pd.DataFrame, description: RowDescription, reader: TargetReader, status_quo: Floats | float
) -> Batch:
    target = reader.read(content[description.target])
    prediction: Floats = target if isinstance(status_quo, float) else status_quo
    unit = None if description.group else _unit_values(content, description, reader.where)
    if unit is not None:
        require_values(unit, "unit", reader.where)
    return Batch(target, prediction, unit, row_weights(content, description.weights, reader.where))


def _reweighted(aggregated: AggregatedRows, base_rate: float | None, where: str) -> Outcomes:
    outcomes = aggregated.outcomes
    if base_rate is None:
        return outcomes
    weight = normalized_weights(outcomes.counts, base_rate, outcomes.target, where)
    return replace(outcomes, weight=weight, base_rate=base_rate)
