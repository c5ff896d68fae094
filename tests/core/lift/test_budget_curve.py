"""The curve over budgets is on the scale of the period, for any number of rows it is computed from."""

from __future__ import annotations

import numpy as np
import pytest

from iterata.documents.models.kpi import TargetingSpec
from iterata.documents.models.period import Period
from iterata.lift import budget_curve
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.outcomes import Outcomes

ROWS = 6000
RNG = np.random.default_rng(3)
SCORE = RNG.normal(size=ROWS)
POSITIVE = RNG.random(ROWS) < 1 / (1 + np.exp(2 - SCORE))

MODELS = ("random", "status_quo", "perfect")


@pytest.mark.parametrize("period", [None, Period(name="mailing", rows=1000)], ids=["rows", "mailing"])
@pytest.mark.parametrize("max_rows", [ROWS, 3000], ids=["all rows", "some rows"])
def test_point_at_the_budget_equals_the_scale(
    monkeypatch: pytest.MonkeyPatch, period: Period | None, max_rows: int
) -> None:
    monkeypatch.setattr(budget_curve, "MAX_ROWS", max_rows)
    spec = TargetingSpec(
        kind="targeting", name="n", unit="u", budget=0.25, value_per_hit=9, cost_per_contact=1
    )
    kpi_scale = KpiScale.of(spec, Outcomes.of(POSITIVE), SCORE, period)
    (at_budget,) = (point for point in budget_curve.points_by_depth(kpi_scale) if point.depth == 0.25)
    expected = {name: kpi_scale.bounds[name].on_sample(ROWS) for name in MODELS}
    tolerance = 1e-6 if max_rows == ROWS else 0.15
    for name, value in expected.items():
        assert getattr(at_budget, name) == pytest.approx(value, rel=tolerance), name


def test_every_point_equals_the_scale_of_its_budget() -> None:
    spec = TargetingSpec(kind="targeting", name="n", unit="u", budget=0.25, spend="optional")
    points = budget_curve.points_by_depth(KpiScale.of(spec, Outcomes.of(POSITIVE), SCORE, None))
    for point in points:
        other = KpiScale.of(
            spec.model_copy(update={"budget": point.depth}), Outcomes.of(POSITIVE), SCORE, None
        )
        for name in MODELS:
            assert getattr(point, name) == pytest.approx(other.bounds[name].on_sample(ROWS), rel=1e-5)
