"""The frame every model is a column of: what happened, who is independent, and what is done today."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from pandas.api import types

from iterata import datafiles, results
from iterata.calculation import evaluate
from iterata.documents.kpi_spec import PythonSpec, RankingSpec, outcome_of
from iterata.documents.vocabulary import OutcomeKind
from iterata.errors import DataError
from iterata.expression import columns
from iterata.kpi.base import Outcomes
from iterata.outcomes import amounts, as_column, codes, positives, unit_codes

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from numpy.typing import NDArray

    from iterata.documents.kpi_spec import KpiSpec
    from iterata.documents.rows_spec import StatusQuo, Weights
    from iterata.draws import Bools, Codes, Floats
    from iterata.tables import Table


@dataclass(frozen=True, slots=True)
class Frame:
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
    yes_no: bool = True
    """Whether outcomes are positive or not."""

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
            raise DataError("the status quo is only a value", remedy=remedy, where="status_quo.value")
        return self.status_quo

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.outcomes)

    def among(self, rows: Bools) -> Frame:
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
        units = self.rows if self.units is None else int(self.units.max()) + 1
        positives = int(self.positive.sum()) if self.yes_no else None
        return results.Sample(source=self.source, rows=self.rows, units=units, positives=positives)

    def compute(self, expression: str, where: str) -> Floats:
        """An expression over the table's columns, row by row; `where` says whose it is.

        Raises:
            DataError: it cannot be computed, or gives no finite number for some rows.
        """
        return _computed(expression, self.table, where, self.source)


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
) -> Frame:
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
    rule = columns(status_quo.rule, "status_quo.rule") if status_quo.rule else []
    group = kpi.group if isinstance(kpi, RankingSpec) else None
    unit_id = unit_id or group
    named = {
        "target": [target],
        "unit_id": [unit_id] if unit_id else [],
        "weights.column": [weights.column] if weights and weights.column else [],
        "status_quo.column": [status_quo.column] if status_quo.column else [],
        "status_quo.rule": rule,
        "kpi.group": [group] if group else [],
        "kpi.columns": kpi.columns if isinstance(kpi, PythonSpec) else [],
    }
    for field, names in named.items():
        table.require(names, field)
    content = table.read([*chain.from_iterable(named.values()), *also])
    outcome = outcome_of(kpi) if kpi else OutcomeKind.YES_NO
    happened = _happened(content[target], positive, outcome, table.where)
    if weights and weights.base_rate and outcome is not OutcomeKind.YES_NO:
        remedy = "leave out `base_rate`, or weigh rows by a column"
        raise DataError("a base rate is of yes / no outcomes", remedy=remedy, where="weights.base_rate")
    outcomes = Outcomes(
        happened,
        _weights(weights, content, happened, table.where) if weights else None,
        codes(content[group], "group", table.where) if group else None,
        content if isinstance(kpi, PythonSpec) else None,
    )
    units = unit_codes(content[unit_id], table.where) if unit_id else None
    if outcomes.group is not None and units is not None:
        _check_groups(outcomes.group, units, table.where)
    return Frame(
        source=table.where,
        digest=datafiles.digest(table.path),
        table=content,
        outcomes=outcomes,
        status_quo=_status_quo(content, status_quo, table.where),
        units=units,
        unit_name=unit_id or "row",
        yes_no=outcome is OutcomeKind.YES_NO,
    )


def _happened(series: pd.Series[Any], positive: str | float, outcome: OutcomeKind, where: str) -> Floats:
    match outcome:
        case OutcomeKind.YES_NO:
            return positives(series, positive, where).astype(np.float64)
        case OutcomeKind.NUMBER:
            return amounts(series, where)
        case OutcomeKind.RELEVANCE:
            if types.is_numeric_dtype(series) or types.is_bool_dtype(series):
                return amounts(series, where, least=0)
            return positives(series, positive, where).astype(np.float64)


def _weights(weights: Weights, content: pd.DataFrame, happened: Floats, where: str) -> Floats:
    """What rows count for, 1 on average; with a base rate, positives as often as in the population."""
    counts = amounts(content[weights.column], where, least=0) if weights.column else np.ones(len(happened))
    if not counts.any():
        message = f"{weights.column} is 0 in every row"
        raise DataError(message, remedy="name another column as `weights.column`", where=where)
    if weights.base_rate is not None:
        share = float(counts @ happened / counts.sum())
        true = weights.base_rate
        counts = counts * np.where(happened > 0, true / share, (1 - true) / (1 - share))
    normal: Floats = counts / counts.mean()
    return normal


def _check_groups(group: Codes, units: NDArray[np.intp], where: str) -> None:
    """Refuse groups that lie in several units: resampling units would tear them apart."""
    pairs = np.unique(np.stack([group, units]), axis=1)
    torn = pairs.shape[1] - (int(group.max()) + 1)
    if torn:
        remedy = "name the group's column as `unit_id`, or leave `unit_id` out"
        message = f"{torn:,} of the KPI's groups hold rows of several units"
        raise DataError(message, remedy=remedy, where=where)


def _status_quo(content: pd.DataFrame, status_quo: StatusQuo, source: str) -> Floats | float:
    if status_quo.value is not None:
        return status_quo.value
    if status_quo.constant is not None:
        return np.full(len(content), status_quo.constant)
    if status_quo.rule is not None:
        return _computed(status_quo.rule, content, "status_quo.rule", source)
    name = str(status_quo.column)
    column = as_column(content[name])
    if column.dtype == object:
        example = next((text for text in column if text is not None and not _is_number(text)), "")
        message = f"the status quo {name} holds text, such as {example}"
        remedy = f'correct the file, or write a rule instead, such as `rule: {name} == "{example}"`'
        raise DataError(message, remedy=remedy, where=source)
    remedy = f"fill the gaps in the file, or with a rule such as `rule: if_missing({name}, 0)`"
    return _finite(column, f"the status quo {name}", remedy, source)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _computed(expression: str, content: pd.DataFrame, where: str, source: str) -> Floats:
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
