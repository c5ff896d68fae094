"""The rule about a report's verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.stage_models import valid_model
from iterata.rules.rule import RuleSet
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem

RULES = RuleSet()


@RULES.rule(
    "REP001",
    "A verdict that differs from the computed one says why.",
    Stage.REPORT,
    why="Readers trust the verdict, so a verdict against the numbers needs a reason.",
    bad="verdict: supported  # while the interval includes zero",
    good="verdict: supported\noverride_reason: the pilot of the previous year showed the same",
)
def verdicts_agree(context: DocumentContext) -> Iterator[Problem]:
    """REP001."""
    report = valid_model(context.document, Stage.REPORT)
    result = context.experiment_result if report else None
    if report is None or result is None:
        return
    computed = {hypothesis.id: hypothesis.verdict for hypothesis in result.hypotheses}
    for index, answer in enumerate(report.hypotheses):
        verdict = computed.get(answer.id)
        if verdict is not None and verdict != answer.verdict and not answer.override_reason:
            message = f"the results say {verdict}, not {answer.verdict}"
            remedy = f"write `verdict: {verdict}`, or give the reason under `override_reason:`"
            yield context.document.problem("REP001", ["hypotheses", index, "verdict"], message, remedy)
