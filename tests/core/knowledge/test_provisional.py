"""What is not agreed is provisional wherever it is quoted, and what is still to be written is not quoted."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from iterata.errors import IterataError
from iterata.knowledge import Knowledge, Member, joined
from iterata.knowledge.finding_status import FindingStatus, finding_states
from iterata.knowledge.ideas import IdeaKind, ideas_of
from iterata.knowledge.records import iterations_of
from iterata.site.front_pages.headline import headline

from ...helpers.written_base import WrittenBase

if TYPE_CHECKING:
    from pathlib import Path

ITERATION = "churn/01-a"
PLAN = {"hypotheses": [{"id": "H1", "claim": "Habits tell.", "supported_if": {"variant": "v", "by": 1}}]}
ANSWER = {"id": "H1", "verdict": "refuted", "interpretation": "They do not."}
DECISION = {"outcome": "stop", "by": [{"role": "product"}], "on": "2026-03-02", "why": "See wine/01-a#F1."}


@pytest.fixture
def written(tmp_path: Path) -> WrittenBase:
    return WrittenBase(tmp_path)


@pytest.mark.parametrize(("status", "expected"), [("draft", True), ("in_review", True), ("approved", False)])
def test_verdict_of_an_approved_plan_is_as_agreed_as_its_report(
    written: WrittenBase, status: str, *, expected: bool
) -> None:
    written.document(f"{ITERATION}/proposal", "approved", plan=PLAN)
    written.report(ITERATION, {}, status=status, hypotheses=[ANSWER], decision=DECISION)
    written.report("wine/01-a", {"F1": {}})
    read = written.read()
    (idea,) = (idea for idea in ideas_of(read) if idea.kind is IdeaKind.HYPOTHESIS)
    assert (idea.outcome, idea.provisional) == ("refuted", expected)
    (churn, wine) = iterations_of(read)
    assert (churn.provisional, wine.provisional) == (expected, False)
    (project, _) = read.projects
    assert headline(project, project.iterations[0], lambda _: "").is_provisional is expected
    decided = finding_states(read)["wine/01-a#F1"].use.decisions
    assert [entry.iteration for entry in decided] == ([] if expected else [ITERATION])


def test_plan_without_an_answer_is_as_agreed_as_itself(written: WrittenBase) -> None:
    written.document(f"{ITERATION}/proposal", "approved", plan=PLAN)
    written.report(ITERATION, {}, status="draft")
    (idea,) = (idea for idea in ideas_of(written.read()) if idea.kind is IdeaKind.HYPOTHESIS)
    assert (idea.outcome, idea.provisional) == ("", False)


def test_what_is_still_to_be_written_is_not_quoted(written: WrittenBase) -> None:
    written.report(ITERATION, {"F1": {"evidence": "TODO: Where to see it."}}, status="draft")
    written.document(f"{ITERATION}/deployment", "planned", variant="TODO")
    (iteration,) = written.read().iterations
    assert [finding.evidence for finding in iteration.findings] == [""]
    assert iteration.release is not None
    assert iteration.release.variant == ""


@pytest.mark.parametrize("path", ["02-b/report.md", "projects/churn/02-b/report.md"])
def test_superseded_since_the_other_document_was_agreed(written: WrittenBase, path: str) -> None:
    written.report(ITERATION, {"F1": {}}, status="superseded", superseded_by=path)
    written.report("churn/02-b", {"F1": {}}, "2026-05-02")
    state = finding_states(written.read())[f"{ITERATION}#F1"]
    assert (state.status, state.since) == (FindingStatus.SUPERSEDED, date(2026, 5, 2))


def test_joined_knowledge_bases_keep_their_notices_and_their_errors() -> None:
    error = IterataError("broken", remedy="mend it")
    own, other = Knowledge((), (), ("own",)), Knowledge((), (error,), ("other",))
    both = joined(own, [Member("teams/a", other)])
    assert (both.notices, both.unread) == (("own", "other"), (error,))
