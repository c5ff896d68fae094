"""A new deployment begins from the result, the proposal, the report and the lift."""

from __future__ import annotations

from datetime import date, timedelta
from math import ceil
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import pytest

from iterata.actions.new import create_document
from iterata.errors import IterataError, NotFoundError
from iterata.stages import Stage

from ...helpers.releases import DEPLOYMENT, ITERATION, REPORT, TREE

if TYPE_CHECKING:
    from ...helpers.knowledge_base import KnowledgeBase

TODAY = date(2026, 6, 1)
SHARES = (0.1, 0.25, 0.5)


@pytest.fixture
def reported(base: KnowledgeBase) -> KnowledgeBase:
    base.grow(TREE)
    base.set(REPORT, "decision.outcome", "deploy")
    return base


def begun(base: KnowledgeBase, variant: str | None = None) -> dict[str, Any]:
    folder = base.repository.find_iteration(ITERATION)
    create_document(folder, base.root, Stage.DEPLOYMENT, variant=variant, today=TODAY)
    return base.parsed(DEPLOYMENT).data


def test_the_template_has_no_problems_besides_what_is_to_fill_in(reported: KnowledgeBase) -> None:
    data = begun(reported)
    assert reported.problems() == []
    assert data["variant"] == "logistic"
    assert [phase["share"] for phase in data["phases"]] == [*SHARES, 1.0]


def test_the_metrics_are_those_of_the_proposal(reported: KnowledgeBase) -> None:
    data, plan = begun(reported), reported.parsed(f"{ITERATION}/proposal").data["plan"]
    metrics, excluded = data["split_test"]["metrics"], data["split_test"].get("not_measured", {})
    rails = {rail["name"]: rail for rail in plan["metrics"]["guardrail"]}
    assert set(metrics) == {plan["metrics"]["primary"], *rails}
    assert {name: metrics[name]["margin"] for name in rails} == {
        name: rail["margin"] for name, rail in rails.items()
    }
    assert set(excluded) == {metric["metric"] for metric in plan["metrics"]["secondary"]}


def test_phases_hold_for_the_units_that_show_the_gain(reported: KnowledgeBase) -> None:
    """Equal arms need (z + z)^2 2 variance / gain^2 units each; phases add n s (1 - s)."""
    result = reported.repository.find_iteration(ITERATION).experiment_result
    assert result is not None
    normal, variant = NormalDist(), result.variants[0]
    errors = [
        (figure.high - figure.low) / 2 / normal.inv_cdf(0.975)
        for figure in (variant.kpi, result.scale.status_quo)
        if figure.low is not None and figure.high is not None
    ]
    z = normal.inv_cdf(0.975) + normal.inv_cdf(0.8)
    per_arm = z**2 * result.sample.units * sum(error**2 for error in errors) / variant.difference.value**2
    expected = per_arm / 2 / sum(share * (1 - share) for share in SHARES)
    units = begun(reported)["phases"][0]["hold"]["units"]
    assert expected <= units <= expected * 1.1


def test_days_are_whole_weeks_of_the_period(reported: KnowledgeBase) -> None:
    reported.set(f"{ITERATION}/assessment", "lift.period", {"name": "month", "rows": 300, "days": 30})
    data = begun(reported)
    hold = data["phases"][0]["hold"]
    assert hold["days"] == ceil(hold["units"] / 10 / 7) * 7
    days = 3 * hold["days"] + 7 + 30
    assert data["measure_again"] == (TODAY + timedelta(days=days)).isoformat()


def test_monitors_begin_with_the_interval_of_the_report(reported: KnowledgeBase) -> None:
    result = reported.repository.find_iteration(ITERATION).experiment_result
    assert result is not None
    monitor, low = begun(reported)["monitors"][0], result.variants[0].kpi.low
    assert low is not None
    assert monitor["measure"] == "mean"
    assert monitor["lower"] == pytest.approx(low / result.kpi.period_rows, rel=1e-3)
    assert "upper" not in monitor


def test_another_variant_of_the_result_is_released(reported: KnowledgeBase) -> None:
    with pytest.raises(NotFoundError):
        begun(reported, "logstic")
    assert not (reported.root / f"projects/{DEPLOYMENT}.md").exists()
    assert begun(reported, "logistic")["variant"] == "logistic"


@pytest.mark.parametrize("decision", ["iterate", None])
def test_nothing_is_begun_before_the_report_says_deploy(
    reported: KnowledgeBase, decision: str | None
) -> None:
    reported.set(REPORT, "decision.outcome" if decision else "decision", decision)
    with pytest.raises(IterataError) as refused:
        begun(reported)
    assert str(refused.value.where) == f"projects/{REPORT}.md"
    assert not (reported.root / f"projects/{DEPLOYMENT}.md").exists()
