"""`iterata run`: drafts, what must be committed and approved before a run, and what is executed."""

from __future__ import annotations

import json
import re
from importlib import resources
from typing import TYPE_CHECKING

import pytest

from iterata.data.sources import data_file
from iterata.stages import Status

from .approved_plan import FOLDER, PLAN, planned

if TYPE_CHECKING:
    from ...helpers.command_line import CommandLine
    from ...helpers.knowledge_base import KnowledgeBase

RUN = ("run", "churn/01", "--jobs", "1")
RESULT = f"{FOLDER}/results/experiment.json"
LIBRARY_FILES = (
    ".ipynb_checkpoints/model-checkpoint.py",
    "catboost_info/learn_error.tsv",
    "lightning_logs/version_0/hparams.yaml",
    "mlflow.db",
    "mlruns/0/meta.yaml",
    "wandb/run-1/files/code/train.py",
    "wandb/run-1/files/README.md",
)


def test_draft_shows_figures_and_changes_no_document(base: KnowledgeBase, iterata: CommandLine) -> None:
    planned(base, Status.DRAFT)
    before = base.files()
    done = iterata(*RUN, "--draft").fine()
    assert done.out.startswith("**DRAFT")
    assert "  logistic: sklearn.linear_model.LogisticRegression\n" in done.err
    assert base.files() == before
    assert iterata("status").fine().out.count("in_review") == 0
    stored = json.loads(base.read(".iterata/drafts/churn/01-setup.json"))
    assert stored["draft"] is True
    printed = json.loads(iterata(*RUN, "--draft", "--format", "json").fine().out)
    assert printed["draft"] is True
    assert printed["result"]["variants"] == stored["result"]["variants"]


def test_draft_of_an_approved_plan_says_so(base: KnowledgeBase, iterata: CommandLine) -> None:
    planned(base)
    headline = iterata(*RUN, "--draft").fine().out.splitlines()[0]
    base.change(f"{FOLDER}/proposal.md", "resamples: 200", "resamples: 201")
    changed = iterata(*RUN, "--draft").fine().out.splitlines()[0]
    base.change(f"{FOLDER}/proposal.md", "status: approved", "status: draft")
    unapproved = iterata(*RUN, "--draft").fine().out.splitlines()[0]
    assert len({headline, changed, unapproved}) == 3
    assert all(line.startswith("**DRAFT: ") for line in (headline, changed, unapproved))
    assert not (base.root / RESULT).exists()


@pytest.mark.parametrize("folder", ["", "projects/churn/", f"{FOLDER}/"])
def test_what_libraries_write_beside_the_code_is_no_change(
    base: KnowledgeBase, iterata: CommandLine, folder: str
) -> None:
    base.write("projects/churn/model.py", "from sklearn.linear_model import LogisticRegression as model\n")
    git = planned(base, variants=[{"name": "logistic", "factory": "model:model", "features": "all"}])
    for path in LIBRARY_FILES:
        base.write(f"{folder}{path}", "# written by a library\n")
    iterata("check").fine()
    iterata(*RUN).fine()
    provenance = json.loads(base.read(RESULT))["provenance"]
    assert (provenance["dirty"], provenance["commit"]) == (False, git("rev-parse", "HEAD").strip())
    base.write(
        ".gitignore", (resources.files("iterata.actions") / "knowledge_base" / "gitignore").read_text("utf-8")
    )
    assert not [path for path in LIBRARY_FILES if path in git.status]


def test_file_of_a_draft_is_not_a_valid_result(base: KnowledgeBase, iterata: CommandLine) -> None:
    planned(base, Status.DRAFT)
    iterata(*RUN, "--draft").fine()
    base.write(RESULT, base.read(".iterata/drafts/churn/01-setup.json"))
    done = iterata("report", "churn/01")
    assert (done.code, done.err.startswith(f"{RESULT}: error: ")) == (1, True)


def test_unapproved_plan_is_refused_with_remedies(base: KnowledgeBase, iterata: CommandLine) -> None:
    planned(base, Status.DRAFT)
    done = iterata(*RUN)
    assert done.code == 1
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
def test_uncommitted_inputs_are_refused_unless_dirty_is_allowed(
    base: KnowledgeBase, iterata: CommandLine, path: str, text: str | None
) -> None:
    planned(base)
    base.write(path, text if text is not None else base.read(path) + "\nMore words.\n")
    done = iterata(*RUN)
    assert done.code == 1
    assert path in done.err
    assert not (base.root / RESULT).exists()
    iterata(*RUN, "--allow-dirty").fine()
    assert json.loads(base.read(RESULT))["provenance"]["dirty"] is True
    assert "uncommitted" in base.read(f"{FOLDER}/experiment.md")


def test_uncommitted_files_of_a_program_are_refused(base: KnowledgeBase, iterata: CommandLine) -> None:
    base.write("projects/churn/train.R", "1")
    base.write("projects/churn/weights.txt", "1")
    program = {
        "name": "p",
        "producer": "command",
        "command": ["no-such-program", "train.R"],
        "features": "all",
    }
    hypothesis = {"id": "H1", "claim": "It helps.", "supported_if": {"variant": "p"}}
    planned(base, variants=[{**program, "reads": ["weights.txt"]}], hypotheses=[hypothesis])
    base.write("projects/churn/train.R", "2")
    base.write("projects/churn/weights.txt", "2")
    done = iterata(*RUN)
    assert "projects/churn/weights.txt, projects/churn/train.R" in done.err
    done = iterata(*RUN, "--allow-dirty")
    assert "p: `no-such-program train.R` in projects/churn, at most 60 minutes a fold" in done.err
    assert "variant p, fold 1 of repeat 1" in done.err
    (line,) = re.findall(rf"^{FOLDER}/proposal.md:(\d+): variant p, fold 1", done.err, re.MULTILINE)
    assert "no-such-program" in "".join(base.read(f"{FOLDER}/proposal.md").splitlines()[int(line) - 1 :][:6])


