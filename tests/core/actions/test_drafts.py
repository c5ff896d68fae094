"""Trying a plan out before anybody agreed to it, and what has to be committed before a result counts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from iterata.data.sources import data_file
from iterata.stages import Status

from .shop import FOLDER, PLAN, planned

if TYPE_CHECKING:
    from ...helpers.command_line import CommandLine
    from ...helpers.knowledge_base import KnowledgeBase

RUN = ("run", "churn/01", "--jobs", "1")
RESULT = f"{FOLDER}/results/experiment.json"


def test_a_draft_shows_figures_and_changes_nothing_that_counts(
    base: KnowledgeBase, iterata: CommandLine
) -> None:
    planned(base, Status.DRAFT)
    before = base.files()
    done = iterata(*RUN, "--draft").fine()
    assert done.out.startswith("**DRAFT: the plan is not approved, so none of this counts.**")
    assert "trying out churn/01-setup, which executes:\n  logistic: sklearn.linear" in done.err
    assert "a draft: looking at the same data often" in done.err
    assert base.files() == before
    assert iterata("status").fine().out.count("in_review") == 0
    kept = json.loads(base.read(".iterata/drafts/churn/01-setup.json"))
    assert kept["draft"] is True
    said = json.loads(iterata(*RUN, "--draft", "--format", "json").fine().out)
    assert said["draft"] is True
    assert said["result"]["variants"] == kept["result"]["variants"]


def test_a_draft_put_in_a_results_place_is_no_result(base: KnowledgeBase, iterata: CommandLine) -> None:
    planned(base, Status.DRAFT)
    iterata(*RUN, "--draft").fine()
    base.write(RESULT, base.read(".iterata/drafts/churn/01-setup.json"))
    done = iterata("report", "churn/01")
    assert (done.code, "not a valid experiment result" in done.err) == (1, True)


def test_an_unapproved_plan_is_refused_and_told_of_drafts(base: KnowledgeBase, iterata: CommandLine) -> None:
    planned(base, Status.DRAFT)
    done = iterata(*RUN)
    assert done.code == 1
    assert "the proposal is draft, not approved" in done.err
    assert "`iterata run churn/01-setup --draft`" in done.err
    assert f"`iterata move {FOLDER}/proposal.md in_review`" in done.err


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (f"{FOLDER}/assessment.md", None),
        (f"{FOLDER}/proposal.md", None),
        ("projects/churn/model.py", "x = 1\n"),
        ("projects/churn/helpers/__init__.py", "x = 1\n"),
    ],
)
def test_what_a_run_depends_on_has_to_be_committed(
    base: KnowledgeBase, iterata: CommandLine, path: str, text: str | None
) -> None:
    git = planned(base)
    base.write(path, text if text is not None else base.read(path) + "\nMore words.\n")
    done = iterata(*RUN)
    assert done.code == 1
    assert f"are not committed: {path}" in done.err
    assert not (base.root / RESULT).exists()
    iterata(*RUN, "--allow-dirty").fine()
    assert json.loads(base.read(RESULT))["provenance"]["dirty"] is True
    assert "and what is not committed" in base.read(f"{FOLDER}/experiment.md")
    git.commit("after all")


def test_a_file_that_a_program_reads_has_to_be_committed_too(
    base: KnowledgeBase, iterata: CommandLine
) -> None:
    base.write("projects/churn/train.R", "1")
    base.write("projects/churn/weights.txt", "1")
    program = {
        "name": "p",
        "producer": "command",
        "command": ["no-such-program", "train.R"],
        "features": "all",
    }
    asked = {"id": "H1", "claim": "It helps.", "supported_if": {"variant": "p"}}
    planned(base, variants=[{**program, "reads": ["weights.txt"]}], hypotheses=[asked])
    base.write("projects/churn/train.R", "2")
    base.write("projects/churn/weights.txt", "2")
    done = iterata(*RUN)
    assert "projects/churn/weights.txt, projects/churn/train.R" in done.err
    done = iterata(*RUN, "--allow-dirty")
    assert "p: `no-such-program train.R` in projects/churn, at most 60 minutes a fold" in done.err
    assert "variant p, fold 1 of repeat 1" in done.err
    (line,) = re.findall(rf"^{FOLDER}/proposal.md:(\d+): variant p, fold 1", done.err, re.MULTILINE)
    assert "no-such-program" in "".join(base.read(f"{FOLDER}/proposal.md").splitlines()[int(line) - 1 :][:6])


def test_data_out_of_git_and_other_pages_make_nothing_dirty(
    base: KnowledgeBase, iterata: CommandLine
) -> None:
    planned(base)
    base.write("projects/churn/notes.md", "Some notes.\n")
    iterata(*RUN).fine()
    assert json.loads(base.read(RESULT))["provenance"]["dirty"] is False
    iterata(*RUN).fine()


def test_another_plan_than_was_approved_takes_an_amendment(base: KnowledgeBase, iterata: CommandLine) -> None:
    git = planned(base, Status.IN_REVIEW)
    proposal, agree = f"{FOLDER}/proposal.md", ("approved", "--as", "data science", "--as", "product")
    iterata("move", proposal, *agree).fine()
    iterata("move", proposal, "draft").fine()
    base.change(proposal, "seed: 1", "seed: 2")
    iterata("move", proposal, "in_review").fine()
    before = base.read(proposal)
    refused = iterata("move", proposal, *agree)
    assert (refused.code, "no amendment says why" in refused.err) == (1, True)
    assert base.read(proposal) == before
    amended = [{"on": "2026-11-24", "what": "Another seed.", "why": "The old one is taken."}]
    base.set(f"{FOLDER}/proposal".removeprefix("projects/"), "amendments", amended)
    iterata("move", proposal, *agree).fine()
    git.commit("agree to another seed")
    iterata(*RUN).fine()
    iterata("report", "churn/01").fine()
    said = "- The plan was amended on 2026-11-24: Another seed. The old one is taken."
    assert said in base.read(f"{FOLDER}/report.md")


def test_a_draft_may_differ_from_what_was_approved(base: KnowledgeBase, iterata: CommandLine) -> None:
    planned(base)
    base.change(f"{FOLDER}/proposal.md", "seed: 1", "seed: 2")
    refused = iterata(*RUN, "--allow-dirty")
    assert (refused.code, "PLAN003" in refused.err) == (1, True)
    iterata(*RUN, "--draft").fine()
    assert not (base.root / RESULT).exists()


def test_approval_records_the_digest_of_predictions_made_elsewhere(
    base: KnowledgeBase, iterata: CommandLine
) -> None:
    lines = "".join(f"{row},{row % 3}\n" for row in range(120))
    base.write("projects/churn/data/theirs.csv", f"row_id,prediction\n{lines}")
    theirs = {"name": "theirs", "producer": "file", "source": "data/theirs.csv", "learned_from": "2020"}
    asked = {"id": "H1", "claim": "It helps.", "supported_if": {"variant": "theirs"}}
    planned(base, Status.IN_REVIEW, variants=[*PLAN["variants"], theirs], hypotheses=[asked])
    roles = ("--as", "product", "--as", "data science")
    iterata("move", f"{FOLDER}/proposal.md", "approved", *roles).fine()
    plan = base.parsed("churn/01-setup/proposal").data["plan"]
    assert plan["variants"][1]["digest"] == data_file.digest(base.root / "projects/churn/data/theirs.csv")
    assert "digest" not in plan["variants"][0]
    assert iterata("check").code == 0


def test_nobody_agrees_to_predictions_that_do_not_fit(base: KnowledgeBase, iterata: CommandLine) -> None:
    base.write("projects/churn/data/theirs.csv", "row_id,prediction\n0,1\n")
    theirs = {"name": "theirs", "producer": "file", "source": "data/theirs.csv", "learned_from": "2020"}
    asked = {"id": "H1", "claim": "It helps.", "supported_if": {"variant": "theirs"}}
    planned(base, Status.IN_REVIEW, variants=[*PLAN["variants"], theirs], hypotheses=[asked])
    before = base.files()
    done = iterata("move", f"{FOLDER}/proposal.md", "approved", "--as", "product", "--as", "data science")
    assert done.code == 1
    assert "variant theirs, fold 1 of repeat 1: error: data/theirs.csv: " in done.err
    assert "have no prediction, such as" in done.err
    assert base.files() == before


def test_a_plan_is_not_judged_by_another_kpi_than_it_was_agreed_to_with(
    base: KnowledgeBase, iterata: CommandLine
) -> None:
    planned(base, Status.IN_REVIEW)
    iterata("move", f"{FOLDER}/proposal.md", "approved", "--as", "product", "--as", "data science").fine()
    base.set("churn/01-setup/assessment", "lift.kpi.budget", 0.5)
    git = base.in_git()
    done = iterata(*RUN)
    assert done.code == 1
    assert f"{FOLDER}/assessment.md: error: has changed since the plan was approved" in done.err
    assert not (base.root / RESULT).exists()
    iterata(*RUN, "--draft").fine()
    iterata("affirm", f"{FOLDER}/proposal.md").fine()
    git.commit("it still holds")
    iterata(*RUN).fine()


def test_what_a_project_prints_is_no_part_of_the_result(base: KnowledgeBase, iterata: CommandLine) -> None:
    base.write(
        "projects/churn/model.py",
        "from sklearn.linear_model import LogisticRegression\n"
        "print('imported')\n"
        "def chatty():\n    print('made')\n    return LogisticRegression()\n",
    )
    chatty = {"name": "logistic", "factory": "model:chatty", "features": "all"}
    planned(base, variants=[chatty])
    done = iterata.really(*RUN, "--draft", "--format", "json").fine()
    assert json.loads(done.out)["draft"] is True
    assert "imported\n" in done.err
    assert "made\n" in done.err
