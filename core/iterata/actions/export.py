"""`iterata export`: findings, decisions and iterations as JSON, or as a table for spreadsheets."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.actions.export_csv import DECISION, FINDING, ITERATION, table
from iterata.knowledge.records import (
    DecisionRecords,
    FindingRecords,
    IterationRecords,
    decisions_of,
    findings_of,
    iterations_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel

    from iterata.knowledge.days import GitDay
    from iterata.knowledge.views import Knowledge


class _Kind(NamedTuple):
    as_models: Callable[[Knowledge, GitDay], BaseModel]
    as_table: Callable[[Knowledge, GitDay], str]


_KINDS: dict[str, _Kind] = {
    "findings": _Kind(
        lambda *read: FindingRecords(findings=findings_of(*read)),
        lambda *read: table(FINDING, findings_of(*read)),
    ),
    "decisions": _Kind(
        lambda *read: DecisionRecords(decisions=decisions_of(*read)),
        lambda *read: table(DECISION, decisions_of(*read)),
    ),
    "iterations": _Kind(
        lambda *read: IterationRecords(iterations=iterations_of(*read)),
        lambda *read: table(ITERATION, iterations_of(*read)),
    ),
}


def as_json(kind: str, knowledge: Knowledge, git_day: GitDay) -> str:
    """The records of a kind, after the version of their format."""
    return _KINDS[kind].as_models(knowledge, git_day).model_dump_json(indent=2) + "\n"


def as_csv(kind: str, knowledge: Knowledge, git_day: GitDay) -> str:
    """The records of a kind as a table with a row for each."""
    return _KINDS[kind].as_table(knowledge, git_day)
