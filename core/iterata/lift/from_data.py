"""Computes the expected lift from labelled rows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata import results
from iterata.data.description import RowDescription
from iterata.data.read import read_rows
from iterata.data.sources.open import open_table
from iterata.documents.models.assumed_status_quo import AssumableKpi, kpi_values, payoff_matrix
from iterata.documents.models.kpi import TargetingSpec
from iterata.lift import answers, effects, planning, split_test
from iterata.lift.budget_curve import points_by_depth
from iterata.lift.gain_error import gain_error
from iterata.measure.binning import binning
from iterata.measure.bootstrap import bootstrap
from iterata.measure.intervals import CONFIDENCE, estimate
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
"""Packages whose version may change a figure."""


def compute(
    spec: LiftSpec, project: Path, root: Path, *, commit: str | None = None, dirty: bool = False
) -> results.LiftResult:
    """The bounds of what a project can win and lose, from the data that an assessment describes.

    Args:
        spec: the analysis; it has `data`.
        project: the project's folder, to which the data's path is relative.
        root: the repository, outside of which no file is read.
        commit: the commit to record.
        dirty: whether files differ from that commit.

    Raises:
        DataError: the data cannot be used, or the KPI does not fit them.
    """
    table = open_table(project, _data(spec), root=root)
    return lift_of_table(spec, table, project=project, commit=commit, dirty=dirty)


def lift_of_table(
    spec: LiftSpec,
    table: Table,
    *,
    also: Iterable[str] = (),
    project: Path | None = None,
    commit: str | None = None,
    dirty: bool = False,
) -> results.LiftResult:
    """The same for the rows of a table; `also` names further columns for a KPI in Python.

    Perfect, status quo and random are computed on the same resamples, so the intervals of their differences
    are those of paired comparisons.

    Raises:
        DataError: the data cannot be used, or the KPI does not fit them.
    """
    description = RowDescription.of_lift(_data(spec), spec.kpi, tuple(also))
    read = partial(read_rows, table, binning=partial(_binning, spec))
    rows, compared = effects.with_columns_before(spec, table, description, read)
    kpi_scale = KpiScale.of(spec.kpi, rows.outcomes, rows.status_quo, spec.period, project, units=rows.units)
    sample, draws = _drawn(spec, kpi_scale, rows)
    potential = _gain(kpi_scale, sample, draws, "perfect", over="status_quo")
    risk = _gain(kpi_scale, sample, draws, "status_quo", over="random")
    scale = kpi_scale.scale(sample, draws, description.status_quo.label)
    identified = kpi_scale.potential_lift_identified(sample, draws)
    expectation = _expectation(spec, kpi_scale, scale, potential[0], draws["status_quo"])
    even = planning.break_even(spec, potential[0], expectation.good_model)
    return results.LiftResult(
        kpi=kpi_scale.described(),
        sample=rows.sample(),
        scale=scale,
        potential_lift=kpi_scale.potential_lift(sample, draws),
        risk=estimate(*risk, known="status_quo" in kpi_scale.constant),
        position=kpi_scale.position(sample, draws),
        potential_lift_identified=identified,
        position_identified=kpi_scale.position_identified(sample, draws),
        good_model=expectation.good_model,
        no_good_model=expectation.no_good_model,
        break_even=even,
        split_test=expectation.split_test
        or effects.split_test(spec, kpi_scale, identified)
        or answers.split_test(spec, kpi_scale, even, potential[0], draws)
        or _of_half_the_potential(spec, kpi_scale, potential[0], draws),
        gain_error=gain_error(kpi_scale, rows.units),
        by_depth=points_by_depth(kpi_scale),
        uplift=effects.analysis(kpi_scale, sample, draws),
        curve=effects.curve_of(sample, draws),
        balance=effects.balance_of(rows, compared),
        confusion=answers.confusion(kpi_scale),
        interval=results.IntervalMethod(confidence=CONFIDENCE, resamples=spec.resamples, unit=rows.unit_name),
        seed=spec.seed,
        provenance=provenance.collect(
            data={rows.source: rows.digest}, packages=PACKAGES, commit=commit, dirty=dirty, seconds={}
        ),
    )


def _of_half_the_potential(
    spec: LiftSpec, kpi_scale: KpiScale, potential: float, draws: Mapping[str, Floats]
) -> results.SplitTest | None:
    """For kinds of KPI without a rule of thumb, and where the rule has no basis or expects no gain."""
    if kpi_scale.uplift is not None:
        variance = effects.variance_of_outcome(kpi_scale)
    else:
        variance = split_test.variance_of_resamples(kpi_scale, draws["status_quo"])
    return split_test.of_half_the_potential(
        spec, potential, variance, kpi_scale.period_rows, adds_up=kpi_scale.kpi.adds_up
    )


def _drawn(
    spec: LiftSpec, kpi_scale: KpiScale, rows: LabelledRows
) -> tuple[dict[str, float], dict[str, Floats]]:
    """The figures of the KPI's bounds on the rows, and on each resample."""
    measures = {**kpi_scale.bounds, **effects.measures(kpi_scale)}
    rng = np.random.default_rng(spec.seed)
    sample, draws = bootstrap(measures, rows.rows, spec.resamples, rng, rows.units, rows.outcomes)
    effects.check_status_quo(kpi_scale, sample, draws)
    return sample, draws


