"""Histories, trees and files that nobody planned for: judged rightly, or refused with one clear message."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from ...helpers.command_line import CommandLine
from ...helpers.git import Git
from ...helpers.knowledge_base import MKDOCS, KnowledgeBase

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ...helpers.command_line import Typed

TREE = """
    churn
      requirements: approved
      01-setup
        assessment: approved
        lift.json
        proposal: draft
"""
FOLDER = "projects/churn/01-setup"
ASSESSMENT, PROPOSAL = f"{FOLDER}/assessment.md", f"{FOLDER}/proposal.md"


@pytest.fixture
def git(base: KnowledgeBase) -> Git:
    """The knowledge base on main, and a branch for the work."""
    base.grow(TREE)
    git = base.in_git()
    git("switch", "--quiet", "--create", "work")
    return git


@pytest.fixture
def judged(base: KnowledgeBase, git: Git) -> Callable[[], set[str]]:
    """The errors of the branch: of the working tree, and the same of the commit."""
    iterata = CommandLine(base.root)

    def codes() -> set[str]:
        git.commit("the work")
        working = errors(iterata("check", "--base", "main", "--format", "json"))
        assert errors(iterata("check", "--base", "main", "--head", "HEAD", "--format", "json")) == working
        done = iterata("summary", "--base", "main")
        assert done.code == 0, done.said
        return working

    return codes


def errors(done: Typed) -> set[str]:
    assert done.code in (0, 1), done.said
    return {each["code"] for each in json.loads(done.out)["problems"] if each["severity"] == "error"}


def refused(done: Typed, said: str, remedy: str) -> None:
    """One message, with what to do; nothing else."""
    assert done.code == 1
    assert done.out == ""
    message, mend = done.err.rstrip("\n").split("\n")
    assert said in message
    assert mend.startswith("  fix: ")
    assert remedy in mend


# Histories


def test_base_and_head_are_the_same(judged: Callable[[], set[str]], git: Git, iterata: CommandLine) -> None:
    assert judged() == set()
    assert iterata("check", "--base", "HEAD").fine().err == "no problems\n"
    assert iterata("summary", "--base", "HEAD").out == "No stage document is changed.\n"


def test_base_is_ahead_of_head(
    base: KnowledgeBase, git: Git, iterata: CommandLine, judged: Callable[[], set[str]]
) -> None:
    git("switch", "--quiet", "main")
    base.set("churn/01-setup/proposal", "title", "Main goes on")
    git.commit()
    git("switch", "--quiet", "work")
    assert judged() == set()
    assert iterata("summary", "--base", "main").out == "No stage document is changed.\n"


def test_no_branch_at_all(base: KnowledgeBase, git: Git, judged: Callable[[], set[str]]) -> None:
    git("switch", "--quiet", "--detach")
    (base.root / ASSESSMENT).unlink()
    assert "MOVE002" in judged()


def test_merged_crosswise(base: KnowledgeBase, git: Git, iterata: CommandLine) -> None:
    base.set("churn/requirements", "title", "Another question")
    one = git.commit()
    git("switch", "--quiet", "main")
    base.write("README.md", "main goes on\n")
    other = git.commit()
    git("merge", "--quiet", "--no-edit", one)
    git("switch", "--quiet", "work")
    git("merge", "--quiet", "--no-edit", other)
    refused(iterata("check", "--base", "main"), "have 2 merge bases", "git merge main")
    git("merge", "--quiet", "--no-edit", "main")
    assert errors(iterata("check", "--base", "main", "--format", "json")) == set()


def test_the_base_was_pushed_anew_from_another_beginning(
    base: KnowledgeBase, git: Git, iterata: CommandLine
) -> None:
    git("switch", "--quiet", "--orphan", "other")
    base.write("README.md", "another beginning\n")
    git.commit()
    git("branch", "--force", "main", "other")
    git("switch", "--quiet", "work")
    refused(iterata("check", "--base", "main"), "no common ancestor with main", "rebase the branch on main")


def test_the_base_was_pushed_anew_and_the_old_one_is_gone(git: Git, iterata: CommandLine) -> None:
    gone = "f" * 40
    refused(iterata("check", "--base", gone), "there is no such revision", "git fetch")
    refused(iterata("check", "--base", "--output=x"), "there is no such revision", "git fetch")


@pytest.mark.parametrize("depth", [1, 2])
def test_a_shallow_clone(base: KnowledgeBase, git: Git, tmp_path: Path, depth: int) -> None:
    base.write("README.md", "the work\n")
    git.commit()
    git("switch", "--quiet", "main")
    for number in range(3):
        base.write("README.md", f"main goes on {number}\n")
        git.commit()
    remote = f"file://{base.root}"
    git("clone", "--quiet", "--depth", str(depth), "--no-single-branch", remote, str(tmp_path / "clone"))
    clone = CommandLine(tmp_path / "clone")
    done = clone("check", "--base", "origin/main", "--head", "origin/work")
    refused(done, "no common ancestor with origin/main is in this clone", "git fetch --unshallow")


def test_a_clone_without_files_whose_host_is_gone(base: KnowledgeBase, git: Git, tmp_path: Path) -> None:
    """What Git cannot show is not taken for unchanged."""
    (base.root / ASSESSMENT).unlink()
    git.commit()
    git("config", "uploadpack.allowFilter", "true")
    remote, place = tmp_path / "remote", tmp_path / "clone"
    base.root.rename(remote)
    Git(remote)("clone", "--quiet", "--filter=blob:none", "--branch", "work", f"file://{remote}", str(place))
    shutil.rmtree(remote)
    refused(CommandLine(place)("check", "--base", "origin/main"), "not in this clone", "git fetch --refetch")


def test_a_base_without_settings(base: KnowledgeBase, tmp_path: Path) -> None:
    base.grow(TREE)
    (base.root / "mkdocs.yml").unlink()
    git = base.in_git()
    base.write("mkdocs.yml", MKDOCS)
    (base.root / ASSESSMENT).unlink()
    git.commit()
    assert "MOVE002" in errors(CommandLine(base.root)("check", "--base", "main~1", "--format", "json"))


def test_a_base_whose_settings_are_broken_does_not_let_a_proposal_excuse_itself(base: KnowledgeBase) -> None:
    base.grow(TREE)
    base.write("mkdocs.yml", "plugins:\n  - iterata:\n      role_holders: 7\n")
    git = base.in_git()
    git("switch", "--quiet", "--create", "work")
    base.write("mkdocs.yml", "plugins:\n  - iterata:\n      severity: {MOVE002: ignore}\n")
    (base.root / ASSESSMENT).unlink()
    git.commit()
    assert "MOVE002" in errors(CommandLine(base.root)("check", "--base", "main", "--format", "json"))


# The folder of the projects


def moved(base: KnowledgeBase, git: Git, to: str) -> None:
    (base.root / to).parent.mkdir(parents=True, exist_ok=True)
    git("mv", "projects", to)
    base.write("mkdocs.yml", f"plugins:\n  - iterata:\n      projects_dir: {to}\n")
    base.projects = to


@pytest.mark.parametrize("to", ["work in progress", "ml/projekte ü", "pro[j]*"])
def test_the_folder_moves(
    base: KnowledgeBase, git: Git, judged: Callable[[], set[str]], iterata: CommandLine, to: str
) -> None:
    moved(base, git, to)
    assert judged() == set()
    assert iterata("summary", "--base", "main").out == "No stage document is changed.\n"
    base.set("churn/01-setup/assessment", "title", "Another title")
    assert judged() == {"MOVE003"}
    (base.root / to / "churn/01-setup/assessment.md").unlink()
    assert "MOVE002" in judged()


def test_the_settings_look_elsewhere_and_leave_all_behind(
    base: KnowledgeBase, git: Git, judged: Callable[[], set[str]]
) -> None:
    base.write("mkdocs.yml", "plugins:\n  - iterata:\n      projects_dir: elsewhere\n")
    base.projects = "elsewhere"
    base.document("wine/requirements")
    assert judged() == {"MOVE002"}


def test_what_was_wrong_before_the_folder_moved_is_nobodys_fault(
    base: KnowledgeBase, git: Git, judged: Callable[[], set[str]]
) -> None:
    git("switch", "--quiet", "main")
    base.change(PROPOSAL, "timebox:", "timebocks:")
    git.commit()
    git("switch", "--quiet", "work")
    git("merge", "--quiet", "main")
    moved(base, git, "elsewhere")
    assert judged() == set()


@pytest.mark.parametrize("link", ["projects", "ml"])
def test_the_folder_is_a_link(base: KnowledgeBase, git: Git, iterata: CommandLine, link: str) -> None:
    moved(base, git, "ml/projects")
    (base.root / "ml").rename(base.root / "real")
    (base.root / "ml").symlink_to("real")
    git.commit()
    refused(iterata("check", "--base", "main"), "ml: error: is a link", "make it a folder")
    refused(iterata("check", "--base", "main", "--head", "HEAD"), "ml: error: is a link", "make it a folder")


# Links and submodules


def test_a_document_that_is_a_link(base: KnowledgeBase, git: Git, judged: Callable[[], set[str]]) -> None:
    base.write("elsewhere.md", base.read(ASSESSMENT))
    (base.root / ASSESSMENT).unlink()
    (base.root / ASSESSMENT).symlink_to("../../../elsewhere.md")
    assert "TREE006" in judged()


@pytest.mark.parametrize("place", [FOLDER, "projects/churn", f"{FOLDER}/results"])
def test_a_folder_that_is_a_link(
    base: KnowledgeBase, git: Git, iterata: CommandLine, place: str, tmp_path: Path
) -> None:
    elsewhere = base.root / "elsewhere"
    (base.root / place).rename(elsewhere)
    (base.root / place).symlink_to(elsewhere)
    git.commit()
    for head in ((), ("--head", "HEAD")):
        assert "TREE006" in errors(iterata("check", "--base", "main", *head, "--format", "json"))
    elsewhere.rename(tmp_path / "outside")
    (base.root / place).unlink()
    (base.root / place).symlink_to(tmp_path / "outside")
    assert "TREE006" in errors(iterata("check", "--base", "main", "--format", "json"))


def test_a_link_to_itself(base: KnowledgeBase, git: Git, judged: Callable[[], set[str]]) -> None:
    (base.root / PROPOSAL).unlink()
    (base.root / PROPOSAL).symlink_to("proposal.md")
    assert judged() == {"TREE006"}


def test_a_link_to_itself_hides_nothing_beside_it(
    base: KnowledgeBase, git: Git, judged: Callable[[], set[str]]
) -> None:
    (base.root / "projects/loop").symlink_to("loop")
    base.set("churn/01-setup/assessment", "title", "Another title")
    assert judged() == {"MOVE003", "TREE006"}


def test_data_may_be_a_link(
    base: KnowledgeBase, git: Git, judged: Callable[[], set[str]], tmp_path: Path
) -> None:
    (base.root / "projects/churn/data").symlink_to(tmp_path)
    assert judged() == set()


def test_submodules(base: KnowledgeBase, git: Git, iterata: CommandLine, tmp_path: Path) -> None:
    other = KnowledgeBase(tmp_path / "other", projects=".")
    other.document("wine/requirements")
    other.in_git()
    git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.root), "projects/wine")
    git("config", "--file", ".gitmodules", "submodule.projects/wine.ignore", "all")
    git.commit()
    for head in ((), ("--head", "HEAD")):
        done = iterata("check", "--base", "main", *head, "--format", "json")
        assert errors(done) >= {"TREE006"}
        assert "submodule" in done.out


# Files


def test_line_ends_and_marks_of_other_systems_change_nothing(
    base: KnowledgeBase, git: Git, judged: Callable[[], set[str]]
) -> None:
    text = base.read(ASSESSMENT)
    base.write(ASSESSMENT, text.replace("\n", "\r\n"))
    assert judged() == set()
    base.write(ASSESSMENT, "\N{ZERO WIDTH NO-BREAK SPACE}" + text)
    assert judged() == set()
    base.write(ASSESSMENT, "\N{ZERO WIDTH NO-BREAK SPACE}" + text.replace("\n", "\r\n") + "More.\r\n")
    assert judged() == {"MOVE003"}


def test_a_mode_is_no_change(base: KnowledgeBase, git: Git, judged: Callable[[], set[str]]) -> None:
    (base.root / ASSESSMENT).chmod(0o755)
    assert judged() == set()


def test_a_name_in_capitals(base: KnowledgeBase, git: Git, judged: Callable[[], set[str]]) -> None:
    git("mv", ASSESSMENT, f"{FOLDER}/Assessment.md")
    assert judged() >= {"MOVE002", "TREE004"}
    git("mv", f"{FOLDER}/Assessment.md", ASSESSMENT)
    git("mv", "projects/churn", "projects/Churn")
    assert judged() >= {"MOVE002", "TREE002"}


@pytest.mark.parametrize(
    "name", ["two words", "quo'te\"s", "Übersicht", "a\nb", "tab\t", "|pipe`s|", "\r", "b\udcffd", "-x", "*"]
)
def test_names(base: KnowledgeBase, git: Git, judged: Callable[[], set[str]], name: str) -> None:
    base.write(f"projects/churn/{name}/notes.md", "x")
    base.write(f"projects/{name}.md", "x")
    assert judged() == set()
    base.write(f"projects/{name}/requirements.md", base.read("projects/churn/requirements.md"))
    assert judged() == {"TREE002"}
    git("mv", FOLDER, f"projects/churn/01-{name}")
    assert judged() >= {"MOVE002", "TREE002"}
