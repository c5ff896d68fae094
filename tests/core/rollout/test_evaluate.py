"""A rollout up to a phase: strata, looks, sample ratio, and what they advise."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from math import ceil, e, isclose, log
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from iterata.errors import DataError
from iterata.measure.release.moments import Moments
from iterata.render.rollout.sentences import about_units
from iterata.rollout.cells import Arm, Cell, MetricColumns, ReleaseData

from .evaluated import (
    SHARES,
    SIMPSON,
    START,
    STRATA,
    TODAY,
    UNDECIDED,
    Counts,
    data,
    deployment,
    half_width,
    result,
    with_everybody,
)

if TYPE_CHECKING:
    from iterata.results import RolloutResult


def test_unlike_phases_without_an_effect_show_none() -> None:
    """Simpson's paradox: pooled, z is 5.23."""
    found = result(data(SIMPSON))
    primary = found.metrics[0]
    assert primary.total is not None
    assert primary.total.difference.value == pytest.approx(0, abs=1e-12)
    assert primary.total.p_value == pytest.approx(1)
    assert (primary.state, found.advice, found.health[0].problem) == ("not_worse", "hold", "inconclusive")
    assert found.looks[-1].z == pytest.approx(0, abs=1e-9)


def test_phases_are_strata() -> None:
    """The reference's Mantel-Haenszel difference; the pooled one is .0198."""
    total = result(data(STRATA)).metrics[0].total
    assert total is not None
    assert total.difference.value == pytest.approx(0.007289099526, rel=1e-6)
    assert total.standard_error == pytest.approx(0.00299064276, rel=1e-6)


def test_each_phase_is_a_look_at_its_information() -> None:
    """The fractions of the reference, not those of the traffic; each phase has its planned units."""
    equal = [((50, 950), (450, 8550)), ((125, 2375), (375, 7125)), ((250, 4750), (250, 4750))]
    looks = result(data(equal)).looks
    assert [look.information for look in looks] == pytest.approx([0.1706161137, 0.5260663507, 1], rel=1e-6)
    assert looks[-1].spent == pytest.approx(0.05)
    assert all(before.critical > after.critical for before, after in pairwise(looks))


def test_the_interval_is_the_one_of_the_look() -> None:
    found = result(data(STRATA))
    primary, critical = found.metrics[0], found.looks[-1].critical
    assert primary.total is not None
    assert primary.sequential is not None
    assert primary.sequential.interval is not None
    low, high = primary.sequential.interval
    assert (high - low) / 2 == pytest.approx(critical * primary.total.standard_error, rel=1e-5)
    assert critical > 1.95996


def test_before_its_days_a_phase_has_no_look_and_a_wider_interval() -> None:
    waiting, done = result(data(STRATA), today=date(2026, 5, 12)), result(data(STRATA))
    assert (waiting.hold.days, waiting.advice, waiting.health) == (13, "hold", [])
    assert waiting.hold.until == date(2026, 5, 13)
    assert len(waiting.looks) == len(done.looks) - 1
    wide, narrow = (found.metrics[0].sequential for found in (waiting, done))
    assert wide is not None
    assert narrow is not None
    assert wide.low is not None
    assert narrow.low is not None
    assert wide.low < narrow.low


def test_great_harm_is_read_before_the_look() -> None:
    tables = [((20, 980), (900, 8100))]
    found = result(data(tables, [0.1]), share=0.1, today=date(2026, 4, 3))
    assert (found.advice, found.health[0].problem, found.looks) == ("revert", "harm", [])


def test_harm_that_was_read_before_a_look_is_harm_at_the_look() -> None:
    """An early look spends so little that its own interval is the wider one."""
    tables = [((320, 9_680), (3_600, 86_400))]
    before, at_look = (
        result(data(tables, [0.1]), share=0.1, today=day) for day in (date(2026, 4, 10), TODAY)
    )
    assert (before.advice, before.looks, before.metrics[0].always_valid) == ("revert", [], None)
    primary = at_look.metrics[0]
    assert primary.sequential is not None
    assert primary.sequential.high is not None
    assert primary.sequential.high > 0
    assert (at_look.advice, at_look.health[0].problem, len(at_look.looks)) == ("revert", "harm", 1)


def test_a_margin_has_looser_bounds_early_and_a_gain_the_strict_ones() -> None:
    """Pocock-type spending by its formula, at the first of three looks: half of what it may spend."""
    equal = [((50, 950), (450, 8550)), ((125, 2375), (375, 7125)), ((250, 4750), (250, 4750))]
    found = result(data(equal[:1], SHARES[:1]), share=0.1)
    primary, look = found.metrics[0], found.looks[0]
    assert primary.total is not None
    spent = 0.05 * log(1 + (e - 1) * look.information)
    kept = NormalDist().inv_cdf(1 - spent / 2)
    assert look.non_inferiority_critical == pytest.approx(kept, rel=1e-6)
    worst = 0.05 - 0.01  # the margin, of which more is better: less variance than is there
    assert worst * (1 - worst) < 0.05 * 0.95
    assert half_width(primary.non_inferiority) == pytest.approx(kept * primary.total.standard_error, rel=1e-5)
    assert half_width(primary.sequential) == pytest.approx(
        look.critical * primary.total.standard_error, rel=1e-5
    )
    assert look.critical > 5 > kept


