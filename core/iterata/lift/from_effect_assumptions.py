"""Computes the expected lift of treatment effects from assumptions: both rates and the status quo."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata import results
from iterata.documents.models.assumed_effects import CONTRADICTIONS, effect_ranges, effects
from iterata.documents.models.enums import Spend
from iterata.documents.models.kpi import UpliftSpec
from iterata.lift import monte_carlo, planning
from iterata.lift.sensitivity import sensitivity
from iterata.lift.split_test import of_half_the_potential, rows_of_split_test
from iterata.measure import random_model
from iterata.measure.intervals import CONFIDENCE, ROUNDING, estimate, share_estimate
from iterata.measure.uplift.ends import (
    BUDGET,
    EFFECT,
    NOTHING,
    REST,
    smallest,
    within_budget,
    within_forced_budget,
)
from iterata.results import provenance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.arrays import Bools, Floats
    from iterata.documents.models.assumed_effects import Effects, Number
    from iterata.documents.models.lift import LiftSpec
    from iterata.documents.models.ranges import Range
    from iterata.errors import Location

PACKAGES = ("iterata", "numpy")


class Figures(NamedTuple):
    """The models on one scale, in utility, for a period: numbers, or `(n,)` with one for each draw."""

    random: Floats
    status_quo: Floats
    lower: Floats
    upper: Floats
    everybody: Floats

    @property
    def potential_lower(self) -> Floats:
        """The potential lift at perfect's lower end: perfect is at least the status quo."""
        return np.maximum(self.lower - self.status_quo, 0.0)

    @property
    def potential_upper(self) -> Floats:
        """The potential lift at perfect's upper end."""
        return self.upper - self.status_quo


def figures(kpi: UpliftSpec, inputs: Mapping[str, Number]) -> Figures:
    """The models under the assumptions, by the same bounds as for data."""
    found, sign = effects(kpi, inputs), kpi.direction.sign
    better = np.sign(sign * np.asarray(found.value, dtype=float))
    value, volume = np.abs(found.value), np.asarray(inputs["volume"], dtype=float)
    tau, gained = better * found.effect, better * found.gained
    treated, control = (np.where(better > 0, rate, 1 - rate) for rate in (found.treated, found.untreated))
    away = kpi.turned_away_at_most
    budget = np.asarray(found.budget, dtype=float)
    upper = {BUDGET: budget, "treated": treated, "untreated": 1 - control}
    if away is not None:
        upper["harm"] = np.maximum(tau + away, 0.0)
    lower = {BUDGET: budget, NOTHING: np.zeros(()), EFFECT: np.asarray(tau)}
    if kpi.spend is Spend.FORCED:
        rest = 1 - budget + tau
        at_lower, at_upper = within_forced_budget({**lower, REST: rest}), smallest({**upper, REST: rest})
        ends = [value * share - found.cost * budget for share in (at_lower, at_upper)]
    else:
        factor = np.maximum(value - found.cost, 0.0)
        ends = [factor * within_budget(lower), factor * smallest(upper)]
    everybody = value * tau - found.cost
    rows = (budget * everybody, value * gained - found.cost * found.action_rate, *ends, everybody)
    return Figures(*(np.asarray(volume * figure) for figure in rows))


