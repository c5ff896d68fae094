"""Perfect as an interval: its ends in samples, with the status quo's decision and with strata of noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from iterata.kpi import UpliftSpec
from iterata.measure.assignment import Assignment
from iterata.measure.bootstrap import bootstrap
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.outcomes import Outcomes
from iterata.measure.strata import Strata
from iterata.measure.uplift.bound_strata import BoundStrata
from iterata.measure.uplift.identification import Drawn

if TYPE_CHECKING:
    from iterata.arrays import Floats
    from iterata.results import Identified


def outcomes_of(rows: int, seed: int, *, effect: float = 0.1, strata: Strata | None = None) -> Outcomes:
    rng = np.random.default_rng(seed)
    treated = np.arange(rows) % 2 == 0
    target = (rng.random(rows) < 0.3 + effect * treated).astype(float)
    return Outcomes(target, assignment=Assignment(treated, np.full(rows, 0.5), declared=True), strata=strata)


def scale_of(outcomes: Outcomes, status_quo: Floats, **keys: object) -> KpiScale:
    spec = UpliftSpec.model_validate({"kind": "uplift", "name": "gain", "unit": "votes", **keys})
    return KpiScale.of(spec, outcomes, status_quo, None)


def drawn(kpi_scale: KpiScale, resamples: int = 200) -> tuple[dict[str, float], dict[str, Floats]]:
    rng = np.random.default_rng(0)
    return bootstrap(kpi_scale.bounds, len(kpi_scale.outcomes), resamples, rng, None, kpi_scale.outcomes)


NOBODY = np.full(2000, -np.inf)


class TestPotentialLift:
    def test_nobody_as_status_quo(self) -> None:
        outcomes = outcomes_of(2000, 1)
        kpi_scale = scale_of(outcomes, NOBODY)
        sample, replicates = drawn(kpi_scale)
        lift, scale = (
            kpi_scale.potential_lift_identified(sample, replicates),
            kpi_scale.scale(sample, replicates, "nobody"),
        )
        assert lift is not None
        assert lift == scale.perfect_identified
        assert lift.upper == kpi_scale.potential_lift(sample, replicates) == scale.perfect
        assert scale.status_quo.interval == (0, 0)
        rates = [outcomes.target[rows].mean() for rows in (slice(0, None, 2), slice(1, None, 2))]
        assert lift.lower.value == pytest.approx(2000 * (rates[0] - rates[1]), rel=1e-6)
        assert lift.upper.value == pytest.approx(2000 * min(rates[0], 1 - rates[1]), rel=1e-6)
        assert lift.widened is not None
        assert lift.widened[0] < lift.lower.value
        assert lift.widened[1] > lift.upper.value

    @pytest.mark.parametrize("seed", range(3))
    def test_is_never_negative_and_position_is_at_most_one(self, seed: int) -> None:
        outcomes = outcomes_of(2000, seed, effect=0.0)
        status_quo = np.random.default_rng(seed + 100).random(2000)
        kpi_scale = scale_of(outcomes, status_quo, budget=0.3)
        sample, replicates = drawn(kpi_scale)
        lift = kpi_scale.potential_lift_identified(sample, replicates)
        assert lift is not None
        assert 0 <= lift.lower.value <= lift.upper.value
        assert lift.lower.low is not None
        assert lift.lower.low >= 0
        best = Drawn(sample["perfect"], replicates["perfect"])
        share = kpi_scale.captured_identified(best, sample, replicates)
        assert share is not None
        assert max(share.lower.extent) <= 1 + 1e-9
        assert max(share.upper.extent) <= 1 + 1e-9

    def test_to_minimise_is_the_same_in_utility(self) -> None:
        outcomes = outcomes_of(2000, 3)
        fewer = Outcomes(1 - outcomes.target, assignment=outcomes.assignment)
        found: list[Identified | None] = []
        for part, direction in ((outcomes, "maximise"), (fewer, "minimise")):
            kpi_scale = scale_of(part, NOBODY, direction=direction, cost_per_contact=0.01)
            sample, replicates = drawn(kpi_scale)
            found.append(kpi_scale.potential_lift_identified(sample, replicates))
            ends = kpi_scale.scale(sample, replicates, "nobody").perfect_identified
            assert ends is not None
            assert ends.lower.value <= ends.upper.value
        one, other = found
        assert one is not None
        assert other is not None
        assert other.lower.value == pytest.approx(one.lower.value)
        assert other.upper.value == pytest.approx(one.upper.value)

    def test_number_has_a_known_policy_as_lower_end(self) -> None:
        outcomes = outcomes_of(2000, 4)
        amounts = Outcomes(outcomes.target * np.arange(2000.0) + 0.5, assignment=outcomes.assignment)
        kpi_scale = scale_of(amounts, NOBODY, outcome="number", budget=0.5)
        sample, replicates = drawn(kpi_scale)
        lift = kpi_scale.potential_lift_identified(sample, replicates)
        assert lift is not None
        assert lift.lower.value == pytest.approx(max(0.0, sample["random"]), rel=1e-6)
        assert kpi_scale.identification is not None
        assert kpi_scale.identification.plug_in_lower is not None
        assert 2000 * kpi_scale.identification.plug_in_lower >= lift.lower.value

    @pytest.mark.parametrize("seed", [2, 4])
    def test_ends_of_a_number_in_windows_are_in_order(self, seed: int) -> None:
        """Everybody must be treated: the effect of the windows together is not that of all rows."""
        rng = np.random.default_rng(seed)
        treated, window = rng.random(300) < 0.5, np.arange(300) // 100
        assignment = Assignment(treated, np.full(300, 0.5), declared=True)
        amounts = Outcomes(rng.normal(5.0 * window, 1.0), assignment=assignment, window=window)
        kpi_scale = scale_of(amounts, np.zeros(300), outcome="number", spend="forced")
        sample, replicates = drawn(kpi_scale)
        scale = kpi_scale.scale(sample, replicates, "everybody")
        ends, lift = scale.perfect_identified, kpi_scale.potential_lift_identified(sample, replicates)
        assert ends is not None
        assert lift is not None
        assert scale.status_quo.value <= ends.lower.value <= ends.upper.value
        assert 0 <= lift.lower.value <= lift.upper.value


class TestRareOutcomes:
    def test_have_exact_limits(self) -> None:
        treated = np.arange(400) % 2 == 0
        target = np.isin(np.arange(400), [0, 2, 4, 1]).astype(float)
        outcomes = Outcomes(target, assignment=Assignment(treated, np.full(400, 0.5), declared=True))
        kpi_scale = scale_of(outcomes, np.full(400, -np.inf))
        sample, replicates = drawn(kpi_scale)
        lift = kpi_scale.potential_lift_identified(sample, replicates)
        assert lift is not None
        assert lift.upper.value == pytest.approx(400 * 3 / 200)
        assert lift.upper.high == pytest.approx(400 * 0.0432119, rel=1e-4)  # Clopper and Pearson, 3 of 200
        assert kpi_scale.scale(sample, replicates, "nobody").random.expectation.interval is None


class TestStrata:
    def test_of_noise_do_not_tighten(self) -> None:
        lower, upper = [], []
        for seed in range(24):
            strata = Strata(np.arange(2000) // 200, tuple(map(str, range(10))))
            outcomes = outcomes_of(2000, seed, effect=0.0, strata=strata)
            kpi_scale = scale_of(outcomes, NOBODY)
            assert kpi_scale.identification is not None
            assert kpi_scale.identification.strata.number == 10
            ends = kpi_scale.identification.turned
            assert ends is not None
            lower.append(ends.lower.leaves["effect"].on_sample(2000))
            upper.append(ends.upper.measure.on_sample(2000))
        assert np.mean(lower) == pytest.approx(0, abs=0.01)  # the plug-in says .026
        assert np.mean(upper) >= 0.3 - 0.01

    def test_that_differ_tighten(self) -> None:
        code = np.arange(4000) // 2000
        treated = np.arange(4000) % 2 == 0
        rng = np.random.default_rng(0)
        rate = np.where(code == 0, 0.2 + 0.2 * treated, 0.4 - 0.2 * treated)
        outcomes = Outcomes(
            (rng.random(4000) < rate).astype(float),
            assignment=Assignment(treated, np.full(4000, 0.5), declared=True),
            strata=Strata(code, ("a", "b")),
        )
        kpi_scale = scale_of(outcomes, np.full(4000, -np.inf))
        sample, replicates = drawn(kpi_scale)
        lift = kpi_scale.potential_lift_identified(sample, replicates)
        assert lift is not None
        assert lift.lower.value / 4000 == pytest.approx(0.1, abs=0.02)
        assert lift.lower.low is not None
        assert lift.lower.low > 0

    def test_that_are_too_small_or_too_many_are_joined_and_told(self) -> None:
        code = np.minimum(np.arange(4000) // 200, 12)
        strata = Strata(code.astype(np.intp), tuple(f"s{number}" for number in range(13)))
        found = BoundStrata.of(outcomes_of(4000, 0, strata=strata), None)
        assert found.number == 10
        assert len(found.labels) == 9
        assert len(found.joined) == 4
        few = Strata((np.arange(2000) < 30).astype(np.intp), ("most", "few"))
        small = BoundStrata.of(outcomes_of(2000, 0, strata=few), None)
        assert (small.labels, small.joined) == (("most",), ("few",))


def test_assumed_absence_of_harm_is_contradicted_by_rows_that_are_turned_away() -> None:
    outcomes = outcomes_of(2000, 5, effect=-0.15)
    kpi_scale = scale_of(outcomes, NOBODY, turned_away_at_most=0.0)
    sample, replicates = drawn(kpi_scale)
    identification = kpi_scale.identification
    assert identification is not None
    away = identification.shares("share turned away", sample, replicates)
    assert away is not None
    assert away.lower.value == pytest.approx(away.upper.value)
    assert away.lower.value > 0.1


def test_status_quo_that_has_no_row_of_an_arm_has_no_gain() -> None:
    outcomes = outcomes_of(2000, 6)
    only_treated = np.where(np.arange(2000) % 2 == 0, 1.0, -np.inf)
    kpi_scale = scale_of(outcomes, only_treated)
    assert np.isnan(kpi_scale.bounds["status_quo"].on_sample(2000))


def test_too_few_of_a_kind_in_an_arm_within_the_choice_have_no_interval() -> None:
    outcomes = outcomes_of(2000, 7)
    few = np.where(np.arange(2000) < 30, 1.0, -np.inf)
    many = np.where(np.arange(2000) < 300, 1.0, -np.inf)
    for status_quo, has_interval in ((few, False), (many, True)):
        kpi_scale = scale_of(outcomes, status_quo)
        scale = kpi_scale.scale(*drawn(kpi_scale), "rule")
        assert (scale.status_quo.interval is not None) == has_interval
