"""Computes the expected lift from labelled rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iterata import results
from iterata.data.description import RowDescription
from iterata.data.read import read_rows
from iterata.data.sources.open import open_table
from iterata.documents.models.assumed_status_quo import AssumableKpi, kpi_values, payoff_matrix
from iterata.documents.models.kpi import TargetingSpec
from iterata.lift import planning
from iterata.lift.budget_curve import points_by_depth
from iterata.measure import bootstrap
from iterata.measure.binning import alike
from iterata.measure.kpi import from_spec
from iterata.measure.kpi_scale import KpiScale
from iterata.results import provenance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from iterata.arrays import Floats
    from iterata.data.labelled_rows import LabelledRows
    from iterata.data.sources.table import Table
    from iterata.documents.models.lift import LiftSpec
    from iterata.documents.models.rows import LiftData
    from iterata.measure.binning import Binning

PACKAGES = ("iterata", "numpy", "pandas")
"""Whose versions may change a figure."""


def compute(
    spec: LiftSpec, project: Path, root: Path, *, commit: str | None = None, dirty: bool = False
) -> results.LiftResult:
    """The bounds of what a project can win and lose, as an assessment describes it.

    Perfect, status quo and random are computed on the same resamples, so that their differences have the
    intervals of paired comparisons. The data's path is relative to `project`; nothing outside `root` is read.

    Raises:
        DataError: the data cannot be used, or the KPI does not fit them.
    """
    data = spec.data
    if data is None:
        raise TypeError("a lift from assumptions is computed in `iterata.lift.from_assumptions`")
    table = open_table(project, data, root=root)
    frame = read(spec, data, table)
    return of_frame(spec, frame, data.status_quo.label, project, commit=commit, dirty=dirty)


def read(spec: LiftSpec, data: LiftData, table: Table, also: Iterable[str] = ()) -> LabelledRows:
    """The rows that an assessment describes, with the columns named in `also`.

    Raises:
        DataError: the data cannot be used.
    """
    description = RowDescription.of_lift(data, spec.kpi, tuple(also))
    return read_rows(table, description, lambda rows: _binning(spec, rows))


def of_frame(
    spec: LiftSpec,
    frame: LabelledRows,
    label: str,
    project: Path | None = None,
    *,
    commit: str | None = None,
    dirty: bool = False,
) -> results.LiftResult:
    """The same for rows that were read already; `label` is what the status quo is called.

    Raises:
        DataError: the KPI does not fit the rows.
    """
    kpi_scale = KpiScale.of(spec.kpi, frame.outcomes, frame.status_quo, spec.period, project)
    rng = np.random.default_rng(spec.seed)
    sample, draws = bootstrap.bootstrap(kpi_scale.bounds, frame.rows, spec.resamples, rng, frame.units)
    potential = _gain(kpi_scale, sample, draws, "perfect", over="status_quo")
    risk = _gain(kpi_scale, sample, draws, "status_quo", over="random")
    span = _gain(kpi_scale, sample, draws, "perfect", over="random")
    scale = kpi_scale.scale(sample, draws, label)
    expected = _good_model(spec, kpi_scale, scale, potential[0])
    of_a_row = float(np.var(draws["status_quo"])) * frame.outcomes.rows / kpi_scale.factor**2
    return results.LiftResult(
        kpi=kpi_scale.described(),
        sample=frame.sample(),
        scale=scale,
        potential_lift=bootstrap.estimate(*potential),
        risk=bootstrap.estimate(*risk),
        position=kpi_scale.share_estimate((risk[0], span[0]), (risk[1], span[1])),
        good_model=expected,
        break_even=planning.break_even(spec, potential[0], expected),
        split_test=planning.split_test(spec, expected, of_a_row, kpi_scale.period_rows),
        by_depth=points_by_depth(kpi_scale),
        interval=results.IntervalMethod(
            confidence=bootstrap.CONFIDENCE, resamples=spec.resamples, unit=frame.unit_name
        ),
        seed=spec.seed,
        provenance=provenance.collect(
            data={frame.source: frame.digest}, packages=PACKAGES, commit=commit, dirty=dirty, seconds={}
        ),
    )


def _binning(spec: LiftSpec, rows: int) -> Binning | None:
    """Which rows count as one for the KPI, if there are too many for memory; None if every row counts."""
    budget = None
    if isinstance(spec.kpi, TargetingSpec):
        budget = from_spec(spec.kpi, spec.period.rows if spec.period else rows).budget
    return alike(spec.kpi, 1.0 if budget is None else budget)


def _gain(
    kpi_scale: KpiScale, sample: Mapping[str, float], draws: Mapping[str, Floats], better: str, *, over: str
) -> tuple[float, Floats]:
    """How much better one imagined model is than another, on the sample and on each resample."""
    return kpi_scale.gain(sample[better], sample[over]).item(), kpi_scale.gain(draws[better], draws[over])


def _good_model(
    spec: LiftSpec, kpi_scale: KpiScale, scale: results.Scale, potential: float
) -> results.GoodModel | None:
    """The rule of thumb, for models that act upon some rows."""
    if not isinstance(spec.kpi, AssumableKpi):
        return None
    worth = payoff_matrix(spec.kpi, {f"values.{name}": value for name, value in kpi_values(spec.kpi).items()})
    base = kpi_scale.outcomes.mean(kpi_scale.outcomes.target)
    per_row = planning.usual(worth, base, kpi_scale.kpi.budget)
    kpi = None if per_row is None else kpi_scale.factor * per_row
    return planning.good_model(scale, kpi_scale.sign, kpi, potential)
