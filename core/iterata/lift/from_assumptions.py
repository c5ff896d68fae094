"""The expected lift from assumptions: from numbers where they are known, from draws of ranges where not."""

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
from iterata.documents.models.kpi import TargetingSpec
from iterata.lift import monte_carlo, planning
from iterata.lift.bounds import Figures, Gains, figures, gains, random_meaning, sd_of_one_draw, sign_of
from iterata.lift.sensitivity import sensitivity
from iterata.results import provenance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.arrays import Floats
    from iterata.documents.models.assumptions import Range
    from iterata.documents.models.lift import LiftSpec
    from iterata.errors import Location
    from iterata.lift.monte_carlo import Possible

PACKAGES = ("iterata", "numpy")
"""Whose versions may change a figure."""


class Drawn(NamedTuple):
    """The figures under the likely values, and under each draw."""

    kpi: AssumableKpi
    ranges: Mapping[str, Range]
    kept: Possible
    likely: Figures
    draws: Figures
    likely_gains: Gains
    draws_gains: Gains

    @classmethod
    def of(cls, kpi: AssumableKpi, assumed: Mapping[str, Range], kept: Possible) -> Drawn:
        """The figures of both."""
        likely, draws = figures(kpi, _likely(assumed)), figures(kpi, kept.draws)
        return cls(kpi, assumed, kept, likely, draws, gains(kpi, likely), gains(kpi, draws))

    @property
    def budget(self) -> float | None:
        """The share of rows that may be acted upon, as is likely; none where nothing limits it."""
        return budget_share(self.kpi, self.ranges["volume"].likely)

    @property
    def is_ranged(self) -> bool:
        """Whether anything is uncertain at all."""
        return any(each.distribution != "fixed" for each in self.ranges.values())

    def figure(self, name: str) -> results.Estimate:
        """One of the imagined models."""
        return monte_carlo.estimate(float(getattr(self.likely, name)), getattr(self.draws, name))

    def gain(self, name: str) -> tuple[float, Floats]:
        """One of the gains, as is likely and in each draw."""
        return float(getattr(self.likely_gains, name)), getattr(self.draws_gains, name)


def compute(
    spec: LiftSpec, where: str | Location = "", *, commit: str | None = None, dirty: bool = False
) -> results.LiftResult:
    """The bounds of what a project can win and lose, if what is assumed is so.

    A figure is what the likely values come to. Its interval holds the middle 95 % of what it comes to when
    all ranges are drawn from: it says how uncertain the assumptions are, and nothing of chance in data.

    Raises:
        DataError: most draws contradict themselves; `where` names the document.
    """
    kpi, assumptions = spec.kpi, spec.assumptions
    if assumptions is None or not isinstance(kpi, AssumableKpi):
        raise TypeError("the document's model passes only assumptions that fit the KPI")
    assumed = ranges(kpi, assumptions, spec.period)
    drawn = monte_carlo.draw(assumed, assumptions.draws, np.random.default_rng(spec.seed))
    at = Drawn.of(kpi, assumed, monte_carlo.possible(kpi, drawn, where))
    potential = at.gain("potential")
    scale = _scale(at, assumptions.status_quo.label)
    expected = _good_model(at, scale, potential[0])
    break_even = planning.break_even(spec, potential[0], expected)
    return results.LiftResult(
        kpi=_described(spec, at),
        sample=None,
        assumed=_assumed(at, break_even),
        scale=scale,
        potential_lift=monte_carlo.estimate(*potential),
        risk=monte_carlo.estimate(*at.gain("risk")),
        position=monte_carlo.share(at.gain("risk"), at.gain("span")),
        good_model=expected,
        break_even=break_even,
        split_test=planning.split_test(spec, expected, _of_a_row(at), round(at.ranges["volume"].likely)),
        interval=results.IntervalMethod(
            confidence=monte_carlo.CONFIDENCE,
            resamples=len(at.kept.draws["volume"]) if at.is_ranged else 0,
            unit="draw",
        ),
        seed=spec.seed,
        provenance=provenance.collect(data={}, packages=PACKAGES, commit=commit, dirty=dirty, seconds={}),
    )


