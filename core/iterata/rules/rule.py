"""A rule: its code and its text, defined together with its check."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem

    Check: TypeAlias = Callable[[DocumentContext], Iterator[Problem]]
    """Finds the problems of one document in its context."""


class Rule(NamedTuple):
    """A check with a code that never changes its meaning."""

    code: str
    summary: str
    why: str
    bad: str
    """An example that it refuses."""
    good: str
    """The same example, corrected."""
    applies_to: str = ""
    """For a gate: the stages and statuses that it guards."""


class RuleSet:
    """The rules of one subject, and the checks that apply them to a document, in the order of the source.

    A check is called for documents of its stages only. It must find nothing in documents of other stages.
    """

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self._stages: dict[Check, tuple[Stage, ...]] = {}

    @property
    def checks(self) -> tuple[Check, ...]:
        """All checks."""
        return tuple(self._stages)

    def checks_of(self, stage: Stage) -> tuple[Check, ...]:
        """The checks of documents of one stage."""
        return tuple(check for check, stages in self._stages.items() if stage in stages)

    def define(self, code: str, summary: str, *, why: str, bad: str, good: str) -> None:
        """Define a rule whose problems are found elsewhere: while a document is parsed, or in a review."""
        self.rules.append(Rule(code, summary, why, bad, good))

    def rule(
        self, code: str, summary: str, *stages: Stage, why: str, bad: str, good: str
    ) -> Callable[[Check], Check]:
        """Define a rule by its first check, of documents of some stages; of every stage if none is given."""
        self.define(code, summary, why=why, bad=bad, good=good)
        return self.check(*stages)

    def check(self, *stages: Stage) -> Callable[[Check], Check]:
        """Register a further check of documents, for a rule or a gate that is defined already."""

        def register(function: Check) -> Check:
            self._stages[function] = stages or tuple(Stage)
            return function

        return register
