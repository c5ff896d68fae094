"""Agreement over several pull requests: an approval does not cover what was changed after it."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from iterata.stages import Status

from ...helpers.command_line import CommandLine
from .team import Team

if TYPE_CHECKING:
    from pathlib import Path

PATH = "projects/churn/requirements.md"
PRODUCT, SCIENCE = "  - {role: product, on: 2026-11-23}\n", "  - {role: data science, on: 2026-11-24}\n"


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """Requirements in review, which product and data science have to agree to."""
    team = Team(tmp_path / "team")
    roles = "{requirements: [product, data science]}"
    team.write("mkdocs.yml", f"site_name: Team\nplugins:\n  - iterata:\n      required_roles: {roles}\n")
    team.document("churn/requirements.md", Status.IN_REVIEW)
    team.commit()
    return team


def typed(team: Team, entries: str, status: Status = Status.IN_REVIEW) -> None:
    """Type approvals and a status, as in an editor."""
    text = team.read(PATH).split("approvals:\n")[0].split("\n---\n")
    front, body = text[0].split("\napprovals:")[0], team.read(PATH).split("\n---\n", 1)[1]
    front = front.replace("status: in_review", f"status: {status}")
    team.write(PATH, f"{front}\napprovals:\n{entries}---\n{body}")


def move(team: Team, *roles: str) -> None:
    options = [part for role in roles for part in ("--as", role)]
    CommandLine(team.root)("move", PATH, "approved", *options).fine()


def agreed_on_monday(team: Team, *, in_editor: bool) -> None:
    if in_editor:
        typed(team, PRODUCT)
    else:
        move(team, "product")
    team.commit("product agrees")


@pytest.mark.parametrize("in_editor", [False, True], ids=["command", "editor"])
def test_agreement_of_two_days_is_accepted(team: Team, in_editor: bool) -> None:
    agreed_on_monday(team, in_editor=in_editor)
    with team.pull_request():
        move(team, "data science")
    assert "status: approved" in team.read(PATH)
    assert team.codes(prefix="") == []


@pytest.mark.parametrize("by_command", [False, True], ids=["editor", "command"])
@pytest.mark.parametrize("approved", [False, True], ids=["in review", "approved"])
@pytest.mark.parametrize("in_editor", [False, True], ids=["command", "editor"])
def test_agreement_does_not_cover_a_change(
    team: Team, in_editor: bool, approved: bool, by_command: bool
) -> None:
    agreed_on_monday(team, in_editor=in_editor)
    with team.pull_request():
        team.change(PATH, "\ntitle: ", "\ntitle: Another ")
        if approved:
            entries = team.read(PATH).split("approvals:\n")[1].split("---\n")[0]
            team.change(PATH, entries, entries + SCIENCE)
            team.change(PATH, "status: in_review", "status: approved")
    assert team.codes(prefix="GATE020") == ["GATE020"]
    if by_command:
        move(team, "product")
    else:
        entries = team.read(PATH).split("approvals:\n")[1].split("---\n")[0]
        team.change(PATH, entries, SCIENCE)
        team.change(PATH, f"status: {'approved' if approved else 'in_review'}", "status: in_review")
    team.commit("mended")
    assert team.codes(prefix="") == []


def test_change_and_approval_of_one_branch(team: Team) -> None:
    """The first approval and the change after it may be commits of the same pull request."""
    with team.pull_request():
        move(team, "product")
        team.commit("monday")
        entry = team.read(PATH).split("approvals:\n")[1].split("---\n")[0]
        team.change(PATH, entry, entry + SCIENCE)
        team.change(PATH, "\ntitle: ", "\ntitle: Another ")
        team.change(PATH, "status: in_review", "status: approved")
    assert team.codes(prefix="GATE020") == ["GATE020"]


@pytest.mark.parametrize("by_command", [False, True], ids=["editor", "command"])
def test_two_roles_agree_on_two_branches(team: Team, by_command: bool) -> None:
    """Git finds a conflict; with both entries kept, both roles have agreed."""
    for role, entry in (("product", PRODUCT), ("data science", SCIENCE)):
        with team.pull_request(role.replace(" ", "-")):
            if by_command:
                move(team, role)
            else:
                typed(team, entry)
        team.git("switch", "--quiet", "main")
    team.git("merge", "--quiet", "product")
    with pytest.raises(subprocess.CalledProcessError):
        team.git("merge", "data-science")
    (problem,) = team.problems()
    assert (problem.code, problem.path) == ("DOC003", PATH)
    kept = re.sub(r"(?m)^[<=>]{7}.*\n", "", team.read(PATH))
    team.write(PATH, kept)
    assert team.problems() == []
    team.commit("both")
    move(team)
    assert "status: approved" in team.read(PATH)
    assert team.problems() == []


def test_two_lists_of_approvals_are_one_problem(team: Team) -> None:
    """Two branches can add the key at different places, which Git merges without a conflict."""
    typed(team, PRODUCT)
    team.change(PATH, "\nstatus:", f"\napprovals:\n{SCIENCE}status:")
    assert [problem.code for problem in team.problems()] == ["DOC004"]


def test_typed_approval_lacks_what_it_was_written_against(team: Team) -> None:
    """The command of the remedy adds it."""
    team.document("churn/01-setup/assessment.md", Status.IN_REVIEW)
    team.commit()
    path = "projects/churn/01-setup/assessment.md"
    with team.pull_request():
        team.change(path, "status: in_review", "status: approved")
    problems = [problem for problem in team.review().own if problem.code == "GATE021"]
    assert [(problem.path, problem.severity) for problem in problems] == [(path, "warning")]
    line = next(part for part in problems[0].remedy.split("`") if part.startswith("written_against:"))
    team.change(path, "status: approved", f"status: approved\n{line}")
    team.commit()
    assert team.codes(prefix="GATE021") == []


def test_digests_that_a_command_adds_do_not_void_an_approval(team: Team) -> None:
    path = team.document("churn/01-setup/proposal.md", Status.IN_REVIEW)
    team.change(path, "\n---\n", f"\napprovals:\n{PRODUCT}---\n")
    assert "digest" not in team.read(path)
    team.commit()
    digest = f"digest: sha256:{'0' * 64}"
    with team.pull_request():
        team.change(path, "source: data/rows.csv", f"source: data/rows.csv\n      {digest}")
    assert team.codes(prefix="GATE020") == []
    team.git("switch", "--quiet", "main")
    team.git("merge", "--quiet", "work")
    with team.pull_request("other-data"):
        team.change(path, digest, digest.replace("000", "111"))
    assert team.codes(prefix="GATE020") == ["GATE020"]
