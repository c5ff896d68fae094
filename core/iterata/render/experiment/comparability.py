"""What makes an experiment's figures differ from those of its assessment, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.render.markdown import escape
from iterata.render.weights import weights_sentence
from iterata.results import DifferenceReason
from iterata.text import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.results import AssessedStatusQuo, ExperimentResult

REASONS = {
    DifferenceReason.ASSUMED: "the assessment assumes it, and the experiment measures it",
    DifferenceReason.OTHER_DESCRIPTION: "the plan describes its rows differently",
    DifferenceReason.OTHER_DATA: "the experiment reads other data",
    DifferenceReason.HELD_OUT: "only the held-out rows are evaluated",
    DifferenceReason.TIME_WINDOWS: "windows of time are evaluated one by one, and the first rows are not",
    DifferenceReason.UNKNOWN: "the reason is not known; compute the expected lift again",
}
"""Why the status quo has another figure, as pages give it."""


def sentences(result: ExperimentResult) -> Iterator[str]:
    """How rows are weighted, and why the status quo has another figure than in the assessment."""
    if weighted := weights_sentence(result.sample):
        yield weighted
    assessed = result.assessed_status_quo
    if assessed is not None and assessed.differs_because:
        yield _status_quo(assessed, result)


def override_sentence(result: ExperimentResult) -> str:
    """What the plan describes differently from the assessment, and why; empty if it differs in nothing."""
    if not result.overrides:
        return ""
    both = "; ".join(
        f"{escape(override.name)}: {escape(override.plan)}, in the assessment {escape(override.assessment)}"
        for override in result.overrides
    )
    reason = f" The reason: {escape(result.override_reason)}" if result.override_reason else ""
    return f"**The plan differs from the assessment:** {both}.{reason}"


def _status_quo(assessed: AssessedStatusQuo, result: ExperimentResult) -> str:
    unit = escape(result.kpi.unit)
    here = f"{number(result.scale.status_quo.value)} {unit} for {result.kpi.period_rows:,} rows"
    there = f"{number(assessed.value)} for {assessed.period_rows:,} rows"
    reasons = "; ".join(REASONS[reason] for reason in assessed.differs_because)
    return f"The status quo reaches {here} here, and {there} in the assessment: {reasons}."
