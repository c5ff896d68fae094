"""Records as CSV for spreadsheets, in which no text becomes a formula."""

from __future__ import annotations

import csv
import re
import unicodedata
from io import StringIO
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from iterata.knowledge.record_models import DecisionRecord, FindingRecord, IterationRecord
    from iterata.results import Estimate

Value: TypeAlias = "str | float | bool | list[str] | None"
R = TypeVar("R")

SEPARATOR = " | "
"""What separates the entries of a list in a cell; no tag contains `|`."""

_BREAK = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
"""Line breaks and other characters that control a terminal or a program."""

FORMULA = frozenset("=+-@")
"""The characters that a spreadsheet takes for the beginning of a formula, in any width."""

_DOCUMENT = ("project", "project_title", "iteration", "iteration_title", "day", "provisional")
_PLACE = ("stage", "document", "document_title", "document_status")


def _same(*names: str) -> dict[str, Callable[[R], Value]]:
    """Columns that are fields of the record."""
    return {name: attrgetter(name) for name in names}


def _end(name: str, part: str) -> Callable[[IterationRecord], Value]:
    def value(record: IterationRecord) -> Value:
        estimate: Estimate | None = getattr(record.scale, name, None)
        return getattr(estimate, part, None)

    return value


_ESTIMATES: dict[str, Callable[[IterationRecord], Value]] = {
    column: _end(name, part)
    for name in ("random", "status_quo", "best", "perfect", "realised")
    for column, part in ((name, "value"), (f"{name}_low", "low"), (f"{name}_high", "high"))
}

FINDING: Mapping[str, Callable[[FindingRecord], Value]] = _same(
    "key",
    "statement",
    "kind",
    "verdict",
    "status",
    "holds_as_of",
    "used",
    "tags",
    *_DOCUMENT,
    "kpi_kind",
    "algorithms",
    "data_sets",
    "evidence",
    "supports",
    "contradicts",
    "supported_by",
    "contradicted_by",
    *_PLACE,
)

DECISION: Mapping[str, Callable[[DecisionRecord], Value]] = {
    **_same("key", "kind", "outcome", "subject", "why", "by"),
    "recommended": lambda record: record.recommendation.outcome if record.recommendation else None,
    "recommended_kind": lambda record: record.recommendation.kind if record.recommendation else None,
    "recommended_why": lambda record: record.recommendation.why if record.recommendation else None,
    **_same("led_to", "findings", *_DOCUMENT, *_PLACE),
}

ITERATION: Mapping[str, Callable[[IterationRecord], Value]] = {
    **_same("key", "title", "kind", "follows", "day", "project", "project_title", "iteration"),
    "stages": lambda record: [f"{stage.stage}: {stage.status or '?'}" for stage in record.stages],
    "hypotheses": lambda record: [f"{one.id}: {one.verdict or 'open'}" for one in record.hypotheses],
    **_same("findings", "outcome", "outcome_provisional", "provisional"),
    "waits_for": lambda record: record.waits_for.what if record.waits_for else None,
    "who": lambda record: record.waits_for.who if record.waits_for else None,
    **_same("algorithms", "data_sets"),
    "kpi": lambda record: record.scale.kpi if record.scale else None,
    "kpi_kind": lambda record: record.scale.kind if record.scale else None,
    "unit": lambda record: record.scale.unit if record.scale else None,
    "direction": lambda record: record.scale.direction if record.scale else None,
    "best_variant": lambda record: record.scale.best_variant if record.scale else None,
    **_ESTIMATES,
}


def table(columns: Mapping[str, Callable[[R], Value]], records: Iterable[R]) -> str:
    """A table with a heading, and one line of text for each record."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell(value(record)) for value in columns.values()] for record in records)
    return text.getvalue()


def cell(value: Value) -> str:
    """A value as the text of a cell.

    It has no line break, because some programs end a row there even in quotes. A text that a spreadsheet
    would run as a formula begins with an apostrophe, as people type it.

    >>> cell("=1+1"), cell("-7.5 policies"), cell(-7.5), cell(["a", "b"]), cell(True), cell(None)
    ("'=1+1", "'-7.5 policies", '-7.5', 'a | b', 'true', '')
    """
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case list():
            return _harmless(SEPARATOR.join(value))
        case _:
            return _harmless(value)


def _harmless(text: str) -> str:
    line = _BREAK.sub(" ", text).strip()
    visible = (char for char in line if not char.isspace() and unicodedata.category(char) != "Cf")
    first = unicodedata.normalize("NFKC", next(visible, ""))
    return f"'{line}" if first in FORMULA else line
