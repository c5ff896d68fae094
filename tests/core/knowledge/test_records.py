"""What leaves a knowledge base: findings, decisions and iterations as records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata import knowledge
from iterata.knowledge.decisions import DecisionKind
from iterata.knowledge.finding_status import FindingStatus
from iterata.knowledge.records import Records, decisions_of, records
from iterata.stages import Outcome, Stage, Status

from ...helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from pathlib import Path

TREE = """
churn
  requirements: approved
  01-setup
    assessment: approved
    lift.json
    proposal: approved
    experiment: completed
    experiment.json
    report: approved
  02-calls
    assessment: abandoned
wine
  01-setup
    proposal: draft
    report: draft
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    base = KnowledgeBase(tmp_path_factory.mktemp("records") / "base").grow(TREE)
    base.set("wine/01-setup/report", "findings[0].supports", ["churn/01-setup#F1"])
    base.set("wine/01-setup/report", "findings[0].contradicts", ["churn/02-calls#F9"])
    return base


@pytest.fixture(scope="module")
def found(base: KnowledgeBase) -> Records:
    return records(knowledge.read(base.repository), lambda path: f"day of {path}")


def test_finding_has_its_place_its_day_and_its_relations(found: Records) -> None:
    first, abandoned, draft = found.findings
    assert (first.key, first.project, first.iteration) == ("churn/01-setup#F1", "churn", "01-setup")
    assert (first.day, first.provisional, first.stage) == ("2026-03-02", False, Stage.REPORT)
    assert (first.supported_by, first.contradicted_by) == (["wine/01-setup#F1"], [])
    assert (abandoned.key, abandoned.day, abandoned.provisional) == ("churn/02-calls#F9", "2026-03-09", False)
    assert abandoned.contradicted_by == ["wine/01-setup#F1"]
    assert (draft.provisional, draft.document_status) == (True, Status.DRAFT)
    assert draft.day == "day of projects/wine/01-setup/report.md", "no document states it, so Git is asked"


def test_algorithms_and_data_are_those_of_the_result_else_those_of_the_plan(found: Records) -> None:
    first, _, draft = found.findings
    assert first.algorithms == [
        "sklearn.ensemble.HistGradientBoostingClassifier",
        "sklearn.linear_model.LogisticRegression",
    ]
    assert first.data_sets == ["projects/churn/data/customers.csv"]
    assert first.kpi_kind == "targeting"
    assert draft.algorithms == first.algorithms
    assert draft.kpi_kind is None


def test_decisions_are_those_of_the_log_newest_first(found: Records) -> None:
    abandoned, decided = found.decisions
    assert (decided.key, decided.outcome) == ("churn/01-setup/report#report", Outcome.ITERATE)
    assert decided.recommendation is not None
    assert decided.findings == ["churn/01-setup#F1"]
    assert decided.by == ["product"]
    assert (abandoned.key, abandoned.kind, abandoned.outcome, abandoned.day) == (
        "churn/02-calls/assessment#abandoned",
        DecisionKind.ABANDONED,
        None,
        "2026-03-09",
    )


def test_reverts_have_lasting_keys(tmp_path: Path) -> None:
    """The first revert keeps its key after the second."""
    base = KnowledgeBase(tmp_path / "base").grow(
        "churn\n  01-setup\n    report: approved\n    deployment: reverted\n"
    )
    page, revert = "churn/01-setup/deployment", {"on": "2026-05-01", "why": "Fewer calls."}
    base.set(page, "revert", revert)
    earlier = {"variant": "trees", "phases": [{"share": 0.1}], "revert": {**revert, "on": "2026-04-01"}}
    base.set(page, "earlier", [earlier])
    log = decisions_of(knowledge.read(base.repository))
    reverts = [(entry.key, entry.day, entry.subject) for entry in log if entry.kind is DecisionKind.REVERT]
    assert reverts == [
        ("churn/01-setup/deployment#revert-2", "2026-05-01", "logistic"),
        ("churn/01-setup/deployment#revert", "2026-04-01", "trees"),
    ]


def test_status_is_the_one_that_others_make_of_it(tmp_path: Path) -> None:
    base = KnowledgeBase(tmp_path / "base").grow(
        "churn\n  01-setup\n    report: approved\nwine\n  01-setup\n    report: approved\n"
    )
    base.set("wine/01-setup/report", "findings[0].contradicts", ["churn/01-setup#F1"])
    first, second = records(knowledge.read(base.repository)).findings
    assert (first.status, second.status) == (FindingStatus.CONTRADICTED, FindingStatus.OPEN)
    assert (first.holds_as_of, second.holds_as_of) == (None, "2026-03-02")


def test_iteration_has_its_stages_its_scale_and_what_it_waits_for(found: Records) -> None:
    first, second, draft = found.iterations
    assert [stage.stage for stage in first.stages] == [
        Stage.ASSESSMENT,
        Stage.PROPOSAL,
        Stage.EXPERIMENT,
        Stage.REPORT,
    ]
    assert first.day == "2026-03-05", "the experiment ended then"
    assert first.scale is not None
    assert first.scale.best is not None
    assert (first.outcome, first.outcome_provisional) == (Outcome.ITERATE, False)
    assert first.waits_for is not None
    assert second.waits_for is None
    assert (draft.scale, draft.hypotheses[0].provisional) == (None, True)


@pytest.mark.parametrize("on", ["soon", "2026-02-30", 20260301, ["2026-03-01"], None])
def test_day_that_does_not_exist_is_no_day(tmp_path: Path, on: object) -> None:
    base = KnowledgeBase(tmp_path / "base").grow("churn\n  01-setup\n    report: approved\n")
    base.set("churn/01-setup/report", "decision.on", on)
    base.set("churn/01-setup/report", "approvals", "nobody")
    (finding,) = records(knowledge.read(base.repository)).findings
    assert finding.day is None
