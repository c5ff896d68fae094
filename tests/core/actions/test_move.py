"""`move` follows the table of transitions and its gates, and writes nothing if it refuses."""

from __future__ import annotations

import shutil
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iterata.actions.agree import RoleAgreement
from iterata.actions.move import move
from iterata.documents import parse
from iterata.errors import DataError, IterataError, ProblemsError
from iterata.lifecycle.context import DocumentContext
from iterata.repository.projects import Project, Repository
from iterata.repository.tree import DiskTree
from iterata.stages import TRANSITIONS, Stage, Status, Transition, statuses, successors

from ...helpers import samples
from ...helpers.knowledge_base import MKDOCS

if TYPE_CHECKING:
    from ...helpers.command_line import CommandLine
    from ...helpers.golden import Golden
    from ...helpers.knowledge_base import KnowledgeBase

TODAY = date(2026, 11, 23)
BOTH = (RoleAgreement("product", None), RoleAgreement("data science", "ana"))

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


def document_path(stage: Stage) -> str:
    return "churn/requirements" if stage is Stage.REQUIREMENTS else f"churn/01-setup/{stage}"


LEGAL = f"{MKDOCS.rstrip()}:\n      role_holders: {{legal: ['@us/legal']}}\n"
"""The settings of a team in which a further role may agree."""


@pytest.fixture
def ready(base: KnowledgeBase) -> KnowledgeBase:
    """A knowledge base that meets the conditions of every gate."""
    base.grow(READY)
    rows = "".join(f"{n % 7},{n % 90},{('blue', 'red')[n % 2]},{n % 3 % 2}\n" for n in range(60))
    base.write("projects/churn/data/customers.csv", f"newness,age,tariff,left\n{rows}")
    return base


@pytest.mark.parametrize("stage", Stage)
def test_every_sample_is_valid(stage: Stage) -> None:
    for status in statuses(stage):
        assert parse("x", stage, samples.document(stage, status).encode()).problems == ()


def before_step(base: KnowledgeBase, step: Transition, stage: Stage) -> DocumentContext:
    """A document with the status of the source that meets the conditions of the target's gates."""
    values = samples.values(stage, step.target) | {"superseded_by": "02-more/assessment.md"}
    del values["status"]
    values.pop("plan_digest", None)  # a plan approved earlier would need an amendment
    base.document(document_path(stage), step.source, **values)
    if stage is Stage.DEPLOYMENT:
        base.set("churn/01-setup/report", "decision.outcome", "deploy")
    if step.source is Status.REVERTED:
        finding = {"id": "F2", "statement": "It annoys.", "kind": "risk", "evidence": "the call centre"}
        post_mortem = {"what_happened": "Complaints.", "why": "Too many calls.", "findings": [finding]}
        base.set("churn/01-setup/report", "post_mortem", post_mortem)
        base.set("churn/01-setup/report", "decision.on", "2026-04-21")
        base.set("churn/01-setup/deployment", "revert", {"on": "2026-04-20", "why": "Complaints doubled."})
    if stage is Stage.REQUIREMENTS and step.target is Status.ABANDONED:
        for iteration in ("01-setup", "02-more"):  # both are open
            shutil.rmtree(base.root / "projects/churn" / iteration)
    return base.context(document_path(stage))


STEPS = [(stage, step) for stage, steps in TRANSITIONS.items() for step in steps]


@pytest.mark.parametrize(
    ("stage", "step"), STEPS, ids=[f"{stage}: {step.source}-{step.target}" for stage, step in STEPS]
)
def test_every_transition_of_the_table_is_possible(
    ready: KnowledgeBase, stage: Stage, step: Transition
) -> None:
    context = before_step(ready, step, stage)
    before = ready.files()
    moved = move(context, step.target, BOTH if step.target is Status.APPROVED else (), TODAY, ready.root)
    assert moved.document.problems == ()
    assert ready.parsed(document_path(stage)).status is step.target
    assert {name for name, raw in ready.files().items() if before.get(name) != raw} == {context.document.path}


