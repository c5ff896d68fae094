"""The statistics of a release give the numbers of the literature and of other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import tea_tasting
from scipy.optimize import brentq
from scipy.special import lambertw
from scipy.stats import t
from tea_tasting.aggr import Aggregates

from iterata.measure.release import confidence_sequence, differences, sample_size
from iterata.measure.release.differences import Difference
from iterata.measure.release.information import (
    ObservedPhase,
    PlannedPhase,
    information,
    planned_fractions,
    planned_information,
    timings,
)
from iterata.measure.release.moments import Moments
from iterata.measure.release.phases import stratified
from iterata.measure.release.spending import (
    crossing_probabilities,
    inflation,
    obrien_fleming,
    planned_looks,
    pocock,
)
from iterata.measure.sample_ratio import combined, limit, sample_ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.arrays import Floats
    from iterata.measure.release.sample_size import ProportionTest
    from iterata.measure.release.spending import Spending

TENTHS = (0.1, 0.25, 0.5, 1.0)

UNLIKE_PHASES = (((20, 980), (180, 8820)), ((100, 2400), (300, 7200)), ((300, 4700), (300, 4700)))
"""Phases of 10, 25 and 50 %: yes and no of the treated, then of the control. There is no effect."""

EFFECT_IN_PHASES = (((28, 972), (180, 8820)), ((115, 2385), (300, 7200)), ((330, 4670), (290, 4710)))


def counted(yes: int, no: int) -> Moments:
    """The moments of units of which some are 1 and the others 0."""
    units = yes + no
    return Moments(units, np.array([yes / units]), np.array([[yes * no / units]]))


def false_positive_rate(information: Sequence[float], critical: Sequence[float]) -> float:
    """How often |z| exceeds its critical value at any of the looks although there is no effect."""
    return sum(above + below for above, below in crossing_probabilities(information, critical, 0.0))


def equal_looks(shape: Floats) -> list[float]:
    """The critical values of this shape with which equally spaced looks err in 5 %."""
    times = list(range(1, len(shape) + 1))

    def excess(constant: float) -> float:
        return false_positive_rate(times, (constant * shape).tolist()) - 0.05

    found: Floats = brentq(excess, 0.5, 8.0, xtol=1e-9) * shape
    return found.tolist()


def phases_of(tables: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> list[Difference]:
    """The difference of each phase."""
    return [differences.proportion(counted(*treated), counted(*control), 0) for treated, control in tables]


@pytest.mark.parametrize(
    ("fractions", "spending", "critical"),
    [
        (TENTHS, obrien_fleming, [6.99134, 4.33263, 2.96313, 1.9686]),
        ((0.2, 0.4, 0.6, 0.8, 1), obrien_fleming, [4.87688, 3.35701, 2.68028, 2.28982, 2.03103]),
        ((0.5, 1), obrien_fleming, [2.96259, 1.9686]),
        ((0.25, 0.5, 0.75, 1), pocock, [2.36833, 2.36752, 2.35817, 2.35003]),
    ],
)
def test_critical_values_of_lan_demets(
    fractions: Sequence[float], spending: Spending, critical: list[float]
) -> None:
    looks = planned_looks(fractions, spending=spending)
    assert [look.critical for look in looks] == pytest.approx(critical, abs=2e-5)
    rate = false_positive_rate(fractions, [look.critical for look in looks])
    assert rate == pytest.approx(0.05, abs=1e-8)


def test_alpha_is_spent_on_each_side_by_itself() -> None:
    spent = [obrien_fleming(fraction) for fraction in TENTHS]
    assert spent == pytest.approx([2.722710946e-12, 1.473361687e-05, 0.003050645516, 0.05], rel=1e-4)
    at_once = [5.720319773e-10, 8.857543832e-05, 0.005574596681]  # the other form, of both sides together
    assert all(own < other for own, other in zip(spent, at_once, strict=False))


def test_classical_boundaries() -> None:
    """Pocock (1977), the same for all looks; O'Brien and Fleming (1979), falling with the look's root."""
    assert equal_looks(np.ones(5)) == pytest.approx([2.413] * 5, abs=1e-3)
    falling = equal_looks(np.sqrt(5 / np.arange(1, 6)))
    assert falling == pytest.approx([4.562, 3.225, 2.634, 2.281, 2.040], abs=1e-3)


@pytest.mark.parametrize(
    ("looks", "rate"), [(2, 0.083), (3, 0.107), (4, 0.126), (5, 0.142), (10, 0.193), (100, 0.37)]
)
def test_false_positives_of_peeking(looks: int, rate: float) -> None:
    found = false_positive_rate(range(1, looks + 1), [1.959964] * looks)
    assert found == pytest.approx(rate, abs=1e-3 if looks < 100 else 5e-3)


def test_planned_looks_need_few_more_units() -> None:
    assert inflation(TENTHS) == pytest.approx(1.003727443, abs=1e-4)
    critical = [look.critical for look in planned_looks(TENTHS)]
    power = sum(above for above, _ in crossing_probabilities(TENTHS, critical, 2.801585))
    assert power == pytest.approx(0.7985375715, abs=1e-4)


def test_information_is_not_the_share_of_traffic() -> None:
    plan = [PlannedPhase(share) for share in (0.1, 0.25, 0.5)]
    assert planned_fractions(plan) == pytest.approx([0.1706161137, 0.5260663507, 1])
    assert planned_fractions([*plan, PlannedPhase(1.0)])[2:] == [1, 1], "a phase at 100 % adds nothing"
    by_units = [PlannedPhase(share, units=14_000, days=3) for share in (0.1, 0.25, 0.5)]
    assert planned_fractions(by_units) == pytest.approx([0.1706161137, 0.5260663507, 1])
    assert planned_information(by_units)[0] == pytest.approx(information(1400, 12_600))


def test_fractions_follow_the_units_that_came() -> None:
    plan = [PlannedPhase(share, units=10_000) for share in (0.1, 0.25, 0.5)]
    on_plan = [ObservedPhase(1000, 9000), ObservedPhase(2500, 7500), ObservedPhase(5000, 5000)]
    found = [timing.fraction for timing in timings(plan, on_plan)]
    assert found == pytest.approx(planned_fractions(plan))
    overrun = timings(plan, [ObservedPhase(100_000, 900_000), *on_plan[1:]])
    assert [timing.fraction for timing in overrun][-1] == 1
    assert overrun[0].fraction == pytest.approx(90_000 / (90_000 + 1875 + 2500))
    nothing = timings(plan, [ObservedPhase(0, 0), *on_plan[1:]])
    assert [timing.fraction for timing in nothing] == pytest.approx([0, 1875 / 4375, 1])
    assert [timing.fraction for timing in timings(plan, on_plan[:1])] == pytest.approx(found[:1])


def test_phases_are_strata() -> None:
    same = stratified(phases_of(UNLIKE_PHASES))
    assert same is not None
    assert same.difference == pytest.approx(0, abs=1e-15)
    found = stratified(phases_of(EFFECT_IN_PHASES))
    assert found is not None
    assert found.difference == pytest.approx(0.007289099526)
    assert found.standard_error == pytest.approx(0.00299064276)


def test_cuped() -> None:
    i = np.arange(40)
    before, arm = (7 * i) % 13, i % 2
    y = 1.5 * before + (5 * i) % 11 + 2 * arm
    rows = np.column_stack([y, before]).astype(float)
    treatment, control = (Moments.of(rows[arm == side]) for side in (1, 0))
    plain = differences.mean(treatment, control, 0)
    assert (plain.control, plain.treatment) == pytest.approx((12.775, 16.975))
    assert plain.z == pytest.approx(2.689826304)
    assert plain.relative == pytest.approx(0.3287671233)
    relative = [plain.treatment_variance / plain.treatment**2, plain.control_variance / plain.control**2]
    freedom = sum(relative) ** 2 / sum(
        variance**2 / 19 for variance in relative
    )  # Welch's, of the logarithms
    assert plain.relative_interval(float(t.isf(0.025, freedom))) == pytest.approx(
        (0.06536954532, 0.6572860335)
    )
    adjusted = differences.cuped(treatment, control, 0, 1)
    shift = treatment.mean[1] - control.mean[1]
    theta = (plain.difference - adjusted.difference) / shift
    assert theta == pytest.approx(1.136207193), "of all units; within the arms it is 1.065518498"
    assert adjusted.variance < plain.variance


def test_asymptotic_confidence_sequence() -> None:
    assert confidence_sequence.tuning(1000) / 0.5 == pytest.approx(0.1781701951)
    widths = [0.5 / n**0.5 * confidence_sequence.critical_value(n / 1000) for n in (100, 1000, 10_000)]
    assert widths == pytest.approx([0.1927527317, 0.04799086792, 0.01620861573])
    mens, none = counted(267, 21_307 - 267), counted(122, 21_306 - 122)
    hillstrom = differences.proportion(mens, none, 0)
    half_width = hillstrom.standard_error * confidence_sequence.critical_value(1)
    assert half_width == pytest.approx(0.002794975767, rel=1e-6)
    assert hillstrom.difference == pytest.approx(0.0068050, abs=5e-8)


def test_growthbook_relative_sequence() -> None:
    def arm(units: int, total: float, squares: float) -> tuple[float, float]:
        return total / units, (squares - total**2 / units) / (units - 1) / units

    control, treatment = arm(3000, 1396.87, 52377.9767), arm(3461, 2422.7, 134698.29)
    found = Difference(3461, 3000, treatment[0], control[0], treatment[1], control[1])
    reach = confidence_sequence.critical_value(6461 / 1000) * found.relative_standard_error
    ends = found.relative - reach, found.relative + reach
    assert (found.relative, *ends) == pytest.approx((0.50336, -0.55844, 1.56516), abs=5e-6)


def test_normal_mixture() -> None:
    """Howard and others (2021): the bound of a sum with the variance 100, narrowest there."""
    variance, alpha = 100.0, 0.05

    def bound(rho: float) -> float:
        total = variance + rho
        return float(np.sqrt(total * (np.log(total / rho) - 2 * np.log(alpha))))

    closed = variance * confidence_sequence.tuning(1) ** -2
    assert closed == pytest.approx(12.60056, abs=5e-6)
    ours = variance**0.5 * confidence_sequence.critical_value(1)
    assert ours == pytest.approx(bound(closed))
    assert ours == pytest.approx(30.35209, abs=5e-6)
    best = variance / -(1 + float(lambertw(-(alpha**2) / np.e, -1).real))
    assert (best, bound(best)) == (pytest.approx(12.17734916), pytest.approx(30.35122413))
    assert ours < 1.0001 * bound(best), "the closed form is hardly wider than the best one"


def test_linear_model_as_in_avlm() -> None:
    mixture = confidence_sequence.StudentMixture.narrowest(100, 8)
    assert mixture.critical() * 0.21566 == pytest.approx(0.66939, abs=1e-5)
    assert mixture.p_value(10.769) == pytest.approx(3.19e-14, rel=2e-3)


def test_sample_ratio() -> None:
    even = sample_ratio([5000, 5200], [1, 1])
    assert (even.chi_square, even.p_value) == pytest.approx((3.921568627, 0.04767038066))
    tenth = sample_ratio([1050, 8950], [0.1, 0.9])
    assert (tenth.chi_square, tenth.p_value) == pytest.approx((2.777777778, 0.09558070455))
    three = sample_ratio([21307, 21387, 21306], [1, 1, 1])
    assert (three.chi_square, three.p_value) == pytest.approx((0.20253, 0.9037), abs=5e-5)
    phases = [tenth, sample_ratio([2550, 7450], [0.25, 0.75]), sample_ratio([5060, 4940], [1, 1])]
    assert phases[1].p_value == pytest.approx(0.248213079)
    assert phases[2].p_value == pytest.approx(0.2301393404)
    together = combined(phases)
    assert (together.chi_square, together.freedom) == (pytest.approx(5.551111111), 3)
    assert together.p_value == pytest.approx(0.1356133667)
    assert limit(4) == pytest.approx(0.00025)


def test_small_arms_are_not_off_by_an_approximation() -> None:
    few = sample_ratio([3, 17], [0.02, 0.98])
    assert few.chi_square == pytest.approx(17.2449, abs=1e-4)
    assert few.p_value == pytest.approx(0.0071, abs=1e-4), "the binomial one; chi-square says .00003"
    assert sample_ratio([0, 0], [1, 1]).p_value == 1
    with pytest.raises(ValueError, match="2 arms"):
        sample_ratio([1, 2], [1, 0])


@pytest.mark.parametrize(
    ("test", "units"), [("arcsine", 14744.10484), ("unpooled", 14748.04502), ("pooled", 14750.79047)]
)
def test_units_for_proportions(test: ProportionTest, units: float) -> None:
    found = sample_size.units_for_proportions(0.1, 0.11, test=test)
    assert found == pytest.approx(units, rel=1e-5)


def test_units_for_means() -> None:
    means = sample_size.units_for_means
    assert means(1, 1, power=0.9) == pytest.approx(22.0211, abs=5e-5)
    assert sample_size.power_for_means(1, 1, 20) == pytest.approx(0.8689530)
    assert means(0.1, 1) == pytest.approx(1570.733043)
    assert means(0.1, 1, use_t=False) == pytest.approx(1569.772102, rel=1e-5)
    assert means(0.2, 1, power=0.9, ratio=3) == pytest.approx(350.7281905, rel=1e-6)
    arcsine = sample_size.units_for_proportions(0.5, 0.75, power=0.9, test="arcsine")
    assert arcsine == pytest.approx(76.6529, abs=1e-4)


@pytest.mark.parametrize(("ratio", "units"), [(1, 28_260), (9, 78_493)])
def test_units_of_tea_tasting(ratio: int, units: int) -> None:
    """10 % yes and 10 % more; tea-tasting rounds up, and has a sample's variance."""
    arms = tea_tasting.Mean("of", rel_effect_size=0.1, power=0.8, ratio=ratio, use_t=False)
    sample = Aggregates(count_=10_000, mean_={"of": 0.1}, var_={"of": 0.09}, cov_={})
    theirs = arms.solve_power(sample, "n_obs")[0].n_obs
    ours = sample_size.units_for_means(0.01, 0.3, ratio=ratio, use_t=ratio == 1) * (1 + ratio)
    assert ours == pytest.approx(theirs, rel=1e-4)
    assert ours == pytest.approx(units, rel=1e-4)


def test_days_in_whole_weeks() -> None:
    units = 2 * sample_size.units_for_proportions(0.1, 0.11)
    assert sample_size.duration(units, 2000) == (15, 21)
