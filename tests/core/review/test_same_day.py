"""A document that is agreed to, changed and agreed to again on one day by the same people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ...helpers.command_line import CommandLine
from ...helpers.knowledge_base import KnowledgeBase
from .sequences import TREE

if TYPE_CHECKING:
    from pathlib import Path

    from ...helpers.git import Git

REPORT = "projects/churn/01-setup/report.md"
ROLES = ("--as", "product", "--as", "data science")


@pytest.fixture
def base(tmp_path: Path) -> KnowledgeBase:
    return KnowledgeBase(tmp_path / "base").grow(TREE)


@pytest.fixture
def git(base: KnowledgeBase) -> Git:
    """A branch from the commit that approves the report today."""
    git, iterata = base.in_git(), CommandLine(base.root)
    for words in (("draft",), ("approved", *ROLES)):
        moved = iterata("move", REPORT, *words)
        assert moved.code == 0, moved.output
    git.commit("approved")
    git("switch", "--quiet", "--create", "work")
    return git


def _codes(base: KnowledgeBase, git: Git) -> set[str]:
    git.commit("the work")
    done = CommandLine(base.root)("check", "--base", "main", "--format", "json")
    return {problem["code"] for problem in json.loads(done.out)["problems"]} - {"GATE021"}


def test_report_can_be_changed_and_approved_again(base: KnowledgeBase, git: Git) -> None:
    iterata = CommandLine(base.root)
    assert iterata("move", REPORT, "draft").code == 0
    base.change(REPORT, "Ten more customers", "Twenty more customers")
    assert iterata("move", REPORT, "approved", *ROLES).code == 0
    assert _codes(base, git) == set()


def test_old_approvals_do_not_cover_a_change(base: KnowledgeBase, git: Git) -> None:
    base.change(REPORT, "Ten more customers", "Twenty more customers")
    assert _codes(base, git) == {"MOVE003"}


def test_new_approvals_do_not_cover_a_later_change(base: KnowledgeBase, git: Git) -> None:
    iterata = CommandLine(base.root)
    iterata("move", REPORT, "draft")
    base.change(REPORT, "Ten more customers", "Twenty more customers")
    iterata("move", REPORT, "approved", *ROLES)
    base.change(REPORT, "Twenty more customers", "Thirty more customers")
    assert "MOVE003" in _codes(base, git)
