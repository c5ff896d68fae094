"""Rules about references between documents, and about misplaced files."""

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
    """Two projects; the abandoned one has a finding in its requirements."""
    base.grow("""
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
    base.set("churn/02-more/assessment", "iteration.follows", "01-setup")
    return base


@pytest.mark.parametrize("ref", ["01-setup#F1", "churn/01-setup#F1", "wine/#F9"])
def test_existing_finding_is_accepted(two: KnowledgeBase, ref: str) -> None:
    two.set(REPORT, "findings[0].contradicts", [ref])
    assert two.problems("REF") == []


@pytest.mark.parametrize("ref", ["#F1", "02-more#F1", "churn/02-more#F1"])
def test_finding_may_not_refer_to_itself(two: KnowledgeBase, ref: str) -> None:
    two.set(REPORT, "findings[0].contradicts", [ref])
    (problem,) = two.problems("REF")
    assert (problem.code, problem.field) == ("REF001", "findings[0].contradicts[0]")
    assert problem.remedy == "name another finding"


@pytest.mark.parametrize(
    "ref", ["#F2", "01-setup#F2", "03-x#F1", "churn/03-x#F1", "beer/01-setup#F1", "wine/#F1", "churn/#F1"]
)
def test_missing_finding_is_reported_on_its_line(two: KnowledgeBase, ref: str) -> None:
    two.set(REPORT, "findings[0].contradicts", [ref])
    (problem,) = two.problems("REF")
    assert (problem.code, problem.field) == ("REF001", "findings[0].contradicts[0]")
    assert ref in problem.message
    assert ref in two.read(problem.path).splitlines()[problem.position.line - 1]


def test_requirements_may_refer_to_their_own_finding(two: KnowledgeBase) -> None:
    lesson = samples.values(Stage.REQUIREMENTS, Status.ABANDONED)["abandoned"]
    more = lesson["findings"][0] | {"id": "F10", "supports": ["#F9"]}
    two.set("wine/requirements", "abandoned.findings", [*lesson["findings"], more])
    assert two.problems("REF") == []


def test_lost_finding_of_other_requirements_is_noticed_despite_the_cache(
    two: KnowledgeBase,
) -> None:
    def codes() -> list[str]:
        cache = VerdictCache(config.load(two.root))
        return [problem.code for problem in check(two.repository, (), cache)]

    two.set(REPORT, "findings[0].contradicts", ["wine/#F9"])
    assert "REF001" not in codes()
    two.change("projects/wine/requirements.md", "id: F9", "id: F8")
    assert "REF001" in codes()


@pytest.mark.parametrize(
    ("path", "field"),
    [("churn/requirements", "hypotheses"), (REPORT, "hypotheses"), (REPORT, "findings")],
)
def test_duplicate_id_is_reported(two: KnowledgeBase, path: str, field: str) -> None:
    (only,) = two.parsed(path).data[field]
    two.set(path, field, [only, only])
    (problem,) = two.problems("REF")
    assert problem.field == f"{field}[1].id"


@pytest.mark.parametrize("wrong", [[], {}, None, 3])
def test_invalid_ids_are_no_duplicates(two: KnowledgeBase, wrong: object) -> None:
    (only,) = two.parsed(REPORT).data["findings"]
    two.set(REPORT, "findings", [only | {"id": wrong}, only | {"id": wrong}])
    assert {problem.code for problem in two.problems()} == {"DOC008"}


@pytest.mark.parametrize("name", ["1-setup", "03_more", "setup", "Setup-03", "first try"])
def test_documents_in_a_folder_with_an_invalid_name_are_reported(two: KnowledgeBase, name: str) -> None:
    two.write(f"projects/churn/{name}/proposal.md", samples.document(Stage.PROPOSAL))
    assert [(problem.code, problem.path) for problem in two.problems()] == [
        ("TREE002", f"projects/churn/{name}")
    ]


@pytest.mark.parametrize("name", ["data", "notebooks", "src"])
def test_folders_of_other_files_are_accepted(two: KnowledgeBase, name: str) -> None:
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
def test_misnamed_document_is_reported(two: KnowledgeBase, path: str, remedy: str) -> None:
    two.write(f"projects/{path}", "# Hidden\n")
    (problem,) = two.problems("TREE")
    assert (problem.code, problem.remedy) == ("TREE004", remedy)


@pytest.mark.parametrize("name", ["notes.md", "README.md", "data-sheet.md", "model.py"])
def test_other_files_are_accepted(two: KnowledgeBase, name: str) -> None:
    two.write(f"projects/churn/01-setup/{name}", "# Other\n")
    assert two.problems() == []


@pytest.mark.parametrize(
    ("evidence", "missing"),
    [
        ("results/experiment.json, H1", ""),
        ("results/experiment.json, H2: none", "H2"),
        ("results/experiment.json: H1 and H7", "H7"),
        ("results/monitors.json on 2 March, results/rollout-2.5.json", ""),
        ("results/experiments.json, H1", "experiments.json"),
        ("../02-more/results/other.json, H9", "other.json"),
        ("01-setup#F1 says so", ""),
        ("H9 of another company's report", ""),
        ("the call centre", ""),
    ],
)
def test_evidence_is_checked(base: KnowledgeBase, evidence: str, missing: str) -> None:
    base.grow("churn\n  requirements: approved\n  01-setup")
    base.document("churn/01-setup/proposal")
    finding = {"id": "F1", "statement": "It is so.", "kind": "insight", "evidence": evidence}
    base.document("churn/01-setup/report", findings=[finding])
    problems = base.problems("REF002")
    assert len(problems) == bool(missing)
    assert all(missing in problem.message for problem in problems)
