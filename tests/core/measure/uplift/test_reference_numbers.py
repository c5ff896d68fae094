"""Numbers that were computed elsewhere, from campaigns that ship in packages and from closed forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from iterata.measure.kpi.uplift import Uplift
from iterata.measure.uplift.arm_sums import ArmLevels
from iterata.measure.uplift.balance import balance, sample_ratio_of, standardized_differences
from iterata.measure.uplift.bound_strata import BoundStrata
from iterata.measure.uplift.couplings import coupling_bound, shares_that_gain, steps_of
from iterata.measure.uplift.cross_fit import cross_fitted, plug_in, stratum_rates, turned_within_strata
from iterata.measure.uplift.curve import GainCurve
from iterata.measure.uplift.ends import away_ends, effect_of, perfect_ends, turned_ends
from iterata.measure.uplift.gain import ScoredRows
from iterata.measure.uplift.rare_outcomes import clopper_pearson
from iterata.measure.uplift.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from iterata.arrays import Floats
    from iterata.measure.outcomes import Outcomes
    from iterata.measure.uplift.ends import Ends

    Campaign = Callable[..., Outcomes]

FREE = Terms(1.0, 1.0, 0.0, forced=False)


def gain(outcomes: Outcomes, score: Floats | pd.Series[float], depth: float) -> float:
    kpi = Uplift(depth, 1.0, 0.0, forced=False)
    return kpi.measure(outcomes, np.asarray(score, dtype=float)).on_sample(len(outcomes))


def ends_of(ends: Ends, outcomes: Outcomes) -> list[float]:
    return [end.measure.on_sample(len(outcomes)) for end in ends]


def rule(chosen: NDArray[np.bool_] | pd.Series) -> Floats:
    return np.where(chosen, 1.0, -np.inf)


def strata_of(*columns: pd.Series) -> BoundStrata:
    code = pd.factorize(pd.MultiIndex.from_arrays(columns))[0].astype(np.intp)
    return BoundStrata(code, int(code.max()) + 1)


@pytest.fixture(scope="module")
def party(voters: pd.DataFrame) -> pd.Series:
    none = pd.Series("none", index=voters.index)
    for name in "DIR":
        none = none.mask(voters[f"PARTY_{name}"] == 1, name)
    return none


class TestVoters:
    """dmba's Voter-Persuasion: 5,000 with and 5,000 without a message."""

    def test_effect_and_its_standard_error(self, voter_outcomes: Outcomes) -> None:
        kpi = Uplift(1.0, 1.0, 0.0, forced=False)
        assert kpi.effect(voter_outcomes).on_sample(10_000) == pytest.approx(0.058)
        assert kpi.treat_all(voter_outcomes) == pytest.approx(0.058)
        assert kpi.random(voter_outcomes, voter_outcomes.target).on_sample(10_000) == pytest.approx(0.058)

    @pytest.mark.parametrize(("depth", "figure"), [(0.1, 0.007276750898), (0.3, 0.02317205189)])
    def test_gain_by_age_with_shared_ties(
        self, voters: pd.DataFrame, voter_outcomes: Outcomes, depth: float, figure: float
    ) -> None:
        assert gain(voter_outcomes, voters.AGE, depth) == pytest.approx(figure, rel=1e-6)
        curve = GainCurve(voter_outcomes, voters.AGE.to_numpy(float))
        assert curve.at(depth).on_sample(10_000) == pytest.approx(figure, rel=1e-6)

    def test_gain_is_normalised_within_the_chosen_rows(
        self, voters: pd.DataFrame, voter_outcomes: Outcomes
    ) -> None:
        assert gain(voter_outcomes, voters.AGE, 0.2) != pytest.approx(0.01793623188, rel=1e-3)
        shifted = type(voter_outcomes)(voter_outcomes.target + 7, assignment=voter_outcomes.assignment)
        assert gain(shifted, voters.AGE, 0.2) == pytest.approx(gain(voter_outcomes, voters.AGE, 0.2))

    def test_gain_of_a_rule(self, voters: pd.DataFrame, voter_outcomes: Outcomes) -> None:
        kpi, democrats = Uplift(1.0, 1.0, 0.0, forced=False), rule(voters.PARTY_D == 1)
        assert kpi.contacts(voter_outcomes, democrats) == pytest.approx(0.4743)
        assert gain(voter_outcomes, democrats, 1.0) == pytest.approx(0.03004789458, rel=1e-6)

    @pytest.mark.parametrize(
        ("terms", "bounds"),
        [
            (Terms(0.2, 1.0, 0.1, forced=False), [0.0522, 0.18]),
            (Terms(0.2, 1.0, 0.1, forced=True), [0.038, 0.18]),
            (Terms(1.0, 1.0, 0.02, forced=False), [0.05684, 0.394352]),
        ],
    )
    def test_perfect_under_budget_and_cost(
        self, voter_outcomes: Outcomes, terms: Terms, bounds: list[float]
    ) -> None:
        assert ends_of(perfect_ends(terms, voter_outcomes), voter_outcomes) == pytest.approx(bounds)

    @pytest.mark.parametrize(
        ("harm", "bounds"), [(None, [0.058, 0.4024]), (0.0, [0.058, 0.058]), (0.02, [0.058, 0.078])]
    )
    def test_share_turned(self, voter_outcomes: Outcomes, harm: float | None, bounds: list[float]) -> None:
        terms, arms = FREE._replace(turned_away=harm), ArmLevels.whole(voter_outcomes)
        turned = turned_ends(terms, arms)
        assert ends_of(turned, voter_outcomes) == pytest.approx(bounds)
        away = away_ends(terms, voter_outcomes, turned, effect_of(terms, arms))
        most = 0.3444 if harm is None else harm
        assert ends_of(away, voter_outcomes) == pytest.approx([0, most], abs=1e-12)

    def test_bounds_of_strata(self, voters: pd.DataFrame, voter_outcomes: Outcomes, party: pd.Series) -> None:
        of_party = stratum_rates(FREE, voter_outcomes, strata_of(party))
        assert plug_in(of_party) == pytest.approx([0.06237258964, 0.3572867676], rel=1e-6)
        of_gender = stratum_rates(FREE, voter_outcomes, strata_of(voters.GENDER_F))
        assert plug_in(of_gender) == pytest.approx([0.05931335198, 0.4030756051], rel=1e-6)
        democrats = stratum_rates(FREE, voter_outcomes, strata_of(party != "D"))
        assert 0.5814846416 in democrats.treated.round(10)
        assert 0.5181325552 in democrats.control.round(10)

    def test_bounds_with_the_status_quo_as_stratum(
        self, voters: pd.DataFrame, voter_outcomes: Outcomes
    ) -> None:
        chosen = np.where(voters.PARTY_D == 1, 1.0, 0.0)
        strata = BoundStrata.of(voter_outcomes, chosen)
        arms = ArmLevels(voter_outcomes, strata.code, strata.number)
        turned = turned_within_strata(FREE, arms, strata, None)
        assert ends_of(turned, voter_outcomes) == pytest.approx([0.06169107667, 0.3570057908], rel=1e-6)

    def test_cross_fitted_bounds_by_parity(
        self, voters: pd.DataFrame, voter_outcomes: Outcomes, party: pd.Series
    ) -> None:
        strata = strata_of(voters.CAND1S, party)
        found = cross_fitted(FREE, voter_outcomes, strata, np.arange(10_000) % 2 == 0)
        assert (found.lower, found.upper) == pytest.approx((0.05375922984, 0.2003526032), rel=1e-6)

    def test_distinct_scores_as_scikit_uplift_counts_them(
        self, voters: pd.DataFrame, voter_outcomes: Outcomes
    ) -> None:
        # 0.07669793621 is scikit-uplift 0.5.1's uplift_at_k(strategy="overall", k=2000) of this score
        score = voters.AGE.to_numpy(float) + np.random.default_rng(3).random(10_000) / 2
        assert gain(voter_outcomes, score, 0.2) == pytest.approx(0.2 * 0.07669793621, rel=1e-6)
        # its uplift_curve at 2,000 rows is 153.3958724; its qini_curve, 78.6, is another curve
        point = GainCurve(voter_outcomes, score).at(0.2).on_sample(10_000)
        assert 10_000 * point == pytest.approx(153.3958724, rel=1e-6)

    def test_balance(self, voters: pd.DataFrame, voter_outcomes: Outcomes) -> None:
        never = {"VOTER_ID", "MESSAGE_A", "MESSAGE_A_REV", "MOVED_A", "MOVED_AD", "opposite", "SET_NO"}
        columns = voters.select_dtypes("number").columns.difference([*never, "Partition"], sort=False)
        found = balance(voter_outcomes, None, {name: voters[name].to_numpy(float) for name in columns})
        assert found.columns == 66
        assert found.largest is not None
        assert found.largest.name == "NH_MULT"
        assert abs(found.largest.difference) == pytest.approx(0.05678718737, rel=1e-6)
        assert found.chance == pytest.approx(0.0673569436, rel=1e-6)
        assert found.sample_ratio is not None
        assert (found.sample_ratio.statistic, found.sample_ratio.p) == (0, 1)
        assert voter_outcomes.assignment is not None
        (democrats,) = standardized_differences(
            voter_outcomes.assignment, {"PARTY_D": voters.PARTY_D.to_numpy(float)}
        )
        assert democrats.difference == pytest.approx(-0.02202825253, rel=1e-6)

    def test_validation_part(self, voters: pd.DataFrame, campaign: Campaign) -> None:
        part = voters[voters.Partition.astype(str) == "V"]
        outcomes, kpi = campaign(part.MESSAGE_A == 1, part.MOVED_A), Uplift(0.2, 1.0, 0.0, forced=False)
        assert outcomes.assignment is not None
        ratio = sample_ratio_of(outcomes.assignment)
        assert (ratio.statistic, ratio.p) == pytest.approx((0.7739387958, 0.3790013058), rel=1e-6)
        assert kpi.random(outcomes, outcomes.target).on_sample(4052) == pytest.approx(0.008438721097)
        assert kpi.random_sd(outcomes, outcomes.target) == pytest.approx(0.006050522643)


