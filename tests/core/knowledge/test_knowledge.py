"""The read model of a repository."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from iterata import knowledge
from iterata.documents.models.enums import Verdict
from iterata.knowledge import PROGRESS, Knowledge, Progress
from iterata.repository.projects import Repository
from iterata.repository.tree import DiskTree
from iterata.stages import IterationKind, Outcome, Stage, Status

if TYPE_CHECKING:
    from pathlib import Path

    from ...helpers.knowledge_base import KnowledgeBase

PLAN = """
plan:
  data: [{name: readers, source: data/readers.csv}]
  target: {column: opened, made_by: the log}
  split: {kind: stratified_folds}
  status_quo: {column: opened_last}
  metrics: {primary: issues opened}
  features: {all: ["*"]}
  variants: [{name: logistic, estimator: sklearn.linear_model.LogisticRegression, features: all}]
  hypotheses:
    - {id: H1, claim: Habits tell., supported_if: {variant: logistic, by: 10}}
    - {id: H2, claim: Purchases tell., supported_if: {variant: logistic}}
infrastructure: {training: {cpu: 1, memory_gb: 1}, deployment: {cpu: 1, memory_gb: 1}}
risks: [{risk: None known., answer: None needed.}]
rewards: [A better list.]
timebox: 2 days
"""
REPORT = """
summary: Habits tell.
hypotheses: [{id: H1, verdict: supported, interpretation: Reading is a habit.}]
findings:
  - id: F1
    statement: Habits tell.
    kind: insight
    evidence: "results/experiment.json, H1: ten more issues"
    supports: ["#F2", "wine/#F1"]
  - {id: F2, statement: Purchases do not., kind: negative, evidence: a table, contradicts: ["02-more#F9"]}
recommendation: {next: iterate, kind: feature, why: There is more.}
decision: {outcome: iterate, by: [{role: product}], on: 2026-03-20, why: It pays.}
"""


class Writer:
    """Writes documents of a knowledge base."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, title: str, status: str, front_matter: str = "") -> None:
        file = self.root / "projects" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        head = f"stage: {file.stem}\ntitle: {title}\nstatus: {status}\nowners: [data science]\n"
        file.write_text(f"---\n{head}{front_matter.lstrip()}---\n\nProse.\n", "utf-8")

    def read(self) -> Knowledge:
        return knowledge.read(Repository(DiskTree(self.root)))


@pytest.fixture
def writer(tmp_path: Path) -> Writer:
    writer = Writer(tmp_path)
    writer.write(
        "news/01-setup/proposal.md", "A first model", "approved", "iteration: {kind: setup}\n" + PLAN
    )
    writer.write("news/01-setup/report.md", "Habits tell", "approved", REPORT)
    return writer


def test_iteration_has_stages_and_hypotheses(writer: Writer) -> None:
    (iteration,) = writer.read().iterations
    assert (iteration.ref, iteration.title, iteration.kind) == (
        "news/01-setup",
        "Habits tell",
        IterationKind.SETUP,
    )
    assert {view.stage: view.progress for view in iteration.stages} == {
        Stage.ASSESSMENT: Progress.AHEAD,
        Stage.PROPOSAL: Progress.DONE,
        Stage.EXPERIMENT: Progress.AHEAD,
        Stage.REPORT: Progress.DONE,
        Stage.DEPLOYMENT: Progress.AHEAD,
    }
    assert [(hypothesis.id, hypothesis.verdict) for hypothesis in iteration.hypotheses] == [
        ("H1", Verdict.SUPPORTED),
        ("H2", None),
    ]
    assert iteration.decision is not None
    assert iteration.decision.outcome is Outcome.ITERATE
    assert iteration.point is None


@pytest.mark.parametrize("title", ["Setup: report", "Report", "'TODO: the answer'", "[damaged"])
def test_iteration_without_an_answer_is_known_by_its_question(writer: Writer, title: str) -> None:
    writer.write("news/01-setup/report.md", title, "draft", REPORT)
    (iteration,) = writer.read().iterations
    assert iteration.title == "A first model"


def test_findings_are_linked_both_ways(writer: Writer) -> None:
    read_model = writer.read()
    first, second = read_model.findings
    assert (first.key, first.verdict) == ("news/01-setup#F1", Verdict.SUPPORTED)
    assert first.supports == ("news/01-setup#F2", "wine/#F1")
    assert second.contradicts == ("news/02-more#F9",)
    assert read_model.supporters(second) == (first,)
    assert read_model.critics(first) == ()
    assert read_model.finding("wine/#F1") is None


def test_unwritten_finding_is_left_out(writer: Writer) -> None:
    unwritten = REPORT.replace("statement: Habits tell.", "statement: 'TODO: What was learned.'")
    writer.write("news/01-setup/report.md", "Habits tell", "draft", unwritten)
    assert [finding.id for finding in writer.read().findings] == ["F2"]


