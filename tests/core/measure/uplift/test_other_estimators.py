"""Figures that other tools call by the same names: each reproduces its published number and is not ours.

They keep a reader of the code from "correcting" an estimator into one of these.
"""

from __future__ import annotations

from math import hypot, sqrt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq
from scipy.stats import chi2_contingency, chisquare, norm
from statsmodels.api import OLS, add_constant
from statsmodels.stats.proportion import proportions_ztest
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from iterata.measure.bootstrap import bootstrap
from iterata.measure.kpi.uplift import Uplift
from iterata.measure.uplift.balance import balance
from iterata.measure.uplift.curve import GainCurve

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.measure.outcomes import Outcomes

    Campaign = Callable[..., Outcomes]

HILLSTROM = {"mens": (21307, 3894, 267), "womens": (21387, 3238, 189), "none": (21306, 2262, 122)}
"""Rows, visits and conversions of each arm of the e-mail experiment."""

TURNED = {
    "visit of mens": ("mens", 1, (0.0710204045, 0.1871117443)),
    "conversion of womens": ("womens", 2, (0.00175790582, 0.009889786313)),
}
"""The 95 % interval of Imbens and Manski for the true share turned."""


def imbens_manski(width_in_errors: float) -> float:
    """The critical value that covers the *parameter* in 95 % of samples (Imbens and Manski 2004)."""
    return float(brentq(lambda c: norm.cdf(c + width_in_errors) - norm.cdf(-c) - 0.95, 1.6, 2.0, xtol=1e-13))


class TestHorvitzThompson:
    """Not normalised within the chosen rows: another number, which changes if a constant is added to Y."""

    def test_at_a_fifth_by_age(self, voters: pd.DataFrame, voter_outcomes: Outcomes) -> None:
        kpi, age = Uplift(0.2, 1.0, 0.0, forced=False), voters.AGE.to_numpy(float)
        sign = np.where(voters.MESSAGE_A == 1, 1.0, -1.0)
        total = kpi.chosen(voter_outcomes, age) * sign * voter_outcomes.target / 0.5
        assert total.mean() == pytest.approx(0.01793623188, rel=1e-6)
        assert kpi.measure(voter_outcomes, age).on_sample(10_000) != pytest.approx(total.mean(), rel=0.01)


