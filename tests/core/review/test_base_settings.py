"""The settings of the target branch judge a pull request that changes or hides them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...helpers.command_line import CommandLine
from ...helpers.knowledge_base import MKDOCS
from .test_unusual_repositories import ASSESSMENT, TREE, errors

if TYPE_CHECKING:
    from pathlib import Path

    from ...helpers.knowledge_base import KnowledgeBase


def test_base_without_settings(base: KnowledgeBase, tmp_path: Path) -> None:
    base.grow(TREE)
    (base.root / "mkdocs.yml").unlink()
    git = base.in_git()
    base.write("mkdocs.yml", MKDOCS)
    (base.root / ASSESSMENT).unlink()
    git.commit()
    assert "MOVE002" in errors(CommandLine(base.root)("check", "--base", "main~1", "--format", "json"))


def test_invalid_settings_of_the_base_do_not_relax_the_rules(base: KnowledgeBase) -> None:
    base.grow(TREE)
    base.write("mkdocs.yml", "plugins:\n  - iterata:\n      role_holders: 7\n")
    git = base.in_git()
    git("switch", "--quiet", "--create", "work")
    base.write("mkdocs.yml", "plugins:\n  - iterata:\n      severity: {MOVE002: ignore}\n")
    (base.root / ASSESSMENT).unlink()
    git.commit()
    assert "MOVE002" in errors(CommandLine(base.root)("check", "--base", "main", "--format", "json"))


def test_settings_of_the_base_apply_behind_a_link(base: KnowledgeBase) -> None:
    base.grow(TREE)
    base.write("settings.yml", "plugins:\n  - iterata:\n      required_roles: {assessment: [the board]}\n")
    (base.root / "mkdocs.yml").unlink()
    (base.root / "mkdocs.yml").symlink_to("settings.yml")
    assert_the_board_must_agree(base, "settings.yml")


def test_settings_of_the_base_apply_beside_a_folder(base: KnowledgeBase) -> None:
    base.grow(TREE)
    (base.root / "mkdocs.yml").unlink()
    base.write("mkdocs.yml/x", "x")
    base.write("mkdocs.yaml", "plugins:\n  - iterata:\n      required_roles: {assessment: [the board]}\n")
    assert_the_board_must_agree(base, "mkdocs.yaml")


def assert_the_board_must_agree(base: KnowledgeBase, settings: str) -> None:
    """A pull request that lifts a requirement is judged by it, and its summary says so."""
    git = base.in_git()
    git("switch", "--quiet", "--create", "work")
    base.write(settings, "plugins:\n  - iterata:\n      required_roles: {}\n")
    base.change(ASSESSMENT, "recommendation: go", "recommendation: go\nerrata: [{on: 2026-05-04, what: a}]")
    git.commit()
    iterata = CommandLine(base.root)
    assert "GATE002" in errors(iterata("check", "--base", "main", "--format", "json"))
    assert "the board" in iterata("summary", "--base", "main").out
