"""A guardrail holds only if the worst likely worsening is within its margin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from iterata.documents.models.enums import STATUS_QUO
from iterata.documents.models.proposal import Guardrail
from iterata.experiment.analysis import guardrails
from iterata.experiment.analysis.evidence import Evidence, Figure, FigureSet

from .comparisons import compared, guarded, hypothesis, outcome_value

if TYPE_CHECKING:
    from iterata.documents.models.kpi import TargetingSpec
    from iterata.results import GuardrailResult

    from .comparisons import Crowd, MakePlan


def share_of(better: str = "higher", margin: float = 0.0) -> Guardrail:
    return Guardrail.model_validate(
        {"name": "older", "share_of": "age > 60", "better": better, "margin": margin}
    )


def measured(status_quo: float, model: float, noise: float) -> Evidence:
    """The share of older people, whose worsening varies by `noise` either way between resamples."""
    resampled = model + np.linspace(-noise, noise, 201)
    figures = {STATUS_QUO: Figure(status_quo, np.full(201, status_quo)), "model": Figure(model, resampled)}
    return Evidence(FigureSet(bounds={}, kpis={}, metrics={}, shares={"older": figures}, segments={}))


@pytest.mark.parametrize(
    ("better", "model", "worsening"), [("higher", 0.48, 0.02), ("lower", 0.52, 0.02), ("higher", 0.55, -0.05)]
)
def test_guardrail_is_decided_by_the_upper_bound_of_the_worsening(
    better: str, model: float, worsening: float
) -> None:
    """A wide interval is no excuse: the estimate is within the margin, and its upper bound is not."""
    evidence = measured(0.5, model, noise=0.1)
    bound = worsening + 0.09
    within = guardrails.result(share_of(better, margin=max(0.0, bound - 0.001)), "model", evidence)
    assert within.worsening == pytest.approx(worsening)
    assert within.worsening_at_most == pytest.approx(bound)
    assert within.worsening <= within.margin < within.worsening_at_most
    assert not within.holds
    assert guardrails.result(share_of(better, margin=bound + 0.001), "model", evidence).holds


@pytest.fixture
def older(plan: MakePlan, sales: TargetingSpec) -> Any:
    """A guardrail of the share of older people: half of all, favoured by the status quo, not by the model."""
    rng = np.random.default_rng(0)
    mask = np.arange(1000) % 2 == 0
    predictions = {
        STATUS_QUO: rng.random(1000) + np.where(mask, 0.05, 0.0),
        "model": rng.random(1000) - np.where(mask, 0.05, 0.0),
    }
    positive = rng.random(1000) < 0.3

    def result(**guardrail: Any) -> tuple[GuardrailResult, dict[str, float]]:
        metrics = guarded(name="older", share_of="age > 60", **guardrail)
        with_guardrail = plan(metrics=metrics, hypotheses=[hypothesis("model")])
        comparison = compared(with_guardrail, sales, positive, predictions, guardrail_masks={"older": mask})
        shares = {model: mask[np.argsort(-score)[:200]].mean() for model, score in predictions.items()}
        return comparison.guardrails[0], shares

    return result


@pytest.mark.parametrize("better", ["higher", "lower"])
def test_share_is_that_of_the_rows_acted_on(older: Any, better: str) -> None:
    result, shares = older(better=better)
    assert (result.status_quo, result.value) == pytest.approx((shares[STATUS_QUO], shares["model"]))
    difference = shares[STATUS_QUO] - shares["model"]
    assert result.worsening == pytest.approx(difference if better == "higher" else -difference)
    assert result.worsening_at_most > result.worsening
    assert result.holds is (better == "lower")


def test_uncertain_worsening_breaks_a_guardrail_of_a_whole_comparison(older: Any) -> None:
    result, _ = older(margin=1)
    between = (result.worsening + result.worsening_at_most) / 2
    assert result.holds
    assert not older(margin=between)[0].holds


def test_share_of_no_rows_has_no_value_and_does_not_hold(plan: MakePlan) -> None:
    """The model acts on no row, so that there is no share to measure."""
    half = np.arange(100) % 2 == 0
    predictions = {STATUS_QUO: np.ones(100), "timid": np.full(100, 0.1)}
    metrics = guarded(name="older", share_of="age > 60", margin=1)
    with_guardrail = plan(metrics=metrics, hypotheses=[hypothesis("timid")])
    kpi = outcome_value(tp=1, fp=-1)
    (result,) = compared(with_guardrail, kpi, half, predictions, guardrail_masks={"older": half}).guardrails
    assert (result.status_quo, result.value, result.worsening, result.holds) == (0.5, None, None, False)


def test_guardrail_measures_its_metric_itself(plan: MakePlan, sales: TargetingSpec, crowd: Crowd) -> None:
    """The metric is not among the secondary ones."""
    metrics = guarded(name="ranking", metric="roc_auc", margin=0.01)
    with_guardrail = plan(metrics=metrics, hypotheses=[hypothesis("model")])
    (result,) = compared(with_guardrail, sales, *crowd).guardrails
    assert result.value is not None
    assert result.status_quo is not None
    assert result.worsening == pytest.approx(result.status_quo - result.value, abs=1e-6)
    assert result.holds


@pytest.mark.parametrize(
    ("rows", "margin", "holds"),
    [(100, 0.05, False), (100, 1.0, False), (500, 0.02, False), (500, 0.05, True)],
)
def test_share_of_few_rows_is_kept_only_if_its_exact_interval_is(
    plan: MakePlan, sales: TargetingSpec, rows: int, margin: float, holds: bool
) -> None:
    """No watched row is contacted: 0 of 20 can be 17 %, and 0 of 100 can be 4 %."""
    rng = np.random.default_rng(0)
    mask = np.arange(rows) % 2 == 0
    predictions = {model: rng.random(rows) - mask for model in (STATUS_QUO, "model")}
    metrics = guarded(name="older", share_of="age > 60", better="lower", margin=margin)
    with_guardrail = plan(metrics=metrics, hypotheses=[hypothesis("model")])
    positive = np.arange(rows) % 3 == 0
    (result,) = compared(
        with_guardrail, sales, positive, predictions, guardrail_masks={"older": mask}
    ).guardrails
    assert (result.value, result.holds, bool(result.needed)) == (0, holds, not holds)
    if holds:
        assert result.worsening_at_most == pytest.approx(1 - 0.025 ** (1 / (rows // 5)))
