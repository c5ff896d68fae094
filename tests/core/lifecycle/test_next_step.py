"""The next step of an iteration and of a project: its stage, the role that must act, and the command."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from iterata.lifecycle.next_step import next_step, project_next_step
from iterata.stages import Stage

from ...helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from pathlib import Path

    from ...helpers.golden import Golden

AGREED = "requirements: approved"
RUN = f"{AGREED}, 01-setup, assessment: approved, lift.json, proposal: approved"
REPORTED = f"{RUN}, experiment: completed, experiment.json, report: approved"

REPORTED_TREE = ["churn", "  requirements: approved", "  01-setup"] + [
    f"    {line}" for line in REPORTED.split(", ")[2:]
]

ITERATIONS = {
    "open requirements": ("requirements: draft, 01-setup", Stage.REQUIREMENTS, "iterata move"),
    "no assessment": (f"{AGREED}, 01-setup", Stage.ASSESSMENT, "iterata new document"),
    "draft": (f"{AGREED}, 01-setup, assessment: draft", Stage.ASSESSMENT, "iterata move"),
    "rejected": (f"{AGREED}, 01-setup, assessment: rejected", Stage.ASSESSMENT, "iterata move"),
    "closed gate": (f"{AGREED}, 01-setup, assessment: in_review", Stage.ASSESSMENT, "iterata lift"),
    "in review": (
        f"{AGREED}, 01-setup, assessment: in_review, lift.json",
        Stage.ASSESSMENT,
        "iterata move",
    ),
    "no experiment": (RUN, Stage.EXPERIMENT, "iterata run"),
    "running": (f"{RUN}, experiment: running", Stage.EXPERIMENT, "iterata run"),
    "no report": (f"{RUN}, experiment: completed, experiment.json", Stage.REPORT, "iterata report"),
    "decided iterate": (REPORTED, None, "iterata new iteration"),
    "planned": (f"{REPORTED}, deployment: planned", Stage.DEPLOYMENT, ""),
    "rolling out": (f"{REPORTED}, deployment: rolling_out", Stage.DEPLOYMENT, ""),
    "reverted": (f"{REPORTED}, deployment: reverted", Stage.REPORT, ""),
    "abandoned": (f"{AGREED}, 01-setup, assessment: abandoned", None, ""),
}
"""Documents of an iteration, with the stage of the next step and the beginning of its command."""
DECISIONS = {"in review"}
"""Where somebody must decide; everywhere else there is work to do."""


def grown(base: KnowledgeBase, documents: str) -> KnowledgeBase:
    depth, lines = 1, ["churn"]
    for document in documents.split(", "):
        lines.append("  " * depth + document)
        depth += document == "01-setup"
    return base.grow("\n".join(lines) + "\n")


@pytest.mark.parametrize("state", ITERATIONS)
def test_iteration_has_a_next_step(base: KnowledgeBase, state: str) -> None:
    documents, stage, command = ITERATIONS[state]
    (folder,) = grown(base, documents).repository.iterations
    step = next_step(folder)
    assert step.stage is stage
    assert step.command.startswith(command)
    assert bool(step.command) == bool(command)
    assert step.is_decision == (state in DECISIONS)


def test_iteration_that_is_followed_waits_for_nothing(base: KnowledgeBase) -> None:
    grown(base, REPORTED)
    block = {"kind": "feature", "follows": "01-setup", "inherits_assessment": "01-setup"}
    base.document("churn/02-more/proposal", iteration=block)
    first, second = base.repository.iterations
    assert next_step(first).command == ""
    assert next_step(second).stage is Stage.PROPOSAL


@pytest.mark.parametrize(("documents", "stage"), [("data", Stage.REQUIREMENTS), (AGREED, Stage.ASSESSMENT)])
def test_project_without_iterations_has_a_next_step(
    base: KnowledgeBase, documents: str, stage: Stage
) -> None:
    (project,) = grown(base, documents).repository.projects
    assert project_next_step(project).stage is stage


def test_wording_of_next_steps(tmp_path: Path, golden: Golden) -> None:
    lines = []
    for state, (documents, *_) in ITERATIONS.items():
        (folder,) = grown(KnowledgeBase(tmp_path / state), documents).repository.iterations
        step = next_step(folder)
        lines.append(f"{state}: {step.what} | {step.who} | {step.command or step.remedy}")
    golden.check("next_steps", "\n".join(lines))


@pytest.mark.parametrize("kind", ["lift", "experiment"])
def test_damaged_result_of_an_agreed_document_comes_back_from_git(base: KnowledgeBase, kind: str) -> None:
    """Also if the damage is committed: the newest version that can be read is named."""
    base.grow("\n".join(REPORTED_TREE))
    git, path = base.in_git(), f"projects/churn/01-setup/results/{kind}.json"
    sound = base.read(path)
    for committed in (False, True):
        base.write(path, sound[: len(sound) // 2])
        if committed:
            git.commit("damaged")
        step = next_step(base.repository.find_iteration("churn/01-setup"))
        assert step.stage is (Stage.ASSESSMENT if kind == "lift" else Stage.EXPERIMENT)
        (problem,) = base.problems("RES001")
        assert step.remedy == problem.remedy
        git(*shlex.split(problem.remedy.strip("`"))[1:])
        assert base.read(path) == sound


def test_damaged_result_is_written_again_before_the_agreement(base: KnowledgeBase) -> None:
    base.grow("\n".join(REPORTED_TREE).replace("report: approved", "report: in_review"))
    base.in_git()
    base.write("projects/churn/01-setup/results/experiment.json", "{")
    advised = [problem.remedy for code in ("RES001", "GATE008") for problem in base.problems(code)]
    advised.append(next_step(base.repository.find_iteration("churn/01-setup")).remedy)
    assert len(advised) >= 3
    assert [remedy for remedy in advised if "`iterata run churn/01-setup`" not in remedy] == []


def test_missing_result_of_a_table_comes_back(base: KnowledgeBase) -> None:
    """`iterata report` cannot write the table of a result that is gone."""
    base.grow("\n".join(REPORTED_TREE))
    path = "projects/churn/01-setup/results/experiment.json"
    git, sound = base.in_git(), base.read(path)
    (base.root / path).unlink()
    remedies = {problem.remedy for problem in base.problems("RES003")}
    assert len(remedies) == 1
    git(*shlex.split(remedies.pop().strip("`"))[1:])
    assert base.read(path) == sound
    base.set("churn/01-setup/report", "status", "in_review")
    (base.root / path).unlink()
    assert {problem.remedy for problem in base.problems("RES003")} == {"`iterata run churn/01-setup`"}
