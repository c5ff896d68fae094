"""The next iteration's documents repeat what does not change of the plan that it follows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from iterata.actions.new import create_document, create_iteration
from iterata.errors import IterataError
from iterata.stages import IterationKind, Stage, Status

if TYPE_CHECKING:
    from ...helpers.knowledge_base import KnowledgeBase

RESULT = "projects/churn/01-setup/results/experiment.json"
BEST = {
    "name": "boosted", "estimator": "sklearn.ensemble.HistGradientBoostingClassifier",
    "params": {"max_depth": 3}, "features": "few",
}  # fmt: skip


@pytest.fixture
def decided(base: KnowledgeBase) -> KnowledgeBase:
    """An iteration whose second variant is the best, with the decision to iterate."""
    base.grow("""
        churn
          requirements: approved
          01-setup
            assessment: approved
            lift.json
            experiment: completed
            report: approved
    """)
    plan = {
        "variants": [
            {"name": "logistic", "estimator": "sklearn.linear_model.Ridge", "features": "all"},
            BEST,
        ],
        "features": {"all": ["*", "!tariff"], "few": ["age", "newness"]},
        "resamples": 400,
    }
    base.document("churn/01-setup/proposal", Status.APPROVED, plan=plan)
    base.result("churn/01-setup", "experiment")
    figures = json.loads(base.read(RESULT))
    figures["variants"][1]["kpi"]["value"] = 123.0
    figures["variants"][1]["difference"] = {"value": 43.0, "low": 30.0, "high": 56.0}
    base.write(RESULT, json.dumps(figures))
    return base


def follow(base: KnowledgeBase, kind: IterationKind) -> dict[str, Any]:
    """The front matter of the proposal of an iteration of this kind."""
    (project,) = base.repository.projects
    path = create_iteration(project, base.root, kind, follows="01-setup")
    if kind is IterationKind.ALGORITHM:
        path = create_document(base.repository.find_iteration("churn/02"), base.root, Stage.PROPOSAL)
    return base.parsed(path.removeprefix("projects/").removesuffix(".md")).data


@pytest.mark.parametrize("kind", [IterationKind.DATA, IterationKind.FEATURE, IterationKind.ALGORITHM])
def test_what_does_not_change_is_copied(decided: KnowledgeBase, kind: IterationKind) -> None:
    before = decided.parsed("churn/01-setup/proposal").data
    after = follow(decided, kind)
    for key in ("infrastructure", "risks", "timebox"):
        assert after[key] == before[key]
    for key in ("split", "metrics", "segments", "resamples"):
        assert after["plan"][key] == before["plan"][key]
    assert before["plan"]["features"].items() <= after["plan"]["features"].items()
    assert after["plan"]["target"] == {"made_by": before["plan"]["target"]["made_by"]}
    assert after["plan"]["variants"][0] == BEST
    assert {"plan_digest", "approvals", "amendments"}.isdisjoint(after)
    assert {"data", "data_digest", "status_quo"}.isdisjoint(after["plan"])
    assert decided.problems("PLAN") == []


def test_a_new_variant_has_more_columns_than_the_best_one(decided: KnowledgeBase) -> None:
    plan = follow(decided, IterationKind.FEATURE)["plan"]
    more = plan["variants"][1]
    assert (more["estimator"], more["params"]) == (BEST["estimator"], BEST["params"])
    assert plan["features"][more["features"]][:-1] == plan["features"]["few"]
    assert plan["hypotheses"][0]["supported_if"] == {"variant": more["name"], "over": "boosted", "by": 0}


@pytest.mark.parametrize("kind", [IterationKind.DATA, IterationKind.FEATURE, IterationKind.ALGORITHM])
def test_the_recommendation_is_a_claim_to_complete(decided: KnowledgeBase, kind: IterationKind) -> None:
    claim = follow(decided, kind)["plan"]["hypotheses"][0]["claim"]
    assert claim.startswith("TODO: Half of the lift is left.")
    assert "boosted, 123 customers" in claim
    decided.set("churn/02-" + kind.value + "/proposal", "status", "in_review")
    fields = {problem.field for problem in decided.problems("GATE001")}
    assert "plan.hypotheses[0].claim" in fields


def test_differences_from_the_assessment_are_copied(decided: KnowledgeBase) -> None:
    for key, value in {"status_quo": {"column": "age"}, "override_reason": "a new rule"}.items():
        decided.set("churn/01-setup/proposal", f"plan.{key}", value)
    digest = decided.context("churn/01-setup/proposal").plan_digest
    decided.set("churn/01-setup/proposal", "plan_digest", digest)
    plan = follow(decided, IterationKind.FEATURE)["plan"]
    assert (plan["status_quo"], plan["override_reason"]) == ({"column": "age"}, "a new rule")
    assert "digest" not in plan["data"][0]


def test_the_best_variant_keeps_the_guardrails(decided: KnowledgeBase) -> None:
    figures = json.loads(decided.read(RESULT))
    broken = {"name": "complaints", "variant": "boosted", "status_quo": 0.1, "value": 0.2, "worsening": 0.1}
    broken |= {"worsening_at_most": 0.12, "margin": 0.05, "holds": False}
    decided.write(RESULT, json.dumps({**figures, "guardrails": [broken]}))
    assert follow(decided, IterationKind.FEATURE)["plan"]["variants"][0]["name"] == "logistic"


def test_an_assessment_repeats_its_lift_and_asks_again_for_alternatives(decided: KnowledgeBase) -> None:
    (project,) = decided.repository.projects
    create_iteration(project, decided.root, IterationKind.ALGORITHM)
    before, after = (decided.parsed(f"churn/{name}/assessment").data for name in ("01-setup", "02-algorithm"))
    assert (after["lift"], after["problem_confirmed"]) == (before["lift"], before["problem_confirmed"])
    assert all(entry["why"].startswith("TODO") for entry in after["alternatives"])


@pytest.mark.parametrize("outcome", [None, "stop"])
def test_an_iteration_does_not_begin_before_the_decision(decided: KnowledgeBase, outcome: str | None) -> None:
    field = "decision" if outcome is None else "decision.outcome"
    decided.set("churn/01-setup/report", field, outcome)
    before = decided.files()
    with pytest.raises(IterataError) as refusal:
        follow(decided, IterationKind.FEATURE)
    assert refusal.value.where == "churn/01-setup"
    assert decided.files() == before


def test_an_iteration_does_not_begin_while_a_post_mortem_is_owed(decided: KnowledgeBase) -> None:
    decided.set("churn/01-setup/report", "decision.outcome", "deploy")
    follow(decided, IterationKind.FEATURE)
    assert decided.problems("LIFE024") == []
    decided.document("churn/01-setup/deployment", Status.REVERTED)
    (problem,) = decided.problems("LIFE024")
    assert problem.field == "iteration.follows"
    with pytest.raises(IterataError):
        follow(decided, IterationKind.DATA)


def test_an_iteration_does_not_begin_after_the_requirements_were_abandoned(decided: KnowledgeBase) -> None:
    decided.document("churn/requirements", Status.ABANDONED)
    with pytest.raises(IterataError):
        follow(decided, IterationKind.FEATURE)


def test_an_assessment_with_problems_is_not_inherited(decided: KnowledgeBase) -> None:
    page = "projects/churn/01-setup/assessment.md"
    decided.change(page, "recommendation:", "recommendation: go\nrecommendation:")
    (project,) = decided.repository.projects
    with pytest.raises(IterataError) as refusal:
        create_iteration(project, decided.root, IterationKind.FEATURE, follows="01-setup")
    assert f"`iterata check {page}`" in refusal.value.remedy


def test_a_deployment_begins_with_the_best_variant(decided: KnowledgeBase) -> None:
    decided.set("churn/01-setup/report", "decision.outcome", "deploy")
    create_document(decided.repository.find_iteration("churn/01"), decided.root, Stage.DEPLOYMENT)
    assert decided.parsed("churn/01-setup/deployment").data["variant"] == "boosted"
