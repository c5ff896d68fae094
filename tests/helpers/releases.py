"""A release of the churn project with a split test, and the results of its phases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from iterata.documents import blocks
from iterata.measure.release.moments import Moments
from iterata.render import page_blocks
from iterata.repository.iteration_results import rollout_file
from iterata.results import Provenance, to_json
from iterata.rollout.cells import Arm, Cell, MetricColumns, ReleaseData
from iterata.rollout.evaluate import Release, evaluate
from iterata.rollout.scale import Expectations
from iterata.stages import Stage

if TYPE_CHECKING:
    from iterata.documents.models.deployment import Deployment

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


def planned_release(base: KnowledgeBase) -> KnowledgeBase:
    """A knowledge base whose first iteration is decided to be deployed, with a planned deployment."""
    base.grow(TREE)
    base.set(REPORT, "decision.outcome", "deploy")
    base.write(f"projects/{DEPLOYMENT}.md", RELEASE)
    return base


def result_of(
    base: KnowledgeBase, share: float, advice: str = "advance", *, health: str = "", approval: str = ""
) -> str:
    """Write the result of a phase, as `iterata rollout` would, from units that advise this; return its path.

    Args:
        base: the knowledge base.
        share: the share of the phase.
        advice: what the result advises. A phase that waits for an approval only holds.
        health: `guardrail` for one that gets worse, `sample_ratio` for an arm that loses units.
        approval: the role whose agreement the phase waits for; without one, a phase that holds lacks days.
    """
    folder = base.repository.find_iteration(ITERATION)
    deployment, proposal = base.context(DEPLOYMENT).deployment, folder.proposal
    assert deployment is not None
    assert proposal is not None
    days = 3 if advice == "hold" and not (health or approval) else 7
    data = units_of(deployment, share, days, worse=health == "guardrail", lost=health == "sample_ratio")
    last = max(cell.day for cell in data.cells if cell.day is not None)
    result = evaluate(
        Release(deployment, data, share, last + timedelta(days=1)),
        proposal.plan.metrics,
        Expectations(None, None, deployment.variant),
        Provenance(commit=None, dirty=True, data={}, packages={}, python="3.12"),
    )
    waits = "hold" if result.hold.approval_needed else "advance"
    assert result.advice == (waits if advice == "advance" else advice), result.reason
    path = f"{RESULTS}/{rollout_file(share)}"
    base.write(path, to_json(result))
    for block in page_blocks.blocks_of(Stage.DEPLOYMENT):
        page = f"projects/{DEPLOYMENT}.md"
        base.write(page, blocks.replace(base.read(page), block.name, block.render(result, folder)))
    return path


def units_of(
    deployment: Deployment, share: float, days: int, *, worse: bool = False, lost: bool = False
) -> ReleaseData:
    """Units of which half more reach the primary metric in the treatment, in all phases up to one.

    Args:
        deployment: the release; its first metric is the primary one.
        share: the share of the last phase.
        days: on how many days units were first exposed in the last phase.
        worse: whether the other metrics are twice as frequent in the treatment.
        lost: whether a tenth of the treatment is missing.
    """
    assert deployment.split_test is not None
    names = list(deployment.split_test.metrics)
    cells = {}
    for phase in (phase for phase in deployment.phases if phase.share <= share):
        first = phase.started or date(2026, 6, 1)
        for day in (first, first + timedelta(days=(days if phase.share == share else 7) - 1)):
            for arm, part in ((Arm.TREATMENT, phase.share), (Arm.CONTROL, 1 - phase.share)):
                treated = arm is Arm.TREATMENT
                count = round(400_000 * part * (0.9 if treated and lost else 1))
                rates = [0.3 if treated else 0.2] + [0.4 if treated and worse else 0.2] * (len(names) - 1)
                if count:
                    mean = np.array(rates)
                    cells[Cell(phase.share, day, arm)] = Moments(
                        count, mean, np.diag(count * mean * (1 - mean))
                    )
    columns = {name: MetricColumns(index) for index, name in enumerate(names)}
    return ReleaseData(tuple(names), columns, cells)


def explain(base: KnowledgeBase, on: str, outcome: str = "deploy", what: str = "Complaints doubled.") -> None:
    """Write the post-mortem and the new decision into the report."""
    finding = {"id": "F7", "statement": what, "kind": "risk", "evidence": "the call centre"}
    post_mortem = {"what_happened": what, "why": "Too many calls.", "findings": [finding]}
    base.set(REPORT, "post_mortem", post_mortem)
    base.set(
        REPORT, "decision", {"outcome": outcome, "by": [{"role": "product"}], "on": on, "why": "Mended."}
    )