def _data(spec: LiftSpec) -> LiftData:
    if spec.data is None:
        raise TypeError("a lift from assumptions is computed in `iterata.lift.from_assumptions`")
    return spec.data


def _binning(spec: LiftSpec, rows: int) -> Binning | None:
    """Which rows count as one for the KPI, if there are too many for memory; None if every row counts."""
    budget = None
    if isinstance(spec.kpi, TargetingSpec):
        budget = from_spec(spec.kpi, spec.period.rows if spec.period else rows).budget
    return binning(spec.kpi, 1.0 if budget is None else budget)


def _gain(
    kpi_scale: KpiScale, sample: Mapping[str, float], draws: Mapping[str, Floats], better: str, *, over: str
) -> tuple[float, Floats]:
    """The gain of one reference model over another, on the sample and on each resample `(n,)`."""
    return kpi_scale.gain(sample[better], sample[over]).item(), kpi_scale.gain(draws[better], draws[over])


class _Expectation(NamedTuple):
    """What the rule of thumb expects of a good model, or why it has no basis; neither for other KPIs."""

    good_model: results.GoodModel | None = None
    no_good_model: results.NoGoodModel | None = None
    split_test: results.SplitTest | None = None


def _expectation(
    spec: LiftSpec, kpi_scale: KpiScale, scale: results.Scale, potential: float, resampled: Floats
) -> _Expectation:
    """See above; `resampled` is the KPI of the status quo on each resample."""
    if not isinstance(spec.kpi, AssumableKpi):
        return _Expectation()
    payoffs = payoff_matrix(
        spec.kpi, {f"values.{name}": value for name, value in kpi_values(spec.kpi).items()}
    )
    base_rate = kpi_scale.outcomes.mean(kpi_scale.outcomes.target)
    budget, sign = kpi_scale.kpi.budget, kpi_scale.sign
    limit = planning.rule_of_thumb_limit(payoffs, base_rate, budget, sign)
    if limit is not None:
        return _Expectation(no_good_model=limit)
    kpi = kpi_scale.factor * planning.rule_of_thumb_kpi(payoffs, base_rate, budget)
    good_model = planning.good_model(scale, sign, kpi, potential)
    variances = (
        split_test.status_quo_variance(kpi_scale, payoffs, resampled),
        split_test.rule_of_thumb_variance(payoffs, base_rate, budget),
    )
    test = split_test.split_test(spec, good_model, variances, kpi_scale.period_rows)
    return _Expectation(good_model, None, test)
