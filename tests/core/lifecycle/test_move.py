"""Moving documents: along the table, through the gates, and nothing written when it is refused."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iterata.actions.move import Agreement, move
from iterata.documents import parse
from iterata.errors import IterataError, ProblemsError
from iterata.lifecycle.context import DocumentContext
from iterata.repository.projects import Project, Repository
from iterata.repository.tree import DiskTree
from iterata.stages import TRANSITIONS, Stage, Status, Transition, statuses, successors

from ...helpers import samples

if TYPE_CHECKING:
    from ...helpers.command_line import CommandLine
    from ...helpers.knowledge_base import KnowledgeBase

TODAY = date(2026, 11, 23)
BOTH = (Agreement("product", None), Agreement("data science", "ana"))

READY = """
    churn
      requirements: approved
      01-setup
        assessment: approved
        lift.json
        proposal: approved
        experiment: completed
        experiment.json
        report: approved
      02-more
        assessment
"""


def place(stage: Stage) -> str:
    return "churn/requirements" if stage is Stage.REQUIREMENTS else f"churn/01-setup/{stage}"


@pytest.fixture
def ready(base: KnowledgeBase) -> KnowledgeBase:
    """Everything that any gate could ask for is there."""
    base.grow(READY)
    rows = "".join(f"{n % 7},{n % 90},{('blue', 'red')[n % 2]},{n % 3 % 2}\n" for n in range(60))
    base.write("projects/churn/data/customers.csv", f"newness,age,tariff,left\n{rows}")
    return base


@pytest.mark.parametrize("stage", Stage)
def test_every_sample_is_valid(stage: Stage) -> None:
    for status in statuses(stage):
        assert parse("x", stage, samples.document(stage, status).encode()).problems == ()


def written(base: KnowledgeBase, step: Transition, stage: Stage) -> DocumentContext:
    """A document that still has the source's status, and holds already what any gate of the target asks."""
    wanted = samples.values(stage, step.target) | {"superseded_by": "02-more/assessment.md"}
    del wanted["status"]
    wanted.pop("plan_digest", None)  # of a plan that was approved before, which takes an amendment
    base.document(place(stage), step.source, **wanted)
    if stage is Stage.DEPLOYMENT:
        base.set("churn/01-setup/report", "decision.outcome", "deploy")
    return base.case(place(stage))


STEPS = [(stage, step) for stage, steps in TRANSITIONS.items() for step in steps]


@pytest.mark.parametrize(
    ("stage", "step"), STEPS, ids=[f"{stage}: {step.source}-{step.target}" for stage, step in STEPS]
)
def test_every_step_of_the_table_can_be_taken(ready: KnowledgeBase, stage: Stage, step: Transition) -> None:
    case = written(ready, step, stage)
    before = ready.files()
    moved = move(case, step.target, BOTH if step.target is Status.APPROVED else (), TODAY, ready.root)
    assert moved.document.problems == ()
    assert ready.parsed(place(stage)).status is step.target
    assert {name for name, raw in ready.files().items() if before.get(name) != raw} == {case.document.path}


@pytest.mark.parametrize("stage", Stage)
def test_no_other_step_can(ready: KnowledgeBase, stage: Stage) -> None:
    for source in statuses(stage):
        ready.document(place(stage), source)
        before = ready.files()
        for target in set(Status) - set(successors(stage, source)):
            said = f"its status cannot go from {source} to {target}" if source is not target else "already"
            with pytest.raises(IterataError, match=said):
                move(ready.case(place(stage)), target, (), TODAY, ready.root)
        assert ready.files() == before


