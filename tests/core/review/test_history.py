"""A team's history on the example project's real documents: the verdict of every pull request."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iterata.documents import blocks
from iterata.render import page_blocks
from iterata.render.experiment.tables import log as render_log
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


class Story(Team):
    """Pull requests, one after the other; a sound one is merged, an unsound one is left lying."""

    def bring(self, *paths: str) -> None:
        """Write documents of the example as they were in the end."""
        for path in paths:
            target = self.root / PROJECT / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(EXAMPLE / path, target)

    def run_of(self, iteration: str, commit: str) -> None:
        """Bring in an experiment's result and its log, as made on `commit` of this history."""
        self.bring(f"{iteration}/experiment.md", f"{iteration}/results/experiment.json")
        path = f"{PROJECT}/{iteration}/results/experiment.json"
        result = json.loads(self.read(path))
        result["provenance"]["commit"] = commit
        self.write(path, json.dumps(result, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
        (log,) = page_blocks.blocks_of(Stage.EXPERIMENT)
        rendered = render_log(parse("experiment", self.read(path), path))
        page = f"{PROJECT}/{iteration}/experiment.md"
        self.write(page, blocks.replace(self.read(page), log.name, rendered))

    def propose(
        self, name: str, work: Callable[[], None], *, verdict: list[str], squash: bool = False
    ) -> str:
        """Work on a branch off main, assert its verdict, merge it if it is sound; return main's head."""
        with self.pull_request(name):
            work()
        found = sorted({problem.code for problem in self.review().own})
        assert found == verdict, self.review().own
        self.git("switch", "--quiet", "main")
        if not verdict:
            self.git("merge", "--quiet", "--squash" if squash else "--no-ff", "--no-commit", name)
            self.commit(f"merge {name}")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def story(tmp_path: Path) -> Story:
    story = Story(tmp_path / "repo")
    story.bring("requirements.md")
    story.commit("what the business wants")
    return story


def test_a_year_of_pull_requests(story: Story) -> None:
    s = story
    s.propose("skip-a-stage", lambda: s.bring("01-setup/proposal.md"), verdict=["GATE006", "LIFE002"])
    s.propose("no-lift-yet", lambda: s.bring("01-setup/assessment.md"), verdict=["GATE004", "RES003"])
    s.propose("assess", lambda: s.bring("01-setup/assessment.md", "01-setup/results/lift.json"), verdict=[])
    early = s.git("rev-parse", "HEAD")
    approved = s.propose("plan", lambda: s.bring("01-setup/proposal.md"), verdict=[])
    s.propose("ran-before-the-plan", lambda: s.run_of("01-setup", early), verdict=["SCOPE001"])

    def one_more_variant() -> None:
        s.change(
            f"{FIRST}/proposal.md",
            "  variants:\n",
            "  variants:\n    - {name: one more, estimator: a.B, features: all}\n",
        )

    s.propose("scope-creep", one_more_variant, verdict=["MOVE003", "PLAN001", "PLAN003"])
    s.propose("run", lambda: s.run_of("01-setup", approved), verdict=[])

    def flatter() -> None:
        s.bring("01-setup/report.md")
        s.change(f"{FIRST}/report.md", "| perfect", "| nearly perfect")

    s.propose("flatter", flatter, verdict=["RES003"])
    s.propose("report", lambda: s.bring("01-setup/report.md"), verdict=[], squash=True)

    def tidy_up() -> None:
        s.git("mv", FIRST, f"{PROJECT}/01-baseline")

    s.propose("tidy-up", tidy_up, verdict=["MOVE002", "SCOPE001"])
    s.propose("forget", (s.root / FIRST / "report.md").unlink, verdict=["MOVE002"])
    planned = s.propose("next-plan", lambda: s.bring("02-which-facts/proposal.md"), verdict=[])
    s.propose("next-run", lambda: s.run_of("02-which-facts", planned), verdict=[])
    s.propose("next-report", lambda: s.bring("02-which-facts/report.md"), verdict=[])

    def undecide() -> None:
        s.change(f"{SECOND}/report.md", "status: approved", "status: draft")

    s.propose("reopen-the-report", undecide, verdict=[])
    s.git("revert", "--no-edit", "--mainline", "1", "HEAD")
    assert s.codes(base="HEAD~1") == [], "a revert of a reopening closes it again"

    def rewrite() -> None:
        s.change(f"{PROJECT}/requirements.md", "model_kind: classification", "model_kind: ranking")

    s.propose("rewrite-the-question", rewrite, verdict=["MOVE003", "SUSP001"])
    assert int(s.git("rev-list", "--count", "--all")) > 24


def test_a_rebase_that_rewrites_the_commit_of_a_run_asks_for_another_run(story: Story) -> None:
    story.bring("01-setup/assessment.md", "01-setup/results/lift.json")
    story.commit()
    with story.pull_request():
        story.bring("01-setup/proposal.md")
        story.run_of("01-setup", story.commit("plan"))
    assert story.codes(prefix="SCOPE") == []
    story.git("switch", "--quiet", "main")
    story.write("README.md", "main moves on\n")
    story.commit()
    story.git("switch", "--quiet", "work")
    story.git("rebase", "--quiet", "main")
    assert story.codes(prefix="SCOPE") == ["SCOPE001"]
    story.run_of("01-setup", story.git("rev-parse", "HEAD"))
    assert story.codes(prefix="SCOPE") == []


def test_a_merge_of_main_into_the_branch_changes_no_verdict(story: Story) -> None:
    with story.pull_request():
        story.bring("01-setup/assessment.md", "01-setup/results/lift.json")
    story.git("switch", "--quiet", "main")
    story.document("pricing/requirements.md")
    story.commit()
    story.git("switch", "--quiet", "work")
    story.git("merge", "--quiet", "--no-edit", "main")
    with compare(config.load(story.root), "main") as comparison:
        assert [change.path for change in comparison.changes] == [f"{FIRST}/assessment.md"]


def test_figures_under_an_approved_report_are_not_flattered(story: Story) -> None:
    """Tables and result file agree with each other; they do not agree with what was approved."""
    story.bring("01-setup/assessment.md", "01-setup/results/lift.json", "01-setup/proposal.md")
    story.run_of("01-setup", story.commit("the plan"))
    story.bring("01-setup/report.md")
    story.commit("the report")
    with story.pull_request():
        path = f"{FIRST}/results/experiment.json"
        result = json.loads(story.read(path))
        for variant in result["variants"]:
            variant["kpi"]["value"] += 50
            variant["kpi"]["high"] += 50
        story.write(path, json.dumps(result))
        table, _ = page_blocks.blocks_of(Stage.REPORT)
        rendered = render_report(parse("experiment", story.read(path), path))
        story.write(
            f"{FIRST}/report.md", blocks.replace(story.read(f"{FIRST}/report.md"), table.name, rendered)
        )
    found = [problem.message for problem in story.review().own if problem.code == "MOVE003"]
    assert found == ["the figures in results/experiment.json were changed after the document was approved"]
