"""The difference of a metric between the arms of one phase, by tea-tasting, from sums alone."""

from __future__ import annotations

import warnings
from math import isclose, isfinite, nan
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal, NamedTuple

from iterata.data.refusals import MissingPackage
from iterata.measure.release import differences
from iterata.measure.release.differences import FEWEST, Difference
from iterata.measure.release.non_inferiority import with_variance_under
from iterata.results.parts import Estimate
from iterata.results.rollout import Effect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tea_tasting.aggr import Aggregates
    from tea_tasting.metrics.mean import MeanResult

    from iterata.measure.release.moments import Moments
    from iterata.rollout.cells import MetricColumns

Method = Literal["mean", "proportion", "ratio", "mean_cuped", "ratio_cuped"]

LEVEL = 0.95

REACH = NormalDist().inv_cdf((1 + LEVEL) / 2)
"""How many standard errors the interval of a single look reaches to either side."""

_NAMES = ("of", "per", "before")


class ArmMoments(NamedTuple):
    """The moments of both arms of a phase."""

    control: Moments
    treatment: Moments

    @property
    def can_be_compared(self) -> bool:
        """Whether both arms have enough units for a variance."""
        return min(self.control.n_obs, self.treatment.n_obs) >= FEWEST


def method_of(columns: MetricColumns, arms: Iterable[Moments]) -> Method:
    """How the metric is analysed: by what it is made of, and whether it is 0 or 1 for every unit."""
    is_ratio = columns.per is not None
    if columns.before is not None:
        return "ratio_cuped" if is_ratio else "mean_cuped"
    if is_ratio:
        return "ratio"
    return "proportion" if all(_is_binary(arm, columns.of) for arm in arms if arm.n_obs) else "mean"


def _is_binary(arm: Moments, position: int) -> bool:
    """Whether the sum of squares equals the sum, as for 0 and 1."""
    mean = float(arm.mean[position])
    squares = float(arm.products[position, position]) / arm.n_obs + mean**2
    return 0 <= mean <= 1 and isclose(squares, mean, rel_tol=1e-9, abs_tol=1e-12)


def difference(method: Method, columns: MetricColumns, arms: ArmMoments) -> Difference:
    """The difference and its variance, to be combined with those of other phases.

    A treated share varies at least as it would with the rate of the control. Where events are rare, chance
    leaves out all of a small arm, and its own variance would then be 0.
    """
    treatment, control = arms.treatment, arms.control
    if columns.before is not None:
        return differences.cuped(treatment, control, columns.of, columns.before, per=columns.per)
    if columns.per is not None:
        return differences.ratio(treatment, control, columns.of, columns.per)
    found = differences.mean(treatment, control, columns.of)
    if method != "proportion":
        return found
    shares = found._replace(  # p (1 - p) / n, not the variance of a sample
        treatment_variance=found.treatment_variance * (1 - 1 / treatment.n_obs),
        control_variance=found.control_variance * (1 - 1 / control.n_obs),
    )
    return with_variance_under(shares, 0.0)


def effect(method: Method, columns: MetricColumns, arms: ArmMoments) -> Effect | None:
    """The effect in one phase; None if an arm has no value, as a ratio of totals that are 0.

    It has the interval and the p-value of this phase alone. Means and ratios by Welch's t. Proportions by the
    normal distribution: the interval with the variances of `difference`, as that of all phases together has,
    and p with the variance under the hypothesis that both are equal; without a correction for continuity,
    which makes both too cautious.

    Raises:
        MissingPackage: tea-tasting is not installed.
    """
    control, treatment = _aggregates(columns, arms.control), _aggregates(columns, arms.treatment)
    found = difference(method, columns, arms)
    if method == "proportion":
        return of_difference(found, p_value=_p_value_of_shares(control, treatment))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # arms whose units are all alike have no variance
        outcome = _mean(columns, control, treatment)
    if not (isfinite(outcome.control) and isfinite(outcome.treatment)):
        return None
    return Effect(
        control=float(outcome.control),
        treatment=float(outcome.treatment),
        difference=_estimate(outcome.effect_size, outcome.effect_size_ci_lower, outcome.effect_size_ci_upper),
        standard_error=found.standard_error,
        relative=_relative(outcome),
        p_value=_finite(outcome.pvalue),
    )


def of_difference(found: Difference, *, p_value: float | None) -> Effect:
    """The effect with the interval of 95 % that its standard error has by the normal distribution."""
    relative = None
    if found.control > 0:
        relative = _estimate(found.relative, *found.relative_interval(REACH))
    low, high = found.interval(REACH) if found.variance > 0 else (nan, nan)
    return Effect(
        control=found.control,
        treatment=found.treatment,
        difference=_estimate(found.difference, low, high),
        standard_error=found.standard_error,
        relative=relative,
        p_value=p_value,
    )


def _aggregates(columns: MetricColumns, arm: Moments) -> Aggregates:
    """What tea-tasting takes of an arm: the number of units, means, variances and covariances."""
    try:
        from tea_tasting.aggr import Aggregates  # noqa: PLC0415  # an extra, and slow to import
    except ImportError:
        raise MissingPackage("tea-tasting", "rollout", "") from None
    positions = {name: at for name, at in zip(_NAMES, columns, strict=True) if at is not None}
    covariance = arm.covariance
    return Aggregates(
        count_=arm.n_obs,
        mean_={name: float(arm.mean[at]) for name, at in positions.items()},
        var_={name: max(float(covariance[at, at]), 0.0) for name, at in positions.items()},
        cov_={
            (name, other): float(covariance[at, to])
            for name, at in positions.items()
            for other, to in positions.items()
            if name < other
        },
    )


def _mean(columns: MetricColumns, control: Aggregates, treatment: Aggregates) -> MeanResult:
    """A mean or a ratio of means (delta method), with CUPED if there is an earlier measurement."""
    from tea_tasting.metrics.mean import RatioOfMeans  # noqa: PLC0415  # an extra

    per = None if columns.per is None else "per"
    before = None if columns.before is None else "before"
    metric = RatioOfMeans("of", per, before, confidence_level=LEVEL, equal_var=False, use_t=True)
    return metric.analyze({0: control, 1: treatment}, 0, 1)


def _p_value_of_shares(control: Aggregates, treatment: Aggregates) -> float | None:
    """The p-value with the variance under the hypothesis that both shares are equal."""
    from tea_tasting.metrics.proportion import Proportion  # noqa: PLC0415  # an extra

    metric = Proportion("of", method="norm", correction=False, equal_var=True, confidence_level=LEVEL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # arms without events have no variance
        return _finite(metric.analyze({0: control, 1: treatment}, 0, 1).pvalue)


def _finite(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def _relative(outcome: MeanResult) -> Estimate | None:
    """The difference divided by the control's value, if this is above 0 as a ratio needs it."""
    if not outcome.control > 0 or not isfinite(outcome.rel_effect_size):
        return None
    return _estimate(
        outcome.rel_effect_size, outcome.rel_effect_size_ci_lower, outcome.rel_effect_size_ci_upper
    )


def _estimate(value: float, low: float, high: float) -> Estimate:
    """The figure; without an interval if it has none."""
    if not (isfinite(low) and isfinite(high)):
        return Estimate(value=float(value))
    return Estimate(value=float(value), low=float(low), high=float(high))
