"""Rules about what documents call each other, and about folders where nobody would look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.repository import config
from iterata.rules.cache import VerdictCache
from iterata.rules.check import check
from iterata.stages import Stage, Status

from ...helpers import samples

if TYPE_CHECKING:
    from ...helpers.knowledge_base import KnowledgeBase

REPORT = "churn/02-more/report"


@pytest.fixture
def two(base: KnowledgeBase) -> KnowledgeBase:
    """Two projects; the one that was abandoned taught something as well."""
    return base.grow("""
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
            proposal
            experiment
            report
        wine
          requirements: abandoned
    """)


@pytest.mark.parametrize("ref", ["01-setup#F1", "churn/01-setup#F1", "wine/#F9"])
def test_a_finding_is_found(two: KnowledgeBase, ref: str) -> None:
    two.set(REPORT, "findings[0].contradicts", [ref])
    assert two.problems("REF") == []


@pytest.mark.parametrize("ref", ["#F1", "02-more#F1", "churn/02-more#F1"])
def test_no_finding_speaks_of_itself(two: KnowledgeBase, ref: str) -> None:
    two.set(REPORT, "findings[0].contradicts", [ref])
    (problem,) = two.problems("REF")
    assert (problem.code, problem.message) == ("REF001", f"{ref} is this finding itself")


@pytest.mark.parametrize(
    "ref", ["#F2", "01-setup#F2", "03-x#F1", "churn/03-x#F1", "beer/01-setup#F1", "wine/#F1", "churn/#F1"]
)
def test_a_finding_that_is_not_there_is_missed_on_its_line(two: KnowledgeBase, ref: str) -> None:
    two.set(REPORT, "findings[0].contradicts", [ref])
    (problem,) = two.problems("REF")
    assert (problem.field, problem.message) == ("findings[0].contradicts[0]", f"there is no finding {ref}")
    assert ref in two.read(problem.path).splitlines()[problem.position.line - 1]


def test_an_abandoned_project_may_refer_to_its_own_finding(two: KnowledgeBase) -> None:
    lesson = samples.values(Stage.REQUIREMENTS, Status.ABANDONED)["abandoned"]
    more = lesson["findings"][0] | {"id": "F10", "supports": ["#F9"]}
    two.set("wine/requirements", "abandoned.findings", [*lesson["findings"], more])
    assert two.problems("REF") == []


def test_a_finding_of_requirements_elsewhere_that_is_lost_is_missed_from_memory_too(
    two: KnowledgeBase,
) -> None:
    def remembered() -> list[str]:
        found = config.load(two.root)
        return [problem.code for problem in check(two.repository, (), VerdictCache(found))]

    two.set(REPORT, "findings[0].contradicts", ["wine/#F9"])
    assert "REF001" not in remembered()
    two.change("projects/wine/requirements.md", "id: F9", "id: F8")
    assert "REF001" in remembered()


@pytest.mark.parametrize(
    ("path", "field"),
    [("churn/requirements", "hypotheses"), (REPORT, "hypotheses"), (REPORT, "findings")],
)
def test_an_id_is_given_once(two: KnowledgeBase, path: str, field: str) -> None:
    (only,) = two.parsed(path).data[field]
    two.set(path, field, [only, only])
    (problem,) = two.problems("REF")
    assert problem.field == f"{field}[1].id"


@pytest.mark.parametrize("wrong", [[], {}, None, 3])
def test_an_id_that_is_none_is_no_id(two: KnowledgeBase, wrong: object) -> None:
    (only,) = two.parsed(REPORT).data["findings"]
    two.set(REPORT, "findings", [only | {"id": wrong}, only | {"id": wrong}])
    assert {each.code for each in two.problems()} == {"DOC008"}


@pytest.mark.parametrize("name", ["1-setup", "03_more", "setup", "Setup-03", "first try"])
def test_documents_in_a_folder_that_is_no_iteration_are_not_passed_over(
    two: KnowledgeBase, name: str
) -> None:
    two.write(f"projects/churn/{name}/proposal.md", samples.document(Stage.PROPOSAL))
    assert [(each.code, each.path) for each in two.problems()] == [("TREE002", f"projects/churn/{name}")]


@pytest.mark.parametrize("name", ["data", "notebooks", "src"])
def test_a_folder_of_other_things_is_none_of_our_business(two: KnowledgeBase, name: str) -> None:
    two.write(f"projects/churn/{name}/README.md", "# Here is what we have\n")
    assert two.problems() == []


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        ("churn/01-setup/Report.md", "rename it to report.md"),
        ("churn/01-setup/assesment.md", "rename it to assessment.md"),
        ("churn/01-setup/proposal.markdown", "rename it to proposal.md"),
        ("churn/01-setup/requirements.md", "move it into the project's folder"),
        ("churn/proposal.md", "move it into an iteration's folder"),
        ("churn/requirement.md", "rename it to requirements.md"),
    ],
)
def test_a_document_with_another_name_is_pointed_out(two: KnowledgeBase, path: str, remedy: str) -> None:
    two.write(f"projects/{path}", "# Hidden\n")
    (problem,) = two.problems("TREE")
    assert (problem.code, problem.remedy) == ("TREE004", remedy)


@pytest.mark.parametrize("name", ["notes.md", "README.md", "data-sheet.md", "model.py"])
def test_other_files_are_left_alone(two: KnowledgeBase, name: str) -> None:
    two.write(f"projects/churn/01-setup/{name}", "# Other\n")
    assert two.problems() == []


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ("results/experiment.json, H1", ""),
        ("results/experiment.json, H2: none", "the plan has no hypothesis H2"),
        ("results/experiment.json: H1 and H7", "the plan has no hypothesis H7"),
        ("results/experiments.json, H1", "there is no result file results/experiments.json"),
        ("../02-more/results/other.json, H9", ""),
        ("H9 of another company's report", ""),
        ("the call centre", ""),
    ],
)
def test_evidence_can_be_looked_up(base: KnowledgeBase, evidence: str, said: str) -> None:
    base.grow("churn\n  requirements: approved\n  01-setup")
    base.document("churn/01-setup/proposal")
    finding = {"id": "F1", "statement": "It is so.", "kind": "insight", "evidence": evidence}
    base.document("churn/01-setup/report", findings=[finding])
    assert [problem.message for problem in base.problems("REF002")] == ([said] if said else [])