class TestThornton:
    """A trial of incentives, without a share that was declared."""

    @pytest.fixture
    def outcomes(self, thornton: pd.DataFrame, campaign: Campaign) -> Outcomes:
        return campaign(thornton["any"] == 1, thornton["got"], (thornton["any"] == 1).mean())

    def test_arms(self, outcomes: Outcomes) -> None:
        found = balance(outcomes, None, {})
        assert (found.treated.rows, found.control.rows) == (2211, 623)
        assert (found.treated.mean, found.control.mean) == pytest.approx((0.7892356, 0.3386838), rel=1e-6)
        turned = turned_ends(FREE, ArmLevels.whole(outcomes))
        assert ends_of(turned, outcomes) == pytest.approx([0.4505518519, 0.6613162119], rel=1e-6)

    def test_gain_by_distance(self, thornton: pd.DataFrame, outcomes: Outcomes) -> None:
        near = -thornton["distvct"].to_numpy(float)
        assert gain(outcomes, near, 0.2) == pytest.approx(0.07481491084, rel=1e-6)
        assert gain(outcomes, near, 0.5) == pytest.approx(0.225, rel=1e-6)
        chosen = thornton["distvct"] < 1.5
        assert chosen.mean() == pytest.approx(0.4100211715, rel=1e-6)
        assert gain(outcomes, rule(chosen), 1.0) == pytest.approx(0.1765422455, rel=1e-6)

    def test_bounds_near_and_far(self, thornton: pd.DataFrame, outcomes: Outcomes) -> None:
        found = plug_in(stratum_rates(FREE, outcomes, strata_of(thornton["distvct"] < 1.5)))
        assert found == pytest.approx((0.4519335623, 0.6625290758), rel=1e-6)

    def test_sample_ratio_against_a_half_that_nobody_declared(
        self, thornton: pd.DataFrame, campaign: Campaign
    ) -> None:
        assignment = campaign(thornton["any"] == 1, thornton["got"]).assignment
        assert assignment is not None
        ratio = sample_ratio_of(assignment)
        assert ratio.statistic == pytest.approx(889.8179252, rel=1e-6)
        assert ratio.p == pytest.approx(1.604336166e-195, rel=1e-6)
        assert ratio.off


