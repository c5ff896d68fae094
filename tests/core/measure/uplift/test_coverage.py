"""How often intervals of effects miss the truth: with varying probabilities, and where two bounds meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from iterata.kpi import UpliftSpec
from iterata.measure.assignment import Assignment
from iterata.measure.bootstrap import bootstrap
from iterata.measure.intervals import percentile_interval
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.outcomes import Outcomes
from iterata.measure.strata import Strata

if TYPE_CHECKING:
    from tests.helpers.rates import Rates

    from iterata.arrays import Floats

ROWS, RESAMPLES = 2000, 200


def scale_of(outcomes: Outcomes, status_quo: Floats, budget: float) -> KpiScale:
    spec = UpliftSpec.model_validate({"kind": "uplift", "name": "gain", "unit": "votes", "budget": budget})
    return KpiScale.of(spec, outcomes, status_quo, None)


@pytest.mark.statistical
def test_gain_with_varying_probabilities(rates: Rates) -> None:
    """The effect is a fifth of the covariate, which decides the probability of treatment, too."""
    samples, rng, missed = 400, np.random.default_rng(1), 0
    truth = ROWS * 0.2 * (1 - 0.8**2) / 2
    for _ in range(samples):
        covariate = rng.random(ROWS)
        probability = np.where(covariate > 0.9, 0.7, 0.3)
        treated = rng.random(ROWS) < probability
        target = (rng.random(ROWS) < 0.3 + 0.2 * covariate * treated).astype(float)
        outcomes = Outcomes(target, assignment=Assignment(treated, probability, declared=True))
        gain = {"gain": scale_of(outcomes, covariate, 0.2).bounds["status_quo"]}
        _, drawn = bootstrap(gain, ROWS, RESAMPLES, rng, None, outcomes)
        ends = percentile_interval(drawn["gain"])
        assert ends is not None
        missed += not ends[0] <= truth <= ends[1]
    rates.record(
        "the interval of the gain of treating the best-scored rows misses the truth",
        "2,000 rows, a probability of treatment of 30 or 70 %, a budget of 20 %",
        wrong=missed,
        of=samples,
        at_most=0.06,
    )


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("case", "treated_rate", "control_rate", "strata", "at_most"),
    [
        ("of 40 and 34 % yes", 0.4024, 0.3444, 1, 0.06),
        ("of 55 and 45 % yes, where two bounds meet", 0.55, 0.45, 1, 0.08),  # .077 with exact normal limits
        ("of 30 % yes, without an effect, in 5 strata", 0.3, 0.3, 5, 0.06),
    ],
)
def test_ends_of_perfect(
    case: str, treated_rate: float, control_rate: float, strata: int, at_most: float, rates: Rates
) -> None:
    """Each end of perfect has a limit that 2.5 % of samples may exceed."""
    samples, rng, missed = 100, np.random.default_rng(2), 0
    treated = np.arange(ROWS) % 2 == 0
    code = np.arange(ROWS) * strata // ROWS
    assignment = Assignment(treated, np.full(ROWS, 0.5), declared=True)
    low = ROWS * max(0.0, treated_rate - control_rate)
    high = ROWS * min(treated_rate, 1 - control_rate)
    for _ in range(samples):
        target = (rng.random(ROWS) < np.where(treated, treated_rate, control_rate)).astype(float)
        outcomes = Outcomes(
            target, assignment=assignment, strata=Strata(code, tuple(map(str, range(strata))))
        )
        kpi_scale = scale_of(outcomes, np.full(ROWS, -np.inf), 1.0)
        drawn = bootstrap(kpi_scale.bounds, ROWS, RESAMPLES, rng, None, outcomes)
        ends = kpi_scale.scale(*drawn, "nobody").perfect_identified
        assert ends is not None
        assert ends.widened is not None
        missed += not (ends.widened[0] <= low and high <= ends.widened[1])
    rates.record(
        "the widened interval of perfect misses an end of what can be known",
        f"1,000 rows an arm {case}",
        wrong=missed,
        of=samples,
        at_most=at_most,
    )
