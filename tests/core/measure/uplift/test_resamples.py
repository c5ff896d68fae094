"""Resamples of a campaign: within the arms, of whole units, and of very many rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from iterata.measure.bootstrap import bootstrap
from iterata.measure.kpi.uplift import Uplift
from iterata.measure.unit_strata import UnitStrata, by_unit
from iterata.measure.uplift.arm_sums import ArmLevels

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.measure.measures import Measure
    from iterata.measure.outcomes import Outcomes

    Campaign = Callable[..., Outcomes]

KPI = Uplift(0.2, 1.0, 0.0, forced=False)


def replicates(outcomes: Outcomes, measure: Measure, units: np.ndarray | None = None) -> np.ndarray:
    found = bootstrap({"x": measure}, len(outcomes), 400, np.random.default_rng(1), units, outcomes)
    return found[1]["x"]


@pytest.mark.parametrize("rows", [3_000, 30_000])
def test_keep_the_number_of_rows_in_each_arm(rows: int, campaign: Campaign) -> None:
    rng = np.random.default_rng(0)
    outcomes = campaign(rng.random(rows) < 0.3, rng.random(rows) < 0.4, 0.3)
    assert outcomes.assignment is not None
    count = ArmLevels.whole(outcomes).measure(lambda sums: sums.treated[0])
    assert set(replicates(outcomes, count)) == {float(outcomes.assignment.treated.sum())}


def test_keep_the_arms_but_not_their_rows_of_each_probability(campaign: Campaign) -> None:
    """Chance decided these, and the gain varies with them."""
    probability = np.where(np.arange(3000) % 3 == 0, 0.2, 0.6)
    treated = np.random.default_rng(0).random(3000) < probability
    strata = UnitStrata.of(campaign(treated, treated, probability), None)
    assert strata is not None
    drawn = strata.draw(50, np.random.default_rng(1))
    for arm in (treated, ~treated):
        assert set(drawn[:, arm].sum(axis=1)) == {arm.sum()}
        assert len(set(drawn[:, arm & (probability == 0.2)].sum(axis=1))) > 1


def test_units_with_rows_in_both_arms_are_a_stratum_of_their_own() -> None:
    units, arm = np.array([0, 0, 1, 1, 2]), np.array([0, 0, 0, 1, 1])
    assert by_unit(arm, units).tolist() == [0, 2, 1]


@pytest.mark.parametrize("numbers", [False, True])
def test_many_rows_vary_as_few_do(campaign: Campaign, *, numbers: bool) -> None:
    """Classes, groups of rows, and rows one by one are three ways to the same spread."""
    rng = np.random.default_rng(0)
    spreads = []
    for rows in (15_000, 45_000):
        treated, score = rng.random(rows) < 0.5, rng.normal(size=rows)
        target = (rng.random(rows) < 0.3 + 0.1 * treated).astype(float) * (1 + numbers * rng.random(rows))
        outcomes = campaign(treated, target)
        spreads.append(np.std(replicates(outcomes, KPI.measure(outcomes, score))) * np.sqrt(rows))
    assert spreads[1] == pytest.approx(spreads[0], rel=0.2)


def test_spread_of_a_constant_treatment_is_the_textbook_standard_error(campaign: Campaign) -> None:
    # ten tied levels of 100 + 100 rows, 30 and 20 yes: sqrt(.3 .7 / 1000 + .2 .8 / 1000) = .01923538406
    treated = np.tile(np.repeat([True, False], 100), 10)
    target = np.tile(np.arange(200) % 100 < np.repeat([30, 20], 100), 10)
    outcomes = campaign(treated, target)
    everybody = Uplift(1.0, 1.0, 0.0, forced=False).measure(outcomes, np.zeros(2000))
    assert everybody.on_sample(2000) == pytest.approx(0.1)
    assert np.std(replicates(outcomes, everybody)) == pytest.approx(0.01923538406, rel=0.12)
