"""Unusual histories, trees and files: reviewed correctly, or refused with one message."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from ...helpers.command_line import CommandLine
from ...helpers.git import Git
from ...helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ...helpers.command_line import CommandResult

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
    """The knowledge base on main, and a branch for changes."""
    base.grow(TREE)
    git = base.in_git()
    git("switch", "--quiet", "--create", "work")
    return git


@pytest.fixture
def review(base: KnowledgeBase, git: Git) -> Callable[[], set[str]]:
    """Commit, and return the codes of the errors, which are the same for working tree and commit."""
    iterata = CommandLine(base.root)

    def codes() -> set[str]:
        git.commit("the work")
        working = errors(iterata("check", "--base", "main", "--format", "json"))
        assert errors(iterata("check", "--base", "main", "--head", "HEAD", "--format", "json")) == working
        done = iterata("summary", "--base", "main")
        assert done.code == 0, done.output
        return working

    return codes


def errors(done: CommandResult) -> set[str]:
    assert done.code in (0, 1), done.output
    return {problem["code"] for problem in json.loads(done.out)["problems"] if problem["severity"] == "error"}


def assert_refused(done: CommandResult, place: str, command: str) -> None:
    """One message about `place` with one fix that names `command`, and nothing else."""
    assert done.code == 1
    assert done.out == ""
    message, fix = done.err.rstrip("\n").split("\n")
    assert message.startswith(f"{place}: error: ")
    assert fix.startswith("  fix: ")
    assert command in fix


# Histories


def test_base_is_head(review: Callable[[], set[str]], git: Git, iterata: CommandLine) -> None:
    assert review() == set()
    assert iterata("check", "--base", "HEAD").fine().err.endswith("\nno problems\n")
    assert iterata("summary", "--base", "HEAD").out == "No stage document is changed.\n"


def test_base_ahead_of_head(
    base: KnowledgeBase, git: Git, iterata: CommandLine, review: Callable[[], set[str]]
) -> None:
    git("switch", "--quiet", "main")
    base.set("churn/01-setup/proposal", "title", "Changed on main")
    git.commit()
    git("switch", "--quiet", "work")
    assert review() == set()
    assert "## Status changes" not in iterata("summary", "--base", "main").fine().out


def test_detached_head(base: KnowledgeBase, git: Git, review: Callable[[], set[str]]) -> None:
    git("switch", "--quiet", "--detach")
    (base.root / ASSESSMENT).unlink()
    assert "MOVE002" in review()


def test_two_merge_bases_are_refused(base: KnowledgeBase, git: Git, iterata: CommandLine) -> None:
    base.set("churn/requirements", "title", "Another question")
    one = git.commit()
    git("switch", "--quiet", "main")
    base.write("README.md", "changed on main\n")
    other = git.commit()
    git("merge", "--quiet", "--no-edit", one)
    git("switch", "--quiet", "work")
    git("merge", "--quiet", "--no-edit", other)
    assert_refused(iterata("check", "--base", "main"), "main", "git merge main")
    git("merge", "--quiet", "--no-edit", "main")
    assert errors(iterata("check", "--base", "main", "--format", "json")) == set()


def test_unrelated_base_is_refused(base: KnowledgeBase, git: Git, iterata: CommandLine) -> None:
    git("switch", "--quiet", "--orphan", "other")
    base.write("README.md", "another beginning\n")
    git.commit()
    git("branch", "--force", "main", "other")
    git("switch", "--quiet", "work")
    assert_refused(iterata("check", "--base", "main"), "main", "rebase the branch on main")


def test_missing_base_is_refused(git: Git, iterata: CommandLine) -> None:
    for base in ("f" * 40, "--output=x"):
        assert_refused(iterata("check", "--base", base), base, "git fetch")


@pytest.mark.parametrize("depth", [1, 2])
def test_shallow_clone_is_refused(base: KnowledgeBase, git: Git, tmp_path: Path, depth: int) -> None:
    base.write("README.md", "the work\n")
    git.commit()
    git("switch", "--quiet", "main")
    for number in range(3):
        base.write("README.md", f"changed on main {number}\n")
        git.commit()
    remote = f"file://{base.root}"
    git("clone", "--quiet", "--depth", str(depth), "--no-single-branch", remote, str(tmp_path / "clone"))
    clone = CommandLine(tmp_path / "clone")
    done = clone("check", "--base", "origin/main", "--head", "origin/work")
    assert_refused(done, "origin/main", "git fetch --unshallow")


def test_partial_clone_without_its_remote_is_refused(base: KnowledgeBase, git: Git, tmp_path: Path) -> None:
    """A file that Git cannot read does not count as unchanged."""
    (base.root / ASSESSMENT).unlink()
    git.commit()
    git("config", "uploadpack.allowFilter", "true")
    remote, place = tmp_path / "remote", tmp_path / "clone"
    base.root.rename(remote)
    Git(remote)("clone", "--quiet", "--filter=blob:none", "--branch", "work", f"file://{remote}", str(place))
    shutil.rmtree(remote)
    done = CommandLine(place)("check", "--base", "origin/main")
    assert_refused(done, done.err.split(": error: ")[0], "git fetch --refetch")


# The folder of projects


def move_projects(base: KnowledgeBase, git: Git, to: str) -> None:
    (base.root / to).parent.mkdir(parents=True, exist_ok=True)
    git("mv", "projects", to)
    base.write("mkdocs.yml", f"plugins:\n  - iterata:\n      projects_dir: {to}\n")
    base.projects = to


@pytest.mark.parametrize("to", ["work in progress", "ml/projekte ü", "pro[j]*"])
def test_moved_folder_of_projects_keeps_its_documents(
    base: KnowledgeBase, git: Git, review: Callable[[], set[str]], iterata: CommandLine, to: str
) -> None:
    move_projects(base, git, to)
    assert review() == set()
    assert "## Status changes" not in iterata("summary", "--base", "main").fine().out
    base.set("churn/01-setup/assessment", "title", "Another title")
    assert review() == {"MOVE003"}
    (base.root / to / "churn/01-setup/assessment.md").unlink()
    assert "MOVE002" in review()


def test_changed_projects_dir_without_a_move_removes_documents(
    base: KnowledgeBase, git: Git, review: Callable[[], set[str]]
) -> None:
    base.write("mkdocs.yml", "plugins:\n  - iterata:\n      projects_dir: elsewhere\n")
    base.projects = "elsewhere"
    base.document("wine/requirements")
    assert review() == {"MOVE002"}


def test_earlier_problems_do_not_count_after_a_move(
    base: KnowledgeBase, git: Git, review: Callable[[], set[str]]
) -> None:
    git("switch", "--quiet", "main")
    base.change(PROPOSAL, "timebox:", "timebocks:")
    git.commit()
    git("switch", "--quiet", "work")
    git("merge", "--quiet", "main")
    move_projects(base, git, "elsewhere")
    assert review() == set()


@pytest.mark.parametrize("link", ["projects", "ml"])
def test_folder_of_projects_as_a_symlink_is_refused(
    base: KnowledgeBase, git: Git, iterata: CommandLine, link: str
) -> None:
    move_projects(base, git, "ml/projects")
    (base.root / "ml").rename(base.root / "real")
    (base.root / "ml").symlink_to("real")
    git.commit()
    for head in ((), ("--head", "HEAD")):
        assert_refused(iterata("check", "--base", "main", *head), "ml", "")


# Commit and working tree


def test_commit_is_checked_whatever_a_checkout_shows(base: KnowledgeBase, iterata: CommandLine) -> None:
    """In ISO646-GB the byte of `#` is a pound sign: the file has a comment, the commit has none."""
    base.grow(TREE)
    requirements = "projects/churn/requirements.md"
    base.set("churn/requirements", "title", "Plain")  # and without the comments of the template
    text = base.read(requirements).encode("ascii", "replace").decode().replace("#", "=")
    base.write(requirements, text)
    git = base.in_git()
    git("switch", "--quiet", "--create", "work")
    changed = re.sub(r"^(title: .*)$", "\\1 \N{POUND SIGN} and more", text, flags=re.MULTILINE)
    base.write(requirements, changed)
    blob = git("hash-object", "-w", "--no-filters", requirements)
    base.write(".gitattributes", f"/{requirements} working-tree-encoding=ISO646-GB\n")
    git("update-index", "--cacheinfo", f"100644,{blob},{requirements}")
    git("add", ".gitattributes")
    git("commit", "--quiet", "--message", "an encoding")
    (base.root / requirements).unlink()
    git("checkout", "--quiet", "--", requirements)
    assert "# and more" in base.read(requirements)
    done = iterata("check", "--base", "main", "--format", "json")
    assert "MOVE003" in errors(done)
    assert git("rev-parse", "HEAD")[:12] in done.err
    assert "working-tree-encoding" in iterata("check").err


def test_uncommitted_work_is_checked(base: KnowledgeBase, git: Git, iterata: CommandLine) -> None:
    base.set("churn/01-setup/assessment", "title", "Another title")
    before = git.status
    done = iterata("check", "--base", "main", "--format", "json")
    assert errors(done) == {"MOVE003"}
    assert "working tree" in done.err
    assert git.status == before
    assert errors(iterata("check", "--base", "main", "--head", "HEAD", "--format", "json")) == set()


def test_tag_with_the_name_of_the_base_is_refused(
    base: KnowledgeBase, git: Git, iterata: CommandLine
) -> None:
    base.set("churn/01-setup/assessment", "title", "Another title")
    git.commit()
    git("tag", "main")
    assert_refused(iterata("check", "--base", "main"), "main", "refs/heads/main")
    assert iterata("check", "--base", "refs/heads/main").code == 1


# Symbolic links and submodules


def test_symlink_to_a_document_is_reported(
    base: KnowledgeBase, git: Git, review: Callable[[], set[str]]
) -> None:
    base.write("elsewhere.md", base.read(ASSESSMENT))
    (base.root / ASSESSMENT).unlink()
    (base.root / ASSESSMENT).symlink_to("../../../elsewhere.md")
    assert "TREE006" in review()


@pytest.mark.parametrize("place", [FOLDER, "projects/churn", f"{FOLDER}/results"])
def test_symlink_to_a_folder_is_reported(
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


def test_symlink_to_itself_is_reported(base: KnowledgeBase, git: Git, review: Callable[[], set[str]]) -> None:
    (base.root / PROPOSAL).unlink()
    (base.root / PROPOSAL).symlink_to("proposal.md")
    assert review() == {"TREE006"}


def test_symlink_to_itself_hides_no_other_problem(
    base: KnowledgeBase, git: Git, review: Callable[[], set[str]]
) -> None:
    (base.root / "projects/loop").symlink_to("loop")
    base.set("churn/01-setup/assessment", "title", "Another title")
    assert review() == {"MOVE003", "TREE006"}


def test_data_folder_can_be_a_symlink(
    base: KnowledgeBase, git: Git, review: Callable[[], set[str]], tmp_path: Path
) -> None:
    (base.root / "projects/churn/data").symlink_to(tmp_path)
    assert review() == set()


def test_submodule_is_reported(base: KnowledgeBase, git: Git, iterata: CommandLine, tmp_path: Path) -> None:
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


def test_line_ends_and_byte_order_marks_are_no_change(
    base: KnowledgeBase, git: Git, review: Callable[[], set[str]]
) -> None:
    text = base.read(ASSESSMENT)
    base.write(ASSESSMENT, text.replace("\n", "\r\n"))
    assert review() == set()
    base.write(ASSESSMENT, "\N{ZERO WIDTH NO-BREAK SPACE}" + text)
    assert review() == set()
    base.write(ASSESSMENT, "\N{ZERO WIDTH NO-BREAK SPACE}" + text.replace("\n", "\r\n") + "More.\r\n")
    assert review() == {"MOVE003"}


@pytest.mark.parametrize("name", ["Projects/x.md", "projects/Churn/x.md", f"{FOLDER}/Results/lift.json"])
def test_names_that_differ_in_case_only_are_reported(
    base: KnowledgeBase, review: Callable[[], set[str]], name: str
) -> None:
    base.write(name, "x")
    assert "TREE007" in review()


def test_names_that_the_target_has_are_not_reported(base: KnowledgeBase, git: Git) -> None:
    base.write(f"{FOLDER}/Results/a.txt", "x")
    git("switch", "--quiet", "main")
    git.commit("both")
    git("switch", "--quiet", "--create", "next")
    base.write(f"{FOLDER}/Results/b.txt", "x")
    git.commit("the work")
    assert "TREE007" not in errors(CommandLine(base.root)("check", "--base", "main", "--format", "json"))


def test_file_mode_is_no_change(base: KnowledgeBase, git: Git, review: Callable[[], set[str]]) -> None:
    (base.root / ASSESSMENT).chmod(0o755)
    assert review() == set()


def test_upper_case_names_are_reported(base: KnowledgeBase, git: Git, review: Callable[[], set[str]]) -> None:
    git("mv", ASSESSMENT, f"{FOLDER}/Assessment.md")
    assert review() >= {"MOVE002", "TREE004"}
    git("mv", f"{FOLDER}/Assessment.md", ASSESSMENT)
    git("mv", "projects/churn", "projects/Churn")
    assert review() >= {"MOVE002", "TREE002"}


@pytest.mark.parametrize(
    "name", ["two words", "quo'te\"s", "Übersicht", "a\nb", "tab\t", "|pipe`s|", "\r", "b\udcffd", "-x", "*"]
)
def test_invalid_names_are_reported(
    base: KnowledgeBase, git: Git, review: Callable[[], set[str]], name: str
) -> None:
    base.write(f"projects/churn/{name}/notes.md", "x")
    base.write(f"projects/{name}.md", "x")
    assert review() == set()
    base.write(f"projects/{name}/requirements.md", base.read("projects/churn/requirements.md"))
    assert review() == {"TREE002"}
    git("mv", FOLDER, f"projects/churn/01-{name}")
    assert review() >= {"MOVE002", "TREE002"}
