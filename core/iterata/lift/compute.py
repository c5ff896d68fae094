"""Computes the expected lift from labelled rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from iterata import predictions, provenance, resampling, results
from iterata.scale import Ruler
from iterata.tables import open_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from iterata.documents.lift_spec import LiftSpec
    from iterata.kpi.base import Floats

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
    frame = predictions.read(
        open_table(project, data.source, root=root, made_by=data.made_by),
        target=data.target,
        positive=data.positive,
        status_quo=data.status_quo,
        unit_id=data.unit_id,
    )
    ruler = Ruler.of(spec.kpi, frame.outcomes, frame.status_quo, spec.period)
    rng = np.random.default_rng(spec.seed)
    sample, draws = resampling.bootstrap(ruler.bounds, frame.rows, spec.resamples, rng, frame.units)
    potential = _gain(ruler, sample, draws, "perfect", over="status_quo")
    risk = _gain(ruler, sample, draws, "status_quo", over="random")
    span = _gain(ruler, sample, draws, "perfect", over="random")
    return results.LiftResult(
        kpi=ruler.described(),
        sample=frame.sample(),
        scale=ruler.scale(sample, draws, data.status_quo.label),
        potential_lift=resampling.estimate(*potential),
        risk=resampling.estimate(*risk),
        position=ruler.share_estimate((risk[0], span[0]), (risk[1], span[1])),
        break_even=_break_even(spec, potential[0]),
        interval=results.Interval(
            confidence=resampling.CONFIDENCE, resamples=spec.resamples, unit=frame.unit_name
        ),
        seed=spec.seed,
        provenance=provenance.collect(
            data={frame.source: frame.digest}, packages=PACKAGES, commit=commit, dirty=dirty, seconds={}
        ),
    )


def _gain(
    ruler: Ruler, sample: Mapping[str, float], draws: Mapping[str, Floats], better: str, *, over: str
) -> tuple[float, Floats]:
    """How much better one imagined model is than another, on the sample and on each resample."""
    return ruler.gain(sample[better], sample[over]).item(), ruler.gain(draws[better], draws[over])


def _break_even(spec: LiftSpec, potential: float) -> results.BreakEven | None:
    """What repays the project; without `worth`, the KPI's unit is taken for money."""
    if spec.project_cost is None:
        return None
    per_unit, currency = (spec.worth.per_unit, spec.worth.currency) if spec.worth else (1.0, spec.kpi.unit)
    value = potential * per_unit
    return results.BreakEven(
        project_cost=spec.project_cost,
        currency=currency,
        potential_value=value,
        captured_share=spec.project_cost / value if value > 0 else None,
    )
