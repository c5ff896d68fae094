"""The realised effect on the assessment's scale, beside what was expected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pytest

from iterata.documents.models import kpi as specs
from iterata.documents.models.split_test import OnlineMeasure
from iterata.measure.kpi import (
    class_metric,
    class_value,
    forecast_cost,
    metric,
    outcome_value,
    python,
    ranking,
    targeting,
    uplift,
)
from iterata.results.lift import GoodModel
from iterata.results.parts import AMOUNTS, Estimate
from iterata.rollout.scale import Expectations, realised, share

from ...helpers import samples

if TYPE_CHECKING:
    from iterata.results import ExperimentResult

PLAN = samples.data(samples.Stage.PROPOSAL)["plan"]
DIFFERENCE = Estimate(value=0.03, low=0.01, high=0.05)


def before(**changes: Any) -> Expectations:
    return Expectations(samples.lift(), samples.experiment(PLAN), changes.pop("variant", "logistic"))


def measured(**keys: Any) -> OnlineMeasure:
    return OnlineMeasure.model_validate({"of": "kept"} | keys)


def test_a_difference_per_unit_is_a_gain_of_the_period() -> None:
    found = realised(DIFFERENCE, 1.0, measured(), before())
    assert found.gain == Estimate(value=30, low=10, high=50), "1,000 rows in a period"
    assert found.share_of_potential is not None
    assert found.share_of_potential.value == pytest.approx(30 / 120)


def test_worth_is_what_a_unit_of_the_metric_is_in_the_kpi() -> None:
    assert realised(DIFFERENCE, 1.0, measured(worth=0.5), before()).gain.value == 15


def test_less_of_a_cost_is_a_gain() -> None:
    found = realised(DIFFERENCE, -1.0, measured(), before())
    assert found.gain == Estimate(value=-30, low=-50, high=-10)


def test_rates_are_not_multiplied_by_the_rows_of_a_period() -> None:
    known = before()
    assert known.lift is not None
    assert known.experiment is not None
    kpi = known.lift.kpi.model_copy(update={"kind": "ranking"})
    rate = Expectations(
        known.lift.model_copy(update={"kpi": kpi}),
        known.experiment.model_copy(update={"kpi": kpi.model_copy(update={"period_rows": 7})}),
        "logistic",
    )
    found = realised(DIFFERENCE, 1.0, measured(), rate)
    assert found.gain == DIFFERENCE
    assert [expected.gain.value for expected in found.expected] == [20]


def test_kinds_that_add_up_are_those_of_the_lift() -> None:
    modules = (
        class_metric,
        class_value,
        forecast_cost,
        metric,
        outcome_value,
        python,
        ranking,
        targeting,
        uplift,
    )
    names = {module.__name__.rpartition(".")[2] for module in modules}
    adding = {
        module.__name__.rpartition(".")[2]
        for module in modules
        if any(getattr(value, "adds_up", False) is True for value in vars(module).values())
    }
    assert adding == AMOUNTS
    kinds = {
        get_args(spec.model_fields["kind"].annotation)[0]
        for spec in vars(specs).values()
        if isinstance(spec, type) and "kind" in getattr(spec, "model_fields", {})
    }
    assert kinds - names == set(), "a new kind must be in one of both sets"


def test_the_report_is_scaled_to_the_period_of_the_assessment() -> None:
    known = before()
    assert known.experiment is not None
    shorter = known.experiment.kpi.model_copy(update={"period_rows": 500})
    experiment: ExperimentResult = known.experiment.model_copy(update={"kpi": shorter})
    gains = Expectations(known.lift, experiment, "logistic").gains
    assert [(expected.source, expected.gain.value) for expected in gains] == [("report", 40)]
    other = known.experiment.model_copy(update={"kpi": shorter.model_copy(update={"unit": "euros"})})
    assert Expectations(known.lift, other, "logistic").gains == [], "it is no figure of this KPI"


def test_the_assessment_is_expected_first_and_is_the_margin() -> None:
    known = before()
    assert known.lift is not None
    lift = known.lift.model_copy(update={"good_model": GoodModel(kpi=90, gain=10, captured_share=None)})
    both = Expectations(lift, known.experiment, "logistic")
    assert [(expected.source, expected.gain.value) for expected in both.gains] == [
        ("assessment", 10),
        ("report", 20),
    ]
    assert both.margin(measured(worth=2)) == pytest.approx(10 / 2000)
    assert Expectations(None, None, "logistic").margin(measured()) is None


def test_the_best_of_two_variants_is_corrected_for_its_choice() -> None:
    found = realised(DIFFERENCE, 1.0, measured(), before())
    assert found.selection is not None
    assert found.selection.value < 20
    assert realised(DIFFERENCE, 1.0, measured(), before(variant="unknown")).selection is None


@pytest.mark.statistical
def test_the_share_is_covered_with_the_uncertainty_of_both() -> None:
    """Gain and potential lift both vary; an interval of the gain alone would miss the share too often."""
    rng = np.random.default_rng(5)
    count, z = 20_000, 1.959964
    gains, potentials = rng.normal(20, 8, count), rng.normal(100, 20, count)
    both = only = 0
    for gain, potential in zip(gains, potentials, strict=True):
        known = Estimate(value=potential, low=potential - z * 20, high=potential + z * 20)
        found = share(Estimate(value=gain, low=gain - z * 8, high=gain + z * 8), known)
        assert found is not None
        low, high = found.interval or (-np.inf, np.inf)  # without an interval any share is possible
        both += low <= 0.2 <= high
        only += abs(gain / potential - 0.2) <= z * 8 / potential
    assert both / count == pytest.approx(0.95, abs=0.006)
    assert only / count < both / count


def test_share_of_a_known_potential_is_the_gain_divided_by_it() -> None:
    certain = Estimate(value=50, low=50, high=50)
    found = share(Estimate(value=20, low=-10, high=50), certain)
    assert found is not None
    assert found.extent == pytest.approx((0.4, -0.2, 1.0))


@pytest.mark.parametrize("potential", [Estimate(value=0), Estimate(value=-3, low=-4, high=-2)])
def test_there_is_no_share_of_nothing(potential: Estimate) -> None:
    assert share(DIFFERENCE, potential) is None


def test_a_potential_that_may_be_nothing_leaves_any_share_possible() -> None:
    found = share(DIFFERENCE, Estimate(value=1, low=-0.5, high=2.5))
    assert found == Estimate(value=0.03)
