"""Verdicts on hypotheses."""

from __future__ import annotations

import pytest

from iterata.experiment.analysis.verdict import decide
from iterata.results import Estimate


@pytest.mark.parametrize(
    ("low", "high", "by", "verdict"),
    [
        (0.1, 9, 0, "supported"),
        (0, 9, 0, "inconclusive"),
        (-3, 0, 0, "refuted"),
        (0, 0, 0, "refuted"),
        (-3, 0.1, 0, "inconclusive"),
        (10, 20, 10, "supported"),
        (9.9, 20, 10, "inconclusive"),
        (2, 9.9, 10, "refuted"),
        (2, 10, 10, "inconclusive"),
        (-10, 5, -10, "supported"),
        (-30, -11, -10, "refuted"),
    ],
)
def test_verdict_follows_from_the_interval(low: float, high: float, by: float, verdict: str) -> None:
    assert decide(Estimate(value=(low + high) / 2, low=low, high=high), by) == verdict
