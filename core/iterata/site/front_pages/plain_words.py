"""The words of the method as a stakeholder says them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from iterata.documents.models.enums import Verdict
from iterata.stages import IterationKind, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iterata.knowledge import HypothesisView

OUTCOMES: dict[Outcome, str] = {
    Outcome.ITERATE: "one more iteration",
    Outcome.DEPLOY: "release it",
    Outcome.STOP: "stop here",
    Outcome.REVISIT_REQUIREMENTS: "revise the requirements",
}
"""A decision, after the word *Decided*."""

KINDS: dict[IterationKind, str] = {
    IterationKind.SETUP: "first models",
    IterationKind.ALGORITHM: "other ways of learning",
    IterationKind.DATA: "other data",
    IterationKind.FEATURE: "other features",
}
"""What an iteration changes."""

_ANSWERS: dict[Verdict | None, str] = {
    Verdict.SUPPORTED: "yes",
    Verdict.REFUTED: "no",
    Verdict.INCONCLUSIVE: "open",
    Verdict.TOO_FEW: "open",
    None: "open",
}


def outcome_in_words(outcome: Outcome, kind: IterationKind | None = None) -> str:
    """A decision or a recommendation: `one more iteration, with other features`."""
    return f"{OUTCOMES[outcome]}, with {KINDS[kind]}" if kind else OUTCOMES[outcome]


def answers_in_words(hypotheses: Iterable[HypothesisView]) -> str:
    """How many questions were answered: `4 questions: 1 yes, 3 open`; empty without any."""
    counts = Counter(_ANSWERS[hypothesis.verdict] for hypothesis in hypotheses)
    total = counts.total()
    if not total:
        return ""
    parts = ", ".join(f"{counts[answer]} {answer}" for answer in ("yes", "no", "open") if counts[answer])
    return f"{total} question{'s' if total > 1 else ''}: {parts}"
