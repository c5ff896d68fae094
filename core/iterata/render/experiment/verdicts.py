"""Verdicts in words."""

from __future__ import annotations

from iterata.documents.models.enums import Verdict
from iterata.text import MINUS

REASONS = {
    Verdict.SUPPORTED: "the whole interval reaches it",
    Verdict.REFUTED: "the whole interval falls short of it",
    Verdict.INCONCLUSIVE: "the interval leaves open whether it is reached",
    Verdict.TOO_FEW: "there are too few rows to tell",
}
"""The reason of each verdict, as pages give it."""

QUESTIONS = {
    Verdict.SUPPORTED: "What about the customers or the data explains it, and where would it not hold?",
    Verdict.REFUTED: "Which belief was wrong? What about the customers or the data explains it?",
    Verdict.INCONCLUSIVE: "What does the interval rule out, what does it leave open, and why?",
    Verdict.TOO_FEW: "Which rows would answer it, and is it worth getting them?",
}
"""The question that a report's interpretation of each verdict answers."""


def required_difference(by: float) -> str:
    """The difference that a hypothesis requires, in words.

    >>> required_difference(10), required_difference(0), required_difference(-2.5)
    ('at least +10', 'more than 0', 'no worse than −2.5')
    """
    if by == 0:
        return "more than 0"
    return f"at least +{by:g}" if by > 0 else f"no worse than {MINUS}{-by:g}"
