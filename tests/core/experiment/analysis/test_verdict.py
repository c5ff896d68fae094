"""Verdicts on hypotheses."""

from __future__ import annotations

import numpy as np
import pytest

from iterata.experiment.analysis.evidence import Figure
from iterata.experiment.analysis.learners import CorrectedTTest, PairTest
from iterata.experiment.analysis.verdict import claim_of_folds, claim_of_predictions
from iterata.measure.multiplicity import holm


def spread(low: float, high: float) -> Figure:
    """A gain whose resamples are uniform, so that the interval's ends are known."""
    width = (high - low) / 0.95
    middle = (low + high) / 2
    return Figure(middle, middle + width * np.linspace(-0.5, 0.5, 4001))


@pytest.mark.parametrize(
    ("low", "high", "by", "verdict"),
    [
        (0.1, 9, 0, "supported"),
        (-0.1, 9, 0, "inconclusive"),
        (-3, -0.1, 0, "refuted"),
        (-3, 0.1, 0, "inconclusive"),
        (10.1, 20, 10, "supported"),
        (9.9, 20, 10, "inconclusive"),
        (2, 9.9, 10, "refuted"),
        (2, 10.1, 10, "inconclusive"),
        (-9.9, 5, -10, "supported"),
        (-30, -11, -10, "refuted"),
    ],
)
def test_verdict_on_one_hypothesis_follows_from_the_interval(
    low: float, high: float, by: float, verdict: str
) -> None:
    claim = claim_of_predictions(spread(low, high), by, "", "")
    assert (claim.difference.low, claim.difference.high) == pytest.approx((low, high), abs=0.01)
    assert claim.verdict(claim.p) == verdict


@pytest.mark.parametrize(("by", "verdict"), [(0, "refuted"), (-1, "supported"), (1, "refuted")])
def test_gain_of_nothing_refutes_any_gain_and_supports_no_loss(by: float, verdict: str) -> None:
    """All resamples but a few have a gain of exactly 0."""
    resampled = np.zeros(1000)
    resampled[:2] = (-0.5, 0.5)
    claim = claim_of_predictions(Figure(0.0, resampled), by, "", "")
    assert claim.verdict(claim.p) == verdict


def test_verdict_of_folds_is_that_of_their_test() -> None:
    test = CorrectedTTest(difference=5, low=1, high=9, p=0.03, folds=8)
    claim = claim_of_folds(PairTest(5, test, 8, 2), 0, "")
    assert (claim.difference.low, claim.difference.high, claim.p) == (1, 9, 0.03)
    assert claim.verdict(0.03) == "supported"
    assert claim.verdict(0.06) == "inconclusive"
    lower = claim_of_folds(PairTest(5, test, 8, 2), 10, "")
    assert lower.verdict(0.03) == "refuted"


@pytest.mark.parametrize("needed", ["at least 5 folds", "at least 10 positives"])
def test_too_few_rows_have_no_interval_and_no_p(needed: str) -> None:
    test = CorrectedTTest(difference=5, low=1, high=9, p=0.03, folds=8)
    claims = [
        claim_of_folds(PairTest(5, test, 8, 0), 0, needed),
        claim_of_predictions(spread(1, 9), 0, "", needed),
    ]
    for claim in claims:
        assert (claim.difference.value, claim.difference.interval, claim.p) == (5, None, None)
        assert claim.verdict(None) == "too_few"


def test_verdicts_on_many_hypotheses_use_the_adjusted_p() -> None:
    """Each interval excludes 0; of five such claims none is supported."""
    claims = [claim_of_predictions(spread(0.1, 9), 0, "", "") for _ in range(5)]
    adjusted = holm([claim.p for claim in claims if claim.p is not None])
    assert [claim.verdict(claim.p) for claim in claims] == ["supported"] * 5
    verdicts = [claim.verdict(p) for claim, p in zip(claims, adjusted, strict=True)]
    assert verdicts == ["inconclusive"] * 5
