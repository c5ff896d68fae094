"""How often intervals of class values miss the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from iterata.kpi import describe
from iterata.measure.bootstrap import bootstrap
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.outcomes import Outcomes

if TYPE_CHECKING:
    from tests.helpers.rates import Rates

    from iterata.results import Estimate

SAMPLES, ROWS = 400, 300
JOINT = np.array([[0.42, 0.05, 0.02], [0.06, 0.22, 0.02], [0.02, 0.03, 0.06], [0.04, 0.03, 0.03]])
"""The shares of answers, the last of which is the person, and of three classes."""

KPI = describe("class_value", values={"a": {"b": -4}, "c": {"a": -2}}, right=2, person={"value": 0.5})
WORTH = np.array([[2, -4, 0], [0, 2, 0], [-2, 0, 2], [0.5, 0.5, 0.5]])


def is_missed(estimate: Estimate | None, truth: float) -> bool:
    if estimate is None or estimate.interval is None:
        return False
    low, high = estimate.interval
    return not low - 1e-9 <= truth <= high + 1e-9


@pytest.mark.statistical
def test_intervals_of_class_values(rates: Rates) -> None:
    """Answers and classes of rows are independent draws from shares that are known."""
    rng, wrong = np.random.default_rng(11), dict.fromkeys(("status quo", "risk", "position"), 0)
    given, true = JOINT.sum(axis=1), JOINT.sum(axis=0)
    status_quo, random = ROWS * (JOINT * WORTH).sum(), ROWS * given @ WORTH @ true
    perfect = ROWS * true @ WORTH.max(axis=0)
    for _ in range(SAMPLES):
        cells = rng.choice(JOINT.size, ROWS, p=JOINT.ravel() / JOINT.sum())
        answers, classes = np.divmod(cells, 3)
        outcomes = Outcomes(classes.astype(float), classes=("a", "b", "c"))
        scale = KpiScale.of(KPI, outcomes, answers.astype(float), None)
        sample, drawn = bootstrap(scale.bounds, ROWS, 300, rng, None, outcomes)
        found = scale.scale(sample, drawn, "")
        risk = np.quantile(drawn["status_quo"] - drawn["random"], [0.025, 0.975])
        wrong["status quo"] += is_missed(found.status_quo, status_quo)
        wrong["risk"] += not risk[0] <= status_quo - random <= risk[1]
        position = scale.position(sample, drawn)
        wrong["position"] += is_missed(position, (status_quo - random) / (perfect - random))
    for what, missed in wrong.items():
        rates.record(
            f"interval of the {what} misses the truth",
            "class values of three classes and a person, 300 rows",
            wrong=missed,
            of=SAMPLES,
        )
