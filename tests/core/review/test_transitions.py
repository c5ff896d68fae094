"""What a pull request may do to documents, on real branches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iterata.errors import IterataError
from iterata.review.transitions import reachable
from iterata.stages import TRANSITIONS, Stage, Status, statuses, successors

from .team import Team

if TYPE_CHECKING:
    from collections.abc import Callable

ASSESSMENT = "projects/churn/01-setup/assessment.md"
REQUIREMENTS = "projects/churn/requirements.md"


@st.composite
def walks(draw: st.DrawFn) -> tuple[Stage, list[Status]]:
    """A stage and a walk along its table, however long."""
    stage = draw(st.sampled_from(list(Stage)))
    walk = [draw(st.sampled_from(statuses(stage)))]
    for _ in range(draw(st.integers(0, 6))):
        if steps := successors(stage, walk[-1]):
            walk.append(draw(st.sampled_from(steps)))
    return stage, walk


@given(walks())
def test_every_walk_along_the_table_is_accepted_as_one_pull_request(walk: tuple[Stage, list[Status]]) -> None:
    stage, steps = walk
    assert reachable(stage, steps[0], steps[-1])


@pytest.mark.parametrize("stage", Stage)
def test_nothing_but_walks_along_the_table_is_accepted(stage: Stage) -> None:
    """Closing the table under composition, by repeated squaring, gives exactly what is accepted."""
    closed = {(status, status) for status in statuses(stage)}
    closed |= {(step.source, step.target) for step in TRANSITIONS[stage]}
    for _ in range(4):
        closed |= {(one, end) for one, middle in closed for start, end in closed if middle is start}
    every = {(one, other) for one in statuses(stage) for other in statuses(stage)}
    assert {pair for pair in every if reachable(stage, *pair)} == closed


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [
        (Status.DRAFT, Status.IN_REVIEW, []),
        (Status.DRAFT, Status.APPROVED, []),
        (Status.REJECTED, Status.APPROVED, []),
        (Status.ABANDONED, Status.DRAFT, ["MOVE001"]),
        (Status.SUPERSEDED, Status.APPROVED, ["MOVE001"]),
        (Status.APPROVED, Status.IN_REVIEW, ["MOVE001"]),
    ],
)
def test_a_status_moves_along_the_table(team: Team, before: Status, after: Status, codes: list[str]) -> None:
    team.document("churn/01-setup/assessment.md", before)
    team.commit()
    with team.pull_request():
        team.change(ASSESSMENT, f"status: {before}", f"status: {after}")
    assert team.codes() == codes


def test_a_new_document_may_arrive_at_any_status_the_table_leads_to(team: Team) -> None:
    with team.pull_request():
        team.document("churn/01-setup/assessment.md", Status.APPROVED)
    assert team.codes() == []


def _in_prose(team: Team, path: str) -> None:
    team.write(path, team.read(path) + "\nOne more sentence.\n")


def _in_front_matter(team: Team, path: str) -> None:
    team.change(path, "recommendation: go", "recommendation: no_go")


def _with_erratum(team: Team, path: str) -> None:
    _in_prose(team, path)
    team.change(
        path, "recommendation: go", "errata: [{on: 2026-11-23, what: a missing sentence}]\nrecommendation: go"
    )


def _rewrapped(team: Team, path: str) -> None:
    front, body = team.read(path).split("---\n\n", 1)
    team.write(path, f"{front}---\n\n" + body.replace(". ", ".\n"))


def _in_a_block(team: Team, path: str) -> None:
    team.change(path, "<!-- iterata:begin lift -->\n", "<!-- iterata:begin lift -->\na table\n")


@pytest.mark.parametrize(
    ("edit", "codes"),
    [
        (_in_prose, ["MOVE003"]),
        (_in_front_matter, ["MOVE003"]),
        (_with_erratum, []),
        (_rewrapped, []),
        (_in_a_block, []),
    ],
)
def test_an_approved_document_stays_as_it_is(
    team: Team, edit: Callable[[Team, str], None], codes: list[str]
) -> None:
    team.document("churn/01-setup/assessment.md", Status.APPROVED)
    team.commit()
    with team.pull_request():
        edit(team, ASSESSMENT)
    assert team.codes() == codes


def test_a_draft_may_change_as_it_likes(team: Team) -> None:
    team.document("churn/01-setup/assessment.md", Status.DRAFT)
    team.commit()
    with team.pull_request():
        _in_prose(team, ASSESSMENT)
        _in_front_matter(team, ASSESSMENT)
    assert team.codes() == []


def test_a_revision_opens_approved_requirements_and_closes_them_again(team: Team) -> None:
    with team.pull_request():
        team.change(REQUIREMENTS, "revision: 1", "revision: 2")
        team.change(REQUIREMENTS, "model_kind: classification", "model_kind: ranking")
    assert team.codes() == ["MOVE003", "MOVE003"], "nobody has agreed to the revision"
    team.change(
        REQUIREMENTS,
        "model_kind: ranking",
        "model_kind: ranking\napprovals: [{role: product, on: 2026-11-23}]\n"
        "revisions: [{revision: 2, on: 2026-11-22, reason: a new market}]",
    )
    team.commit()
    assert team.codes() == []


@pytest.mark.parametrize(("status", "codes"), [(Status.DRAFT, []), (Status.APPROVED, ["MOVE002"])])
def test_what_was_agreed_is_not_deleted(team: Team, status: Status, codes: list[str]) -> None:
    team.document("churn/01-setup/assessment.md", status)
    team.commit()
    with team.pull_request():
        (team.root / ASSESSMENT).unlink()
    assert team.codes() == codes


@pytest.mark.parametrize(("status", "codes"), [(Status.DRAFT, []), (Status.APPROVED, ["MOVE002"])])
def test_what_was_agreed_is_not_moved(team: Team, status: Status, codes: list[str]) -> None:
    team.document("churn/01-setup/assessment.md", status)
    team.commit()
    with team.pull_request():
        team.git("mv", "projects/churn/01-setup", "projects/churn/01-baseline")
    assert team.codes() == codes


def test_an_iteration_does_not_take_a_number_given_out_meanwhile(team: Team) -> None:
    with team.pull_request():
        team.document("churn/01-setup/assessment.md")
    assert team.codes() == []
    team.git("switch", "--quiet", "main")
    team.document("churn/01-weather/assessment.md")
    team.commit("somebody was quicker")
    team.git("switch", "--quiet", "work")
    (problem,) = (each for each in team.review().own if each.code == "MOVE004")
    assert problem.path == "projects/churn/01-setup"
    assert "rename this iteration to 02-setup" in problem.remedy


def test_only_what_the_branch_did_counts(team: Team) -> None:
    """Main may move on in the meantime: it is the merge base that the branch is compared with."""
    team.document("churn/01-setup/assessment.md", Status.APPROVED)
    team.commit()
    with team.pull_request():
        team.document("pricing/requirements.md")
    team.git("switch", "--quiet", "main")
    team.git("rm", "--quiet", "-r", "projects/churn/01-setup")
    team.commit("main deletes what was agreed")
    team.git("switch", "--quiet", "work")
    assert team.codes() == []


def test_a_problem_elsewhere_that_was_there_before_does_not_count(team: Team) -> None:
    for path in ("projects/churn/01-old/assessment.md", "projects/other/requirements.md"):
        team.write(path, "# no front matter\n")
    team.commit("merged long ago")
    with team.pull_request():
        team.document("churn/02-new/assessment.md")
    reviewed = team.review()
    assert reviewed.own == []
    assert [problem.path for problem in reviewed.others] == ["projects/churn/01-old/assessment.md"]


def test_a_finding_taken_from_another_project_is_missed_there(team: Team) -> None:
    team.document("pricing/01-setup/report.md")
    path = team.document("churn/01-setup/report.md")
    team.change(path, "tags: []", "tags: []\n    supports: [pricing/01-setup#F1]")
    team.commit()
    with team.pull_request():
        team.change("projects/pricing/01-setup/report.md", "id: F1", "id: F2")
    found = [(problem.code, problem.path) for problem in team.review().own if problem.code == "REF001"]
    assert found == [("REF001", path)]


def test_a_problem_caused_elsewhere_counts(team: Team) -> None:
    """Removing the requirements breaks no document the branch touches, but the project it belongs to."""
    team.document("pricing/requirements.md")
    team.document("pricing/01-setup/assessment.md")
    team.commit()
    with team.pull_request():
        (team.root / "projects/pricing/requirements.md").unlink()
    assert [problem.code for problem in team.review().own] == ["TREE005"]


def test_what_is_not_committed_is_judged_too_unless_a_head_is_named(team: Team) -> None:
    head = team.git("rev-parse", "HEAD")
    team.document("churn/01-setup/assessment.md", Status.APPROVED)
    team.commit()
    (team.root / ASSESSMENT).unlink()
    assert team.codes(base="HEAD") == ["MOVE002"]
    assert team.codes(base=head, head="HEAD") == []


def test_a_path_with_spaces_and_letters_of_other_languages_is_read(team: Team) -> None:
    with team.pull_request():
        team.write("projects/churn/Übersicht der Dinge.md", "# Notes\n")
        team.document("churn/01-setup/assessment.md")
    assert team.review().own == []


def test_an_unknown_base_says_what_to_do(team: Team) -> None:
    with pytest.raises(IterataError, match="no such revision") as raised:
        team.review("origin/main")
    assert "git fetch" in raised.value.remedy


def test_a_shallow_clone_says_how_to_deepen_it(team: Team, tmp_path_factory: pytest.TempPathFactory) -> None:
    team.commit("one more")
    place = tmp_path_factory.mktemp("shallow")
    team.git("clone", "--quiet", "--depth", "1", f"file://{team.root}", str(place / "clone"))
    clone = Team.__new__(Team)
    clone.root, clone.clock = place / "clone", team.clock
    with pytest.raises(IterataError) as raised:
        clone.review("main~1")
    assert "--unshallow" in raised.value.remedy


def test_histories_that_do_not_meet_say_so(team: Team) -> None:
    team.git("switch", "--quiet", "--orphan", "other")
    team.write("mkdocs.yml", "site_name: Other\nplugins: [iterata]\n")
    team.commit("another beginning")
    with pytest.raises(IterataError, match="no common ancestor"):
        team.review("main")