class TestEarnings:
    """The National Supported Work trial: earnings in 1978, and whether there were any."""

    @pytest.fixture
    def outcomes(self, nsw: pd.DataFrame, campaign: Campaign) -> Outcomes:
        return campaign(nsw["treat"] == 1, nsw["re78"], 185 / 445)

    @pytest.mark.parametrize(
        ("budget", "bounds"), [(1.0, (1794.342382, 5615.49076)), (0.2, (985.4734583, 3621.099662))]
    )
    def test_perfect(self, outcomes: Outcomes, budget: float, bounds: tuple[float, float]) -> None:
        terms = FREE._replace(budget=budget)
        found = [coupling_bound(terms, outcomes, upper=upper) for upper in (False, True)]
        assert found == pytest.approx(bounds, rel=1e-6)

    def test_shares_that_gain(self, outcomes: Outcomes) -> None:
        found = shares_that_gain(*steps_of(FREE, outcomes))
        assert found == pytest.approx((0.1321205821, 0.7567567568), rel=1e-6)

    def test_employed(self, nsw: pd.DataFrame, campaign: Campaign) -> None:
        employed = campaign(nsw["treat"] == 1, nsw["re78"] > 0, 185 / 445)
        bounds = pytest.approx((0.1106029106, 0.3538461538), rel=1e-6)
        assert shares_that_gain(*steps_of(FREE, employed)) == bounds
        assert [coupling_bound(FREE, employed, upper=upper) for upper in (False, True)] == bounds
        assert ends_of(turned_ends(FREE, ArmLevels.whole(employed)), employed) == bounds

    def test_balance(self, nsw: pd.DataFrame, campaign: Campaign) -> None:
        assignment = campaign(nsw["treat"] == 1, nsw["re78"]).assignment
        assert assignment is not None
        ratio = sample_ratio_of(assignment)
        assert (ratio.statistic, ratio.p) == pytest.approx((12.64044944, 0.0003774892144), rel=1e-6)
        expected = {
            "age": 0.1072771215,
            "educ": 0.1412198208,
            "black": 0.04388661137,
            "hisp": -0.1745610714,
            "marr": 0.09364070076,
            "nodegree": -0.3039864391,
            "re74": -0.002159948952,
            "re75": 0.08386324067,
        }
        columns = {name: nsw[name].to_numpy(float) for name in expected}
        found = dict(standardized_differences(assignment, columns))
        assert found == pytest.approx(expected, rel=1e-6)