def contradictions(kpi: UpliftSpec, drawn: Mapping[str, Floats]) -> tuple[Bools, str]:
    """Which draws are impossible, `(n,)`, and what most of them would mean."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Effects = effects(kpi, drawn)
        tests = {reason: np.asarray(holds(found), dtype=bool) for reason, holds in CONTRADICTIONS}
        undefined = ~np.isfinite(np.asarray(found.gained, dtype=float))
    masks = np.broadcast_arrays(drawn["base_rate"], undefined, *tests.values())[1:]
    impossible: Bools = np.any(masks, axis=0)
    return impossible, max(tests, key=lambda name: int(tests[name].sum())) if impossible.any() else ""


def compute(
    spec: LiftSpec, where: str | Location = "", *, commit: str | None = None, dirty: bool = False
) -> results.LiftResult:
    """The bounds of what a project can win and lose, if the assumptions are true; see `from_assumptions`.

    Raises:
        DataError: most draws contradict themselves.
    """
    kpi, assumptions = spec.kpi, spec.assumptions
    if assumptions is None or not isinstance(kpi, UpliftSpec):
        raise TypeError("these are assumptions of treatment effects")
    ranges = effect_ranges(kpi, assumptions, spec.period)
    draws = monte_carlo.draw(ranges, assumptions.draws, np.random.default_rng(spec.seed))
    consistent = monte_carlo.without(draws, *contradictions(kpi, draws), where)
    inputs = {name: interval.likely for name, interval in ranges.items()}
    likely, drawn = figures(kpi, inputs), figures(kpi, consistent.values)
    return _result(
        spec, kpi, _Simulated(ranges, consistent, inputs, likely, drawn), commit=commit, dirty=dirty
    )


class _Simulated(NamedTuple):
    """The figures of the likely values and of each draw."""

    ranges: Mapping[str, Range]
    consistent: monte_carlo.ConsistentDraws
    inputs: Mapping[str, float]
    likely: Figures
    drawn: Figures

    def estimate(self, name: str, sign: float = 1.0) -> results.Estimate:
        """A figure with the middle 95 % of its draws."""
        likely, drawn = (sign * getattr(figures, name) + 0.0 for figures in (self.likely, self.drawn))
        return estimate(float(likely), drawn, extend=True)

    def identified(self, lower: str, upper: str) -> results.Identified:
        """Both ends of a figure."""
        return results.Identified(lower=self.estimate(lower), upper=self.estimate(upper))


def _result(
    spec: LiftSpec, kpi: UpliftSpec, simulated: _Simulated, *, commit: str | None, dirty: bool
) -> results.LiftResult:
    likely, drawn, ranges = simulated.likely, simulated.drawn, simulated.ranges
    rows, budget = round(ranges["volume"].likely), float(effects(kpi, simulated.inputs).budget)
    potential = simulated.identified("potential_lower", "potential_upper")
    risk = estimate(float(likely.status_quo - likely.random), drawn.status_quo - drawn.random, extend=True)
    even = planning.break_even(spec, potential.upper.value, None)
    uncertain = any(interval.distribution != "fixed" for interval in ranges.values())
    return results.LiftResult(
        kpi=results.Kpi(
            name=kpi.name,
            kind=kpi.kind,
            unit=kpi.unit,
            direction=kpi.direction,
            period=spec.period.name if spec.period else "",
            period_rows=rows,
            budget=budget,
        ),
        sample=None,
        assumed=_analysis(kpi, simulated, even),
        scale=_scale(spec, kpi, simulated, budget),
        potential_lift=potential.upper,
        potential_lift_identified=potential,
        risk=risk,
        position=_position(simulated),
        break_even=even,
        split_test=_split_test(spec, kpi, simulated, rows),
        interval=results.IntervalMethod(
            confidence=CONFIDENCE,
            resamples=len(simulated.consistent.values["volume"]) if uncertain else 0,
            unit="draw",
        ),
        seed=spec.seed,
        provenance=provenance.collect(data={}, packages=PACKAGES, commit=commit, dirty=dirty, seconds={}),
    )


def _scale(spec: LiftSpec, kpi: UpliftSpec, simulated: _Simulated, budget: float) -> results.Scale:
    sign = kpi.direction.sign
    ends = simulated.identified("lower", "upper").turned(sign)
    assumptions, inputs, forced = spec.assumptions, simulated.inputs, kpi.spend is Spend.FORCED
    found, volume = effects(kpi, inputs), inputs["volume"]
    spread = sum(2 * rate * (1 - rate) for rate in (found.treated, found.untreated))  # arms of equal size
    return results.Scale(
        random=results.RandomModel(
            expectation=simulated.estimate("random", sign),
            sd_of_one_draw=float(abs(found.value) * np.sqrt(budget * (1 - budget) * spread * volume)),
            meaning=random_model.budget_meaning(budget),
        ),
        status_quo=simulated.estimate("status_quo", sign),
        status_quo_label=assumptions.status_quo.label if assumptions else "status quo",
        perfect=ends.upper if sign > 0 else ends.lower,
        perfect_identified=ends,
        do_nothing=0.0,
        treat_all=None if forced and budget < 1 else sign * float(simulated.likely.everybody),
    )


def _position(simulated: _Simulated) -> results.Estimate | None:
    """The position at the upper end of perfect."""
    likely, drawn = simulated.likely, simulated.drawn
    part = float(likely.status_quo - likely.random), drawn.status_quo - drawn.random
    whole = float(likely.upper - likely.random), drawn.upper - drawn.random
    largest = ROUNDING * max(abs(float(likely.upper)), abs(float(likely.random)))
    return share_estimate((part[0], whole[0]), (part[1], whole[1]), rounding=largest, extend=True)


def _analysis(
    kpi: UpliftSpec, simulated: _Simulated, even: results.BreakEven | None
) -> results.AssumptionAnalysis:
    sign, likely, drawn = kpi.direction.sign, simulated.likely, simulated.drawn
    treat_all = kpi.spend is not Spend.FORCED or kpi.budget == 1
    captured = None
    if even is not None and even.captured_share is not None:
        cost = even.captured_share * float(likely.potential_upper)
        parts = np.full_like(drawn.potential_upper, cost)
        captured = share_estimate(
            (cost, float(likely.potential_upper)), (parts, drawn.potential_upper), extend=True
        )
    return results.AssumptionAnalysis(
        inputs=[
            results.Assumption(name=name, **interval._asdict()) for name, interval in simulated.ranges.items()
        ],
        sensitivity=sensitivity(
            simulated.ranges,
            simulated.consistent.values,
            drawn.potential_upper,
            lambda inputs: _potential(kpi, inputs),
        ),
        dropped=simulated.consistent.dropped,
        dropped_because=simulated.consistent.reason,
        do_nothing=results.Estimate(value=0.0, low=0.0, high=0.0),
        treat_all=simulated.estimate("everybody", sign) if treat_all else None,
        captured_share=captured,
    )


def _potential(kpi: UpliftSpec, inputs: Mapping[str, float]) -> float | None:
    """The potential lift of single numbers at its upper end; None if they contradict each other."""
    found = effects(kpi, inputs)
    if any(is_impossible(found) for _, is_impossible in CONTRADICTIONS):
        return None
    return float(figures(kpi, inputs).potential_upper)


def _split_test(
    spec: LiftSpec, kpi: UpliftSpec, simulated: _Simulated, rows: int
) -> results.SplitTest | None:
    """The A/B test of two policies, as for data."""
    gain = float(simulated.likely.potential_lower)
    if spec.project_cost is not None:
        gain = spec.project_cost / ((spec.worth.per_unit if spec.worth else 1.0) * spec.payback_periods)
    found = effects(kpi, simulated.inputs)
    variance = float(found.value) ** 2 * float(found.untreated * (1 - found.untreated))
    test = rows_of_split_test(spec, gain, (variance, variance), rows)
    if test is None:
        return of_half_the_potential(spec, float(simulated.likely.potential_upper), variance, rows)
    return test.model_copy(update={"detected_gain": gain})
