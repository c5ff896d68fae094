"""Which changes of documents a pull request may make."""

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

    from ...helpers.golden import Golden

ASSESSMENT = "projects/churn/01-setup/assessment.md"
REQUIREMENTS = "projects/churn/requirements.md"


@st.composite
def walks(draw: st.DrawFn) -> tuple[Stage, list[Status]]:
    """A stage and a sequence of its transitions."""
    stage = draw(st.sampled_from(list(Stage)))
    walk = [draw(st.sampled_from(statuses(stage)))]
    for _ in range(draw(st.integers(0, 6))):
        if steps := successors(stage, walk[-1]):
            walk.append(draw(st.sampled_from(steps)))
    return stage, walk


@given(walks())
def test_sequences_of_transitions_are_reachable(walk: tuple[Stage, list[Status]]) -> None:
    stage, steps = walk
    assert reachable(stage, steps[0], steps[-1])


@pytest.mark.parametrize("stage", Stage)
def test_only_sequences_of_transitions_are_reachable(stage: Stage) -> None:
    """The transitive closure of the table, by repeated squaring, is what is reachable."""
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
def test_status_change_follows_the_table(team: Team, before: Status, after: Status, codes: list[str]) -> None:
    team.document("churn/01-setup/assessment.md", before)
    team.commit()
    with team.pull_request():
        team.change(ASSESSMENT, f"status: {before}", f"status: {after}")
    assert team.codes() == codes


def test_new_document_can_have_any_reachable_status(team: Team) -> None:
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
def test_approved_document_is_immutable(
    team: Team, edit: Callable[[Team, str], None], codes: list[str]
) -> None:
    team.document("churn/01-setup/assessment.md", Status.APPROVED)
    team.commit()
    with team.pull_request():
        edit(team, ASSESSMENT)
    assert team.codes() == codes


def test_draft_can_change(team: Team) -> None:
    team.document("churn/01-setup/assessment.md", Status.DRAFT)
    team.commit()
    with team.pull_request():
        _in_prose(team, ASSESSMENT)
        _in_front_matter(team, ASSESSMENT)
    assert team.codes() == []


def test_revision_with_a_reason_and_approval_is_allowed(team: Team) -> None:
    with team.pull_request():
        team.change(REQUIREMENTS, "revision: 1", "revision: 2")
        team.change(REQUIREMENTS, "model_kind: classification", "model_kind: ranking")
    assert team.codes() == ["MOVE003", "MOVE003"], "the revision has no approval"
    team.change(
        REQUIREMENTS,
        "model_kind: ranking",
        "model_kind: ranking\napprovals: [{role: product, on: 2026-11-23}]\n"
        "revisions: [{revision: 2, on: 2026-11-22, reason: a new market}]",
    )
    team.commit()
    assert team.codes() == []


@pytest.mark.parametrize(("status", "codes"), [(Status.DRAFT, []), (Status.APPROVED, ["MOVE002"])])
def test_approved_document_cannot_be_deleted(team: Team, status: Status, codes: list[str]) -> None:
    team.document("churn/01-setup/assessment.md", status)
    team.commit()
    with team.pull_request():
        (team.root / ASSESSMENT).unlink()
    assert team.codes() == codes


@pytest.mark.parametrize(("status", "codes"), [(Status.DRAFT, []), (Status.APPROVED, ["MOVE002"])])
def test_approved_document_cannot_be_moved(team: Team, status: Status, codes: list[str]) -> None:
    team.document("churn/01-setup/assessment.md", status)
    team.commit()
    with team.pull_request():
        team.git("mv", "projects/churn/01-setup", "projects/churn/01-baseline")
    assert team.codes() == codes


def test_number_used_by_the_target_branch_is_refused(team: Team) -> None:
    with team.pull_request():
        team.document("churn/01-setup/assessment.md")
    assert team.codes() == []
    team.git("switch", "--quiet", "main")
    team.document("churn/01-weather/assessment.md")
    team.commit("another iteration with this number")
    team.git("switch", "--quiet", "work")
    (problem,) = (problem for problem in team.review().own if problem.code == "MOVE004")
    assert problem.path == "projects/churn/01-setup"
    assert "02-setup" in problem.remedy