class TestHillstrom:
    """The e-mail experiment, from its counts: two mailings and a control group."""

    NONE, MENS, WOMENS = (21306, 2262, 122), (21307, 3894, 267), (21387, 3238, 189)

    def outcomes(self, arm: tuple[int, ...], of: int, campaign: Campaign) -> Outcomes:
        rows = arm[0], self.NONE[0]
        target = np.concatenate(
            [np.arange(count) < yes for count, yes in zip(rows, (arm[of], self.NONE[of]), strict=True)]
        )
        return campaign(np.repeat([True, False], rows), target)

    @pytest.mark.parametrize(
        ("arm", "of", "bounds"),
        [
            (MENS, 1, (0.07658956365, 0.1827568405)),
            (MENS, 2, (0.00680500652, 0.01253109307)),
            (WOMENS, 2, (0.003111057511, 0.008837144059)),
        ],
    )
    def test_share_turned(
        self, arm: tuple[int, ...], of: int, bounds: tuple[float, float], campaign: Campaign
    ) -> None:
        outcomes = self.outcomes(arm, of, campaign)
        assert ends_of(turned_ends(FREE, ArmLevels.whole(outcomes)), outcomes) == pytest.approx(bounds)

    def test_perfect_within_a_budget(self, campaign: Campaign) -> None:
        outcomes = self.outcomes(self.MENS, 1, campaign)
        found = ends_of(perfect_ends(FREE._replace(budget=0.1), outcomes), outcomes)
        assert found == pytest.approx((0.07658956365, 0.1))


