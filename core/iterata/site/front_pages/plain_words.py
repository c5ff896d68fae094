"""The words of the method as a stakeholder says them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from iterata.documents.models.enums import Verdict
from iterata.stages import IterationKind, Outcome
from iterata.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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

UNANSWERED = "open"
"""The answer to a question before there is a result."""


def outcome_in_words(outcome: Outcome, kind: IterationKind | None = None) -> str:
    """A decision or a recommendation: `one more iteration, with other features`."""
    return f"{OUTCOMES[outcome]}, with {KINDS[kind]}" if kind else OUTCOMES[outcome]


def answers_in_words(hypotheses: Iterable[HypothesisView]) -> str:
    """The answers in the words of their rows: `2 questions: 1 supported, 1 open`; empty without any."""
    counts = _counts(hypotheses)
    total = sum(counts.values())
    if len(counts) == 1 and total > 1:
        return f"{total} questions: all {next(iter(counts))}"
    return f"{counted(total, 'question')}: {_listed(counts)}" if total else ""


def counted_answers(hypotheses: Iterable[HypothesisView]) -> str:
    """The answers below a heading that says of what: `1 supported, 1 open`; empty without any."""
    counts = _counts(hypotheses).items()
    return ", ".join(f"{count}\N{NO-BREAK SPACE}{answer}" for answer, count in counts)


def _counts(hypotheses: Iterable[HypothesisView]) -> dict[str, int]:
    """How many questions have each answer."""
    counts = Counter(hypothesis.verdict for hypothesis in hypotheses)
    words = {verdict: verdict.label if verdict else UNANSWERED for verdict in (*Verdict, None)}
    return {word: counts[verdict] for verdict, word in words.items() if counts[verdict]}


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {answer}" for answer, count in counts.items())
