"""Reads the split test of a release to sums, by phase, day and arm."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from iterata.data.refusals import NoRows
from iterata.data.sources.open import open_table
from iterata.errors import DataError
from iterata.rollout.cells import Arm, Cell, MetricColumns, ReleaseData
from iterata.rollout.reading.engines.engine import engine_of
from iterata.rollout.reading.engines.engine_sums import sum_in_engine
from iterata.rollout.reading.plan import ReadingPlan
from iterata.rollout.reading.summed_table import columns_of_sums, require_sums, sum_summed
from iterata.rollout.reading.unit_table import sum_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from iterata.documents.models.deployment import Deployment
    from iterata.documents.models.split_test import SplitTestSpec

__all__ = ["Arm", "Cell", "MetricColumns", "ReleaseData", "read_release"]


def read_release(
    deployment: Deployment, project: Path, root: Path, today: date, until: date | None = None
) -> ReleaseData:
    """The sums of a release's split test.

    A source without rows gives no cells.

    Args:
        deployment: it describes its split test.
        project: the folder to which the source is relative.
        root: the repository, outside of which no file is read.
        today: rows after it are refused.
        until: rows after it are left out, if rows have dates.

    Raises:
        DataError: the source cannot be read, or its rows are not those of a split test as the document
            describes it; located at a field of the document, or in the data with the fields that it concerns.
    """
    plan = ReadingPlan.of(deployment, today, until)
    with _about_source(plan.spec):
        return _read(plan, project, root)


@contextmanager
def _about_source(spec: SplitTestSpec) -> Iterator[None]:
    """Say of an error of the whole table that it is of the split test; monitors may read the same one."""
    try:
        yield
    except DataError as error:
        location = error.location
        if error.fields or location.field or location.data_column:
            raise
        raise error.about(f"split_test.{'query' if spec.source is None else 'source'}") from None


def _read(plan: ReadingPlan, project: Path, root: Path) -> ReleaseData:
    table = open_table(project, plan.spec, root=root)
    plan.require_columns(table)
    ids = [plan.spec.unit_id] if plan.spec.unit_id else []
    try:
        if plan.spec.units:
            require_sums(plan, table)
            return sum_summed(plan, table.take(columns_of_sums(plan)))
        engine = engine_of(table, project, root)
        found = None if engine is None or plan.spec.columns else sum_in_engine(plan, engine)
        if found is not None:
            return found
        return sum_table(plan, table.with_ids(ids).take(plan.columns))
    except NoRows:
        return ReleaseData(plan.quantities.labels, plan.quantities.metrics, {})
