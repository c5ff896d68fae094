"""What a report says was not done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iterata import results
from iterata.render.experiment.omissions import NOTHING, render
from iterata.stages import Status

if TYPE_CHECKING:
    from ....helpers.command_line import CommandLine
    from ....helpers.knowledge_base import KnowledgeBase

FOLDER = "churn/01-setup"
HOSTILE = "<script>alert(1)</script>"
GROWN = """
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


def rendered(base: KnowledgeBase, **changes: Any) -> str:
    folder = base.repository.find_iteration(FOLDER)
    result = folder.result("experiment")
    assert isinstance(result, results.ExperimentResult)
    return render(result.model_copy(update=changes), folder)


def test_everything_that_documents_and_results_tell(base: KnowledgeBase) -> None:
    base.grow(GROWN)
    base.set(
        f"{FOLDER}/proposal", "reusable_components",
        [{"name": "A store", "project": f"the platform {HOSTILE}", "why": "It keeps facts."}],
    )  # fmt: skip
    base.set(f"{FOLDER}/experiment", "deviations", [{"what": "One fold less.", "why": "The time ran out."}])
    base.set(f"{FOLDER}/experiment", "stopped_because", "The flood")
    alternative = {"approach": "heuristic", "idea": "Call the newest.", "verdict": "later", "why": "Cheap."}
    others = base.parsed(f"{FOLDER}/assessment").data["alternatives"]
    base.set(f"{FOLDER}/assessment", "alternatives", [*others, alternative])
    folder = base.repository.find_iteration(FOLDER)
    result: Any = folder.result("experiment")
    rail = result.guardrails[0].model_copy(update={"value": None})
    empty = [each.model_copy(update={"value": None}) for each in result.status_quo_metrics]
    why = f"The third needs more memory. {HOSTILE}"
    amended = [results.AmendmentRecord(on="2026-11-24", what="A fourth variant", why=why)]
    said = rendered(base, guardrails=[rail], status_quo_metrics=empty, amendments=amended)
    for line in (
        "- The plan was amended on 2026-11-24: A fourth variant. The third needs more memory. ",
        "- Done otherwise than planned: One fold less. The time ran out.",
        "- The experiment ended early: The flood.",
        "- No roc_auc of *status quo*: ",
        "- No figure for the guardrail calls to the elderly of *logistic*",
        "was not asked of *logistic*, *boosted*",
        "- Left for later by the assessment: Call the newest.",
    ):
        assert line in said
    assert "- Not built here but in the platform &lt;script&gt;" in said
    assert HOSTILE not in said


def test_nothing_is_a_sentence_too(base: KnowledgeBase) -> None:
    base.grow(GROWN)
    folder = base.repository.find_iteration(FOLDER)
    result: Any = folder.result("experiment")
    learner = results.LearnerResult(
        difference=results.Estimate(value=1, low=0, high=2), p=0.1, p_holm=0.2, folds=5
    )
    learned = [each.model_copy(update={"learner": learner}) for each in result.variants]
    assert rendered(base, variants=learned) == NOTHING


def test_the_command_writes_it_and_the_check_holds_it(base: KnowledgeBase, iterata: CommandLine) -> None:
    base.grow(GROWN)
    iterata("report", "churn/01").fine()
    page = base.read(f"projects/{FOLDER}/report.md")
    assert page.index("## What was not done") < page.index("was not asked of *logistic*")
    assert base.problems("RES") == []
    base.change(f"projects/{FOLDER}/report.md", "was not asked of *logistic*", "was asked of *logistic*")
    (problem,) = base.problems("RES")
    assert (problem.code, "and the documents beside it say" in problem.message) == ("RES003", True)
    assert base.parsed(f"{FOLDER}/report").status is Status.DRAFT
