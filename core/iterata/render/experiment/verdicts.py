"""Verdicts in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.enums import Verdict
from iterata.text import MINUS

if TYPE_CHECKING:
    from iterata.results import HypothesisResult

LEVEL = 0.05
"""The two-sided p, adjusted for all hypotheses, up to which a verdict is decided."""

_REASONS = {
    Verdict.SUPPORTED: "the whole interval reaches it",
    Verdict.REFUTED: "the whole interval falls short of it",
    Verdict.INCONCLUSIVE: "the interval leaves open whether it is reached",
    Verdict.TOO_FEW: "the rows are too few to tell",
}

QUESTIONS = {
    Verdict.SUPPORTED: "What about the customers or the data explains it, and where would it not hold?",
    Verdict.REFUTED: "Which belief was wrong? What about the customers or the data explains it?",
    Verdict.INCONCLUSIVE: "What does the interval rule out, what does it leave open, and why?",
    Verdict.TOO_FEW: "Which rows would answer it, and is it worth getting them?",
}
"""The question that a report's interpretation of each verdict answers."""


def label(hypothesis: HypothesisResult) -> str:
    """The verdict as pages show it: `supported, but breaks guardrail older people`."""
    broken = hypothesis.broken_guardrails
    if hypothesis.verdict is not Verdict.SUPPORTED or not broken:
        return hypothesis.verdict.label
    guardrails = "guardrails" if len(broken) > 1 else "guardrail"
    return f"{hypothesis.verdict.label}, but breaks {guardrails} {', '.join(broken)}"


def reason(hypothesis: HypothesisResult) -> str:
    """Why the verdict is what it is, after the required difference."""
    if hypothesis.needed:
        return f"{_REASONS[Verdict.TOO_FEW]}: it takes {hypothesis.needed}"
    if hypothesis.verdict is Verdict.INCONCLUSIVE and _is_decided_alone(hypothesis):
        return "the interval alone would decide it, but not after the adjustment for all hypotheses"
    return _REASONS[hypothesis.verdict]


def _is_decided_alone(hypothesis: HypothesisResult) -> bool:
    """Whether only the adjustment for the number of hypotheses leaves it open."""
    return hypothesis.p is not None and hypothesis.p <= LEVEL


def p_value(p: float) -> str:
    """A p-value with four decimals."""
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"


def required_difference(by: float) -> str:
    """The difference that a hypothesis requires, in words.

    >>> required_difference(10), required_difference(0), required_difference(-2.5)
    ('at least +10', 'more than 0', 'no worse than −2.5')
    """
    if by == 0:
        return "more than 0"
    return f"at least +{by:g}" if by > 0 else f"no worse than {MINUS}{-by:g}"
