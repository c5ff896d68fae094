"""A plan takes its rows from the approved assessment, from `new` to `run`, and contradicts it only aloud."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from iterata.documents.scaffold import new
from iterata.stages import Stage, Status

from .approved_plan import DATA, FOLDER, PLAN, ROWS

if TYPE_CHECKING:
    from ...helpers.command_line import CommandLine
    from ...helpers.git import Git
    from ...helpers.knowledge_base import KnowledgeBase

PROPOSAL, ASSESSMENT = f"{FOLDER}/proposal.md", f"{FOLDER}/assessment.md"
RESULT = f"{FOLDER}/results/experiment.json"
NEW = {key: value for key, value in PLAN.items() if key != "data"}
"""What only the plan says."""
RUN = ("run", "churn/01", "--jobs", "1")


def assessed(base: KnowledgeBase, iterata: CommandLine, **changes: Any) -> None:
    """An approved assessment with its lift, from the customers' file; `changes` are of `lift.data`."""
    base.write(DATA, ROWS)
    base.write("projects/churn/data/others.csv", ROWS.replace("red", "green"))
    base.write(".gitignore", "projects/*/data/\n")
    base.grow("churn\n  requirements: approved\n  01-setup")
    base.document("churn/01-setup/assessment", Status.IN_REVIEW, lift={"data": changes, "resamples": 200})
    iterata("lift", "churn/01").fine()
    iterata("move", ASSESSMENT, "approved", "--as", "product").fine()


def propose(base: KnowledgeBase, ref: str = "churn/01-setup", **changes: Any) -> None:
    """Write a proposal whose plan inherits all that `changes` do not say."""
    block = changes.pop("iteration", None)
    base.document(f"{ref}/proposal", Status.DRAFT, plan=NEW, **({"iteration": block} if block else {}))
    for key in ("data", "status_quo"):
        base.set(f"{ref}/proposal", f"plan.{key}", None)
    changes = {"target": {}, **changes}
    for key, value in {**changes, "target": {"made_by": "The register.", **changes["target"]}}.items():
        base.set(f"{ref}/proposal", f"plan.{key}", value)


def proposed(base: KnowledgeBase, **changes: Any) -> Git:
    """The same for the first iteration, in Git."""
    propose(base, **changes)
    return base.in_git()


def approve(iterata: CommandLine) -> None:
    iterata("move", PROPOSAL, "in_review").fine()
    iterata("move", PROPOSAL, "approved", "--as", "product", "--as", "data science").fine()


def result(base: KnowledgeBase, kind: str = "experiment") -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(base.read(f"{FOLDER}/results/{kind}.json"))
    return loaded


def test_plan_without_rows_runs_and_verifies_on_those_of_the_assessment(
    base: KnowledgeBase, iterata: CommandLine
) -> None:
    assessed(base, iterata, weights={"base_rate": 0.1})
    git = proposed(base)
    approve(iterata)
    written = base.parsed("churn/01-setup/proposal").data["plan"]
    assert "data" not in written
    assert written["data_digest"].startswith("sha256:")
    git.commit("approved")
    iterata(*RUN).fine()
    iterata("report", "churn/01").fine()
    iterata("check").fine()
    done, lift = result(base), result(base, "lift")
    assert done["scale"]["status_quo"]["value"] == lift["scale"]["status_quo"]["value"]
    assert done["sample"]["weights"] == {"base_rate": 0.1, "column": None}
    assert done["assessed_status_quo"]["differs_because"] == []
    assert (done["overrides"], done["override_reason"]) == ([], "")
    git.commit("run")
    iterata("verify", "churn/01").fine()
    assert iterata("check", "--base", "HEAD~1").code == 0