def test_only_changes_of_the_branch_count(team: Team) -> None:
    """The branch is compared with the merge base, not with the present main."""
    team.document("churn/01-setup/assessment.md", Status.APPROVED)
    team.commit()
    with team.pull_request():
        team.document("pricing/requirements.md")
    team.git("switch", "--quiet", "main")
    team.git("rm", "--quiet", "-r", "projects/churn/01-setup")
    team.commit("main deletes what was agreed")
    team.git("switch", "--quiet", "work")
    assert team.codes() == []


def test_earlier_problem_in_an_unchanged_document_does_not_count(team: Team) -> None:
    for path in ("projects/churn/01-old/assessment.md", "projects/other/requirements.md"):
        team.write(path, "# no front matter\n")
    team.commit("merged long ago")
    with team.pull_request():
        team.document("churn/02-new/assessment.md")
    reviewed = team.review()
    assert reviewed.own == []
    assert [problem.path for problem in reviewed.others] == ["projects/churn/01-old/assessment.md"]


def test_removed_finding_is_reported_in_the_project_that_refers_to_it(team: Team) -> None:
    team.document("pricing/01-setup/report.md")
    path = team.document("churn/01-setup/report.md")
    team.change(path, "tags: []", "tags: []\n    supports: [pricing/01-setup#F1]")
    team.commit()
    with team.pull_request():
        team.change("projects/pricing/01-setup/report.md", "id: F1", "id: F2")
    found = [(problem.code, problem.path) for problem in team.review().own if problem.code == "REF001"]
    assert found == [("REF001", path)]


def test_problem_caused_in_an_unchanged_document_counts(team: Team) -> None:
    """Without its requirements, the project is not valid."""
    team.document("pricing/requirements.md")
    team.document("pricing/01-setup/assessment.md")
    team.commit()
    with team.pull_request():
        (team.root / "projects/pricing/requirements.md").unlink()
    assert [problem.code for problem in team.review().own] == ["TREE005"]


def test_uncommitted_changes_count_unless_a_head_is_given(team: Team) -> None:
    head = team.git("rev-parse", "HEAD")
    team.document("churn/01-setup/assessment.md", Status.APPROVED)
    team.commit()
    (team.root / ASSESSMENT).unlink()
    assert team.codes(base="HEAD") == ["MOVE002"]
    assert team.codes(base=head, head="HEAD") == []


def test_paths_with_spaces_and_non_ascii_letters_are_read(team: Team) -> None:
    with team.pull_request():
        team.write("projects/churn/Übersicht der Dinge.md", "# Notes\n")
        team.document("churn/01-setup/assessment.md")
    assert team.review().own == []


def test_unknown_base_is_an_error(team: Team, golden: Golden) -> None:
    with pytest.raises(IterataError) as error:
        team.review("origin/main")
    golden.check("unknown_base", str(error.value))


def test_shallow_clone_is_an_error(
    team: Team, tmp_path_factory: pytest.TempPathFactory, golden: Golden
) -> None:
    team.commit("one more")
    place = tmp_path_factory.mktemp("shallow")
    team.git("clone", "--quiet", "--depth", "1", f"file://{team.root}", str(place / "clone"))
    clone = Team.__new__(Team)
    clone.root, clone.clock = place / "clone", team.clock
    with pytest.raises(IterataError) as error:
        clone.review("main~1")
    golden.check("shallow_clone", str(error.value))


def test_unrelated_histories_are_an_error(team: Team, golden: Golden) -> None:
    team.git("switch", "--quiet", "--orphan", "other")
    team.write("mkdocs.yml", "site_name: Other\nplugins: [iterata]\n")
    team.commit("another beginning")
    with pytest.raises(IterataError) as error:
        team.review("main")
    golden.check("unrelated_histories", str(error.value))
