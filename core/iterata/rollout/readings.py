"""The readings of each metric: every phase by itself, all of them together, and what that shows."""

from __future__ import annotations

from math import isfinite, isnan
from typing import TYPE_CHECKING, Literal, NamedTuple

from scipy.stats import norm

from iterata.measure.release.non_inferiority import shown_at_look, with_variance_under
from iterata.measure.release.phases import stratified
from iterata.measure.release.sequential import repeated_interval
from iterata.results.parts import Estimate
from iterata.results.rollout import Effect, MetricReading
from iterata.rollout.analysis import ArmMoments, difference, effect, method_of, of_difference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.measure.release.differences import Difference
    from iterata.results.rollout import MetricRole, MetricState
    from iterata.rollout.analysis import Method
    from iterata.rollout.cells import MetricColumns


class OnlineMetric(NamedTuple):
    """A metric as both documents describe it."""

    name: str
    role: MetricRole
    better: Literal["higher", "lower"]
    margin: float | None
    columns: MetricColumns
    margin_from: Literal["", "expected_gain"] = ""

    @property
    def sign(self) -> float:
        """1 if more is better, else -1."""
        return 1.0 if self.better == "higher" else -1.0


def reading(
    metric: OnlineMetric,
    phases: Mapping[float, ArmMoments],
    critical: float,
    always_valid: float | None = None,
    non_inferiority: float | None = None,
) -> MetricReading:
    """The metric in all phases with a control group.

    Args:
        metric: the metric.
        phases: both arms of each phase, by its share.
        critical: how many standard errors an interval reaches to either side that holds for all looks.
        always_valid: at a look, the same for the interval that holds at any time.
        non_inferiority: the same for the interval that is held against the margin, if it is another one.
    """
    usable = {share: arms for share, arms in phases.items() if arms.can_be_compared}
    method = method_of(metric.columns, [arm for arms in usable.values() for arm in arms])
    effects = {share: effect(method, metric.columns, arms) for share, arms in usable.items()}
    found = [(share, value) for share, value in effects.items() if value is not None]
    total = _total(method, metric.columns, usable)
    sequential = _sequential(total, critical)
    other = None if always_valid is None else _sequential(total, always_valid)
    kept = None if non_inferiority is None else _against_margin(metric, method, usable, non_inferiority)
    return MetricReading(
        name=metric.name,
        role=metric.role,
        method=method,
        better=metric.better,
        margin=metric.margin,
        margin_from=metric.margin_from,
        phases=found,
        total=None if total is None else found[0][1] if len(found) == 1 else _together(total),
        sequential=sequential,
        always_valid=other,
        non_inferiority=kept,
        variance_reduction=_variance_reduction(metric.columns, total, usable),
        state=_state(metric, sequential, other, kept),
    )


def z_value(metric: OnlineMetric, phases: Mapping[float, ArmMoments]) -> float | None:
    """The difference over some phases in standard errors; None if no unit differs from another."""
    usable = {share: arms for share, arms in phases.items() if arms.can_be_compared}
    method = method_of(metric.columns, [arm for arms in usable.values() for arm in arms])
    total = _total(method, metric.columns, usable)
    return total.z if total is not None and total.variance > 0 else None


def _total(method: Method, columns: MetricColumns, phases: Mapping[float, ArmMoments]) -> Difference | None:
    total = stratified([difference(method, columns, arms) for arms in phases.values()])
    return None if total is None or isnan(total.difference) else total


def _together(total: Difference) -> Effect:
    """All phases together, as if they were looked at once."""
    p_value = 2 * float(norm.sf(abs(total.z))) if total.variance > 0 else None
    return of_difference(total, p_value=p_value)


def _sequential(total: Difference | None, critical: float) -> Estimate | None:
    return None if total is None else _estimate(total, critical)


def _against_margin(
    metric: OnlineMetric, method: Method, phases: Mapping[float, ArmMoments], critical: float
) -> Estimate | None:
    """The difference with the interval that is held against the margin; None without a margin.

    A share whose events are rare varies little where chance left out some, so that a treatment without events
    would seem harmless. So the treated share varies at least as it would if it just lost the margin.
    """
    if metric.margin is None or metric.role not in {"primary", "guardrail"}:
        return None
    found = [difference(method, metric.columns, arms) for arms in phases.values()]
    if method == "proportion":
        found = [with_variance_under(phase, -metric.sign * metric.margin) for phase in found]
    total = stratified(found)
    return None if total is None or isnan(total.difference) else _estimate(total, critical)


def _estimate(total: Difference, critical: float) -> Estimate:
    """The difference; without an interval if no unit differs from another, or nothing may be shown yet."""
    if not total.variance > 0 or not isfinite(critical):
        return Estimate(value=total.difference)
    low, high = repeated_interval(total.difference, total.standard_error, critical)
    return Estimate(value=total.difference, low=low, high=high)


def _variance_reduction(
    columns: MetricColumns, total: Difference | None, phases: Mapping[float, ArmMoments]
) -> float | None:
    """The share of the variance that the earlier measurement takes away."""
    if total is None or columns.before is None:
        return None
    plain = columns._replace(before=None)
    method: Method = "mean" if columns.per is None else "ratio"
    unadjusted = stratified([difference(method, plain, arms) for arms in phases.values()])
    return 1 - total.variance / unadjusted.variance if unadjusted and unadjusted.variance > 0 else None


def _state(
    metric: OnlineMetric,
    sequential: Estimate | None,
    always_valid: Estimate | None,
    non_inferiority: Estimate | None,
) -> MetricState:
    """What the intervals show; a guardrail is worse only beyond its margin.

    Early looks may spend so little that the interval which holds at any time is narrower. Harm that it showed
    before a look is still harm at the look.
    """
    if sequential is None:
        return "no_data"
    at_any_time = _advantage(metric, always_valid)
    return shown_at_look(
        _advantage(metric, sequential),
        _advantage(metric, non_inferiority),
        metric.margin,
        harm=[] if at_any_time is None else [at_any_time],
        worse_beyond=(metric.margin or 0.0) if metric.role == "guardrail" else 0.0,
    )


def _advantage(metric: OnlineMetric, estimate: Estimate | None) -> tuple[float, float] | None:
    """The interval of a difference, turned so that positive is better; None if there is none."""
    if estimate is None or estimate.interval is None:
        return None
    low, high = sorted(metric.sign * end for end in estimate.interval)
    return low, high