def test_other_rows_under_the_same_name_are_refused(base: KnowledgeBase, iterata: CommandLine) -> None:
    assessed(base, iterata)
    git = proposed(base)
    approve(iterata)
    git.commit("approved")
    base.write(DATA, ROWS.replace("red", "pink"))
    assert iterata(*RUN).code == 1
    assert not (base.root / RESULT).exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"data": [{"source": "data/others.csv"}]}, "plan.data[0].source"),
        ({"data": [{"unit_id": "age"}]}, "plan.data[0].unit_id"),
        ({"data": [{"weights": None}]}, "plan.data[0].weights"),
        ({"data": [{"columns": {"tariff": "text"}}]}, "plan.data[0].columns.tariff"),
        ({"data": [{"known_after": []}]}, "plan.data[0].known_after"),
        ({"target": {"column": "tariff"}}, "plan.target.column"),
        ({"target": {"positive": 0}}, "plan.target.positive"),
        ({"status_quo": {"column": "age"}}, "plan.status_quo"),
        ({"status_quo": {"rule": "-newness"}}, "plan.status_quo"),
        ({"status_quo": {"constant": 1}}, "plan.status_quo"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_contradiction_needs_a_reason(
    base: KnowledgeBase, iterata: CommandLine, changes: dict[str, Any], field: str
) -> None:
    declared = {"columns": {"tariff": "category"}, "known_after": ["age"]}
    assessed(base, iterata, weights={"base_rate": 0.1}, **declared)
    proposed(base, features={"all": ["newness"]}, **changes)
    (problem,) = base.problems("PLAN")
    assert (problem.code, problem.field) == ("PLAN004", field)
    before = base.files()
    for words in (("move", PROPOSAL, "in_review"), (*RUN, "--draft")):
        refused = iterata(*words)
        assert (refused.code, f"PLAN004  {field}" in refused.err) == (1, True)
    assert base.files() == before
    base.set("churn/01-setup/proposal", "plan.override_reason", "We know better now.")
    assert base.problems("PLAN") == []
    iterata("move", PROPOSAL, "in_review").fine()


def test_run_and_page_show_a_contradiction_with_its_reason(base: KnowledgeBase, iterata: CommandLine) -> None:
    assessed(base, iterata, weights={"base_rate": 0.1})
    git = base.in_git()
    propose(base, data=[{"weights": None}], override_reason="The rows are a random sample after all.")
    git.commit("proposed")
    approve(iterata)
    git.commit("approved")
    iterata(*RUN).fine()
    iterata("report", "churn/01").fine()
    done = result(base)
    assert done["overrides"] == [{"name": "weights", "assessment": "base_rate 0.1", "plan": "none"}]
    assert done["override_reason"] == "The rows are a random sample after all."
    assert done["assessed_status_quo"]["differs_because"] == ["other_description"]
    git.commit("run")
    of_plan = iterata("summary", "--base", "HEAD~3").fine().out
    of_result = iterata("summary", "--base", "HEAD~1").fine().out
    for text in (base.read(f"{FOLDER}/report.md"), of_plan, of_result):
        assert all(part in text for part in ("none", "base_rate 0.1", "a random sample after all"))


def test_amended_assessment_is_a_changed_plan(base: KnowledgeBase, iterata: CommandLine) -> None:
    assessed(base, iterata)
    git = proposed(base)
    approve(iterata)
    git.commit("approved")
    assert base.problems("PLAN") == []
    base.change(ASSESSMENT, "column: newness", "column: age")
    (problem,) = base.problems("PLAN")
    assert (problem.code, "status quo" in problem.message) == ("PLAN003", True)
    refused = iterata(*RUN, "--allow-dirty")
    assert (refused.code, "PLAN003" in refused.err) == (1, True)


def test_plan_that_says_everything_is_independent_of_the_assessment(
    base: KnowledgeBase, iterata: CommandLine
) -> None:
    assessed(base, iterata)
    full = {"data": [{"source": "data/customers.csv"}], "target": {}, "status_quo": {"column": "newness"}}
    proposed(base, **full)
    approve(iterata)
    base.change(ASSESSMENT, "column: newness", "column: age")
    assert [problem.code for problem in base.problems("PLAN")] == ["PLAN004"]


def test_assumptions_leave_the_rows_to_the_plan(base: KnowledgeBase, iterata: CommandLine) -> None:
    assessed(base, iterata)
    assumed = {"volume": 1000, "base_rate": 0.3, "status_quo": {"capture": 0.3}}
    base.set("churn/01-setup/assessment", "lift.data", None)
    base.set("churn/01-setup/assessment", "lift.assumptions", assumed)
    proposed(base)
    assert [problem.field for problem in base.problems("PLAN005")] == [
        "plan.data",
        "plan.status_quo",
        "plan.target",
    ]
    refused = iterata(*RUN, "--draft")
    assert (refused.code, "PLAN005" in refused.err) == (1, True)


def test_iteration_for_other_data_needs_no_reason_for_them(base: KnowledgeBase, iterata: CommandLine) -> None:
    assessed(base, iterata)
    block = {"kind": "data", "inherits_assessment": "01-setup"}
    others = [{"source": "data/others.csv"}]
    propose(base, "churn/02-data", iteration=block, data=others)
    assert base.problems("PLAN") == []
    base.set("churn/02-data/proposal", "plan.status_quo", {"column": "age"})
    assert [problem.field for problem in base.problems("PLAN")] == ["plan.status_quo"]


def test_new_proposal_asks_for_nothing_twice(base: KnowledgeBase, iterata: CommandLine) -> None:
    """The values that are left to type; a feature round takes few of them."""
    assessed(base, iterata, unit_id="age", made_by="make data")
    iterata("new", "document", "churn/01", "proposal").fine()
    typed = base.read(PROPOSAL).count("TODO: ")
    base.document("churn/01-setup/report", Status.APPROVED)
    iterata("new", "iteration", "churn", "--kind", "feature").fine()
    of_feature_round = base.read("projects/churn/02-feature/proposal.md").count("TODO: ")
    assert (typed, of_feature_round) == (5, 4)
    assert new(Stage.PROPOSAL, {}).count("TODO") > typed


def test_new_proposal_asks_for_the_rows_that_the_assessment_only_assumes(
    base: KnowledgeBase, iterata: CommandLine
) -> None:
    assessed(base, iterata)
    assumed = {"volume": 1000, "base_rate": 0.3, "status_quo": {"capture": 0.3}}
    base.set("churn/01-setup/assessment", "lift.data", None)
    base.set("churn/01-setup/assessment", "lift.assumptions", assumed)
    iterata("new", "document", "churn/01", "proposal").fine()
    plan = base.parsed("churn/01-setup/proposal").data["plan"]
    assert (plan["target"]["column"], plan["status_quo"]["column"]) == ("TODO", "TODO")
    assert plan["data"] == [{"name": "rows", "source": "data/rows.csv"}]
    assert base.problems("PLAN") == []
