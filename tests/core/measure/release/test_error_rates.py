"""How often a release goes wrong, by simulation: looks, strata, sequences, sample ratio, CUPED, winners."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import chi2, norm

from iterata.measure.release import differences
from iterata.measure.release.confidence_sequence import critical_value
from iterata.measure.release.information import ObservedPhase, PlannedPhase, planned_fractions, timings
from iterata.measure.release.moments import Moments
from iterata.measure.release.non_inferiority import with_variance_under
from iterata.measure.release.phases import stratified
from iterata.measure.release.selection import Z, corrected_gain
from iterata.measure.release.sequential import looks_of, non_inferiority_looks_of
from iterata.measure.release.simulate import (
    ADVANCED,
    REVERTED,
    DeclaredPhase,
    Rollout,
    simulate,
)
from iterata.measure.release.spending import drift_for_power, planned_looks
from iterata.measure.sample_ratio import limit
from iterata.results import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.helpers.rates import Rates

    from iterata.arrays import Floats

pytestmark = pytest.mark.statistical

SAMPLES = 20_000

SHARES = (0.1, 0.25, 0.5)

RATES = (0.02, 0.04, 0.06)
"""The rate of both arms in each phase: it rises with the share of the treatment, as in Simpson's paradox."""


def stratified_looks(
    rng: np.random.Generator,
    units: Sequence[int],
    rates: Sequence[float],
    effect: float,
    weights: str = "mantel_haenszel",
) -> tuple[Floats, Floats]:
    """z of the stratified difference of proportions after each phase, and its error; `(samples, phases)`.

    The arms have their sizes by design; all samples at once, by the formulas of `stratified`.
    """
    differences_, variances, informations = [], [], []
    for size, share, rate in zip(units, SHARES, rates, strict=True):
        n1, n0 = round(size * share), round(size * (1 - share))
        p1, p0 = (rng.binomial(n, p, SAMPLES) / n for n, p in ((n1, rate + effect), (n0, rate)))
        differences_.append(p1 - p0)
        variances.append(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
        informations.append(n1 * n0 / (n1 + n0))
    d, v = np.array(differences_), np.array(variances)
    w = 1 / v if weights == "inverse_variance" else np.array(informations)[:, None] + np.zeros_like(v)
    total = np.cumsum(w, axis=0)
    estimate, variance = np.cumsum(w * d, axis=0) / total, np.cumsum(w**2 * v, axis=0) / total**2
    return (estimate / np.sqrt(variance)).T, np.sqrt(variance).T


def test_vectorised_strata_are_those_of_the_module() -> None:
    z, error = stratified_looks(np.random.default_rng(0), (3000, 3000, 3000), RATES, 0.01)
    rng = np.random.default_rng(0)
    phases = []
    for share, rate in zip(SHARES, RATES, strict=True):
        n1, n0 = round(3000 * share), round(3000 * (1 - share))
        yes1, yes0 = rng.binomial(n1, rate + 0.01, SAMPLES)[7], rng.binomial(n0, rate, SAMPLES)[7]
        treatment, control = (
            Moments(n, np.array([yes / n]), np.array([[yes * (n - yes) / n]]))
            for yes, n in ((int(yes1), n1), (int(yes0), n0))
        )
        phases.append(differences.proportion(treatment, control, 0))
    found = stratified(phases)
    assert found is not None
    assert (found.z, found.standard_error) == pytest.approx((z[7, -1], error[7, -1]))


@pytest.mark.parametrize(
    ("units", "level", "where"),
    [
        ((30_000, 30_000, 30_000), RATES, "3 phases of 30,000 units at 2, 4 and 6 %"),
        ((30_000, 0, 30_000), RATES, "no data in the second of 3 phases"),
        ((30_000, 30_000, 90_000), RATES, "the last phase takes three times its units"),
        ((30_000, 30_000, 9_000), RATES, "the last phase ends early"),
    ],
)
def test_planned_looks_keep_their_level(
    units: Sequence[int], level: Sequence[float], where: str, rates: Rates
) -> None:
    rng = np.random.default_rng(1)
    plan = [PlannedPhase(share, units=30_000) for share in SHARES]
    observed = [
        ObservedPhase(round(size * share), round(size * (1 - share)))
        for size, share in zip(units, SHARES, strict=True)
    ]
    critical = np.array([look.critical for look in looks_of(timings(plan, observed))])
    z, error = stratified_looks(rng, [max(size, 10) for size in units], level, 0.0)
    wrong = (np.abs(z) > critical).any(axis=1)
    rates.record("planned looks show an effect that is not there", where, wrong=int(wrong.sum()), of=SAMPLES)
    assert abs(float((z * error)[:, -1].mean())) < 2e-4, "the estimate has no bias"


def test_inverse_variance_would_not(rates: Rates) -> None:
    """Trap: estimated variances as weights call a loss that is not there."""
    z, _ = stratified_looks(np.random.default_rng(2), (1000, 1000, 1000), RATES, 0.0, "inverse_variance")
    assert (np.abs(z[:, -1]) > Z).mean() > 0.12
    z, _ = stratified_looks(np.random.default_rng(2), (1000, 1000, 1000), RATES, 0.0)
    wrong = int((np.abs(z[:, -1]) > Z).sum())
    rates.record(
        "stratified difference is called significant without an effect",
        "3 phases of 1,000 units at 2, 4 and 6 %, one look",
        wrong=wrong,
        of=SAMPLES,
        at_most=0.06,
    )


def test_planned_looks_have_the_power_that_their_size_says(rates: Rates) -> None:
    fractions = planned_fractions([PlannedPhase(share) for share in SHARES])
    critical = [look.critical for look in planned_looks(fractions)]
    drift = drift_for_power(fractions, critical)
    steps = np.diff(fractions, prepend=0.0)
    noise = np.random.default_rng(3).standard_normal((SAMPLES, 3))
    scores = np.cumsum(noise * np.sqrt(steps) + drift * steps, axis=1)
    found = (scores / np.sqrt(fractions) > critical).any(axis=1)
    rates.power(
        "a gain is shown by planned looks",
        "phases of equal length at 10, 25 and 50 %",
        detected=int(found.sum()),
        of=SAMPLES,
        nominal=0.8,
    )


@pytest.mark.parametrize("skew", [False, True])
def test_repeated_intervals_contain_the_effect_at_all_looks(skew: bool, rates: Rates) -> None:
    rng, effect = np.random.default_rng(4), 0.003
    units = (20_000, 20_000, 20_000)
    level = 0.2 if skew else 1.0
    looks = planned_looks(planned_fractions([PlannedPhase(share) for share in SHARES]))
    critical = np.array([look.critical for look in looks])
    z, error = stratified_looks(rng, units, [rate * level for rate in RATES], effect)
    missed = (np.abs(z * error - effect) > critical * error).any(axis=1)
    rates.record(
        "a repeated interval misses the effect at a planned look",
        f"3 phases of 20,000 units, from {RATES[0] * level:.1%} yes on",
        wrong=int(missed.sum()),
        of=SAMPLES,
        at_most=0.055,
    )


@pytest.mark.parametrize(("rate", "days"), [(0.5, 200), (0.02, 200)])
def test_confidence_sequence_contains_the_effect_every_day(rate: float, days: int, rates: Rates) -> None:
    """200 units an arm in a day; the sequence begins with the first day."""
    samples, units = 4000, 200
    rng = np.random.default_rng(5)
    yes = np.cumsum(rng.binomial(units, rate, (2, samples, days)), axis=2)
    sizes = units * np.arange(1, days + 1)
    share = yes / sizes
    error = np.sqrt((share * (1 - share) / sizes).sum(axis=0))
    limits = np.array([critical_value(float(day), 0.05) for day in sizes / sizes[-1]])
    outside = np.abs(share[0] - share[1]) > limits * error
    rates.record(
        "a confidence sequence misses the effect on some day",
        f"{days} daily looks, {rate:.0%} yes, 200 units an arm and day",
        wrong=int(outside.any(axis=1).sum()),
        of=samples,
    )
    naive = (np.abs(share[0] - share[1]) > Z * error).any(axis=1)
    assert naive.mean() > 0.3, "looking every day at intervals of 95 % is no way out"


def test_sample_ratio_over_looks(rates: Rates) -> None:
    looks, samples = 4, 100_000
    rng = np.random.default_rng(6)
    treated = np.cumsum(rng.binomial(5000, 0.1, (samples, looks)), axis=1)
    total = 5000 * np.arange(1, looks + 1)
    statistic = (treated - 0.1 * total) ** 2 / (0.1 * 0.9 * total)
    off = (chi2.sf(statistic, 1) < limit(looks)).any(axis=1)
    rates.record(
        "arms of the planned ratio are called off",
        "4 looks, 5,000 units each at 10 %",
        wrong=int(off.sum()),
        of=samples,
        nominal=0.001,
    )


def test_useless_covariate_gains_nothing_and_costs_nothing(rates: Rates) -> None:
    samples, rng = 1000, np.random.default_rng(7)
    missed, variances = 0, []
    for _ in range(samples):
        rows = rng.standard_normal((2, 100, 2))
        treatment, control = Moments.of(rows[0]), Moments.of(rows[1])
        plain = differences.mean(treatment, control, 0)
        adjusted = differences.cuped(treatment, control, 0, 1)
        variances.append(adjusted.variance / plain.variance)
        missed += abs(adjusted.difference) > Z * adjusted.standard_error
    assert 0.98 < np.mean(variances) <= 1.0
    rates.record(
        "an interval with a useless earlier measurement misses the effect",
        "100 units an arm",
        wrong=missed,
        of=samples,
        at_most=0.06,
    )


@pytest.mark.parametrize(("spread", "shared"), [(0.0, 0.0), (0.0, 0.5), (1.0, 0.0), (3.0, 0.5)])
def test_corrected_gain_of_the_best_of_five(spread: float, shared: float, rates: Rates) -> None:
    samples, rng = 500, np.random.default_rng(8)
    truth = spread * np.array([1.0, 0.5, 0.0, 0.0, -0.5])
    common, own = rng.standard_normal((samples, 1)), rng.standard_normal((samples, 5))
    found = truth + shared**0.5 * common + (1 - shared) ** 0.5 * own
    missed, bias = 0, 0.0
    for row in found:
        best = int(row.argmax())
        gains = {str(at): Estimate(value=x, low=x - Z, high=x + Z) for at, x in enumerate(row.tolist())}
        corrected = corrected_gain(gains, str(best))
        assert corrected is not None
        assert corrected.interval is not None
        low, high = corrected.interval
        missed += not low <= truth[best] <= high
        bias += (corrected.value - truth[best]) / samples
    assert bias < 0.15, "in standard errors: the correction is large enough"
    rates.record(
        "the interval of a chosen variant's corrected gain misses the truth",
        f"the best of 5, {spread:g} standard errors apart, correlated by {shared:g}",
        wrong=missed,
        of=samples,
    )


PHASES = (
    DeclaredPhase(0.1, days=14),
    DeclaredPhase(0.25, days=14),
    DeclaredPhase(0.5, days=28, needs_gain=True),
)


@pytest.mark.parametrize(
    ("effect", "delay", "where"),
    [
        (0.0, 0, "no effect"),
        (0.0, 3, "no effect, the newest 3 days are missing"),
        (0.03, 0, "a gain of .03 standard deviations"),
    ],
)
def test_rollout_is_reverted_for_nothing(effect: float, delay: int, where: str, rates: Rates) -> None:
    found = simulate(Rollout(PHASES, 2000, margin=0.2, delay=delay), effect)
    rates.record(
        "a rollout without harm is reverted",
        f"phases of 10, 25 and 50 %, daily looks for harm, {where}",
        wrong=int((found.end == REVERTED).sum()),
        of=len(found.end),
    )


def test_rollout_without_a_gain_passes(rates: Rates) -> None:
    found = simulate(Rollout(PHASES, 2000, margin=0.2), 0.0)
    rates.record(
        "a rollout without a gain passes all phases",
        "phases of 10, 25 and 50 %; the last one requires a gain",
        wrong=int((found.end == ADVANCED).sum()),
        of=len(found.end),
        nominal=0.025,
    )


def test_rollout_of_harm_beyond_the_margin_passes_no_phase(rates: Rates) -> None:
    found = simulate(Rollout(PHASES, 2000, margin=0.05), -0.05)
    rates.record(
        "a loss of the margin passes a phase that excludes it",
        "phases of 10, 25 and 50 %",
        wrong=int(((found.phase > 0) | (found.end == ADVANCED)).sum()),
        of=len(found.end),
        nominal=0.025,
    )


@pytest.mark.parametrize(
    ("units", "rate", "margin"), [(10_000, 0.001, 0.002), (10_000, 0.01, 0.01), (30_000, 0.02, 0.01)]
)
def test_rare_events_beyond_the_margin(units: int, rate: float, margin: float, rates: Rates) -> None:
    """The first of three phases, at 10 %; what its look may spend on one side of the margin."""
    rng, n1, n0 = np.random.default_rng(10), units // 10, units - units // 10
    plan = [PlannedPhase(share) for share in SHARES]
    timing = timings(plan, [ObservedPhase(n1, n0)])
    (look,) = non_inferiority_looks_of(timing)
    p1, p0 = rng.binomial(n1, rate + margin, SAMPLES) / n1, rng.binomial(n0, rate, SAMPLES) / n0
    found = [
        with_variance_under(
            differences.Difference(n1, n0, a, b, a * (1 - a) / n1, b * (1 - b) / n0), margin
        ).standard_error
        for a, b in zip(p1.tolist(), p0.tolist(), strict=True)
    ]
    wrong = p1 - p0 + look.critical * np.array(found) < margin
    rates.record(
        "a loss of the margin passes the look after a first phase",
        f"{n1:,} of {units:,} units treated, {rate + margin:.1%} against {rate:.1%} events",
        wrong=int(wrong.sum()),
        of=SAMPLES,
        nominal=round(look.spent / 2, 6),
    )
    plain = np.sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
    assert (p1 - p0 + look.critical * plain < margin).mean() > 1.3 * look.spent / 2, "trap: Wald's variance"


@pytest.mark.parametrize("rate", [0.001, 0.005, 0.02])
def test_rare_events_are_no_harm(rate: float, rates: Rates) -> None:
    """A first phase at 10 %, read every day; 200 treated units a day, of which one in five days buys."""
    rng, days, treated, others = np.random.default_rng(11), 14, 200, 1800
    day = np.arange(1, days + 1)
    p1, p0 = (
        np.cumsum(rng.binomial(units, rate, (SAMPLES, days)), axis=1) / (units * day)
        for units in (treated, others)
    )
    own, as_control = (p * (1 - p) / (treated * day) for p in (p1, p0))
    error = np.sqrt(np.maximum(own, as_control) + p0 * (1 - p0) / (others * day))
    limits = np.array([critical_value(0.17 * at / days) for at in day])
    rates.record(
        "a rollout without harm is reverted in its first phase",
        f"10 % of 2,000 units a day, of which {rate:.1%} buy, daily looks for harm",
        wrong=int((p0 - p1 > limits * error).any(axis=1).sum()),
        of=SAMPLES,
        nominal=0.025,
    )
    plain = np.sqrt(own + p0 * (1 - p0) / (others * day))
    assert rate > 0.001 or (p0 - p1 > limits * plain).any(axis=1).mean() > 0.1, "trap: Wald's variance"
    place = 7, days - 1
    control = float(p0[place] * (1 - p0[place]) / (others * days))
    share = differences.Difference(
        treated * days, others * days, float(p1[place]), float(p0[place]), float(own[place]), control
    )
    assert with_variance_under(share, 0.0).standard_error == pytest.approx(error[place])


def test_rollout_of_harm_beyond_the_margin_passes_no_set_of_phases(rates: Rates) -> None:
    """It would have to pass every phase, so that it is rarer still than passing the first one."""
    phases = [phase._replace(needs_gain=False) for phase in PHASES]
    found = simulate(Rollout(phases, 2000, margin=0.02), -0.02)
    rates.record(
        "a loss of the margin passes all phases, each of which excludes it",
        "phases of 10, 25 and 50 %",
        wrong=int((found.end == ADVANCED).sum()),
        of=len(found.end),
        nominal=0.025,
    )


@pytest.mark.parametrize(("before", "days"), [(0.526, 14), (0.0, 28)])
def test_last_phase_goes_on_until_it_shows_a_gain(before: float, days: int, rates: Rates) -> None:
    """Read every day after its look, for ten times its days: by then of the confidence sequence alone."""
    rng, steps = np.random.default_rng(9), 9 * days
    known = 1 + (1 - before) / days * np.arange(steps + 1)
    first = rng.standard_normal((SAMPLES, 1))
    added = rng.standard_normal((SAMPLES, steps)) * ((1 - before) / days) ** 0.5
    z = np.hstack([first, first + np.cumsum(added, axis=1)]) / np.sqrt(known)
    limits = np.array([Z, *(critical_value(float(at)) for at in known[1:])])
    rates.record(
        "a last phase that goes on shows a gain that is not there",
        f"a look after {days} days and {1 - before:.0%} of the information, then daily",
        wrong=int((z > limits).any(axis=1).sum()),
        of=SAMPLES,
        nominal=0.025,
        at_most=0.035,
    )
    assert (z > Z).any(axis=1).mean() > 0.1, "reading it again at 1.96 is no way out"


def test_rollout_of_a_gain_passes(rates: Rates) -> None:
    """The expected z after the last phase is 2.81, as for a power of 80 % in one look."""
    information = 2000 * (14 * 0.09 + 14 * 0.1875 + 28 * 0.25)
    effect = float(norm.isf(0.025) + norm.isf(0.2)) / information**0.5
    found = simulate(Rollout(PHASES, 2000, margin=1.0), effect)
    rates.power(
        "a rollout with the gain that its units are planned for passes all phases",
        "phases of 10, 25 and 50 %, a wide margin",
        detected=int((found.end == ADVANCED).sum()),
        of=len(found.end),
        nominal=0.79,
    )
