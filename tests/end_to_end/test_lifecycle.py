"""The life of a project: the installed commands, real data and models, in a Git repository."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sklearn.datasets import load_breast_cancer

from ..helpers.command_line import CommandLine

BIN = Path(sys.executable).parent
HERMETIC = {
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "NO_MKDOCS_2_WARNING": "1",
    "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
}  # fmt: skip
PROJECT = "projects/tumours"
SETUP = f"{PROJECT}/01-setup"


class Team:
    """A user at a terminal, in a knowledge base.

    `installed=False` runs iterata in this process: quicker, for steps that only prepare a test.
    """

    def __init__(self, root: Path, *, installed: bool = True) -> None:
        self.root, self.installed = root, installed

    def begin(self) -> None:
        """Create the knowledge base."""
        self.iterata("init", str(self.root), where=self.root.parent)
        self.git("init", "--quiet")
        self.write_data()
        self.commit()

    def write_data(self) -> None:
        """Write the breast cancer data of scikit-learn."""
        frame = load_breast_cancer(as_frame=True).frame.rename(columns=lambda name: name.replace(" ", "_"))
        frame["malignant"] = 1 - frame.pop("target")
        place = self.root / PROJECT / "data" / "rows.csv"
        place.parent.mkdir(parents=True)
        frame.to_csv(place, index=False)

    def command(self, *words: str, where: Path | None = None, code: int = 0) -> str:
        done = subprocess.run(
            words,
            cwd=where or self.root,
            env=os.environ | HERMETIC,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def iterata(self, *words: str, where: Path | None = None, code: int = 0) -> str:
        if self.installed:
            return self.command("iterata", *words, where=where, code=code)
        done = CommandLine(where or self.root)(*words)
        assert done.code == code, done.output
        return done.out

    def git(self, *words: str) -> str:
        return self.command("git", "-c", "user.name=x", "-c", "user.email=x@example.org", *words)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a step")

    def changed(self) -> set[str]:
        """The paths that differ from the last commit."""
        listed = self.git("status", "--porcelain", "--untracked-files=all").splitlines()
        return {line[3:] for line in listed}

    def fill_in(self, path: str, **answers: str) -> None:
        """Replace the prompts of a template: named keys by the answers, every other one by a sentence."""
        place = self.root / path
        text = place.read_text("utf-8")
        for key, answer in answers.items():
            text, count = re.subn(rf"^(\s*(?:- )?{key}:).*$", rf"\1 {answer}", text, flags=re.MULTILINE)
            assert count, f"{key} is not in {path}"
        place.write_text(text.replace("TODO: ", "It is known: ").replace("TODO", "known"), "utf-8")

    def edit(self, path: str, pattern: str, replacement: str) -> None:
        """Replace a pattern in a file."""
        place = self.root / path
        text, count = re.subn(pattern, replacement, place.read_text("utf-8"))
        assert count, f"{pattern} is not in {path}"
        place.write_text(text, "utf-8")

    def approve(self, path: str) -> None:
        self.iterata("move", path, "in_review")
        self.iterata("move", path, "approved", "--as", "product", "--as", "data science=ana")
        self.commit()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A knowledge base up to its first approved plan."""
    team = Team(tmp_path_factory.mktemp("template") / "base", installed=False)
    team.begin()
    team.iterata("new", "project", "tumours")
    team.fill_in(f"{PROJECT}/requirements.md")
    team.approve(f"{PROJECT}/requirements.md")
    team.iterata("new", "iteration", "tumours")
    team.fill_in(
        f"{SETUP}/assessment.md", target="malignant", status_quo="{column: mean_radius, label: size alone}"
    )
    team.edit(f"{SETUP}/assessment.md", r"\n +column: known[^\n]*", "")
    team.edit(f"{SETUP}/assessment.md", "budget: 0.2", "budget: 0.3")
    team.edit(f"{SETUP}/assessment.md", "lift:\n", "lift:\n  resamples: 200\n")
    team.iterata("lift", "tumours/01")
    team.approve(f"{SETUP}/assessment.md")
    team.iterata("new", "document", "tumours/01", "proposal")
    team.fill_in(f"{SETUP}/proposal.md", folds="2", repeats="1")
    team.edit(f"{SETUP}/proposal.md", "plan:\n", "plan:\n  resamples: 200\n")
    team.approve(f"{SETUP}/proposal.md")
    return team.root


