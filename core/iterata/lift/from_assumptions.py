"""Computes the expected lift from assumptions: the likely values, and draws from their ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata import results
from iterata.documents.models.assumed_status_quo import (
    CONTRADICTIONS,
    AssumableKpi,
    budget_share,
    payoff_matrix,
    ranges,
    status_quo_shares,
)
from iterata.documents.models.enums import Spend
from iterata.documents.models.kpi import ClassValueSpec, TargetingSpec, UpliftSpec
from iterata.lift import (
    from_class_assumptions,
    from_effect_assumptions,
    monte_carlo,
    planning,
    split_test,
)
from iterata.lift.bounds import Figures, Gains, contacts, figures, gains, random_meaning, sd_of_one_draw
from iterata.lift.sensitivity import sensitivity
from iterata.measure.intervals import CONFIDENCE, estimate, share_estimate
from iterata.results import provenance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.arrays import Floats
    from iterata.documents.models.lift import LiftSpec
    from iterata.documents.models.ranges import Range
    from iterata.errors import Location
    from iterata.lift.monte_carlo import ConsistentDraws

PACKAGES = ("iterata", "numpy")
"""Packages whose version may change a figure."""


class Simulation(NamedTuple):
    """The figures of the likely values and of each draw; an array has one element for each draw."""

    kpi: AssumableKpi
    ranges: Mapping[str, Range]
    consistent: ConsistentDraws
    """The draws whose numbers do not contradict each other."""
    likely: Figures
    drawn: Figures
    likely_gains: Gains
    drawn_gains: Gains

    @classmethod
    def of(cls, kpi: AssumableKpi, ranges: Mapping[str, Range], consistent: ConsistentDraws) -> Simulation:
        """Compute the figures of the likely values, and of the draws."""
        likely = figures(kpi, {name: interval.likely for name, interval in ranges.items()})
        drawn = figures(kpi, consistent.values)
        return cls(kpi, ranges, consistent, likely, drawn, gains(kpi, likely), gains(kpi, drawn))

    @property
    def likely_inputs(self) -> dict[str, float]:
        """The likely value of every assumption."""
        return {name: interval.likely for name, interval in self.ranges.items()}

    @property
    def period_rows(self) -> int:
        """The likely number of rows in a period."""
        return round(self.ranges["volume"].likely)

    @property
    def budget(self) -> float | None:
        """The share of rows that may be acted upon, at the likely volume; None if nothing limits it."""
        return budget_share(self.kpi, self.ranges["volume"].likely)

    @property
    def is_uncertain(self) -> bool:
        """Whether any assumption is a range."""
        return any(interval.distribution != "fixed" for interval in self.ranges.values())

    @property
    def allows_treat_all(self) -> bool:
        """Whether the budget allows to act upon every row; one that must be spent exactly does not."""
        forced = isinstance(self.kpi, TargetingSpec) and self.kpi.spend is Spend.FORCED
        return not forced or self.budget == 1

    def figure(self, name: str) -> results.Estimate:
        """The KPI of a reference model, with its interval."""
        return _estimate(float(getattr(self.likely, name)), getattr(self.drawn, name))

    def gain(self, name: str) -> tuple[float, Floats]:
        """A gain at the likely values, and in each draw."""
        return float(getattr(self.likely_gains, name)), getattr(self.drawn_gains, name)


def compute(
    spec: LiftSpec, where: str | Location = "", *, commit: str | None = None, dirty: bool = False
) -> results.LiftResult:
    """The bounds of what a project can win and lose, if the assumptions are true.

    A figure is computed from the likely values. Its interval holds the middle 95 % of its values when all
    ranges are drawn from: it shows how uncertain the assumptions are, and contains no sampling error.

    Args:
        spec: the analysis; it has `assumptions`.
        where: the document, for messages.
        commit: the commit to record.
        dirty: whether files differ from that commit.

    Raises:
        DataError: most draws contradict themselves.
    """
    kpi, assumptions = spec.kpi, spec.assumptions
    if isinstance(kpi, ClassValueSpec):
        return from_class_assumptions.compute(spec, where, commit=commit, dirty=dirty)
    if isinstance(kpi, UpliftSpec):
        return from_effect_assumptions.compute(spec, where, commit=commit, dirty=dirty)
    if assumptions is None or not isinstance(kpi, AssumableKpi):
        raise TypeError("a validated LiftSpec has assumptions only if they fit its KPI")
    inputs = ranges(kpi, assumptions, spec.period)
    draws = monte_carlo.draw(inputs, assumptions.draws, np.random.default_rng(spec.seed))
    simulation = Simulation.of(kpi, inputs, monte_carlo.consistent(kpi, draws, where))
    potential = simulation.gain("potential")
    scale = _scale(simulation, assumptions.status_quo.label)
    good_model = _good_model(simulation, scale, potential[0])
    expected = good_model if isinstance(good_model, results.GoodModel) else None
    break_even = planning.break_even(spec, potential[0], expected)
    return results.LiftResult(
        kpi=_kpi(spec, simulation),
        sample=None,
        assumed=_assumptions(simulation, break_even),
        scale=scale,
        potential_lift=_estimate(*potential),
        risk=_estimate(*simulation.gain("risk")),
        position=_share(simulation.gain("risk"), simulation.gain("span")),
        good_model=expected,
        no_good_model=good_model if isinstance(good_model, results.NoGoodModel) else None,
        break_even=break_even,
        split_test=_split_test(spec, simulation, expected, potential[0]),
        interval=results.IntervalMethod(
            confidence=CONFIDENCE,
            resamples=len(simulation.consistent.values["volume"]) if simulation.is_uncertain else 0,
            unit="draw",
        ),
        seed=spec.seed,
        provenance=provenance.collect(data={}, packages=PACKAGES, commit=commit, dirty=dirty, seconds={}),
    )


def _kpi(spec: LiftSpec, simulation: Simulation) -> results.Kpi:
    return results.Kpi(
        name=spec.kpi.name,
        kind=spec.kpi.kind,
        unit=spec.kpi.unit,
        direction=spec.kpi.direction,
        period=spec.period.name if spec.period else "",
        period_rows=simulation.period_rows,
        budget=simulation.budget,
    )


def _scale(simulation: Simulation, label: str) -> results.Scale:
    return results.Scale(
        random=results.RandomModel(
            expectation=simulation.figure("random"),
            sd_of_one_draw=sd_of_one_draw(simulation.kpi, simulation.likely_inputs),
            meaning=random_meaning(simulation.kpi, simulation.ranges["volume"].likely),
        ),
        status_quo=simulation.figure("status_quo"),
        status_quo_label=label,
        perfect=simulation.figure("perfect"),
        do_nothing=float(simulation.likely.do_nothing),
        treat_all=float(simulation.likely.treat_all) if simulation.allows_treat_all else None,
        contacts=contacts(simulation.kpi, simulation.likely_inputs),
    )


def _good_model(
    simulation: Simulation, scale: results.Scale, potential: float
) -> results.GoodModel | results.NoGoodModel:
    """What the rule of thumb expects of a good model at the likely values, or why it has no basis."""
    inputs, sign = simulation.likely_inputs, simulation.kpi.direction.sign
    payoffs, base_rate, budget = payoff_matrix(simulation.kpi, inputs), inputs["base_rate"], simulation.budget
    limit = planning.rule_of_thumb_limit(payoffs, base_rate, budget, sign)
    if limit is not None:
        return limit
    kpi = inputs["volume"] * planning.rule_of_thumb_kpi(payoffs, base_rate, budget)
    return planning.good_model(scale, sign, kpi, potential)


def _split_test(
    spec: LiftSpec, simulation: Simulation, expected: results.GoodModel | None, potential: float
) -> results.SplitTest | None:
    """The test of the gain of a good model; without one, of half of the potential lift."""
    variances, rows = _row_variances(simulation), simulation.period_rows
    return split_test.split_test(spec, expected, variances, rows) or split_test.of_half_the_potential(
        spec, potential, variances[0], rows
    )


def _row_variances(simulation: Simulation) -> tuple[float, float]:
    """The variance of a row's contribution to the KPI, of the status quo and of a good model."""
    inputs = simulation.likely_inputs
    status_quo, payoffs = status_quo_shares(simulation.kpi, inputs), payoff_matrix(simulation.kpi, inputs)
    base_rate, budget = float(status_quo.base_rate), simulation.budget
    acted, hits = float(status_quo.action_rate), float(status_quo.true_positives)
    return (
        split_test.row_variance(payoffs, base_rate, budget, acted, hits),
        split_test.rule_of_thumb_variance(payoffs, base_rate, budget),
    )


