"""Roles agree one by one: a document stays in review until the last of them, and to the same content."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from iterata.actions.agree import RoleAgreement
from iterata.actions.move import move
from iterata.errors import IterataError, ProblemsError
from iterata.lifecycle.agreement import agreement
from iterata.stages import Stage, Status

from ...helpers.knowledge_base import MKDOCS

if TYPE_CHECKING:
    from ...helpers.command_line import CommandLine
    from ...helpers.knowledge_base import KnowledgeBase

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
PRODUCT, SCIENCE, LEGAL = (RoleAgreement(role, None) for role in ("product", "data science", "legal"))
PROPOSAL = "churn/01-setup/proposal"


@pytest.fixture
def team(base: KnowledgeBase) -> KnowledgeBase:
    """A proposal that waits for two roles."""
    base.grow("""
        churn
          requirements: approved
          01-setup
            assessment: approved
            lift.json
            proposal: in_review
    """)
    rows = "".join(f"{n % 7},{n % 90},{('blue', 'red')[n % 2]},{n % 3 % 2}\n" for n in range(60))
    base.write("projects/churn/data/customers.csv", f"newness,age,tariff,left\n{rows}")
    base.write("mkdocs.yml", with_settings("role_holders: {legal: ['@us/legal']}"))
    return base


def with_settings(settings: str) -> str:
    return f"{MKDOCS.rstrip()}:\n      {settings}\n"


def agree(
    base: KnowledgeBase, *roles: RoleAgreement, path: str = PROPOSAL, on: date = MONDAY
) -> Status | None:
    return move(base.context(path), Status.APPROVED, roles, on, base.root).document.status


def approving_roles(base: KnowledgeBase, path: str = PROPOSAL) -> list[str]:
    return [approval["role"] for approval in base.parsed(path).data.get("approvals", [])]


def test_first_role_leaves_the_document_in_review(team: KnowledgeBase) -> None:
    assert agree(team, PRODUCT) is Status.IN_REVIEW
    assert "plan_digest" not in team.parsed(PROPOSAL).data
    assert agreement(team.context(PROPOSAL)) == (["product"], ["data science"], [])
    assert team.problems() == []


def test_last_role_approves(team: KnowledgeBase) -> None:
    agree(team, SCIENCE)
    first = team.read(f"projects/{PROPOSAL}.md")
    assert agree(team, PRODUCT, on=TUESDAY) is Status.APPROVED
    assert approving_roles(team) == ["data science", "product"]
    assert team.parsed(PROPOSAL).data["plan_digest"].startswith("sha256:")
    assert next(line for line in first.split("\n") if "role: data science" in line) in team.read(
        f"projects/{PROPOSAL}.md"
    ), "the first entry stays as it is"
    assert team.problems() == []


@pytest.mark.parametrize("roles", [(PRODUCT, SCIENCE), (PRODUCT,)])
def test_draft_is_agreed_to_in_one_step(team: KnowledgeBase, roles: tuple[RoleAgreement, ...]) -> None:
    team.set(PROPOSAL, "status", "draft")
    assert agree(team, *roles) is (Status.APPROVED if len(roles) == 2 else Status.IN_REVIEW)
    assert team.problems() == []


def test_draft_is_not_approved_without_its_roles(team: KnowledgeBase) -> None:
    team.set(PROPOSAL, "status", "draft")
    with pytest.raises(ProblemsError) as refusal:
        agree(team)
    assert {problem.code for problem in refusal.value.problems} == {"GATE002"}


@pytest.mark.parametrize("change", ["plan", "prose", "data"])
def test_agreement_does_not_cover_a_later_change(team: KnowledgeBase, change: str) -> None:
    agree(team, PRODUCT)
    if change == "data":
        team.change("projects/churn/data/customers.csv", "blue", "grey")
    else:
        old, new = ("seed: 1", "seed: 2") if change == "plan" else ("\n# ", "\nMore is done.\n\n# ")
        team.change(f"projects/{PROPOSAL}.md", old, new)
        assert {problem.code for problem in team.problems()} == {"GATE020"}
        assert agreement(team.context(PROPOSAL)).missing == ["product", "data science"]
    assert agree(team, SCIENCE, on=TUESDAY) is Status.IN_REVIEW
    assert approving_roles(team) == ["data science"]
    assert agree(team, PRODUCT, on=TUESDAY) is Status.APPROVED


def test_layout_does_not_affect_an_agreement(team: KnowledgeBase) -> None:
    agree(team, PRODUCT)
    team.change(f"projects/{PROPOSAL}.md", "timebox: 5 days", 'timebox: "5 days"  # a week')
    assert agree(team, SCIENCE, on=TUESDAY) is Status.APPROVED


def test_figures_of_a_lift_are_part_of_the_agreement(team: KnowledgeBase) -> None:
    path = "churn/01-setup/assessment"
    team.document(path, Status.IN_REVIEW)
    agree(team, LEGAL, path=path)
    team.change("projects/churn/01-setup/results/lift.json", "1000", "1001")
    assert agreement(team.context(path)).outdated == ["legal"]


def test_command_names_who_has_agreed_and_who_has_not(team: KnowledgeBase, iterata: CommandLine) -> None:
    path = f"projects/{PROPOSAL}.md"
    done = iterata("move", path, "approved", "--as", "product").fine()
    assert "data science has not" in done.err
    assert f'`iterata move {path} approved --as "data science"`' in done.err
    assert "product has agreed" in iterata("status").fine().out


@pytest.mark.parametrize("stage", [Stage.ASSESSMENT, Stage.PROPOSAL])
def test_typed_status_gets_its_records(team: KnowledgeBase, stage: Stage) -> None:
    """In an editor, somebody writes the last entry and the status, and no digests."""
    path = f"churn/01-setup/{stage}"
    roles = ["product", "data science"]
    team.set(path, "approvals", [{"role": role, "on": "2026-11-23"} for role in roles])
    team.set(path, "status", "approved")
    assert agree(team, path=path) is Status.APPROVED
    assert team.parsed(path).data["written_against"]
    assert approving_roles(team, path) == roles
    assert team.problems() == []
    with pytest.raises(IterataError):
        agree(team, path=path)


def test_check_suggests_the_line_that_is_missing(team: KnowledgeBase) -> None:
    agree(team, PRODUCT)
    approvals = team.parsed(PROPOSAL).data["approvals"]
    team.set(PROPOSAL, "approvals", [*approvals, {"role": "data science", "on": "2026-11-24"}])
    team.set(PROPOSAL, "status", "approved")
    (problem,) = team.problems()
    assert problem.code == "PLAN003"
    line = next(part for part in problem.remedy.split("`") if part.startswith("plan_digest:"))
    team.change(f"projects/{PROPOSAL}.md", "status: approved\n", f"status: approved\n{line}\n")
    assert team.problems() == []
    assert agree(team, LEGAL, on=TUESDAY) is Status.APPROVED


def test_typed_approval_is_completed_by_the_role_that_is_missing(team: KnowledgeBase) -> None:
    team.set(PROPOSAL, "approvals", [{"role": "product", "on": "2026-11-23"}])
    team.set(PROPOSAL, "status", "approved")
    with pytest.raises(ProblemsError):
        agree(team)
    assert agree(team, SCIENCE) is Status.APPROVED
    assert team.problems() == []


def test_role_has_the_configured_spelling_and_counts_once(team: KnowledgeBase) -> None:
    agree(team, RoleAgreement("Product", "ana"), RoleAgreement("PRODUCT", "ben"))
    (approval,) = team.parsed(PROPOSAL).data["approvals"]
    assert (approval["role"], approval["by"]) == ("product", "ben")


def test_misspelt_role_is_refused(team: KnowledgeBase) -> None:
    before = team.files()
    with pytest.raises(IterataError) as refusal:
        agree(team, RoleAgreement("prodct", None))
    assert refusal.value.location.source == f"projects/{PROPOSAL}.md"
    assert team.files() == before


@pytest.mark.parametrize("role", ["po", "a|b", ""])
def test_a_role_that_nobody_named_is_refused(team: KnowledgeBase, role: str) -> None:
    before = team.files()
    with pytest.raises(IterataError) as refusal:
        agree(team, RoleAgreement(role, None))
    assert refusal.value.location.source == f"projects/{PROPOSAL}.md"
    assert "product, data science" in refusal.value.remedy
    assert team.files() == before


@pytest.mark.parametrize("place", ["role_holders", "required_roles", "stakeholders"])
def test_another_role_may_agree_if_it_is_named_somewhere(team: KnowledgeBase, place: str) -> None:
    settings = {
        "role_holders": "{legal: ['@us/legal']}",
        "required_roles": "{report: [Legal], proposal: [a, b]}",
    }
    team.write("mkdocs.yml", MKDOCS)
    if place in settings:
        team.write("mkdocs.yml", with_settings(f"{place}: {settings[place]}"))
    else:
        team.set("churn/requirements", "stakeholders", [{"role": "legal", "interest": "The contracts."}])
    assert agree(team, LEGAL) is Status.IN_REVIEW
    assert approving_roles(team) == ["legal"]
