"""The curve over budgets stands on the scale of the period, however many rows it is drawn from."""

from __future__ import annotations

import numpy as np
import pytest

from iterata.documents.models.kpi import TargetingSpec
from iterata.documents.models.period import Period
from iterata.lift import budget_curve
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.outcomes import Outcomes
from iterata.measure.weightings import ObservedSample, Weightings

ROWS = 6000
RNG = np.random.default_rng(3)
SCORE = RNG.normal(size=ROWS)
POSITIVE = RNG.random(ROWS) < 1 / (1 + np.exp(2 - SCORE))


@pytest.mark.parametrize("period", [None, Period(name="mailing", rows=1000)], ids=["rows", "mailing"])
@pytest.mark.parametrize("enough", [ROWS, 3000], ids=["all rows", "some rows"])
def test_at_the_budget_it_says_what_the_scale_says(
    monkeypatch: pytest.MonkeyPatch, period: Period | None, enough: int
) -> None:
    monkeypatch.setattr(budget_curve, "ENOUGH", enough)
    spec = TargetingSpec(
        kind="targeting", name="n", unit="u", budget=0.25, value_per_hit=9, cost_per_contact=1
    )
    kpi_scale = KpiScale.of(spec, Outcomes.of(POSITIVE), SCORE, period)
    (found,) = (point for point in budget_curve.points_by_depth(kpi_scale) if point.depth == 0.25)
    expected = {
        name: bound(Weightings(ObservedSample(ROWS))).item() for name, bound in kpi_scale.bounds.items()
    }
    near = 1e-6 if enough == ROWS else 0.15
    for name, value in expected.items():
        assert getattr(found, name) == pytest.approx(value, rel=near), name


def test_each_depth_is_a_budget_of_its_own() -> None:
    spec = TargetingSpec(kind="targeting", name="n", unit="u", budget=0.25, spend="optional")
    points = budget_curve.points_by_depth(KpiScale.of(spec, Outcomes.of(POSITIVE), SCORE, None))
    for point in points:
        other = KpiScale.of(
            spec.model_copy(update={"budget": point.depth}), Outcomes.of(POSITIVE), SCORE, None
        )
        for name, bound in other.bounds.items():
            assert getattr(point, name) == pytest.approx(
                bound(Weightings(ObservedSample(ROWS))).item(), rel=1e-5
            )
