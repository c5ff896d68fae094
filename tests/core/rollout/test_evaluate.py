"""A rollout up to a phase: strata, looks, sample ratio, and what they advise."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from math import ceil, e, isclose, log
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from iterata.documents.models.deployment import Deployment
from iterata.documents.models.proposal import Metrics
from iterata.errors import DataError
from iterata.measure.release.confidence_sequence import critical_value
from iterata.measure.release.moments import Moments
from iterata.render.rollout.sentences import about_units
from iterata.results.parts import Provenance
from iterata.rollout.cells import Arm, Cell, MetricColumns, ReleaseData
from iterata.rollout.evaluate import Release, evaluate
from iterata.rollout.scale import Expectations
from iterata.stages import Stage, Status

from ...helpers import samples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.results import RolloutResult
    from iterata.results.parts import Estimate

Counts = tuple[int, int]
"""Yes and no."""

SHARES = (0.1, 0.25, 0.5)
SIMPSON = (((20, 980), (180, 8820)), ((100, 2400), (300, 7200)), ((300, 4700), (300, 4700)))
STRATA = (((28, 972), (180, 8820)), ((115, 2385), (300, 7200)), ((330, 4670), (290, 4710)))
START = date(2026, 4, 1)
TODAY = date(2026, 6, 1)


def moments(counts: Counts) -> Moments:
    """Units that buy or do not, and nobody calls."""
    yes, no = counts
    units, share = yes + no, yes / (yes + no)
    products = np.zeros((2, 2))
    products[0, 0] = units * share * (1 - share)
    return Moments(units, np.array([share, 0.0]), products)


def data(tables: Sequence[tuple[Counts, Counts]], shares: Sequence[float] = SHARES) -> ReleaseData:
    """The units of each phase on the fourteen days of it; treated units first in each table."""
    cells = {}
    for at, (share, (treated, control)) in enumerate(zip(shares, tables, strict=True)):
        first = START + timedelta(days=14 * at)
        for day in (first, first + timedelta(days=13)):
            for arm, counts in ((Arm.TREATMENT, treated), (Arm.CONTROL, control)):
                whole = moments(counts)
                half = Moments(whole.n_obs // 2, whole.mean, whole.products / 2)
                cells[Cell(share, day, arm)] = half
    return ReleaseData(("sold", "called"), {"sales": MetricColumns(0), "calls": MetricColumns(1)}, cells)


def deployment(shares: Sequence[float] = (*SHARES, 1.0), **keys: Any) -> Deployment:
    phases = [
        {"share": share, "hold": {"days": 14}, "started": START + timedelta(days=14 * at)}
        for at, share in enumerate(shares)
    ]
    spec = {
        "source": "ab.csv",
        "arm": {"column": "arm", "control": "old", "treatment": "new"},
        "date": "day",
        "metrics": {"sales": {"of": "sold", "margin": 0.01}},
    }
    document = samples.data(Stage.DEPLOYMENT, Status.ROLLING_OUT)
    return Deployment.model_validate(document | {"phases": phases, "split_test": spec} | keys)


def result(
    units: ReleaseData,
    share: float = 0.5,
    today: date = TODAY,
    metrics: dict[str, Any] | None = None,
    earlier: RolloutResult | None = None,
    **keys: Any,
) -> RolloutResult:
    origin = Provenance(commit=None, dirty=False, data={}, packages={}, python="3.11")
    proposed = Metrics.model_validate(metrics or {"primary": "sales"})
    release = Release(deployment(**keys), units, share, today, earlier)
    return evaluate(release, proposed, Expectations(None, None, "logistic"), origin)


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


def half_width(estimate: Estimate | None) -> float:
    assert estimate is not None
    assert estimate.interval is not None
    low, high = estimate.interval
    return (high - low) / 2


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


UNDECIDED = [*STRATA[:2], ((300, 4700), (280, 4720))]
"""The last look shows no gain: z is 1.84."""

LONGER = [*STRATA[:2], ((1800, 28_200), (1680, 28_320))]
"""Six times the units in the last phase, with the same shares: z is 2.58."""


def test_a_last_phase_that_goes_on_is_read_from_the_confidence_sequence() -> None:
    """Its looks have spent the whole rate; reading it at 1.96 again and again would find a gain by chance."""
    look = result(data(UNDECIDED))
    assert (look.advice, look.undecided_at) == ("hold", 10_000)
    again, later = result(data(LONGER)), result(data(LONGER), earlier=look)
    assert (again.metrics[0].state, again.undecided_at) == ("better", None), "as if it were the first look"
    primary = later.metrics[0]
    assert (primary.state, later.advice, later.undecided_at) == ("not_worse", "hold", 10_000)
    assert primary.always_valid is None
    assert primary.non_inferiority == primary.sequential
    assert later.looks[-1] == look.looks[-1]
    assert primary.total is not None
    known = 900 + 1875 + 2500
    critical = critical_value((known + 12_500) / known)
    assert half_width(primary.sequential) == pytest.approx(critical * primary.total.standard_error, rel=1e-5)
    assert result(data(LONGER), earlier=later) == later, "a repetition"


def test_a_gain_is_shown_later_if_it_is_large_enough() -> None:
    tables = [*STRATA[:2], ((1_000, 14_000), (800, 14_200))]
    found = result(data(tables), earlier=result(data(UNDECIDED)))
    assert (found.metrics[0].state, found.advice) == ("better", "advance")


def test_rows_that_came_late_do_not_make_a_phase_go_on() -> None:
    look = result(data(UNDECIDED))
    late = [*STRATA[:2], ((300, 4750), (280, 4770))]
    found = result(data(late), earlier=look)
    assert (len(found.looks), found.undecided_at) == (3, 10_100)
    assert found.metrics[0].always_valid is not None


def test_other_phases_have_looks_left_when_they_go_on() -> None:
    """Only the last phase spends all; a release of harm would have to pass it too."""
    tables = [STRATA[0], ((70, 2430), (300, 7200))]
    found = result(data(tables, SHARES[:2]), share=0.25)
    assert (found.advice, found.undecided_at) == ("hold", None)


def test_everybody_treated_after_a_phase_that_went_on() -> None:
    units = with_everybody((2000, 18000))
    longer = data(LONGER)
    cells = {cell: arm for cell, arm in units.cells.items() if cell[0] == 1.0} | longer.cells
    everybody = ReleaseData(units.quantities, units.metrics, cells)
    found = result(everybody, share=1.0, earlier=result(data(UNDECIDED)))
    assert (
        found.metrics[0].sequential == result(longer, earlier=result(data(UNDECIDED))).metrics[0].sequential
    )


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


def with_everybody(treated: Counts, control: Counts | None = None) -> ReleaseData:
    """The phases with control groups, and a last one without one, or with a holdout."""
    units = data((*STRATA, (treated, control or (0, 2))), (*SHARES, 1.0))
    cells = {
        cell: arm
        for cell, arm in units.cells.items()
        if control is not None or cell[::2] != (1.0, Arm.CONTROL)
    }
    return ReleaseData(units.quantities, units.metrics, cells)


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
