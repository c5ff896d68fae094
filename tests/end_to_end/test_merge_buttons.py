"""A result stays confirmed however its branch is merged: real repositories, clones and runs."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from iterata.repository.plan_code import file_digest
from iterata.review.content import unchanged_since
from iterata.stages import Status

from ..core.actions.approved_plan import FOLDER, planned
from ..helpers.command_line import CommandLine
from ..helpers.git import Git
from ..helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MODEL = "projects/churn/model.py"
PROPOSAL = f"{FOLDER}/proposal.md"
PLAN = "churn/01-setup/proposal"
RESULT = f"{FOLDER}/results/experiment.json"
BOTH = ("--as", "data science", "--as", "product")
RUN = ("run", "churn/01", "--jobs", "1")
VERIFY = ("verify", "churn/01", "--jobs", "1")
CODE = """
import os
from sklearn.linear_model import LogisticRegression
from penalty import C


class Counted(LogisticRegression):
    def fit(self, X, y, sample_weight=None):
        if log := os.environ.get("FITS"):
            with open(log, "a") as fits:
                fits.write("fit\\n")
        return super().fit(X, y, sample_weight)


def counted():
    return Counted(C=C)
"""


class Place:
    """A clone, with the commands of a user in it."""

    def __init__(self, root: Path, git: Git) -> None:
        self.git, self.base, self.iterata = git, KnowledgeBase(root), CommandLine(root)

    @property
    def commit(self) -> str:
        """The commit that the result names."""
        return str(json.loads(self.base.read(RESULT))["provenance"]["commit"])

    def scope(self, base: str) -> list[str]:
        """The codes of the problems of scope that the present commit has against a base."""
        done = self.iterata("check", "--base", base, "--head", "HEAD", "--format", "json")
        return [
            code
            for problem in json.loads(done.out)["problems"]
            if (code := problem["code"]).startswith("SCOPE")
        ]


@pytest.fixture(scope="module")
def proposed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose branch `work` approves a plan and runs it; main has the plan in review."""
    place = Place(root := tmp_path_factory.mktemp("proposed") / "team", Git.__new__(Git))
    variant = {"name": "counted", "factory": "model:counted", "features": "all"}
    place.base.write(MODEL, CODE)
    place.base.write("projects/churn/penalty.py", "C = 0.5\n")
    hypothesis = {"id": "H1", "claim": "It helps.", "supported_if": {"variant": "counted"}}
    git = planned(place.base, Status.IN_REVIEW, variants=[variant], hypotheses=[hypothesis])
    git("switch", "--quiet", "--create", "work")
    place.iterata("move", PROPOSAL, "approved", *BOTH).fine()
    git.commit("approve the plan")
    place.iterata(*RUN).fine()
    git.commit("run it")
    return root


@pytest.fixture
def team(proposed: Path, tmp_path: Path) -> Place:
    """A copy of that repository, on its branch."""
    shutil.copytree(proposed, tmp_path / "team")
    return Place(tmp_path / "team", Git(tmp_path / "team", init=False))


def main_moves_on(team: Place) -> None:
    team.git("switch", "--quiet", "main")
    team.base.write("README.md", "main moves on\n")
    team.git.commit("something else")


def merge(team: Place) -> None:
    main_moves_on(team)
    team.git.merge("work")


def squash(team: Place) -> None:
    main_moves_on(team)
    team.git.squash_merge("work")


def rebase(team: Place) -> None:
    main_moves_on(team)
    team.git("switch", "--quiet", "work")
    team.git.rebase("main")
    team.git("switch", "--quiet", "main")
    team.git("merge", "--quiet", "--ff-only", "work")


def rebase_and_merge(team: Place) -> None:
    main_moves_on(team)
    team.git("switch", "--quiet", "work")
    team.git.rebase("main")
    team.git("switch", "--quiet", "main")
    team.git.merge("work")


def cherry_pick(team: Place) -> None:
    main_moves_on(team)
    team.git.cherry_pick("work~2..work")


def cloned(team: Place, place: Path, *options: str) -> Place:
    """A fresh clone of main; the data are not in Git, and are copied there."""
    git = team.git.clone(place, *options)
    shutil.copytree(team.base.root / "projects/churn/data", place / "projects/churn/data")
    return Place(place, git)


