"""From the expected lift to the report with a numeric target, by the commands that a user types."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from iterata.data.sources import data_file
from iterata.stages import Status

from .approved_plan import FOLDER

if TYPE_CHECKING:
    from ...helpers.command_line import CommandLine
    from ...helpers.knowledge_base import KnowledgeBase

DATA = "projects/churn/data/days.csv"
ROWS = "visitors,rain,weekend,usual\n" + "".join(
    f"{40 + 25 * (n % 7 > 4) - 9 * (n * 7 % 5) + n * n % 11},{n * 7 % 5},{int(n % 7 > 4)},45\n"
    for n in range(140)
)
LIFT: dict[str, Any] = {
    "kpi": {"kind": "forecast_cost", "name": "cost", "unit": "EUR", "under": 3, "over": 1},
    "data": {"source": "data/days.csv", "target": "visitors", "status_quo": {"column": "usual"}},
    "period": {"name": "year", "rows": 365},
    "resamples": 200,
}
PLAN: dict[str, Any] = {
    "target": {"column": "visitors", "made_by": "the turnstile"},
    "split": {"kind": "group_folds", "folds": 4, "repeats": 2, "seed": 1},
    "status_quo": {"column": "usual"},
    "metrics": {"primary": "cost", "secondary": [{"metric": "r2"}], "guardrail": []},
    "features": {"all": ["rain", "weekend"]},
    "variants": [
        {
            "name": "quantile",
            "estimator": "sklearn.linear_model.QuantileRegressor",
            "params": {"quantile": 0.75, "alpha": 0},
            "features": "all",
        }
    ],
    "hypotheses": [
        {"id": "H1", "claim": "Rain matters.", "supported_if": {"variant": "quantile", "by": 100}}
    ],
    "segments": ["weekend"],
    "resamples": 200,
}


def require(base: KnowledgeBase, lift: dict[str, Any]) -> None:
    """Let the requirements name the KPI of the assessment."""
    kpi = lift["kpi"]
    direction = "minimise" if kpi["kind"] == "forecast_cost" else "maximise"
    goal = {"name": kpi["name"], "unit": kpi["unit"], "direction": direction}
    base.set("churn/requirements", "kpis", [goal])


def test_numeric_target_goes_from_lift_to_report(base: KnowledgeBase, iterata: CommandLine) -> None:
    base.write(DATA, ROWS)
    base.write(".gitignore", "projects/*/data/\n")
    base.grow("churn\n  requirements: approved\n  01-setup")
    require(base, LIFT)
    base.document("churn/01-setup/assessment", Status.IN_REVIEW, lift=LIFT, success_metrics=["cost"])
    base.set("churn/01-setup/assessment", "lift.data.positive", None)  # of the sample
    iterata("lift", "churn/01").fine()
    iterata("move", f"{FOLDER}/assessment.md", "approved", "--as", "product").fine()
    data = [{"name": "rows", "source": "data/days.csv", "digest": data_file.digest(base.root / DATA)}]
    base.document("churn/01-setup/proposal", Status.IN_REVIEW, plan={**PLAN, "data": data})
    base.set("churn/01-setup/proposal", "plan.target.positive", None)  # of the sample
    git = base.in_git()
    roles = ("--as", "product", "--as", "data science")
    iterata("move", f"{FOLDER}/proposal.md", "approved", *roles).fine()
    git.commit("approve")
    iterata("run", "churn/01", "--jobs", "1").fine()
    iterata("report", "churn/01").fine()
    lift = json.loads(base.read(f"{FOLDER}/results/lift.json"))
    result = json.loads(base.read(f"{FOLDER}/results/experiment.json"))
    assert result["scale"]["status_quo"] == lift["scale"]["status_quo"]
    assert result["scale"]["perfect"] == lift["scale"]["perfect"]
    page = base.read(f"{FOLDER}/report.md")
    assert "**H1 is supported:**" in page
    assert "EUR per year" in page
    assert "; less is better" in page
    assert "| weekend |" in page
    checked = iterata("check", f"{FOLDER}/proposal.md", f"{FOLDER}/assessment.md")
    assert checked.code == 0, checked.output


RANKED: dict[str, Any] = {
    "kpi": {
        "kind": "ranking",
        "name": "busy first",
        "unit": "share",
        "measure": "recall",
        "k": 2,
        "group": "week",
    },
    "data": {"source": "data/days.csv", "target": "busy", "status_quo": {"column": "usual"}},
    "resamples": 200,
}


@pytest.mark.parametrize(
    ("lift", "estimator"),
    [(LIFT, "sklearn.linear_model.Ridge"), (RANKED, "sklearn.linear_model.LogisticRegression")],
    ids=["numbers", "ranking"],
)
def test_new_proposal_suits_the_kpi_of_the_assessment(
    base: KnowledgeBase, iterata: CommandLine, lift: dict[str, Any], estimator: str
) -> None:
    header, *rows = ROWS.splitlines()
    more = (f"{row},{int(int(row.split(',')[0]) > 55)},{n // 7}" for n, row in enumerate(rows))
    base.write(DATA, "\n".join([f"{header},busy,week", *more, ""]))
    base.grow("churn\n  requirements: approved\n  01-setup")
    require(base, lift)
    base.document("churn/01-setup/assessment", Status.IN_REVIEW, lift=lift, success_metrics=None)
    base.set("churn/01-setup/assessment", "lift.data.positive", None)  # of the sample
    iterata("lift", "churn/01").fine()
    iterata("move", f"{FOLDER}/assessment.md", "approved", "--as", "product").fine()
    iterata("new", "document", "churn/01", "proposal").fine()
    plan = base.parsed("churn/01-setup/proposal").data["plan"]
    assert plan["variants"][0]["estimator"] == estimator
    assert set(plan["target"]) == {"made_by"}
    base.set("churn/01-setup/proposal", "plan.features", {"all": ["rain", "weekend"]})
    base.set("churn/01-setup/proposal", "plan.resamples", 200)
    base.in_git()
    iterata("run", "churn/01", "--draft", "--jobs", "1").fine()
