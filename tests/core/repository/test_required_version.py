"""`requires`: every command, a pull request and the site refuse another version of iterata."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from mkdocs.config import load_config
from mkdocs.exceptions import PluginError

from iterata import __version__
from iterata.errors import ConfigError
from iterata.repository import config
from iterata.repository.required_version import REQUIREMENTS, UnfitVersion, with_requirement

if TYPE_CHECKING:
    from pathlib import Path

    from ...helpers.command_line import CommandLine
    from ...helpers.knowledge_base import KnowledgeBase

NEWER = "iterata>=999.1"


def require(root: Path, requirement: str, more: str = "") -> None:
    text = f"site_name: x\nplugins:\n  - search\n  - iterata:\n      requires: {requirement}\n{more}"
    (root / "mkdocs.yml").write_text(text, "utf-8")


@pytest.mark.parametrize(
    "requirement",
    [
        f"iterata>={__version__}",
        f"iterata >= {__version__}",
        "iterata>=0",
        "'iterata>=0.0.1,<999'",
        f"iterata=={__version__}",
        f"iterata~={__version__}",
        "'iterata!=999'",
        "null",
    ],
)
def test_fitting_version_is_accepted(base: KnowledgeBase, requirement: str) -> None:
    require(base.root, requirement)
    config.load(base.root)


@pytest.mark.parametrize(
    "requirement", [NEWER, "iterata>=0.1.1", "'iterata<0.0.1'", "iterata==999", "'iterata>=1,<2'"]
)
def test_other_version_is_refused_with_its_line(base: KnowledgeBase, requirement: str) -> None:
    require(base.root, requirement)
    with pytest.raises(UnfitVersion) as refused:
        config.load(base.root)
    assert (refused.value.location.source, refused.value.location.line) == ("mkdocs.yml", 5)
    assert __version__ in refused.value.message


def test_longer_number_of_the_same_version_fits(base: KnowledgeBase) -> None:
    require(base.root, f"iterata>={__version__}.0.0")
    config.load(base.root)


@pytest.mark.parametrize(
    "requirement",
    ["0.3", "pandas>=1", "iterata", "iterata[sql]>=0.1", "'iterata>=0; python_version>\"3\"'", "[1]", "x y"],
)
def test_what_is_no_requirement_is_told(base: KnowledgeBase, requirement: str) -> None:
    require(base.root, requirement)
    with pytest.raises(ConfigError) as refused:
        config.load(base.root)
    assert not isinstance(refused.value, UnfitVersion)
    assert refused.value.location.line == 5


@pytest.mark.parametrize(
    "more", ["      new_setting: 1\n", "      dates: {since: 2026}\n", "      severity: {NEW999: error}\n"]
)
def test_settings_of_a_newer_version_are_not_told_as_misspelt(base: KnowledgeBase, more: str) -> None:
    require(base.root, NEWER, more)
    with pytest.raises(UnfitVersion):
        config.load(base.root)
    (base.root / "docs").mkdir()
    with pytest.raises(PluginError, match="999"):
        load_config(str(base.root / "mkdocs.yml"))


@pytest.mark.parametrize(
    "words",
    [
        ("check",),
        ("status",),
        ("summary", "--base", "HEAD"),
        ("lift", "churn/01"),
        ("run", "churn/01"),
        ("report", "churn/01"),
        ("verify", "churn/01"),
        ("track", "churn/01"),
        ("monitor",),
        ("new", "project", "x"),
        ("move", "projects/churn/requirements.md", "in_review"),
        ("affirm", "projects/churn/requirements.md"),
        ("upgrade",),
    ],
    ids=" ".join,
)
def test_every_command_refuses(base: KnowledgeBase, iterata: CommandLine, words: tuple[str, ...]) -> None:
    require(base.root, NEWER)
    done = iterata(*words)
    assert done.code == 1
    assert "999.1" in done.err
    assert not (base.root / "projects").exists()


@pytest.mark.parametrize(
    ("pin", "advised"),
    [
        ("iterata==0.1.0", "in line 2"),
        ("iterata[sql]>=0.1", "in line 2"),
        ("iterata @ git+https://example.org/iterata@abc", "in line 2"),
        ("iterata==999.2  # ours", "--requirement"),
    ],
)
def test_remedy_looks_at_what_the_team_installs(base: KnowledgeBase, pin: str, advised: str) -> None:
    require(base.root, NEWER)
    (base.root / REQUIREMENTS).write_text(f"# ours\n{pin}\n", "utf-8")
    with pytest.raises(UnfitVersion) as refused:
        config.load(base.root)
    assert advised in refused.value.remedy
    assert ("line 2" in refused.value.remedy) == (advised == "in line 2")


def test_requirement_of_the_target_branch_counts(base: KnowledgeBase, iterata: CommandLine) -> None:
    git = base.in_git()
    require(base.root, NEWER, "      severity: {DOC002: ignore}\n")
    git.commit()
    require(base.root, "iterata>=0")
    git.commit()
    assert iterata("check", "--base", "HEAD~1").code == 1


def test_settings_without_a_limit_load_no_library(base: KnowledgeBase) -> None:
    require(base.root, f"iterata>={__version__}")
    code = (
        "import sys, pathlib; from iterata.repository import config; "
        f"config.load(pathlib.Path({str(base.root)!r})); sys.exit('packaging' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_limits_that_a_person_chose_stay() -> None:
    assert with_requirement("requires: 'iterata>=0.1,<2'", "iterata>=0.1,<2", "iterata>=1") is None
    assert (
        with_requirement("requires: iterata>=0.1  # a", "iterata>=0.1", "iterata>=1")
        == "requires: iterata>=1  # a"
    )