@pytest.mark.parametrize("button", [merge, squash, rebase, rebase_and_merge, cherry_pick])
def test_result_is_confirmed_and_repeated_in_a_fresh_clone(
    team: Place, button: Callable[[Place], None], tmp_path: Path
) -> None:
    assert team.scope("main") == []
    button(team)
    team.git("branch", "--quiet", "--delete", "--force", "work")
    clone = cloned(team, tmp_path / "clone")
    beginning = clone.git("rev-list", "--max-parents=0", "HEAD")
    assert clone.scope(beginning) == []
    clone.iterata("check").fine()
    clone.iterata(*VERIFY).fine()
    clone.iterata(*RUN).fine()
    present = clone.git("rev-parse", "HEAD")
    assert (clone.commit == present) == (button is not merge)
    clone.git.commit("run it again")
    assert clone.scope(beginning) == []


def test_branch_that_was_rebased_and_pushed_by_force_is_confirmed(team: Place, tmp_path: Path) -> None:
    remote = tmp_path / "origin.git"
    team.git("clone", "--quiet", "--bare", ".", str(remote))
    team.git("remote", "add", "origin", str(remote))
    main_moves_on(team)
    team.git("push", "--quiet", "origin", "main")
    team.git("switch", "--quiet", "work")
    team.git.rebase("main")
    team.git.force_push("work")
    clone = Place(tmp_path / "clone", Git(remote, init=False).clone(tmp_path / "clone", "--branch", "work"))
    assert clone.scope("origin/main") == []


def test_shallow_clone_is_verified(team: Place, tmp_path: Path) -> None:
    squash(team)
    clone = cloned(team, tmp_path / "clone", "--depth", "1")
    clone.iterata(*VERIFY).fine()


