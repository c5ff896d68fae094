"""The block `not-done` of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iterata import results
from iterata.render.experiment.omissions import NOTHING, render
from iterata.stages import Status

if TYPE_CHECKING:
    from ....helpers.command_line import CommandLine
    from ....helpers.golden import Golden
    from ....helpers.knowledge_base import KnowledgeBase

FOLDER = "churn/01-setup"
HOSTILE = "<script>alert(1)</script>"
TREE = """
    churn
      requirements: approved
      01-setup
        assessment: approved
        lift.json
        proposal: approved
        experiment: completed
        experiment.json
        report
"""


@pytest.fixture
def reported(base: KnowledgeBase) -> KnowledgeBase:
    """An iteration up to its report."""
    return base.grow(TREE)


def experiment_result(base: KnowledgeBase) -> results.ExperimentResult:
    result = base.repository.find_iteration(FOLDER).experiment_result
    assert result is not None
    return result


def block(base: KnowledgeBase, **changes: Any) -> str:
    """The block of the iteration's result, with some of its parts replaced."""
    result = experiment_result(base).model_copy(update=changes)
    return render(result, base.repository.find_iteration(FOLDER))


def test_every_omission_is_listed(reported: KnowledgeBase, golden: Golden) -> None:
    base = reported
    base.set(
        f"{FOLDER}/proposal", "reusable_components",
        [{"name": "A store", "project": f"the platform {HOSTILE}", "why": "It keeps facts."}],
    )  # fmt: skip
    base.set(f"{FOLDER}/experiment", "deviations", [{"what": "One fold less.", "why": "Time ran out."}])
    base.set(f"{FOLDER}/experiment", "stopped_because", "A flood")
    alternative = {"approach": "heuristic", "idea": "Call the newest.", "verdict": "later", "why": "Cheap."}
    others = base.parsed(f"{FOLDER}/assessment").data["alternatives"]
    base.set(f"{FOLDER}/assessment", "alternatives", [*others, alternative])
    result = experiment_result(base)
    why = f"The third needs more memory. {HOSTILE}"
    segment = results.SegmentResult(
        column="town", value="Delft", rows=3, positives=0, status_quo=None, variants=[]
    )
    page = block(
        base,
        guardrails=[result.guardrails[0].model_copy(update={"value": None})],
        status_quo_metrics=[
            metric.model_copy(update={"value": None}) for metric in result.status_quo_metrics
        ],
        segments=[segment],
        amendments=[results.AmendmentRecord(on="2026-11-24", what="A fourth variant", why=why)],
    )
    assert HOSTILE not in page
    golden.check("omissions", page)


def test_block_without_omissions_is_one_sentence(reported: KnowledgeBase) -> None:
    difference = results.Estimate(value=1, low=0, high=2)
    learner = results.LearnerResult(difference=difference, p=0.1, p_holm=0.2, folds=5)
    variants = experiment_result(reported).variants
    tested = [variant.model_copy(update={"learner": learner}) for variant in variants]
    assert block(reported, variants=tested) == NOTHING


def test_edited_block_is_reported(reported: KnowledgeBase, iterata: CommandLine) -> None:
    iterata("report", "churn/01").fine()
    page = reported.read(f"projects/{FOLDER}/report.md")
    assert page.index("## What was not done") < page.index("- No p-value for *logistic*")
    assert reported.problems("RES") == []
    reported.change(f"projects/{FOLDER}/report.md", "- No p-value for *logistic*", "- One for *logistic*")
    assert [problem.code for problem in reported.problems("RES")] == ["RES003"]
    assert reported.parsed(f"{FOLDER}/report").status is Status.DRAFT
