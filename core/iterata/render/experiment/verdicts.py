"""Verdicts in words."""

from __future__ import annotations

from iterata.documents.models.enums import Verdict
from iterata.text import MINUS

BECAUSE = {
    Verdict.SUPPORTED: "all of the interval reaches it",
    Verdict.REFUTED: "all of the interval falls short of it",
    Verdict.INCONCLUSIVE: "the interval leaves open whether it is reached",
}
"""Why the verdict is what it is, for pages."""


ASKS = {
    Verdict.SUPPORTED: "What about the customers or the data is behind it, and where would it not hold?",
    Verdict.REFUTED: "What did we believe that is not so? What about the customers or the data is behind it?",
    Verdict.INCONCLUSIVE: "What does the interval rule out, what is left open, and what may be behind it?",
}
"""What a report's authors are asked to make of it: from evidence to a conjecture."""


def asked_for(by: float) -> str:
    """What a hypothesis asks of a difference, in words.

    >>> asked_for(10), asked_for(0), asked_for(-2.5)
    ('at least +10', 'more than 0', 'no worse than −2.5')
    """
    if by == 0:
        return "more than 0"
    return f"at least +{by:g}" if by > 0 else f"no worse than {MINUS}{-by:g}"