@pytest.mark.parametrize(
    ("treated", "control", "state"),
    [((0, 1_000), (9, 8_991), "inconclusive"), ((0, 5_000), (0, 45_000), "not_worse")],
)
def test_a_treatment_without_rare_events_is_not_harmless_by_itself(
    treated: Counts, control: Counts, state: str
) -> None:
    """A loss of the margin, 2 in 1,000, would leave no event among 1,000 units in 5 of 100 cases."""
    found = calling_counts(treated, control, 0.002)
    calls = found.metrics[1]
    assert (calls.state, calls.method) == (state, "proportion")
    yes, no = control
    lost = yes / (yes + no) + 0.002
    rare = yes / (yes + no) * no / (yes + no) / (yes + no)
    error = (lost * (1 - lost) / sum(treated) + rare) ** 0.5
    critical = found.looks[0].non_inferiority_critical
    assert critical is not None
    assert half_width(calls.non_inferiority) == pytest.approx(critical * error, rel=1e-5)


def test_an_inconclusive_phase_says_how_long_it_would_go_on() -> None:
    look = result(data(UNDECIDED))
    primary = look.metrics[0]
    assert primary.total is not None
    ratio = (half_width(primary.always_valid) / primary.total.difference.value) ** 2
    units = ceil((ratio - 1) * (900 + 1875 + 2500) / 0.25)
    days = ceil(units * 14 / 10_000)
    assert look.hold.until == START + timedelta(days=42 + days)


def test_later_phases_are_left_out() -> None:
    found = result(data(STRATA), share=0.25)
    assert [phase.share for phase in found.phases] == [0.1, 0.25]
    assert [share for share, _ in found.metrics[0].phases] == [0.1, 0.25]
    assert [look.phase for look in found.looks] == [0.1, 0.25]


def test_a_small_gain_advances_early_phases_and_not_the_last() -> None:
    """An early phase only has to exclude harm; the last one with a control group has to show the gain."""
    tables = [
        ((5_100, 94_900), (45_000, 855_000)),
        ((12_600, 237_400), (37_500, 712_500)),
        ((25_100, 474_900), (25_000, 475_000)),
    ]
    steps = [result(data(tables), share=share).advice for share in SHARES]
    assert steps == ["advance", "advance", "hold"]
    required = deployment().phases[2].model_dump() | {"requires": "no_harm"}
    phases = [*(phase.model_dump() for phase in deployment().phases[:2]), required]
    assert result(data(tables), phases=phases).advice == "advance"


def test_arms_of_other_sizes_than_planned_hold() -> None:
    found = result(data([((40, 1960), (180, 8820))], [0.1]), share=0.1)
    ratio = found.phases[0].sample_ratio
    assert ratio is not None
    assert (ratio.is_off, ratio.expected, found.health[0].problem) == (True, 0.1, "sample_ratio")
    assert ratio.limit == pytest.approx(0.001 / 3, rel=1e-6)


@pytest.mark.parametrize(
    ("counts", "p_value"), [((5000, 5200), 0.04767038066), ((5200, 5000), 0.04767038066)]
)
def test_sample_ratio_has_no_correction_for_continuity(counts: Counts, p_value: float) -> None:
    treated, control = counts
    found = result(data([((0, treated), (0, control))], [0.5]), shares=(0.5, 1.0))
    ratio = found.phases[0].sample_ratio
    assert ratio is not None
    assert isclose(ratio.p_value, p_value, rel_tol=1e-6)


def test_a_phase_without_data_holds() -> None:
    found = result(data([STRATA[0]], [0.1]), share=0.25)
    assert (found.advice, found.health[0].problem) == ("hold", "no_data")


def test_units_of_an_earlier_phase_do_not_stand_in_for_an_arm() -> None:
    units = data(STRATA[:2], SHARES[:2])
    cells = {cell: arm for cell, arm in units.cells.items() if cell[::2] != (0.25, Arm.CONTROL)}
    found = result(ReleaseData(units.quantities, units.metrics, cells), share=0.25)
    assert found.health[0].problem == "no_data"


def test_everybody_treated_is_compared_with_the_last_control_group() -> None:
    found = result(with_everybody((2000, 18000)), share=1.0)
    before = result(data(STRATA))
    assert found.comparison is not None
    assert found.comparison.kind == "before_and_after"
    assert found.comparison.effect.control == pytest.approx(290 / 5000)
    assert found.comparison.effect.treatment == pytest.approx(0.1)
    assert found.phases[-1].sample_ratio is None
    assert found.metrics[0].total == before.metrics[0].total, "it adds no information"
    assert found.looks == before.looks
    assert found.advice == "advance"
    undeclared = result(with_everybody((1900, 17100), (60, 940)), share=1.0).comparison
    assert undeclared is not None
    assert undeclared.kind == "before_and_after"
    assert undeclared.note != found.comparison.note, "some units keep the status quo"


