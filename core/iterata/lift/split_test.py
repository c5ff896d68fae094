"""The size of the A/B test that detects the gain of a good model."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, log, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from iterata import results
from iterata.measure.kpi.outcome_value import OutcomeValue
from iterata.measure.kpi.targeting import Targeting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.arrays import Floats
    from iterata.documents.models.assumed_status_quo import PayoffMatrix
    from iterata.documents.models.lift import LiftSpec
    from iterata.measure.kpi_scale import KpiScale

ALPHA, POWER = 0.05, 0.8
"""The A/B test's two-sided false positive rate, and the probability that it detects the effect."""

HALF = 0.5
"""The share of the potential lift that a test detects if no rule of thumb expects a gain."""


def variance_of_hits(base_rate: float, depth: float, captured: float) -> float:
    """The variance per row of the number of positives among the best-scored rows, for samples of any size.

    The score at which the budget ends depends on the sample, so a row contributes its outcome minus the rate
    of positives at that score, if it is above it. This rate is the slope of the curve of captured positives.
    Only one point of the curve is known; `depth ** a` is drawn through it, as in the rule of thumb, where a
    is 1/2.

    Args:
        base_rate: the share of positives.
        depth: the share of rows acted upon.
        captured: the share of positives among these, of all positives.
    """
    hits = base_rate * captured
    if not 0 < depth < 1 or not 0 < captured <= 1:
        return hits * (1 - hits)
    at_cutoff = min(log(captured) / log(depth), 1.0) * hits / depth
    mean = hits - at_cutoff * depth
    return hits * (1 - at_cutoff) ** 2 + (depth - hits) * at_cutoff**2 - mean**2


def variance_of_decisions(payoffs: PayoffMatrix, base_rate: float, acted: float, hits: float) -> float:
    """The variance per row of the value of yes / no decisions.

    Args:
        payoffs: what a row is worth, by its outcome and whether it is acted upon.
        base_rate: the share of positives.
        acted: the share of rows acted upon.
        hits: the share of rows that are positive and acted upon.
    """
    shares = (hits, acted - hits, base_rate - hits, 1 - base_rate - acted + hits)
    values = (payoffs.tp, payoffs.fp, payoffs.fn, payoffs.tn)
    mean = sum(share * value for share, value in zip(shares, values, strict=True))
    return float(sum(share * value**2 for share, value in zip(shares, values, strict=True)) - mean**2)


def row_variance(
    payoffs: PayoffMatrix, base_rate: float, budget: float | None, acted: float, hits: float
) -> float:
    """The variance of a row's contribution to the KPI; with a budget, its whole share is acted upon."""
    if budget is None:
        return variance_of_decisions(payoffs, base_rate, acted, hits)
    positive_gain, negative_gain = payoffs.gains_of_acting
    swing = float(positive_gain - negative_gain)
    return swing**2 * variance_of_hits(base_rate, budget, hits / base_rate)


def rule_of_thumb_variance(payoffs: PayoffMatrix, base_rate: float, budget: float | None) -> float:
    """The variance of a row's contribution to the KPI of a good model."""
    depth = base_rate if budget is None else budget
    return row_variance(payoffs, base_rate, budget, depth, base_rate * sqrt(depth))