@pytest.fixture
def team(template: Path, tmp_path: Path) -> Team:
    """A user in a copy of that knowledge base."""
    shutil.copytree(template, tmp_path / "base", symlinks=True)
    return Team(tmp_path / "base")


def test_project_goes_from_a_plan_to_the_next_iteration(team: Team) -> None:
    assert team.iterata("check") == ""
    team.iterata("run", "tumours/01", "--jobs", "1")
    assert team.changed() == {f"{SETUP}/experiment.md", f"{SETUP}/results/experiment.json"}
    team.commit()
    team.iterata("report", "tumours/01")
    assert team.changed() == {f"{SETUP}/report.md"}
    team.fill_in(f"{SETUP}/report.md")
    team.iterata("move", f"{SETUP}/report.md", "in_review")
    assert "GATE012" in team.command(
        "bash", "-c", f"iterata move {SETUP}/report.md approved --as product 2>&1", code=1
    )
    decision = "decision: {outcome: iterate, by: [{role: product}], on: 2026-11-23, why: more to gain}\n"
    team.edit(f"{SETUP}/report.md", "status: in_review", f"{decision}status: in_review")
    team.iterata("move", f"{SETUP}/report.md", "approved", "--as", "product")
    team.commit()
    assert team.iterata("check") == ""
    assert "--kind feature --follows 01-setup" in team.command("bash", "-c", "iterata status 2>&1")
    team.iterata("new", "iteration", "tumours", "--kind", "feature")
    assert team.iterata("check") == ""
    team.iterata("check", "--base", "HEAD")
    team.command("mkdocs", "build", "--strict", "--quiet")
    board = (team.root / "site/projects/index.html").read_text("utf-8")
    assert "02-feature" in board


def test_second_run_changes_no_file_and_prose_is_untouched(team: Team) -> None:
    commands = (("lift", "tumours/01"), ("run", "tumours/01", "--jobs", "1"), ("report", "tumours/01"))
    for words in commands:
        Team(team.root, installed=False).iterata(*words)
        team.commit()
    report = team.root / SETUP / "report.md"
    report.write_text(report.read_text("utf-8") + "\nWe saw   this,\tand that. <!-- x -->  \n", "utf-8")
    team.commit()
    for words in commands:
        team.iterata(*words)
    assert team.changed() == set()


def test_edited_table_is_reported_on_its_line(team: Team) -> None:
    page = team.root / SETUP / "assessment.md"
    lines = page.read_text("utf-8").splitlines()
    index = next(index for index, line in enumerate(lines) if line.startswith("| perfect"))
    lines[index] = lines[index].replace("perfect", "PERFECT")
    page.write_text("\n".join(lines) + "\n", "utf-8")
    problems = team.iterata("check", code=1)
    assert f"  {index + 1}:1" in problems
    assert "RES003" in problems
    team.iterata("lift", "tumours/01")
    assert team.iterata("check") == ""


def test_killed_run_changes_no_file_and_can_be_resumed(team: Team) -> None:
    before = team.changed()
    running = subprocess.Popen(
        ["iterata", "run", "tumours/01", "--jobs", "1"],
        cwd=team.root, env=os.environ | HERMETIC, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    cache = team.root / ".iterata" / "cache"
    deadline = time.monotonic() + 60
    while running.poll() is None and not list(cache.rglob("*.*")) and time.monotonic() < deadline:
        time.sleep(0.005)
    running.send_signal(signal.SIGKILL)
    running.wait()
    if (team.root / SETUP / "results/experiment.json").exists():
        pytest.skip("the run ended before it was killed")
    assert team.changed() == before
    team.iterata("run", "tumours/01", "--jobs", "1")
    assert team.iterata("check") == ""


def test_misspelt_estimator_is_refused_at_approval(team: Team) -> None:
    proposal = f"{SETUP}/proposal.md"
    team.iterata("move", proposal, "draft")
    amendment = "1 day\namendments: [{on: 2026-11-24, what: Another estimator., why: A slip of the pen.}]"
    team.fill_in(proposal, estimator="sklearn.linear_model.LogisticRegresion", timebox=amendment)
    team.iterata("move", proposal, "in_review")
    team.commit()
    approve = f"iterata move {proposal} approved --as product --as 'data science=ana' 2>&1"
    output = team.command("bash", "-c", approve, code=1)
    assert "sklearn.linear_model.LogisticRegression?" in output
    assert "Traceback" not in output
    assert team.changed() == set()