def _assumptions(simulation: Simulation, break_even: results.BreakEven | None) -> results.AssumptionAnalysis:
    kpi, consistent = simulation.kpi, simulation.consistent
    return results.AssumptionAnalysis(
        inputs=[
            results.Assumption(name=name, **interval._asdict())
            for name, interval in simulation.ranges.items()
        ],
        sensitivity=sensitivity(
            simulation.ranges,
            consistent.values,
            simulation.drawn_gains.potential,
            lambda inputs: _potential(kpi, inputs),
        ),
        dropped=consistent.dropped,
        dropped_because=consistent.reason,
        do_nothing=simulation.figure("do_nothing"),
        treat_all=simulation.figure("treat_all") if simulation.allows_treat_all else None,
        captured_share=_captured_share(simulation, break_even),
    )


def _potential(kpi: AssumableKpi, inputs: Mapping[str, float]) -> float | None:
    """The potential lift of single numbers; None if they contradict each other."""
    shares = status_quo_shares(kpi, inputs)
    if any(is_impossible(shares) for _, is_impossible in CONTRADICTIONS):
        return None
    return float(gains(kpi, figures(kpi, inputs)).potential)


def _captured_share(simulation: Simulation, break_even: results.BreakEven | None) -> results.Estimate | None:
    """The break-even share in each draw: the cost divided by the potential lift."""
    if break_even is None or break_even.captured_share is None:
        return None
    likely, drawn = simulation.gain("potential")
    cost = break_even.captured_share * likely  # in the KPI's unit
    return _share((cost, np.full_like(drawn, cost)), (likely, drawn))


def _estimate(likely: float, draws: Floats) -> results.Estimate:
    return estimate(likely, draws, extend=True)


def _share(part: tuple[float, Floats], whole: tuple[float, Floats]) -> results.Estimate | None:
    """The estimate of a share; each argument is the likely figure and its draws."""
    return share_estimate((part[0], whole[0]), (part[1], whole[1]), extend=True)