def status_quo_variance(kpi_scale: KpiScale, payoffs: PayoffMatrix, resampled: Floats) -> float:
    """The variance of a row's contribution to the status quo's KPI.

    That of the resamples includes the correlation between rows of one unit. The variance of a weighted sample
    is not that of the population which an A/B test draws from, so there it is computed from the shares.

    Args:
        kpi_scale: measures the KPI.
        payoffs: what a row is worth, by its outcome and whether it is acted upon.
        resampled: the KPI of the status quo on each resample.
    """
    kpi, outcomes, status_quo = kpi_scale.kpi, kpi_scale.outcomes, kpi_scale.status_quo
    weighted = outcomes.weight is not None and outcomes.represents is None
    if not weighted or isinstance(status_quo, float):
        return variance_of_resamples(kpi_scale, resampled)
    base_rate, rows = outcomes.mean(outcomes.target), len(outcomes)
    if isinstance(kpi, Targeting):
        hits = replace(kpi, value=1.0, cost=0.0).measure(outcomes, status_quo).on_sample(rows)
        depth = kpi.contacts(outcomes, status_quo)
        return row_variance(payoffs, base_rate, depth, depth, hits)
    if not isinstance(kpi, OutcomeValue):
        raise TypeError(f"a KPI of kind {kpi_scale.spec.kind} has no decisions")
    hits, acted = (
        replace(kpi, tp=1.0, fp=fp, fn=0.0, tn=0.0).measure(outcomes, status_quo).on_sample(rows)
        for fp in (0.0, 1.0)
    )
    return row_variance(payoffs, base_rate, None, acted, hits)


def variance_of_resamples(kpi_scale: KpiScale, resampled: Floats) -> float:
    """The variance of a row's contribution to a KPI, from the KPI on each resample; 0 if it has none."""
    defined = resampled[~np.isnan(resampled)]
    return float(np.var(defined)) * kpi_scale.outcomes.rows / kpi_scale.factor**2 if len(defined) else 0.0


def split_test(
    spec: LiftSpec, good_model: results.GoodModel | None, row_variances: Sequence[float], period_rows: int
) -> results.SplitTest | None:
    """How many rows an A/B test with equal arms needs to detect the gain of a good model.

    The two-sample z-test needs `(z[1 - alpha/2] + z[power])^2 (variance + variance) / effect^2` rows in each
    arm, with the variances of both arms.

    Args:
        spec: the analysis.
        good_model: its gain is the effect; None, or no gain, needs no test.
        row_variances: the variance of a row's contribution to the KPI, of the status quo and of a good model;
            that of the status quo includes the correlation between rows of one unit.
        period_rows: the number of rows in a period.
    """
    return (
        None if good_model is None else rows_of_split_test(spec, good_model.gain, row_variances, period_rows)
    )


def of_half_the_potential(
    spec: LiftSpec,
    potential: float,
    row_variance: float,
    period_rows: int,
    *,
    adds_up: bool = True,
) -> results.SplitTest | None:
    """The test that detects half of the potential lift, for a KPI whose gain no rule of thumb expects.

    Both arms are taken to vary as the status quo does.

    Args:
        spec: the analysis.
        potential: the potential lift of a period, in utility; the upper end if it has two.
        row_variance: the variance of a row's contribution to the status quo's KPI.
        period_rows: the number of rows in a period.
        adds_up: whether the KPI adds up over rows; otherwise it is a rate or a mean.

    Returns:
        None without a potential, or if the variance is not known.
    """
    gain, variances = HALF * potential, (row_variance, row_variance)
    test = rows_of_split_test(spec, gain, variances, period_rows, adds_up=adds_up)
    if test is None:
        return None
    return test.model_copy(update={"detected_gain": gain, "potential_share": HALF})


def rows_of_split_test(
    spec: LiftSpec,
    gain: float,
    row_variances: Sequence[float],
    period_rows: int,
    *,
    adds_up: bool = True,
) -> results.SplitTest | None:
    """The same for any gain of a period, in utility; None for none."""
    if gain <= 0 or not all(variance > 0 for variance in row_variances):
        return None
    effect = gain / period_rows if adds_up else gain
    quantiles = NormalDist().inv_cdf(1 - ALPHA / 2) + NormalDist().inv_cdf(POWER)
    rows = ceil(quantiles**2 * sum(row_variances) / effect**2)
    periods = 2 * rows / period_rows
    days = spec.period.days if spec.period else None
    return results.SplitTest(
        rows_per_arm=rows,
        alpha=ALPHA,
        power=POWER,
        periods=periods,
        days=None if days is None else periods * days,
    )
