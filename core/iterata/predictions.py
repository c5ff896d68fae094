"""The frame every model is a column of: what happened, who is independent, and what is done today."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from iterata import datafiles, results
from iterata.calculation import evaluate
from iterata.errors import DataError
from iterata.expression import columns
from iterata.kpi.base import Outcomes
from iterata.outcomes import as_column, positives, unit_codes

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from numpy.typing import NDArray

    from iterata.documents.rows_spec import StatusQuo
    from iterata.kpi.base import Bools, Floats
    from iterata.tables import Table


@dataclass(frozen=True, slots=True)
class Frame:
    """Labelled rows with the status quo's prediction. Every array is `(n,)`, in the file's order."""

    source: str
    """The file, relative to the repository."""
    digest: str
    table: pd.DataFrame
    """The columns that were asked for."""
    positive: Bools
    status_quo: Floats
    """What is done today: a score or a decision; higher is acted upon first."""
    units: NDArray[np.intp] | None
    """The independent unit of each row, numbered from 0; none where each row is one."""
    unit_name: str
    """The column that names units, or `row`."""

    @property
    def outcomes(self) -> Outcomes:
        """What happened in each row."""
        return Outcomes.of(self.positive)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.positive)

    def sample(self) -> results.Sample:
        """The rows as a result file names them."""
        units = self.rows if self.units is None else int(self.units.max()) + 1
        positives = int(self.positive.sum())
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
    unit_id: str | None = None,
    also: Iterable[str] = (),
) -> Frame:
    """Read the rows a document describes, with the columns named in `also`.

    Raises:
        DataError: a column is missing, or does not hold what the document says it holds.
    """
    rule = columns(status_quo.rule, "status_quo.rule") if status_quo.rule else []
    named = {
        "target": [target],
        "unit_id": [unit_id] if unit_id else [],
        "status_quo.column": [status_quo.column] if status_quo.column else [],
        "status_quo.rule": rule,
    }
    for field, names in named.items():
        table.require(names, field)
    content = table.read([*chain.from_iterable(named.values()), *also])
    return Frame(
        source=table.where,
        digest=datafiles.digest(table.path),
        table=content,
        positive=positives(content[target], positive, table.where),
        status_quo=_status_quo(content, status_quo, table.where),
        units=unit_codes(content[unit_id], table.where) if unit_id else None,
        unit_name=unit_id or "row",
    )


def _status_quo(content: pd.DataFrame, status_quo: StatusQuo, source: str) -> Floats:
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
