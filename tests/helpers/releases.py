"""A release of the churn project with a split test, and the results of its phases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents import blocks
from iterata.documents.models.enums import Advice, Requirement
from iterata.documents.release_digest import digest_of_release
from iterata.render import page_blocks
from iterata.repository.iteration_results import rollout_file
from iterata.results import Estimate, Provenance, RolloutResult, to_json
from iterata.results.rollout import Health, HoldState, MetricReading
from iterata.stages import Stage

if TYPE_CHECKING:
    from .knowledge_base import KnowledgeBase

ITERATION = "churn/01-setup"
DEPLOYMENT, REPORT = f"{ITERATION}/deployment", f"{ITERATION}/report"
RESULTS = f"projects/{ITERATION}/results"

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
"""

RELEASE = """\
---
stage: deployment
schema_version: 1
status: planned
title: The model chooses who is called
owners: [data science, engineering]
variant: logistic
checklist:
  quality_assurance: {state: done}
  split_test: {state: done}
  phased_rollout: {state: done}
  simulation: {state: not_needed, note: There is no past traffic.}
phases:
  # A week of calls each.
  - {share: 0.1, hold: {days: 7, units: 2000}}
  - share: 0.25
    hold:
      days: 7
      approval: product
  - {share: 1}
split_test:
  source: data/release.csv
  arm: {column: arm, control: today, treatment: model}
  date: day
  metrics:
    customers kept: {of: kept}
    calls to the elderly: {of: elderly, margin: 0.01}
monitors: [{name: calls a day, source: the call centre's dashboard, lower: 10}]
---

# The model chooses who is called
"""


SHOWN = MetricReading(
    name="customers kept",
    role="primary",
    method="mean",
    better="higher",
    phases=[],
    total=None,
    sequential=Estimate(value=1, low=0.5, high=1.5),
    state="better",
)


def planned_release(base: KnowledgeBase) -> KnowledgeBase:
    """A knowledge base whose first iteration is decided to be deployed, with a planned deployment."""
    base.grow(TREE)
    base.set(REPORT, "decision.outcome", "deploy")
    base.write(f"projects/{DEPLOYMENT}.md", RELEASE)
    return base


def result_of(
    base: KnowledgeBase, share: float, advice: str = "advance", *, health: str = "", approval: str = ""
) -> str:
    """Write the result of a phase, as `iterata rollout` would; return its path."""
    deployment = base.context(DEPLOYMENT).deployment
    assert deployment is not None
    problems = [Health(problem="guardrail", reaction=Advice(advice), message="Worse.")] if health else []
    result = RolloutResult(
        phase=share,
        spec_digest=digest_of_release(deployment),
        variant=deployment.variant,
        kpi=None,
        alpha=0.05,
        phases=[],
        metrics=[SHOWN],
        hold=HoldState(days=7, days_needed=7, units=2400, units_needed=2000, approval_needed=approval),
        requires=Requirement.NO_HARM,
        health=problems,
        advice=Advice(advice),
        reason="As planned.",
        provenance=Provenance(commit=None, dirty=True, data={}, packages={}, python="3.12"),
    )
    path = f"{RESULTS}/{rollout_file(share)}"
    base.write(path, to_json(result))
    folder = base.repository.find_iteration(ITERATION)
    for block in page_blocks.blocks_of(Stage.DEPLOYMENT):
        page = f"projects/{DEPLOYMENT}.md"
        base.write(page, blocks.replace(base.read(page), block.name, block.render(result, folder)))
    return path


def explain(base: KnowledgeBase, on: str, outcome: str = "deploy", what: str = "Complaints doubled.") -> None:
    """Write the post-mortem and the new decision into the report."""
    finding = {"id": "F7", "statement": what, "kind": "risk", "evidence": "the call centre"}
    post_mortem = {"what_happened": what, "why": "Too many calls.", "findings": [finding]}
    base.set(REPORT, "post_mortem", post_mortem)
    base.set(
        REPORT, "decision", {"outcome": outcome, "by": [{"role": "product"}], "on": on, "why": "Mended."}
    )
