"""How often intervals of effects miss the truth: with varying probabilities, and where two bounds meet."""

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

if TYPE_CHECKING:
    from tests.helpers.rates import Rates

    from iterata.arrays import Floats
    from iterata.results import Scale

SAMPLES, RESAMPLES = 40, 150


def scale_of(outcomes: Outcomes, status_quo: Floats, rng: np.random.Generator, budget: float) -> Scale:
    spec = UpliftSpec.model_validate({"kind": "uplift", "name": "gain", "unit": "votes", "budget": budget})
    kpi_scale = KpiScale.of(spec, outcomes, status_quo, None)
    drawn = bootstrap(kpi_scale.bounds, len(outcomes), RESAMPLES, rng, None, outcomes)
    return kpi_scale.scale(*drawn, "rule")


@pytest.mark.statistical
def test_gain_with_varying_probabilities(rates: Rates) -> None:
    """The effect is a fifth of the covariate, which decides the probability of treatment, too."""
    rows, rng, missed = 2000, np.random.default_rng(1), 0
    truth = rows * 0.2 * (1 - 0.8**2) / 2
    for _ in range(SAMPLES):
        covariate = rng.random(rows)
        probability = np.where(covariate > 0.9, 0.7, 0.3)
        treated = rng.random(rows) < probability
        target = (rng.random(rows) < 0.3 + 0.2 * covariate * treated).astype(float)
        outcomes = Outcomes(target, assignment=Assignment(treated, probability, declared=True))
        ends = scale_of(outcomes, covariate, rng, 0.2).status_quo.interval
        assert ends is not None
        missed += not ends[0] <= truth <= ends[1]
    rates.record(
        "the interval of the gain of treating the best-scored rows misses the truth",
        "2,000 rows, a probability of treatment of 30 or 70 %, a budget of 20 %",
        wrong=missed,
        of=SAMPLES,
        at_most=0.08,
    )


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("case", "treated_rate", "control_rate", "strata"),
    [
        ("of 55 and 45 % yes, where two bounds meet", 0.55, 0.45, 1),
    ],
)
def test_ends_of_perfect(
    case: str, treated_rate: float, control_rate: float, strata: int, rates: Rates
) -> None:
    """Each end of perfect has a limit that 2.5 % of samples may exceed."""
    rows, rng, missed = 2000, np.random.default_rng(2), 0
    treated = np.arange(rows) % 2 == 0
    code = np.arange(rows) * strata // rows
    assignment = Assignment(treated, np.full(rows, 0.5), declared=True)
    low = rows * max(0.0, treated_rate - control_rate)
    high = rows * min(treated_rate, 1 - control_rate)
    for _ in range(SAMPLES):
        target = (rng.random(rows) < np.where(treated, treated_rate, control_rate)).astype(float)
        outcomes = Outcomes(
            target, assignment=assignment, strata=Strata(code, tuple(map(str, range(strata))))
        )
        ends = scale_of(outcomes, np.full(rows, -np.inf), rng, 1.0).perfect_identified
        assert ends is not None
        assert ends.widened is not None
        missed += not (ends.widened[0] <= low and high <= ends.widened[1])
    rates.record(
        "the widened interval of perfect misses an end of what can be known",
        f"1,000 rows an arm {case}",
        wrong=missed,
        of=SAMPLES,
        at_most=0.08,
    )