def _likely(assumed: Mapping[str, Range]) -> dict[str, float]:
    return {name: each.likely for name, each in assumed.items()}


def _described(spec: LiftSpec, at: Drawn) -> results.Kpi:
    return results.Kpi(
        name=spec.kpi.name,
        kind=spec.kpi.kind,
        unit=spec.kpi.unit,
        direction=spec.kpi.direction,
        period=spec.period.name if spec.period else "",
        period_rows=round(at.ranges["volume"].likely),
        budget=at.budget,
    )


def _scale(at: Drawn, label: str) -> results.Scale:
    return results.Scale(
        random=results.RandomModel(
            expectation=at.figure("random"),
            sd_of_one_draw=sd_of_one_draw(at.kpi, _likely(at.ranges)),
            meaning=random_meaning(at.kpi, at.ranges["volume"].likely),
        ),
        status_quo=at.figure("status_quo"),
        status_quo_label=label,
        perfect=at.figure("perfect"),
        do_nothing=float(at.likely.do_nothing),
        treat_all=float(at.likely.treat_all) if _may_treat_all(at) else None,
    )


def _may_treat_all(at: Drawn) -> bool:
    """A budget that is spent whoever is left, and is not everybody, forbids it."""
    forced = isinstance(at.kpi, TargetingSpec) and at.kpi.spend is Spend.FORCED
    return not forced or at.budget == 1


def _good_model(at: Drawn, scale: results.Scale, potential: float) -> results.GoodModel | None:
    """The rule of thumb, with the likely values."""
    likely = _likely(at.ranges)
    per_row = planning.usual(payoff_matrix(at.kpi, likely), likely["base_rate"], at.budget)
    kpi = None if per_row is None else likely["volume"] * per_row
    return planning.good_model(scale, sign_of(at.kpi), kpi, potential)


def _of_a_row(at: Drawn) -> float:
    """The variance of the KPI of a row today, with the likely values."""
    likely = _likely(at.ranges)
    now, worth = status_quo_shares(at.kpi, likely), payoff_matrix(at.kpi, likely)
    shares = [
        now.true_positives,
        now.action_rate - now.true_positives,
        now.base_rate - now.true_positives,
        1 - now.base_rate - now.action_rate + now.true_positives,
    ]
    values = np.array([worth.tp, worth.fp, worth.fn, worth.tn], dtype=float)
    return float(np.dot(shares, values**2) - np.dot(shares, values) ** 2)


def _assumed(at: Drawn, break_even: results.BreakEven | None) -> results.AssumptionAnalysis:
    return results.AssumptionAnalysis(
        inputs=[results.Assumption(name=name, **each._asdict()) for name, each in at.ranges.items()],
        sensitivity=sensitivity(
            at.ranges, at.kept.draws, at.draws_gains.potential, lambda inputs: _potential(at.kpi, inputs)
        ),
        dropped=at.kept.dropped,
        dropped_because=at.kept.because,
        do_nothing=at.figure("do_nothing"),
        treat_all=at.figure("treat_all") if _may_treat_all(at) else None,
        captured_share=_captured_share(at, break_even),
    )


def _potential(kpi: AssumableKpi, inputs: Mapping[str, float]) -> float | None:
    """The potential lift of single numbers; none where they cannot be true together."""
    at = status_quo_shares(kpi, inputs)
    if any(holds(at) for _, holds in CONTRADICTIONS):
        return None
    return float(gains(kpi, figures(kpi, inputs)).potential)


def _captured_share(at: Drawn, break_even: results.BreakEven | None) -> results.Estimate | None:
    """The break-even in each draw: the cost as a share of what the potential is worth."""
    if break_even is None or break_even.captured_share is None:
        return None
    likely, draws = at.gain("potential")
    cost = break_even.captured_share * likely  # in units of the KPI
    return monte_carlo.share((cost, np.full_like(draws, cost)), (likely, draws))