def test_run_after_a_rebase_names_the_new_commit_and_trains_nothing(
    team: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FITS", str(tmp_path / "fits"))
    gone = team.commit
    rebase(team)
    team.iterata(*RUN).fine()
    assert team.commit == team.git("rev-parse", "HEAD") != gone
    assert not (tmp_path / "fits").exists()
    team.git.commit("run it again")
    assert team.iterata(*RUN).fine().err.count("wrote") == 0


def test_approval_after_the_run_is_refused_also_after_a_rebase(team: Place) -> None:
    """Two commits in the wrong order; in a single squashed commit no order is visible."""
    team.git("branch", "ordered")
    team.git("switch", "--quiet", "--create", "early", "main")
    team.git("checkout", "--quiet", "ordered", "--", RESULT)
    team.git.commit("a result without an approved plan")
    team.git("checkout", "--quiet", "ordered", "--", "projects")
    team.git.commit("the approval")
    forget(team)
    assert team.scope("main") == ["SCOPE001"]


def forget(team: Place) -> None:
    """Remove what could show that the plan was approved before the run."""
    result = json.loads(team.base.read(RESULT))
    result["provenance"]["commit"] = "1" * 40
    team.base.write(RESULT, json.dumps(result))
    team.git.commit("another provenance")


# Drafts


def test_fits_of_a_draft_are_kept_by_the_run_of_the_approved_plan(
    team: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fits = tmp_path / "fits"
    monkeypatch.setenv("FITS", str(fits))
    shutil.rmtree(team.base.root / ".iterata")
    team.git("switch", "--quiet", "main")
    done = team.iterata(*RUN, "--draft").fine()
    count = len(fits.read_text().splitlines())
    assert count == 2
    assert "kept" not in done.err
    team.base.write(PROPOSAL, f"{team.base.read(PROPOSAL)}\nMore words about the plan.\n")
    team.iterata("move", PROPOSAL, "approved", *BOTH).fine()
    team.git.commit("approve the plan")
    done = team.iterata(*RUN).fine()
    assert len(fits.read_text().splitlines()) == count
    assert "kept 2 of 2 fits" in done.err
    team.base.write("projects/churn/penalty.py", "C = 0.1\n")
    done = team.iterata(*RUN, "--draft").fine()
    assert len(fits.read_text().splitlines()) == 2 * count


# Code


def test_approval_executes_nothing_and_run_refuses_other_code_than_approved(team: Place) -> None:
    team.base.write("projects/churn/penalty.py", "raise SystemExit('executed')\n")
    done = team.iterata(*RUN)
    assert done.code == 1
    assert "projects/churn/penalty.py" in done.err
    assert "executed" not in done.output
    team.git("checkout", "--quiet", "projects/churn/penalty.py")
    team.iterata(*RUN).fine()
    holders = "{legal: ['@us/legal'], security: ['@us/security']}"
    team.base.write("mkdocs.yml", f"site_name: Ours\nplugins:\n  - iterata:\n      role_holders: {holders}\n")
    done = team.iterata("move", PROPOSAL, "approved", "--as", "legal").fine()
    team.base.write("projects/churn/penalty.py", "raise SystemExit('executed')\n")
    assert team.iterata("move", PROPOSAL, "approved", "--as", "security").code == 1


def test_amended_code_is_approved_and_run_again(team: Place) -> None:
    team.base.write("projects/churn/penalty.py", "C = 0.1\n")
    team.iterata("move", PROPOSAL, "draft").fine()
    team.iterata("run", "churn/01", "--draft", "--jobs", "1").fine()
    team.iterata("move", PROPOSAL, "in_review").fine()
    assert team.iterata("move", PROPOSAL, "approved", *BOTH).code == 1
    amend(team)
    team.iterata(*RUN).fine()
    team.git.commit("run it")
    assert team.scope("main") == []


def amend(team: Place) -> None:
    """Approve the present code with an amendment."""
    amendment = {"on": "2026-11-28", "what": "a stronger penalty", "why": "it overfits"}
    if team.base.parsed(PLAN).status is Status.APPROVED:
        team.iterata("move", PROPOSAL, "draft").fine()
    team.base.set(PLAN, "amendments", [amendment])
    team.iterata("move", PROPOSAL, "approved", *BOTH).fine()
    team.git.commit("amend the plan")


def test_result_of_other_code_than_approved_is_refused(team: Place) -> None:
    team.base.write("projects/churn/penalty.py", "C = 0.1\n")
    team.git.commit("other code")
    result = json.loads(team.base.read(RESULT))
    result["provenance"]["code"]["projects/churn/penalty.py"] = file_digest(b"C = 0.1\n")
    team.base.write(RESULT, json.dumps(result))
    forget(team)
    assert set(team.scope("main")) == {"SCOPE002"}


@pytest.mark.parametrize("commit", ["of the run", "1" * 40])
def test_result_of_code_that_was_approved_later_is_refused(team: Place, commit: str) -> None:
    team.base.write("projects/churn/penalty.py", "C = 0.1\n")
    present = team.git.commit("other code")
    result = json.loads(team.base.read(RESULT))
    result["provenance"]["code"]["projects/churn/penalty.py"] = file_digest(b"C = 0.1\n")
    result["provenance"]["commit"] = present if commit == "of the run" else commit
    team.base.write(RESULT, json.dumps(result))
    team.git.commit("its result")
    amend(team)
    assert team.scope("main") == ["SCOPE002"]


def test_code_that_changes_after_its_approval_in_the_same_pull_request_is_refused(team: Place) -> None:
    team.base.write("projects/churn/penalty.py", "C = 0.1\n")
    team.git.commit("other code")
    assert team.scope("main") == ["SCOPE002"]
    team.base.write("projects/churn/penalty.py", "C = 0.5\r\n")
    team.git.commit("the same code, with other line breaks")
    assert team.scope("main") == []


def test_agreement_to_other_code_does_not_count(team: Place) -> None:
    """Neither that of a role on an earlier day, nor a review of an earlier commit."""
    reviewed = team.git("rev-parse", "main")
    assert unchanged_since(team.base.root, team.base.context(PLAN))(reviewed)
    team.git("switch", "--quiet", "main")
    roles = "      required_roles: {proposal: [data science, product]}\n"
    team.base.write("mkdocs.yml", f"site_name: Ours\nplugins:\n  - iterata:\n{roles}")
    team.iterata("move", PROPOSAL, "approved", "--as", "product").fine()
    team.base.write("projects/churn/penalty.py", "C = 0.1\n")
    team.iterata("move", PROPOSAL, "approved", "--as", "data science").fine()
    assert team.base.parsed(PLAN).status is Status.IN_REVIEW
    assert not unchanged_since(team.base.root, team.base.context(PLAN))(reviewed)
    team.iterata("move", PROPOSAL, "approved", "--as", "product").fine()
    assert team.base.parsed(PLAN).status is Status.APPROVED


def test_code_may_change_after_the_plan_was_merged(team: Place) -> None:
    merge(team)
    team.git("switch", "--quiet", "--create", "later")
    team.base.write("projects/churn/penalty.py", "C = 0.1\n")
    team.git.commit("for the next iteration")
    assert team.scope("main") == []
    team.iterata(*VERIFY).fine()
