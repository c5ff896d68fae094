"""The review of every pull request in the history of the example project."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iterata.documents import blocks
from iterata.render import page_blocks
from iterata.render.experiment.log import render as render_log
from iterata.render.experiment.tables import render as render_report
from iterata.repository import config
from iterata.results.store import parse
from iterata.review.changes import compare
from iterata.stages import Stage

from .team import Team

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLE = Path(__file__).parents[3] / "projects" / "caravan-policies"
PROJECT = "projects/caravan-policies"
FIRST, SECOND = f"{PROJECT}/01-setup", f"{PROJECT}/02-which-facts"


class History(Team):
    """A sequence of pull requests; those without problems are merged."""

    def copy(self, *paths: str) -> None:
        """Copy files of the example."""
        for path in paths:
            target = self.root / PROJECT / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(EXAMPLE / path, target)

    def copy_run(self, iteration: str, commit: str) -> None:
        """Copy an experiment's result and log, with `commit` as its provenance."""
        self.copy(f"{iteration}/experiment.md", f"{iteration}/results/experiment.json")
        path = f"{PROJECT}/{iteration}/results/experiment.json"
        result = json.loads(self.read(path))
        result["provenance"]["commit"] = commit
        self.write(path, json.dumps(result, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
        (log,) = page_blocks.blocks_of(Stage.EXPERIMENT)
        rendered = render_log(parse("experiment", self.read(path), path))
        page = f"{PROJECT}/{iteration}/experiment.md"
        self.write(page, blocks.replace(self.read(page), log.name, rendered))

    def propose(self, name: str, work: Callable[[], None], *, codes: list[str], squash: bool = False) -> str:
        """Change a branch, assert its codes, merge it if there are none; return the head of main."""
        with self.pull_request(name):
            work()
        reviewed = self.review().own
        assert sorted({problem.code for problem in reviewed}) == codes, reviewed
        self.git("switch", "--quiet", "main")
        if not codes:
            self.git("merge", "--quiet", "--squash" if squash else "--no-ff", "--no-commit", name)
            self.commit(f"merge {name}")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def history(tmp_path: Path) -> History:
    history = History(tmp_path / "repo")
    history.copy("requirements.md")
    history.commit("what the business wants")
    return history


def test_pull_requests_of_two_iterations(history: History) -> None:
    s = history
    s.propose("skip-a-stage", lambda: s.copy("01-setup/proposal.md"), codes=["GATE006", "LIFE002"])
    s.propose("no-lift-yet", lambda: s.copy("01-setup/assessment.md"), codes=["GATE004", "RES003"])
    s.propose("assess", lambda: s.copy("01-setup/assessment.md", "01-setup/results/lift.json"), codes=[])
    early = s.git("rev-parse", "HEAD")
    approved = s.propose("plan", lambda: s.copy("01-setup/proposal.md"), codes=[])
    s.propose("ran-before-the-plan", lambda: s.copy_run("01-setup", early), codes=["SCOPE001"])

    def one_more_variant() -> None:
        s.change(
            f"{FIRST}/proposal.md",
            "  variants:\n",
            "  variants:\n    - {name: one more, estimator: a.B, features: all}\n",
        )

    s.propose("scope-creep", one_more_variant, codes=["MOVE003", "PLAN001", "PLAN003"])
    s.propose("run", lambda: s.copy_run("01-setup", approved), codes=[])

    def flatter() -> None:
        s.copy("01-setup/report.md")
        s.change(f"{FIRST}/report.md", "| perfect", "| nearly perfect")

    s.propose("flatter", flatter, codes=["RES003"])
    s.propose("report", lambda: s.copy("01-setup/report.md"), codes=[], squash=True)

    def tidy_up() -> None:
        s.git("mv", FIRST, f"{PROJECT}/01-baseline")

    s.propose("tidy-up", tidy_up, codes=["MOVE002", "SCOPE001"])
    s.propose("forget", (s.root / FIRST / "report.md").unlink, codes=["MOVE002"])
    planned = s.propose("next-plan", lambda: s.copy("02-which-facts/proposal.md"), codes=[])
    s.propose("next-run", lambda: s.copy_run("02-which-facts", planned), codes=[])
    s.propose("next-report", lambda: s.copy("02-which-facts/report.md"), codes=[])

    def undecide() -> None:
        s.change(f"{SECOND}/report.md", "status: approved", "status: draft")

    s.propose("reopen-the-report", undecide, codes=[])
    s.git("revert", "--no-edit", "--mainline", "1", "HEAD")
    assert s.codes(base="HEAD~1") == [], "a revert of a reopening closes it again"

    def rewrite() -> None:
        s.change(f"{PROJECT}/requirements.md", "model_kind: classification", "model_kind: ranking")

    s.propose("rewrite-the-question", rewrite, codes=["MOVE003", "SUSP001"])
    assert int(s.git("rev-list", "--count", "--all")) > 24


def test_rebase_of_the_commit_of_a_run_changes_nothing(history: History) -> None:
    history.copy("01-setup/assessment.md", "01-setup/results/lift.json")
    history.commit()
    with history.pull_request():
        history.copy("01-setup/proposal.md")
        history.copy_run("01-setup", history.commit("plan"))
    assert history.codes(prefix="SCOPE") == []
    history.git("switch", "--quiet", "main")
    history.write("README.md", "main moves on\n")
    history.commit()
    history.git("switch", "--quiet", "work")
    history.git("rebase", "--quiet", "main")
    assert history.codes(prefix="SCOPE") == ["SCOPE003"]  # the example's results record no code
    history.copy_run("01-setup", history.git("rev-parse", "HEAD"))
    assert history.codes(prefix="SCOPE") == []


def test_merge_of_main_into_the_branch_adds_no_changes(history: History) -> None:
    with history.pull_request():
        history.copy("01-setup/assessment.md", "01-setup/results/lift.json")
    history.git("switch", "--quiet", "main")
    history.document("pricing/requirements.md")
    history.commit()
    history.git("switch", "--quiet", "work")
    history.git("merge", "--quiet", "--no-edit", "main")
    with compare(config.load(history.root), "main") as comparison:
        assert [change.path for change in comparison.changes] == [f"{FIRST}/assessment.md"]


def test_changed_figures_of_an_approved_report_are_refused(history: History) -> None:
    """Table and result file agree with each other, but not with the approved result."""
    history.copy("01-setup/assessment.md", "01-setup/results/lift.json", "01-setup/proposal.md")
    history.copy_run("01-setup", history.commit("the plan"))
    history.copy("01-setup/report.md")
    history.commit("the report")
    with history.pull_request():
        path = f"{FIRST}/results/experiment.json"
        result = json.loads(history.read(path))
        for variant in result["variants"]:
            variant["kpi"]["value"] += 50
            variant["kpi"]["high"] += 50
        history.write(path, json.dumps(result))
        table, _ = page_blocks.blocks_of(Stage.REPORT)
        rendered = render_report(parse("experiment", history.read(path), path))
        history.write(
            f"{FIRST}/report.md", blocks.replace(history.read(f"{FIRST}/report.md"), table.name, rendered)
        )
    problems = [problem for problem in history.review().own if problem.code == "MOVE003"]
    assert [problem.path for problem in problems] == [f"{FIRST}/report.md"]