def test_everybody_but_a_holdout_is_compared_with_it() -> None:
    found = result(with_everybody((1900, 17100), (60, 940)), share=1.0, holdout=0.05)
    assert found.comparison is not None
    assert found.comparison.kind == "holdout"
    assert found.comparison.effect.control == pytest.approx(0.06)
    ratio = found.phases[-1].sample_ratio
    assert ratio is not None
    assert (ratio.expected, ratio.is_off) == (0.95, False)
    assert found.metrics[0].total == result(data(STRATA)).metrics[0].total


def spec(**metrics: Any) -> dict[str, Any]:
    described = deployment().split_test
    assert described is not None
    return described.model_dump(mode="json", exclude_none=True) | {"metrics": metrics}


def calling_counts(treated: Counts, control: Counts, margin: float) -> RolloutResult:
    """The same of arms of these sizes: who calls and who does not."""
    (yes1, no1), (yes0, no0) = treated, control
    sizes = yes1 + no1, yes0 + no0
    return calling(yes1 / sizes[0], yes0 / sizes[1], margin, sizes)


def calling(
    treated: float, control: float, margin: float = 0.05, sizes: Counts = (10_000, 90_000)
) -> RolloutResult:
    """A phase in which some units call, and none buys."""
    arms = {}
    for arm, share, units in ((Arm.TREATMENT, treated, sizes[0]), (Arm.CONTROL, control, sizes[1])):
        products = np.zeros((2, 2))
        products[1, 1] = units * share * (1 - share)
        products[0, 0] = units * 0.01
        arms[Cell(0.1, START, arm)] = Moments(units, np.array([1.0, share]), products)
    units = ReleaseData(("sold", "called"), {"sales": MetricColumns(0), "calls": MetricColumns(1)}, arms)
    guard = {"name": "calls", "metric": "r2", "better": "lower", "margin": margin}
    metrics = {"primary": "sales", "guardrail": [guard], "secondary": [{"metric": "roc_auc"}]}
    described = spec(sales={"of": "sold", "margin": 0.5}, calls={"of": "called"})
    phases = [{"share": 0.1, "started": START, "hold": {"days": None}, "requires": "no_harm"}, {"share": 1.0}]
    return result(units, share=0.1, metrics=metrics, split_test=described, phases=phases)


@pytest.mark.parametrize(
    ("treated", "state", "advice"),
    [
        (0.1, "not_worse", "advance"),
        (0.145, "inconclusive", "hold"),
        (0.5, "worse", "revert"),
        (0.01, "better", "advance"),
    ],
)
def test_a_guardrail_has_the_margin_of_the_proposal(treated: float, state: str, advice: str) -> None:
    """A loss within the margin whose interval reaches beyond it is no proof that all is well."""
    found = calling(treated, 0.1)
    assert (found.metrics[1].state, found.advice) == (state, advice)
    assert (found.metrics[1].margin, found.metrics[1].better) == (0.05, "lower")
    assert found.not_measured == ["roc_auc"]


def test_the_primary_metric_must_be_measured() -> None:
    with pytest.raises(DataError) as caught:
        result(data(STRATA), metrics={"primary": "profit"})
    assert "profit" in caught.value.message
    assert caught.value.location.field == ("split_test", "metrics")


def test_units_that_never_come_have_no_day() -> None:
    phases = [{"share": 0.1, "started": START, "hold": {"days": 14, "units": 10**12}}, {"share": 1.0}]
    found = result(data([STRATA[0]], [0.1]), share=0.1, phases=phases)
    assert (found.advice, found.hold.until, found.hold.units) == ("hold", None, 10_000)


def test_approval_is_waited_for() -> None:
    waits = {"share": 0.1, "hold": {"days": 14, "approval": "product"}, "started": START}
    phases = [waits, *(phase.model_dump() for phase in deployment().phases[1:])]
    tables = [((6_000, 94_000), (45_000, 855_000))]
    found = result(data(tables, [0.1]), share=0.1, phases=phases)
    assert (found.advice, found.hold.approval_needed) == ("hold", "product")
    phases[0] = waits | {"approved": [{"role": "product", "on": "2026-05-01"}]}
    assert result(data(tables, [0.1]), share=0.1, phases=phases).advice == "advance"


@pytest.mark.parametrize(("planned", "warned"), [(1_000, True), (9_000, False), (None, False)])
def test_a_phase_with_many_times_its_units_is_told(planned: int | None, warned: bool) -> None:
    """Its look spends the rate of later ones."""
    first = {"share": 0.1, "started": START, "hold": {"days": 14, "units": planned}}
    phases = [first, *(phase.model_dump() for phase in deployment().phases[1:])]
    found = result(data([STRATA[0]], [0.1]), share=0.1, phases=phases)
    assert any("1,000" in line for line in about_units(found)) is warned