@pytest.mark.parametrize("stage", Stage)
def test_no_other_transition_is_possible(ready: KnowledgeBase, stage: Stage) -> None:
    for source in statuses(stage):
        ready.document(document_path(stage), source)
        before = ready.files()
        for target in set(Status) - set(successors(stage, source)):
            if source is target is Status.APPROVED:
                continue  # adds what an approval records
            with pytest.raises(IterataError) as refusal:
                move(ready.context(document_path(stage)), target, (), TODAY, ready.root)
            assert type(refusal.value) is IterataError, "refused by the table, not by a gate"
            assert refusal.value.where == f"projects/{document_path(stage)}.md"
        assert ready.files() == before


def test_random_moves_follow_the_table(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Requirements have the fewest gates."""
    root = tmp_path_factory.mktemp("walk")
    project = Project(Repository(DiskTree(root)), "churn")
    abandoned = samples.values(Stage.REQUIREMENTS, Status.ABANDONED)["abandoned"]
    text = samples.document(Stage.REQUIREMENTS, abandoned=abandoned)

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


def test_approval_records_roles_accounts_and_digests(ready: KnowledgeBase) -> None:
    ready.document("churn/01-setup/proposal", Status.IN_REVIEW)
    ready.change("projects/churn/01-setup/proposal.md", "timebox: 5 days", "timebox: 5 days  # not six")
    move(ready.context("churn/01-setup/proposal"), Status.APPROVED, BOTH, TODAY, ready.root)
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


def test_repeated_move_leaves_the_approved_document_as_it_is(ready: KnowledgeBase) -> None:
    ready.document("churn/01-setup/proposal", Status.IN_REVIEW)
    move(ready.context("churn/01-setup/proposal"), Status.APPROVED, BOTH, TODAY, ready.root)
    before = ready.files()
    move(ready.context("churn/01-setup/proposal"), Status.APPROVED, BOTH, TODAY, ready.root)
    assert ready.files() == before


def test_approval_executes_no_code_of_the_project(ready: KnowledgeBase) -> None:
    """Neither a factory, nor a class, nor a program of the project; a run would execute them."""
    ready.write(
        "projects/churn/trap.py",
        "from pathlib import Path\nPath(__file__).with_name('executed').touch()\ndef build(): ...\n",
    )
    ready.document("churn/01-setup/proposal", Status.IN_REVIEW)
    origins: list[dict[str, object]] = [
        {"factory": "trap:build"},
        {"estimator": "trap.Model"},
        {"producer": "command", "command": ["python", "trap.py"]},
    ]
    names = ("logistic", "boosted", "program")
    variants = [
        {"name": name, "features": "all", **origin} for name, origin in zip(names, origins, strict=True)
    ]
    ready.set("churn/01-setup/proposal", "plan.variants", variants)
    move(ready.context("churn/01-setup/proposal"), Status.APPROVED, BOTH, TODAY, ready.root)
    assert ready.parsed("churn/01-setup/proposal").status is Status.APPROVED
    assert not (ready.root / "projects/churn/executed").exists()


def test_move_to_draft_removes_the_approvals(ready: KnowledgeBase) -> None:
    move(ready.context("churn/01-setup/proposal"), Status.DRAFT, (), TODAY, ready.root)
    assert "approvals" not in ready.parsed("churn/01-setup/proposal").data


def test_an_empty_key_is_filled_in(ready: KnowledgeBase) -> None:
    """An author may leave `plan_digest:` without a value."""
    ready.document("churn/01-setup/proposal", Status.IN_REVIEW)
    ready.change(
        "projects/churn/01-setup/proposal.md", "status: in_review", "plan_digest:\nstatus: in_review"
    )
    move(ready.context("churn/01-setup/proposal"), Status.APPROVED, BOTH, TODAY, ready.root)
    assert ready.parsed("churn/01-setup/proposal").data["plan_digest"].startswith("sha256:")


def test_another_role_can_agree_to_an_approved_document(ready: KnowledgeBase) -> None:
    ready.write("mkdocs.yml", LEGAL)
    ready.document("churn/requirements", Status.APPROVED, approvals=[{"role": "product", "on": "2026-03-02"}])
    move(
        ready.context("churn/requirements"),
        Status.APPROVED,
        [RoleAgreement("legal", None)],
        TODAY,
        ready.root,
    )
    approvals = ready.parsed("churn/requirements").data["approvals"]
    assert [approval["role"] for approval in approvals] == ["product", "legal"]


@pytest.mark.parametrize("changed", ["plan", "data"])
def test_another_role_cannot_agree_to_a_changed_plan(
    ready: KnowledgeBase, changed: str, golden: Golden
) -> None:
    ready.write("mkdocs.yml", LEGAL)
    ready.document("churn/01-setup/proposal", Status.IN_REVIEW)
    legal = [RoleAgreement("legal", None)]
    move(ready.context("churn/01-setup/proposal"), Status.APPROVED, BOTH, TODAY, ready.root)
    move(ready.context("churn/01-setup/proposal"), Status.APPROVED, legal, TODAY, ready.root)
    if changed == "plan":
        ready.change("projects/churn/01-setup/proposal.md", "seed: 1", "seed: 2")
    else:
        ready.change("projects/churn/data/customers.csv", "blue", "grey")
    before = ready.files()
    with pytest.raises(IterataError) as refusal:
        move(ready.context("churn/01-setup/proposal"), Status.APPROVED, legal, TODAY, ready.root)
    golden.check("plan_changed_after_approval", str(refusal.value))
    assert ready.files() == before


def test_an_invalid_role_is_a_problem_of_the_approval(ready: KnowledgeBase, iterata: CommandLine) -> None:
    path = ready.document("churn/requirements", Status.IN_REVIEW)
    before = ready.files()
    done = iterata("move", path, "approved", "--as", "a|b")
    assert done.code == 1
    assert "Traceback" not in done.output
    assert ready.files() == before


def test_all_closed_gates_are_reported_together(base: KnowledgeBase) -> None:
    base.grow("""
        churn
          requirements: in_review
          01-setup
            assessment: in_review
    """)
    with pytest.raises(ProblemsError) as refusal:
        move(base.context("churn/01-setup/assessment"), Status.APPROVED, (), TODAY, base.root)
    assert {problem.code for problem in refusal.value.problems} == {"GATE002", "GATE003", "GATE004"}


def test_a_plan_with_missing_data_cannot_be_approved(ready: KnowledgeBase) -> None:
    ready.document("churn/01-setup/proposal", Status.IN_REVIEW)
    (ready.root / "projects/churn/data/customers.csv").unlink()
    before = ready.files()
    with pytest.raises(DataError):
        move(ready.context("churn/01-setup/proposal"), Status.APPROVED, BOTH, TODAY, ready.root)
    assert ready.files() == before


def test_an_agreement_that_is_added_later_is_named(ready: KnowledgeBase, iterata: CommandLine) -> None:
    ready.write("mkdocs.yml", LEGAL)
    path = ready.document("churn/requirements", Status.APPROVED)
    done = iterata("move", path, "approved", "--as", "legal").fine()
    assert "->" not in done.err
    assert "legal" in done.err


def test_changed_plan_is_approved_again_only_with_an_amendment(ready: KnowledgeBase) -> None:
    path = "churn/01-setup/proposal"
    move(ready.context(path), Status.DRAFT, (), TODAY, ready.root)
    ready.set(path, "plan.split.seed", 2)
    move(ready.context(path), Status.IN_REVIEW, (), TODAY, ready.root)
    with pytest.raises(IterataError) as refused:
        move(ready.context(path), Status.APPROVED, BOTH, TODAY, ready.root)
    assert refused.value.location.source == f"projects/{path}.md"
    assert ready.parsed(path).status is Status.IN_REVIEW