def levels(cells: list[tuple[int, int, int, int]]) -> tuple[list[bool], list[int], list[int]]:
    """Rows of score levels, best first: treated, their yes, control, their yes."""
    treated, target, score = [], [], []
    for level, (n1, y1, n0, y0) in enumerate(cells):
        treated += [True] * n1 + [False] * n0
        target += [1] * y1 + [0] * (n1 - y1) + [1] * y0 + [0] * (n0 - y0)
        score += [-level] * (n1 + n0)
    return treated, target, score


class TestClosedForms:
    """Campaigns of ten tied score levels, counted by hand."""

    def test_constant_effect(self, campaign: Campaign) -> None:
        treated, target, score = levels([(100, 30, 100, 20)] * 10)
        outcomes, scores = campaign(treated, target), np.array(score, dtype=float)
        assert gain(outcomes, scores, 0.25) == pytest.approx(0.025)
        assert gain(outcomes, scores, 1.0) == pytest.approx(0.1)
        assert GainCurve(outcomes, scores).area().on_sample(2000) == pytest.approx(0, abs=1e-12)

    def test_falling_effect(self, campaign: Campaign) -> None:
        treated, target, score = levels([(100, yes, 100, 20) for yes in range(40, 20, -2)])
        outcomes, scores = campaign(treated, target), np.array(score, dtype=float)
        found = [gain(outcomes, scores, depth) for depth in (0.1, 0.2, 0.25, 1.0)]
        assert found == pytest.approx([0.02, 0.038, 0.046, 0.11])
        assert GainCurve(outcomes, scores).area().on_sample(2000) == pytest.approx(0.0165)

    def test_crossing_effects_lie_above_the_coarse_lower_bound(self, campaign: Campaign) -> None:
        treated, target, score = levels([(100, 30, 100, 20)] * 5 + [(100, 10, 100, 20)] * 5)
        outcomes, scores = campaign(treated, target), np.array(score, dtype=float)
        assert gain(outcomes, scores, 0.5) == pytest.approx(0.05)
        assert gain(outcomes, scores, 1.0) == pytest.approx(0, abs=1e-12)
        assert ends_of(turned_ends(FREE, ArmLevels.whole(outcomes)), outcomes) == pytest.approx(
            [0, 0.2], abs=1e-12
        )
        strata = BoundStrata.of(outcomes, np.where(scores > -5, 1.0, 0.0))
        assert plug_in(stratum_rates(FREE, outcomes, strata)) == pytest.approx([0.05, 0.2])

    def test_varying_probabilities(self, campaign: Campaign) -> None:
        cells = [(50, 15, 50, 10)] * 5 + [(160, 64, 40, 8)] * 5
        treated, target, score = levels(cells)
        probability = np.where(np.array(score) > -5, 0.5, 0.8)
        outcomes, scores = campaign(treated, target, probability), np.array(score, dtype=float)
        assert gain(outcomes, scores, 1.0) == pytest.approx(0.1666666667)
        assert gain(outcomes, scores, 1 / 3) == pytest.approx(0.03333333333)
        assert gain(outcomes, scores, 0.5) == pytest.approx(0.06666666667)
        assert ScoredRows.at_cutoff(outcomes, scores, 0.5).depth(0.5).on_sample(1500) == pytest.approx(0.5)


def test_noise_in_strata_looks_like_turned_rows_to_the_plug_in_bounds(campaign: Campaign) -> None:
    # no effect, p = .3, 50 strata of 20 + 20 rows: the mean plug-in bounds are .0575 and .3000
    rng = np.random.default_rng(5)
    code, treated = np.repeat(np.arange(50), 40), np.tile(np.repeat([True, False], 20), 50)
    strata = BoundStrata(code, 50)
    found = np.array(
        [plug_in(stratum_rates(FREE, campaign(treated, rng.random(2000) < 0.3), strata)) for _ in range(200)]
    )
    assert found.mean(axis=0) == pytest.approx([0.057493, 0.2999785], abs=0.003)


def test_rate_of_rare_outcomes_has_exact_limits() -> None:
    assert clopper_pearson(0, 20) == pytest.approx((0, 0.1684335))
    assert clopper_pearson(20, 20) == pytest.approx((0.8315665, 1))
