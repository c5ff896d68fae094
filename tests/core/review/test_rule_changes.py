"""A pull request that changes the rules says so, and is itself judged by the old ones."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

import pytest

from iterata.repository import config
from iterata.review.changes import compare
from iterata.review.review import review
from iterata.review.summary import summary

if TYPE_CHECKING:
    from .team import Team

SETTINGS = "plugins:\n  - iterata:\n      required_roles: {{}}\n{}"


class Reviewed(NamedTuple):
    """What a review says about the rules."""

    changes: set[tuple[str, str, str]]
    """Path, before and after."""
    codes: list[str]
    summary: str


def reviewed(team: Team) -> Reviewed:
    with compare(config.load(team.root), "main") as comparison:
        found = review(comparison, team.root)
        text = summary(comparison, found)
    changes = {(change.path, change.before, change.after) for change in found.rule_changes}
    return Reviewed(changes, [problem.code for problem in found.own], text)


FILES = {
    ".github/CODEOWNERS": ("* @team/product\n# ours\n", "# ours\n* @eve\n"),
    "CODEOWNERS": ("/projects/ @team/product\n", ""),
    ".github/workflows/iterata.yml": ("a: 1\nb: 2\n", "a: 1\nb: 3\n"),
    ".github/actions/own/action.yml": ("a: 1\n", "a: 2\n"),
    ".gitlab-ci.yml": ("check: {}\n", "{}\n"),
    "requirements.txt": ("iterata==1.0\nmkdocs\n", "iterata==1.1\nmkdocs\n"),
    ".gitattributes": ("", "*.md ident\n"),
    "projects/churn/.gitattributes": ("", "*.md filter=x\n"),
    ".gitmodules": ("", "[submodule x]\n"),
    ".pre-commit-config.yaml": ("repos: [1]\n", "repos: []\n"),
    ".github/dependabot.yml": ("version: 2\n", "version: 3\n"),
}


@pytest.mark.parametrize("path", FILES)
def test_changed_file_is_shown_first_with_its_lines(team: Team, path: str) -> None:
    before, after = FILES[path]
    team.write(path, before)
    team.commit()
    with team.pull_request():
        team.write(path, after)
    found = reviewed(team)
    ((changed, old, new),) = found.changes
    assert changed == path
    assert old != new
    assert all(line in before.splitlines() for line in old.splitlines())
    assert all(line in after.splitlines() for line in new.splitlines())
    assert found.summary.startswith("## What this pull request changes about the rules\n")


def test_other_files_change_no_rule(team: Team) -> None:
    with team.pull_request():
        for path in (
            "README.md",
            "docs/requirements.md",
            "projects/churn/model.py",
            ".github/ISSUE_TEMPLATE.md",
        ):
            team.write(path, "x\n")
    assert reviewed(team).changes == set()


@pytest.mark.parametrize(
    ("setting", "before", "after"),
    [
        ("severity: {SUSP001: ignore}", "as the rule says", "ignore"),
        ("role_holders: {product: ['@eve']}", "the team of that name in CODEOWNERS", "@eve"),
        ("dates: false", "True", "False"),
        ("cache: s3://bucket/x", "none", "s3://bucket/x"),
    ],
)
def test_settings_are_shown_in_words(team: Team, setting: str, before: str, after: str) -> None:
    team.write("mkdocs.yml", SETTINGS.format(""))
    team.commit()
    with team.pull_request():
        team.write("mkdocs.yml", SETTINGS.format(f"      {setting}\n"))
    assert reviewed(team).changes == {("mkdocs.yml", before, after)}


def test_roles_that_are_required_no_longer_are_shown(team: Team) -> None:
    team.write("mkdocs.yml", "plugins:\n  - iterata:\n      required_roles: {report: [product, legal]}\n")
    team.commit()
    with team.pull_request():
        team.write("mkdocs.yml", "plugins:\n  - iterata:\n      required_roles: {}\n")
    assert reviewed(team).changes == {("mkdocs.yml", "product, legal", "nobody")}


def test_code_of_the_site_is_shown(team: Team) -> None:
    with team.pull_request():
        team.write("mkdocs.yml", team.read("mkdocs.yml") + "hooks: [evil.py]\n")
    assert reviewed(team).changes == {("mkdocs.yml", "null", '["evil.py"]')}


def test_rules_in_a_folder_above_the_knowledge_base_are_shown(team: Team) -> None:
    shutil.rmtree(team.root / ".git")
    top = type(team)(team.root.parent)
    (top.root / "mkdocs.yml").unlink()
    top.commit()
    top.git("switch", "--quiet", "--create", "work")
    top.write(".github/workflows/iterata.yml", "a: 1\n")
    top.write("repo/requirements.txt", "iterata==1.0\n")
    top.commit()
    assert {path for path, *_ in reviewed(team).changes} == {
        ".github/workflows/iterata.yml",
        "repo/requirements.txt",
    }


@pytest.mark.parametrize(
    "entry", ["MOVE003: ignore", "SCOPE001: warning", "REVIEW001: ignore", "MOVE999: error"]
)
def test_severity_that_breaks_agreements_is_a_problem(team: Team, entry: str) -> None:
    with team.pull_request():
        team.write("mkdocs.yml", SETTINGS.format(f"      severity: {{{entry}}}\n"))
    assert "REVIEW011" in reviewed(team).codes


def test_severity_that_breaks_agreements_has_no_effect_once_merged(team: Team) -> None:
    team.write("mkdocs.yml", SETTINGS.format("      severity: {MOVE002: ignore, MOVE999: error}\n"))
    team.commit()
    with team.pull_request():
        (team.root / "projects/churn/requirements.md").unlink()
    assert "MOVE002" in reviewed(team).codes


def test_committed_state_is_a_problem(team: Team) -> None:
    with team.pull_request():
        team.write(".iterata/verdicts.json", "{}\n")
        team.git("add", "--force", ".iterata")
    assert reviewed(team).codes == ["REVIEW012"]


def test_text_of_the_rules_is_escaped(team: Team) -> None:
    with team.pull_request():
        team.write("requirements.txt", "`</code>` @everybody [a](javascript:b)\n\n## c\n")
    text = reviewed(team).summary
    assert text.count("\n## ") == 0
    (line,) = (line for line in text.splitlines() if "everybody" in line)
    assert line.endswith("`'</code>' @everybody [a](javascript:b)`"), "one code span"