def test_a_random_walk_never_leaves_the_table(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A requirements document, whose gates ask least, pushed about at random."""
    root = tmp_path_factory.mktemp("walk")
    project = Project(Repository(DiskTree(root)), "churn")
    lesson = samples.values(Stage.REQUIREMENTS, Status.ABANDONED)["abandoned"]
    text = samples.document(Stage.REQUIREMENTS, abandoned=lesson)

    @given(st.lists(st.sampled_from(list(Status)), max_size=12))
    def walk(targets: list[Status]) -> None:
        document, status = parse("requirements.md", Stage.REQUIREMENTS, text.encode()), Status.DRAFT
        for target in targets:
            try:
                document = move(DocumentContext(document, project), target, (), TODAY, root).document
            except IterataError:
                assert target not in successors(Stage.REQUIREMENTS, status) or target is Status.SUPERSEDED
            else:
                assert target in successors(Stage.REQUIREMENTS, status)
                status = target
            assert document.status is status

    walk()


def test_approval_records_who_agreed_and_to_what(ready: KnowledgeBase) -> None:
    ready.document("churn/01-setup/proposal", Status.IN_REVIEW)
    ready.change("projects/churn/01-setup/proposal.md", "timebox: 5 days", "timebox: 5 days  # not six")
    move(ready.case("churn/01-setup/proposal"), Status.APPROVED, BOTH, TODAY, ready.root)
    approved = ready.parsed("churn/01-setup/proposal")
    assert approved.data["approvals"] == [
        {"role": "product", "on": "2026-11-23"},
        {"role": "data science", "on": "2026-11-23", "by": "ana"},
    ]
    assert approved.data["plan_digest"].startswith("sha256:")
    assert approved.data["plan"]["data"][0]["digest"].startswith("sha256:")
    assert set(approved.data["written_against"]) == {"assessment"}
    assert "# not six" in approved.source.text
    assert ready.problems("PLAN") == []


def test_going_back_to_draft_takes_the_approvals_back(ready: KnowledgeBase) -> None:
    move(ready.case("churn/01-setup/proposal"), Status.DRAFT, (), TODAY, ready.root)
    assert "approvals" not in ready.parsed("churn/01-setup/proposal").data


def test_a_key_that_was_left_empty_is_filled_in(ready: KnowledgeBase) -> None:
    """`plan_digest:` with nothing after it, as an author may leave what a tool will write."""
    ready.document("churn/01-setup/proposal", Status.IN_REVIEW)
    ready.change(
        "projects/churn/01-setup/proposal.md", "status: in_review", "plan_digest:\nstatus: in_review"
    )
    move(ready.case("churn/01-setup/proposal"), Status.APPROVED, BOTH, TODAY, ready.root)
    assert ready.parsed("churn/01-setup/proposal").data["plan_digest"].startswith("sha256:")


def test_a_second_role_may_agree_later(ready: KnowledgeBase) -> None:
    ready.document("churn/requirements", Status.APPROVED, approvals=[{"role": "product", "on": "2026-03-02"}])
    move(ready.case("churn/requirements"), Status.APPROVED, [Agreement("legal", None)], TODAY, ready.root)
    agreed = ready.parsed("churn/requirements").data["approvals"]
    assert [each["role"] for each in agreed] == ["product", "legal"]


@pytest.mark.parametrize("changed", ["plan", "data"])
def test_nobody_joins_in_agreeing_to_something_else(ready: KnowledgeBase, changed: str) -> None:
    ready.document("churn/01-setup/proposal", Status.IN_REVIEW)
    legal = [Agreement("legal", None)]
    move(ready.case("churn/01-setup/proposal"), Status.APPROVED, BOTH, TODAY, ready.root)
    move(ready.case("churn/01-setup/proposal"), Status.APPROVED, legal, TODAY, ready.root)
    if changed == "plan":
        ready.change("projects/churn/01-setup/proposal.md", "seed: 1", "seed: 2")
    else:
        ready.change("projects/churn/data/customers.csv", "blue", "grey")
    before = ready.files()
    with pytest.raises(IterataError, match="not what was approved") as refused:
        move(ready.case("churn/01-setup/proposal"), Status.APPROVED, legal, TODAY, ready.root)
    assert "add an amendment" in refused.value.remedy
    assert ready.files() == before


def test_a_role_that_is_no_role_is_a_problem_and_nothing_more(
    ready: KnowledgeBase, iterata: CommandLine
) -> None:
    path = ready.document("churn/requirements", Status.IN_REVIEW)
    before = ready.files()
    done = iterata("move", path, "approved", "--as", "a|b")
    assert done.code == 1
    assert "approvals[0].role" in done.err
    assert "Traceback" not in done.said
    assert ready.files() == before


def test_every_closed_gate_is_told_at_once(base: KnowledgeBase) -> None:
    base.grow("""
        churn
          requirements: in_review
          01-setup
            assessment: in_review
    """)
    with pytest.raises(ProblemsError) as refused:
        move(base.case("churn/01-setup/assessment"), Status.APPROVED, (), TODAY, base.root)
    assert {problem.code for problem in refused.value.problems} == {"GATE002", "GATE003", "GATE004"}


def test_data_that_is_not_there_cannot_be_agreed_to(ready: KnowledgeBase) -> None:
    ready.document("churn/01-setup/proposal", Status.IN_REVIEW)
    (ready.root / "projects/churn/data/customers.csv").unlink()
    before = ready.files()
    with pytest.raises(IterataError, match="the data file does not exist"):
        move(ready.case("churn/01-setup/proposal"), Status.APPROVED, BOTH, TODAY, ready.root)
    assert ready.files() == before