def test_abandonment_and_post_mortem_have_findings(writer: Writer) -> None:
    finding = "findings: [{{id: {id}, statement: Learned., kind: risk, evidence: here}}]"
    lesson = f"abandoned: {{on: 2026-01-01, why: Too dear., {finding.format(id='F1')}}}\n"
    writer.write("wine/requirements.md", "Labels", "abandoned", lesson)
    mortem = f"post_mortem: {{what_happened: It sank., why: A leak., {finding.format(id='F3')}}}\n"
    writer.write("news/01-setup/report.md", "Habits tell", "approved", REPORT + mortem)
    assert [finding.key for finding in writer.read().findings] == [
        "news/01-setup#F1",
        "news/01-setup#F2",
        "news/01-setup#F3",
        "wine/#F1",
    ]


def test_valid_entries_of_an_invalid_document_are_read(writer: Writer) -> None:
    broken = REPORT.replace("kind: negative", "kind: sad").replace("next: iterate", "next: onwards")
    writer.write("news/01-setup/report.md", "Habits tell", "approved", broken)
    (iteration,) = writer.read().iterations
    assert [finding.id for finding in iteration.findings] == ["F1"]
    assert iteration.recommendation is None
    assert iteration.decision is not None


def test_inherited_assessment_is_marked(writer: Writer) -> None:
    kind = "iteration: {kind: feature, follows: 01-setup, inherits_assessment: 01-setup}\n"
    writer.write("news/02-more/proposal.md", "More columns", "draft", kind + PLAN)
    more = writer.read().iterations[1]
    assert more.follows == "01-setup"
    assert more.stages[0].inherited_from == "01-setup"
    assert more.stages[0].progress is Progress.INHERITED


@pytest.mark.parametrize("content", ["{}", '{"kind": []}'])
def test_unreadable_result_is_reported(writer: Writer, content: str) -> None:
    path = writer.root / "projects/news/01-setup/results/experiment.json"
    path.parent.mkdir()
    path.write_text(content, "utf-8")
    read_model = writer.read()
    assert [error.where for error in read_model.unread] == ["projects/news/01-setup/results/experiment.json"]
    assert len(read_model.iterations) == 1


def test_link_outside_the_repository_is_a_problem_of_one_document(
    writer: Writer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "report.md"
    outside.write_text("a secret", "utf-8")
    writer.write("news/02-more/proposal.md", "More columns", "draft", PLAN)
    (writer.root / "projects/news/02-more/report.md").symlink_to(outside)
    read_model = writer.read()
    assert [iteration.name for iteration in read_model.iterations] == ["01-setup", "02-more"]
    (report,) = (
        document for document in read_model.documents if document.path == "projects/news/02-more/report.md"
    )
    assert [problem.code for problem in report.problems] == ["TREE006"]
    assert report.body == ""


def test_project_without_iterations_has_a_next_step(writer: Writer) -> None:
    (writer.root / "projects/wine").mkdir()
    wine = writer.read().projects[1]
    assert wine.title == "wine"
    assert wine.next_step is not None
    assert wine.next_step.who == "product"


@pytest.mark.parametrize(
    ("declared", "day"), [("2026-06-01", date(2026, 6, 1)), ("in June", None), (None, None)]
)
def test_release_has_the_day_of_its_next_measurement(
    writer: Writer, declared: str | None, day: date | None
) -> None:
    again = f"measure_again: {declared}\n" if declared else ""
    writer.write("news/01-setup/deployment.md", "The release", "planned", f"variant: logistic\n{again}")
    (iteration,) = writer.read().iterations
    assert iteration.release is not None
    assert iteration.release.measure_again == day


def test_every_status_has_a_progress() -> None:
    assert set(PROGRESS) == set(Status)


def test_proposal_shows_what_it_takes_from_its_assessment_and_what_differs(base: KnowledgeBase) -> None:
    base.grow("churn\n  requirements\n  01-setup\n    assessment\n    proposal")
    base.set("churn/01-setup/proposal", "plan.data", None)
    base.set("churn/01-setup/proposal", "plan.status_quo", {"column": "age"})
    (iteration,) = knowledge.read(base.repository).iterations
    rows = {view.stage: view.rows for view in iteration.stages}
    assert rows[Stage.ASSESSMENT] == {"taken_from_the_requirements": {"stakeholders_confirmed": ["product"]}}
    assert rows[Stage.PROPOSAL] == {
        "taken_from_the_assessment": {"source": "data/customers.csv"},
        "differs_from_the_assessment": [
            {"name": "status quo", "plan": "column age", "assessment": "column newness"}
        ],
    }