class TestQini:
    """`n_t(d) x uplift(d)` is not the gain: another curve where the share treated varies along the score."""

    def test_at_2000_rows(self, voters: pd.DataFrame, voter_outcomes: Outcomes) -> None:
        score = voters.AGE.to_numpy(float) + np.random.default_rng(3).random(10_000) / 2
        best = np.argsort(-score)[:2000]
        treated = int((voters.MESSAGE_A.to_numpy()[best] == 1).sum())
        uplift = GainCurve(voter_outcomes, score).uplift_at(0.2).on_sample(10_000)
        assert treated == 1025
        assert uplift * treated == pytest.approx(78.61538462, rel=1e-6)
        assert uplift * 2000 == pytest.approx(153.3958724, rel=1e-6)

    def test_at_the_first_distinct_depth_from_half(self, thornton: pd.DataFrame, campaign: Campaign) -> None:
        share = (thornton["any"] == 1).mean()
        outcomes = campaign(thornton["any"] == 1, thornton["got"], share)
        near = -thornton["distvct"].to_numpy(float)
        edge = np.sort(near)[::-1][len(near) // 2 - 1]
        rows = int((near >= edge).sum())
        gain = GainCurve(outcomes, near).at(rows / len(near)).on_sample(len(near))
        treated = int(((thornton["any"] == 1) & (near >= edge)).sum())
        qini = gain / (rows / len(near)) * treated
        assert rows == 1418
        assert gain == pytest.approx(0.2252423059, rel=1e-6)
        assert qini == pytest.approx(497.8846154, rel=1e-6)
        assert qini / (thornton["any"] == 1).sum() == pytest.approx(0.2251852625, rel=1e-6)


class TestImbensManski:
    """Their interval covers the parameter; the set of both ends needs 1.96 at each end, as ours has."""

    def test_critical_values(self) -> None:
        published = {0: 1.959963985, 0.5: 1.769712847, 1: 1.681477442, 2: 1.646145548, 3: 1.644870124}
        assert {width: imbens_manski(width) for width in published} == pytest.approx(published, rel=1e-8)
        assert imbens_manski(10) == pytest.approx(1.644853627, rel=1e-9)

    def test_voters(self) -> None:
        narrow = interval((5000, 2012), (5000, 1722), imbens_manski)
        assert narrow == pytest.approx((0.04211608057, 0.4138071338), rel=1e-6)
        wide = interval((5000, 2012), (5000, 1722), lambda _: 1.959963985)
        assert wide[0] < narrow[0] < narrow[1] < wide[1]

    @pytest.mark.parametrize(("name", "of", "published"), TURNED.values(), ids=TURNED.keys())
    def test_hillstrom(self, name: str, of: int, published: tuple[float, float]) -> None:
        arm, none = HILLSTROM[name], HILLSTROM["none"]
        narrow = interval((arm[0], arm[of]), (none[0], none[of]), imbens_manski)
        assert narrow == pytest.approx(published, rel=1e-6)


def interval(
    treated: tuple[int, int], control: tuple[int, int], critical: Callable[[float], float]
) -> tuple[float, float]:
    """An interval of the share turned, from the rows and the yes of each arm."""
    (n1, yes1), (n0, yes0) = treated, control
    p1, p0 = yes1 / n1, yes0 / n0
    low, high = p1 - p0, min(p1, 1 - p0)
    error_high = sqrt(p1 * (1 - p1) / n1)
    error_low = hypot(error_high, sqrt(p0 * (1 - p0) / n0))
    c = critical((high - low) / max(error_low, error_high))
    return low - c * error_low, high + c * error_high


class TestTextbook:
    """What a textbook computes for the effect of treating everybody, beside ours."""

    @pytest.mark.parametrize(
        ("yes", "rows", "z", "p"),
        [
            ((2012, 1722), (5000, 5000), 5.995365243, 2.030285975e-09),
            ((3894, 2262), (21307, 21306), 22.48604083, 5.685165483e-112),
            ((267, 122), (21307, 21306), 7.385114411, 1.523223501e-13),
            ((189, 122), (21387, 21306), 3.779560958, 0.0001571051291),
        ],
        ids=["voters", "visits of mens", "conversions of mens", "conversions of womens"],
    )
    def test_pooled_z(self, yes: tuple[int, int], rows: tuple[int, int], z: float, p: float) -> None:
        assert proportions_ztest(yes, rows) == pytest.approx((z, p), rel=1e-6)

    def test_our_error_is_the_unpooled_one(self, voter_outcomes: Outcomes) -> None:
        effect = Uplift(1.0, 1.0, 0.0, forced=False).effect(voter_outcomes)
        rng = np.random.default_rng(0)
        replicates = bootstrap({"effect": effect}, 10_000, 2000, rng, outcomes=voter_outcomes)[1]
        assert replicates["effect"].std() == pytest.approx(0.009656737337, rel=0.05)

    def test_earnings(self, nsw: pd.DataFrame) -> None:
        fit = OLS(nsw["re78"], add_constant(nsw["treat"])).fit()
        assert fit.params["treat"] == pytest.approx(1794.342382, rel=1e-6)
        assert fit.bse["treat"] == pytest.approx(632.8533924, rel=1e-6)
        parts = [DescrStatsW(nsw.loc[nsw["treat"] == arm, "re78"]) for arm in (1, 0)]
        assert CompareMeans(*parts).std_meandiff_separatevar == pytest.approx(670.9965445, rel=1e-6)

    def test_thornton(self, thornton: pd.DataFrame) -> None:
        parts = [thornton.loc[thornton["any"] == arm, "got"].to_numpy() for arm in (1, 0)]
        error = hypot(*(part.std() / sqrt(len(part)) for part in parts))
        assert error == pytest.approx(0.02085061005, rel=1e-6)

    def test_three_arms_of_equal_shares(self) -> None:
        rows = [arm[0] for arm in HILLSTROM.values()]
        assert tuple(chisquare(rows)) == pytest.approx((0.20253125, 0.9036929576), rel=1e-6)

    def test_a_column_of_the_survey_is_balanced(self, voters: pd.DataFrame) -> None:
        table = pd.crosstab(voters.CAND1S, voters.MESSAGE_A)
        assert chi2_contingency(table).pvalue == pytest.approx(0.7331644827, rel=1e-6)

    def test_a_small_party(self, voters: pd.DataFrame, campaign: Campaign) -> None:
        none = voters[(voters.PARTY_D == 0) & (voters.PARTY_I == 0) & (voters.PARTY_R == 0)]
        outcomes = campaign(none.MESSAGE_A == 1, none.MOVED_A)
        found = balance(outcomes, None, {})
        assert len(none) == 126
        assert (found.treated.mean, found.control.mean) == pytest.approx((0.5507246377, 1 / 3))
        effect = Uplift(1.0, 1.0, 0.0, forced=False).effect(outcomes).on_sample(126)
        assert effect == pytest.approx(0.2173913043)
