"""Values for a new document that earlier documents and results determine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.actions.beginnings.plan import plan_values
from iterata.actions.beginnings.survey import data_file
from iterata.documents.models.enums import FindingKind, Verdict
from iterata.lifecycle.conditions import TODO
from iterata.render.estimates import parts_in_words
from iterata.render.experiment.verdicts import QUESTIONS

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.actions.beginnings.values import Values
    from iterata.repository.projects import IterationFolder
    from iterata.results import HypothesisResult


def from_assessment(folder: IterationFolder, root: Path, *, inherits: bool = False) -> Values:
    """The plan of a proposal, without what it takes from the assessment that applies to the iteration.

    Args:
        folder: the iteration with that assessment.
        root: the knowledge base.
        inherits: whether another iteration takes the assessment over, with its target.
    """
    assessment = folder.assessment
    if assessment is None:
        return {}
    lift, requirements = assessment.lift, folder.project.requirements_model
    model_kind = requirements.model_kind if requirements else None
    plan = plan_values(lift, model_kind, folder.project, root)
    if lift.data is None:  # the lift is computed from assumptions
        rows = {"name": "rows", "source": data_file(root / folder.project.path, {}) or "data/rows.csv"}
        described: Values = {"data": [rows], "target": {"column": TODO}, "status_quo": {"column": TODO}}
        return {"plan": {**described, **plan}}
    return {"plan": plan if inherits else {"target": {}, **plan}}  # how labels are made is new


def from_results(folder: IterationFolder) -> Values:
    """The hypotheses and findings of a report, as far as the experiment's result determines them."""
    proposal, result = folder.proposal, folder.result("experiment")
    if proposal is None:
        return {}
    if result is None:
        open_verdict = Verdict.INCONCLUSIVE.value
        ids = [hypothesis.id for hypothesis in proposal.plan.hypotheses]
        return {"hypotheses": [{"id": id_, "verdict": open_verdict} for id_ in ids]}
    question = f"{TODO}: When are these columns known, and how was that checked?"
    leaks = [{"sign": notice.sign.value, "answer": question} for notice in result.leaks]
    return {
        "hypotheses": [_answer(hypothesis) for hypothesis in result.hypotheses],
        **({"leaks": leaks} if leaks else {}),
        "findings": [
            _finding(number, hypothesis, result.kpi.scaled_unit)
            for number, hypothesis in enumerate(result.hypotheses, 1)
        ],
    }


def _answer(hypothesis: HypothesisResult) -> Values:
    """The computed verdict, and the question that its interpretation answers."""
    question = f"{TODO}: {QUESTIONS[hypothesis.verdict]}"
    return {"id": hypothesis.id, "verdict": hypothesis.verdict.value, "interpretation": question}


def _finding(number: int, hypothesis: HypothesisResult, unit: str) -> Values:
    kind = FindingKind.NEGATIVE if hypothesis.verdict is Verdict.REFUTED else FindingKind.INSIGHT
    figure, interval = parts_in_words(hypothesis.difference, sign=True)
    evidence = f"results/experiment.json, {hypothesis.id}: {figure} {unit}, {interval}"
    return {"id": f"F{number}", "kind": kind.value, "evidence": evidence, "tags": []}
