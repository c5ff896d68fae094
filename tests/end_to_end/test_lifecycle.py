"""A project's life with the real commands, real data and real fits, in a real Git repository."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sklearn.datasets import load_breast_cancer

BIN = Path(sys.executable).parent
HERMETIC = {
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "NO_MKDOCS_2_WARNING": "1",
    "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
}  # fmt: skip
PROJECT = "projects/tumours"
SETUP = f"{PROJECT}/01-setup"


class Team:
    """Somebody at a terminal."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.iterata("init", str(root), where=root.parent)
        self.git("init", "--quiet")
        self.data()
        self.commit()

    def data(self) -> None:
        """Wisconsin's breast-cancer data, as scikit-learn ships it."""
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
        return self.command("iterata", *words, where=where, code=code)

    def git(self, *words: str) -> str:
        return self.command("git", "-c", "user.name=x", "-c", "user.email=x@example.org", *words)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a step")

    def changed(self) -> set[str]:
        """What Git sees as changed, and leaves it so."""
        listed = self.git("status", "--porcelain", "--untracked-files=all").splitlines()
        return {line[3:] for line in listed}

    def fill_in(self, path: str, **answers: str) -> None:
        """Answer the prompts of a template: named keys as given, every other one with a sentence."""
        place = self.root / path
        text = place.read_text("utf-8")
        for key, answer in answers.items():
            text, count = re.subn(rf"^(\s*(?:- )?{key}:).*$", rf"\1 {answer}", text, flags=re.MULTILINE)
            assert count, f"{key} is not in {path}"
        place.write_text(text.replace("TODO: ", "It is known: ").replace("TODO", "known"), "utf-8")

    def agree(self, path: str) -> None:
        self.iterata("move", path, "in_review")
        self.iterata("move", path, "approved", "--as", "product", "--as", "data science=ana")
        self.commit()


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path / "base")


def planned(team: Team) -> None:
    """Bring a project to its first approved plan."""
    team.iterata("new", "project", "tumours")
    team.fill_in(f"{PROJECT}/requirements.md")
    team.agree(f"{PROJECT}/requirements.md")
    team.iterata("new", "iteration", "tumours")
    team.fill_in(
        f"{SETUP}/assessment.md", target="malignant", status_quo="{column: mean_radius, label: size alone}"
    )
    text = (team.root / SETUP / "assessment.md").read_text("utf-8")
    text = re.sub(r"\n +column: known[^\n]*", "", text).replace("budget: 0.2", "budget: 0.3")
    (team.root / SETUP / "assessment.md").write_text(
        text.replace("lift:\n", "lift:\n  resamples: 200\n"), "utf-8"
    )
    team.iterata("lift", "tumours/01")
    team.agree(f"{SETUP}/assessment.md")
    team.iterata("new", "document", "tumours/01", "proposal")
    team.fill_in(f"{SETUP}/proposal.md", folds="3", repeats="1")
    text = (team.root / SETUP / "proposal.md").read_text("utf-8")
    (team.root / SETUP / "proposal.md").write_text(
        text.replace("plan:\n", "plan:\n  resamples: 200\n"), "utf-8"
    )
    team.agree(f"{SETUP}/proposal.md")


def test_from_an_idea_to_the_next_iteration(team: Team) -> None:
    planned(team)
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
    report = team.root / SETUP / "report.md"
    decision = "decision: {outcome: iterate, by: [{role: product}], on: 2026-11-23, why: more to win}\n"
    report.write_text(
        report.read_text("utf-8").replace("status: in_review", f"{decision}status: in_review"), "utf-8"
    )
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


def test_running_twice_changes_nothing_and_prose_is_never_touched(team: Team) -> None:
    planned(team)
    for words in (("lift", "tumours/01"), ("run", "tumours/01", "--jobs", "1"), ("report", "tumours/01")):
        team.iterata(*words)
        team.commit()
    report = team.root / SETUP / "report.md"
    report.write_text(report.read_text("utf-8") + "\nWe saw   this,\tand that. <!-- x -->  \n", "utf-8")
    team.commit()
    for words in (("lift", "tumours/01"), ("run", "tumours/01", "--jobs", "1"), ("report", "tumours/01")):
        team.iterata(*words)
    assert team.changed() == set()


def test_a_table_edited_by_hand_is_found_on_its_line(team: Team) -> None:
    planned(team)
    page = team.root / SETUP / "assessment.md"
    lines = page.read_text("utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("| perfect"))
    lines[at] = lines[at].replace("perfect", "PERFECT")
    page.write_text("\n".join(lines) + "\n", "utf-8")
    found = team.iterata("check", code=1)
    assert f"  {at + 1}:1" in found
    assert "RES003" in found
    team.iterata("lift", "tumours/01")
    assert team.iterata("check") == ""


def test_a_run_that_is_killed_leaves_the_old_state_and_goes_on_where_it_stopped(team: Team) -> None:
    planned(team)
    before = team.changed()
    running = subprocess.Popen(
        ["iterata", "run", "tumours/01", "--jobs", "1"],
        cwd=team.root, env=os.environ | HERMETIC, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    cache = team.root / ".iterata" / "cache"
    until = time.monotonic() + 60
    while running.poll() is None and not list(cache.rglob("*.*")) and time.monotonic() < until:
        time.sleep(0.005)
    running.send_signal(signal.SIGKILL)
    running.wait()
    if (team.root / SETUP / "results/experiment.json").exists():
        pytest.skip("the run was over before it could be killed")
    assert team.changed() == before
    team.iterata("run", "tumours/01", "--jobs", "1")
    assert team.iterata("check") == ""


def test_an_estimator_that_does_not_exist_is_told_before_anybody_agrees_to_it(team: Team) -> None:
    planned(team)
    proposal = f"{SETUP}/proposal.md"
    team.iterata("move", proposal, "draft")
    amended = "1 day\namendments: [{on: 2026-11-24, what: Another estimator., why: A slip of the pen.}]"
    team.fill_in(proposal, estimator="sklearn.linear_model.LogisticRegresion", timebox=amended)
    team.iterata("move", proposal, "in_review")
    team.commit()
    agree = f"iterata move {proposal} approved --as product --as 'data science=ana' 2>&1"
    said = team.command("bash", "-c", agree, code=1)
    assert "did you mean sklearn.linear_model.LogisticRegression?" in said
    assert "Traceback" not in said
    assert team.changed() == set()
