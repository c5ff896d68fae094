"""What the comparison claims of chance is what chance does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from iterata.documents.models.enums import STATUS_QUO, Verdict
from iterata.documents.models.kpi import OutcomeValueSpec, TargetingSpec
from iterata.experiment.analysis.compare import compare
from iterata.experiment.analysis.segments import TooManySegments, segments_of
from iterata.experiment.analysis.verdict import judge
from iterata.measure.bootstrap import weights
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.metrics import column
from iterata.measure.outcomes import Outcomes
from iterata.results import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.documents.models.proposal import Plan
    from iterata.experiment.analysis.compare import Comparison


def hypothesis(variant: str, over: str = STATUS_QUO, by: float = 0) -> dict[str, Any]:
    return {"id": "H", "claim": "It is better.", "supported_if": {"variant": variant, "over": over, "by": by}}


def watched(*metrics: str) -> dict[str, Any]:
    return {"primary": "sales", "secondary": [{"metric": name} for name in metrics]}


def compared(plan: Plan, kpi: Any, positive: Any, predictions: dict[str, Any], **more: Any) -> Comparison:
    kpi_scale = KpiScale.of(kpi, Outcomes.of(positive), predictions[STATUS_QUO], None)
    columns = {name: [column(each) for each in np.atleast_2d(values)] for name, values in predictions.items()}
    return compare(
        plan, kpi_scale, columns, **{"units": None, "plan_segments": [], "guardrail_masks": {}, **more}
    )


@pytest.mark.parametrize("kind", ["targeting", "outcome_value"])
def test_among_equals_the_comparison_errs_as_often_as_it_says(
    plan: Callable[..., Plan], sales: TargetingSpec, kind: str
) -> None:
    """Models that know nothing are called better in 2.5 % of comparisons, and worse in as many."""
    values = {"tp": 5, "fp": -1, "fn": 0, "tn": 0}
    kpi: Any = sales if kind == "targeting" else OutcomeValueSpec.model_validate(
        {"kind": "outcome_value", "name": "sales", "unit": "EUR", "values": values}
    )  # fmt: skip
    rng = np.random.default_rng(20)
    pairs = [(f"a{number}", f"b{number}") for number in range(4)]
    asked = plan(hypotheses=[hypothesis(*pair) for pair in pairs], resamples=300)
    verdicts: list[Verdict] = []
    for _ in range(150):
        names = [STATUS_QUO, *(name for pair in pairs for name in pair)]
        noise = {name: rng.random(400) for name in names}
        found = compared(asked, kpi, rng.random(400) < 0.2, noise)
        verdicts += [each.verdict for each in found.hypotheses]
    for verdict in (Verdict.SUPPORTED, Verdict.REFUTED):
        share = verdicts.count(verdict) / len(verdicts)
        assert share == pytest.approx(0.025, abs=4 * np.sqrt(0.025 * 0.975 / len(verdicts)))


def market(rng: np.random.Generator, units: int, rows_per_unit: int) -> tuple[Any, dict[str, Any], Any]:
    """Customers of households that are alike; one model sees the income, the other a blurred one."""
    unit = np.repeat(np.arange(units), rows_per_unit)
    income = rng.normal(size=units)[unit]
    blurred = income + rng.normal(size=units)[unit]
    positive = (rng.random(units) < expit(2 * income[::rows_per_unit] - 1))[unit]
    return positive, {STATUS_QUO: rng.random(len(unit)), "sharp": income, "blurred": blurred}, unit


def test_intervals_of_the_difference_cover_the_truth_where_units_are_resampled(
    plan: Callable[..., Plan], sales: TargetingSpec
) -> None:
    rng = np.random.default_rng(7)
    positive, predictions, _ = market(rng, 1_000_000, 1)
    truth = sold_per_row(positive, predictions["sharp"]) - sold_per_row(positive, predictions["blurred"])
    asked = plan(hypotheses=[hypothesis("sharp", "blurred")], resamples=300)
    covered = {"by unit": 0, "by row": 0}
    runs, rows = 150, 600
    for _ in range(runs):
        positive, predictions, unit = market(rng, rows // 3, 3)
        for way, units in (("by unit", unit), ("by row", None)):
            found = compared(asked, sales, positive, predictions, units=units).hypotheses[0].difference
            covered[way] += found.low <= truth * rows <= found.high
    assert covered["by unit"] / runs == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / runs))
    assert covered["by row"] / runs < 0.9


def sold_per_row(positive: Any, score: Any) -> float:
    """Buyers in the best fifth, of all rows."""
    return float(positive[np.argsort(-score)[: len(score) // 5]].sum() / len(score))


@pytest.fixture(scope="module")
def crowd() -> tuple[Any, dict[str, Any]]:
    """500 outcomes, a status quo with many ties, and a model predicted three times."""
    rng = np.random.default_rng(3)
    wish = rng.normal(size=500)
    positive = rng.random(500) < expit(wish - 1.5)
    repeats = [expit(wish + rng.normal(scale=0.5, size=500)) for _ in range(3)]
    return positive, {STATUS_QUO: np.round(wish + rng.normal(size=500)), "model": np.array(repeats)}


def test_figures_are_those_a_patient_person_would_compute(
    plan: Callable[..., Plan], sales: TargetingSpec, crowd: tuple[Any, dict[str, Any]]
) -> None:
    positive, predictions = crowd
    asked = plan(metrics=watched("roc_auc"), hypotheses=[hypothesis("model")])
    found = compared(asked, sales, positive, predictions)
    lines = np.concatenate(list(weights(500, asked.resamples, np.random.default_rng(asked.seed))))

    def best_fifth(score: Any, line: Any) -> float:
        rows = np.repeat(np.arange(500), line.astype(int))
        edge = np.sort(score[rows])[::-1][99]
        above, tied = score[rows] > edge, score[rows] == edge
        return float(positive[rows][above].sum() + positive[rows][tied].mean() * (100 - above.sum()))

    ours = np.array([np.mean([best_fifth(each, line) for each in predictions["model"]]) for line in lines])
    theirs = np.array([best_fifth(predictions[STATUS_QUO], line) for line in lines])
    assert found.variants["model"].kpi.value == pytest.approx(
        np.mean([best_fifth(each, np.ones(500)) for each in predictions["model"]])
    )
    gain = found.variants["model"].difference
    assert (gain.low, gain.high) == pytest.approx(tuple(np.quantile(ours - theirs, [0.025, 0.975])))
    captured = found.variants["model"].captured_share
    assert captured is not None
    potential = np.array([min(100, line[positive].sum()) for line in lines]) - theirs
    shares = np.quantile((ours - theirs) / potential, [0.025, 0.975])
    assert (captured.low, captured.high) == pytest.approx(tuple(shares))
    (area,) = found.variants["model"].metrics
    assert area.difference is not None
    areas = [
        np.mean([roc_auc_score(positive, each, sample_weight=line) for each in predictions["model"]])
        - roc_auc_score(positive, predictions[STATUS_QUO], sample_weight=line)
        for line in lines
    ]
    assert (area.difference.low, area.difference.high) == pytest.approx(
        tuple(np.quantile(areas, [0.025, 0.975]))
    )


def test_a_metric_that_cannot_judge_a_column_says_nothing_of_it(
    plan: Callable[..., Plan], sales: TargetingSpec, crowd: tuple[Any, dict[str, Any]]
) -> None:
    asked = plan(
        metrics=watched("neg_log_loss"),
        hypotheses=[hypothesis("model")],
    )
    found = compared(asked, sales, *crowd)
    assert found.status_quo_metrics[0].value is None
    (loss,) = found.variants["model"].metrics
    assert loss.value is not None
    assert loss.difference is None


@pytest.mark.parametrize(
    ("better", "margin", "holds"), [("higher", 0.3, True), ("higher", 0.01, False), ("lower", 0.0, True)]
)
def test_a_guardrail_holds_while_the_worst_likely_case_stays_within_the_margin(
    plan: Callable[..., Plan], sales: TargetingSpec, better: str, margin: float, holds: bool
) -> None:
    """Half the people are older; today's letters favour them a little, and the model's do not."""
    rng = np.random.default_rng(0)
    older = np.arange(1000) % 2 == 0
    today = rng.random(1000) + np.where(older, 0.05, 0.0)
    model = rng.random(1000) - np.where(older, 0.05, 0.0)
    rail = {"name": "older", "share_of": "age > 60", "better": better, "margin": margin}
    asked = plan(metrics={"primary": "sales", "guardrail": [rail]}, hypotheses=[hypothesis("model")])
    found = compared(
        asked,
        sales,
        rng.random(1000) < 0.3,
        {STATUS_QUO: today, "model": model},
        guardrail_masks={"older": older},
    )
    (result,) = found.guardrails
    share = {name: older[np.argsort(-score)[:200]].mean() for name, score in (("q", today), ("m", model))}
    assert (result.status_quo, result.value) == pytest.approx((share["q"], share["m"]))
    worse = share["q"] - share["m"] if better == "higher" else share["m"] - share["q"]
    assert result.worsening == pytest.approx(worse)
    assert result.worsening_at_most is not None
    assert result.worsening_at_most > worse
    assert result.holds is holds


def test_a_share_of_nobody_is_no_share_and_no_guardrail_that_holds(plan: Callable[..., Plan]) -> None:
    kpi = OutcomeValueSpec.model_validate(
        {"kind": "outcome_value", "name": "s", "unit": "EUR", "values": {"tp": 1, "fp": -1, "fn": 0, "tn": 0}}
    )
    rail = {"name": "older", "share_of": "age > 60", "margin": 1}
    asked = plan(metrics={"primary": "s", "guardrail": [rail]}, hypotheses=[hypothesis("timid")])
    half = np.arange(100) % 2 == 0
    predictions = {STATUS_QUO: np.ones(100), "timid": np.full(100, 0.1)}
    (result,) = compared(asked, kpi, half, predictions, guardrail_masks={"older": half}).guardrails
    assert (result.status_quo, result.value, result.worsening, result.holds) == (0.5, None, None, False)


def test_a_guardrail_by_metric_needs_no_secondary_metric_of_that_name(
    plan: Callable[..., Plan], sales: TargetingSpec, crowd: tuple[Any, dict[str, Any]]
) -> None:
    rail = {"name": "ranking", "metric": "roc_auc", "margin": 0.01}
    asked = plan(metrics={"primary": "sales", "guardrail": [rail]}, hypotheses=[hypothesis("model")])
    (result,) = compared(asked, sales, *crowd).guardrails
    assert result.value is not None
    assert result.status_quo is not None
    assert result.worsening == pytest.approx(result.status_quo - result.value, abs=1e-6)
    assert result.holds


def test_a_segment_is_judged_as_if_it_were_everybody(
    plan: Callable[..., Plan], sales: TargetingSpec, crowd: tuple[Any, dict[str, Any]]
) -> None:
    positive, predictions = crowd
    towns = pd.Series([None if row % 5 == 0 else "Delft" if row < 200 else "Breda" for row in range(500)])
    found = segments_of("town", towns)
    asked = plan(hypotheses=[hypothesis("model")])
    whole = compared(asked, sales, positive, predictions, plan_segments=found).segments
    assert [(each.value, each.rows) for each in whole] == [("Breda", 240), ("Delft", 160), ("(missing)", 100)]
    rows = (towns == "Delft").to_numpy(bool)
    alone = compared(
        asked, sales, positive[rows], {name: each[..., rows] for name, each in predictions.items()}
    )
    delft = whole[1].variants[0]
    assert delft.kpi.value == pytest.approx(alone.variants["model"].kpi.value)
    assert delft.difference.value == pytest.approx(alone.variants["model"].difference.value)
    assert whole[1].positives == positive[rows].sum()


def test_a_segment_so_small_that_resamples_may_miss_it_has_figures_all_the_same(
    plan: Callable[..., Plan], sales: TargetingSpec, crowd: tuple[Any, dict[str, Any]]
) -> None:
    found = segments_of("rare", pd.Series(np.arange(500) < 2))
    tiny = compared(plan(hypotheses=[hypothesis("model")]), sales, *crowd, plan_segments=found).segments
    assert [each.rows for each in tiny] == [498, 2]


def test_column_with_many_values_is_refused_as_segment() -> None:
    with pytest.raises(TooManySegments):
        segments_of("age", pd.Series(range(21)))


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
def test_verdicts(low: float, high: float, by: float, verdict: str) -> None:
    assert judge(Estimate(value=(low + high) / 2, low=low, high=high), by) == verdict


def test_where_less_is_better_a_smaller_figure_is_a_gain(plan: Callable[..., Plan]) -> None:
    kpi = OutcomeValueSpec.model_validate(
        {
            "kind": "outcome_value",
            "name": "cost",
            "unit": "EUR",
            "direction": "minimise",
            "values": {"tp": 0, "fp": 1, "fn": 1, "tn": 0},
        }
    )
    positive = np.arange(200) % 4 == 0
    predictions = {STATUS_QUO: np.zeros(200), "right": positive.astype(float)}
    found = compared(plan(hypotheses=[hypothesis("right", by=10)]), kpi, positive, predictions)
    assert found.variants["right"].kpi.value == 0
    assert found.variants["right"].difference.value == 50
    captured = found.variants["right"].captured_share
    assert captured is not None
    assert captured.value == 1
    assert found.hypotheses[0].verdict == "supported"