def test_ignored_data_and_other_pages_do_not_make_a_result_dirty(
    base: KnowledgeBase, iterata: CommandLine
) -> None:
    planned(base)
    base.write("projects/churn/notes.md", "Some notes.\n")
    iterata(*RUN).fine()
    assert json.loads(base.read(RESULT))["provenance"]["dirty"] is False
    iterata(*RUN).fine()


def test_changed_plan_is_approved_only_with_an_amendment(base: KnowledgeBase, iterata: CommandLine) -> None:
    git = planned(base, Status.IN_REVIEW)
    proposal, agree = f"{FOLDER}/proposal.md", ("approved", "--as", "data science", "--as", "product")
    iterata("move", proposal, *agree).fine()
    iterata("move", proposal, "draft").fine()
    base.change(proposal, "seed: 1", "seed: 2")
    iterata("move", proposal, "in_review").fine()
    before = base.read(proposal)
    refused = iterata("move", proposal, *agree)
    assert refused.code == 1
    assert "amendment" in refused.err
    assert base.read(proposal) == before
    amendment = {"on": "2026-11-24", "what": "Another seed.", "why": "The old one is taken."}
    base.set(f"{FOLDER}/proposal".removeprefix("projects/"), "amendments", [amendment])
    iterata("move", proposal, *agree).fine()
    git.commit("agree to another seed")
    iterata(*RUN).fine()
    iterata("report", "churn/01").fine()
    assert "2026-11-24: Another seed. The old one is taken." in base.read(f"{FOLDER}/report.md")


def test_draft_may_differ_from_the_approved_plan(base: KnowledgeBase, iterata: CommandLine) -> None:
    planned(base)
    base.change(f"{FOLDER}/proposal.md", "seed: 1", "seed: 2")
    refused = iterata(*RUN, "--allow-dirty")
    assert (refused.code, "PLAN003" in refused.err) == (1, True)
    iterata(*RUN, "--draft").fine()
    assert not (base.root / RESULT).exists()


def test_approval_records_the_digest_of_a_prediction_file(base: KnowledgeBase, iterata: CommandLine) -> None:
    lines = "".join(f"{row},{row % 3}\n" for row in range(120))
    base.write("projects/churn/data/theirs.csv", f"row_id,prediction\n{lines}")
    predictions = {"name": "theirs", "producer": "file", "source": "data/theirs.csv", "learned_from": "2020"}
    hypothesis = {"id": "H1", "claim": "It helps.", "supported_if": {"variant": "theirs"}}
    planned(base, Status.IN_REVIEW, variants=[*PLAN["variants"], predictions], hypotheses=[hypothesis])
    roles = ("--as", "product", "--as", "data science")
    iterata("move", f"{FOLDER}/proposal.md", "approved", *roles).fine()
    plan = base.parsed("churn/01-setup/proposal").data["plan"]
    assert plan["variants"][1]["digest"] == data_file.digest(base.root / "projects/churn/data/theirs.csv")
    assert "digest" not in plan["variants"][0]
    assert iterata("check").code == 0


def test_incomplete_prediction_file_is_refused_at_approval(base: KnowledgeBase, iterata: CommandLine) -> None:
    base.write("projects/churn/data/theirs.csv", "row_id,prediction\n0,1\n")
    predictions = {"name": "theirs", "producer": "file", "source": "data/theirs.csv", "learned_from": "2020"}
    hypothesis = {"id": "H1", "claim": "It helps.", "supported_if": {"variant": "theirs"}}
    planned(base, Status.IN_REVIEW, variants=[*PLAN["variants"], predictions], hypotheses=[hypothesis])
    before = base.files()
    done = iterata("move", f"{FOLDER}/proposal.md", "approved", "--as", "product", "--as", "data science")
    assert done.code == 1
    assert done.err.startswith(
        f"{FOLDER}/proposal.md:40:15: plan.variants[1].source: variant theirs, fold 1 of repeat 1: error: "
    )
    assert "data/theirs.csv" in done.err
    assert base.files() == before


def test_changed_kpi_is_refused_until_the_plan_is_affirmed(base: KnowledgeBase, iterata: CommandLine) -> None:
    planned(base, Status.IN_REVIEW)
    iterata("move", f"{FOLDER}/proposal.md", "approved", "--as", "product", "--as", "data science").fine()
    base.set("churn/01-setup/assessment", "lift.kpi.budget", 0.5)
    git = base.in_git()
    done = iterata(*RUN)
    assert done.code == 1
    assert done.err.startswith(f"{FOLDER}/assessment.md: error: ")
    assert not (base.root / RESULT).exists()
    iterata(*RUN, "--draft").fine()
    iterata("affirm", f"{FOLDER}/proposal.md").fine()
    git.commit("affirm the plan")
    iterata(*RUN).fine()


def test_output_of_project_code_goes_to_stderr(base: KnowledgeBase, iterata: CommandLine) -> None:
    base.write(
        "projects/churn/model.py",
        "from sklearn.linear_model import LogisticRegression\n"
        "print('imported')\n"
        "def chatty():\n    print('made')\n    return LogisticRegression()\n",
    )
    chatty = {"name": "logistic", "factory": "model:chatty", "features": "all"}
    planned(base, variants=[chatty])
    done = iterata.in_subprocess(*RUN, "--draft", "--format", "json").fine()
    assert json.loads(done.out)["draft"] is True
    assert "imported\n" in done.err
    assert "made\n" in done.err
