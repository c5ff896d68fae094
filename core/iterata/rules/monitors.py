"""Rules about the series of a release's monitors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.errors import DataError, NewerVersion
from iterata.problems import Position, Problem, Severity
from iterata.rules.rule import RuleSet
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.lifecycle.context import DocumentContext

RULES = RuleSet()

_FILE = "monitors.json"


@RULES.rule(
    "RES040",
    "A series of monitors is one that iterata wrote, with each day once.",
    Stage.DEPLOYMENT,
    why="The site draws it, and it shows when a release got worse.",
    bad='"2026-11-22": {...},  # twice, after two branches recorded the same day',
    good="the file as `iterata monitor --record` writes it",
)
def series_is_readable(context: DocumentContext) -> Iterator[Problem]:
    """RES040 for a damaged file; RES030 for one that a newer version wrote."""
    iteration = context.iteration
    if context.document.stage is not Stage.DEPLOYMENT or iteration is None:
        return
    if _FILE not in iteration.result_files:
        return
    from iterata.results.monitors import parse_series  # noqa: PLC0415  # only if there is a series

    path = f"{iteration.path}/results/{_FILE}"
    try:
        parse_series(context.project.repository.read(path), path)
    except NewerVersion as error:
        yield Problem("RES030", Severity.ERROR, path, Position(1), "", error.message, error.remedy)
    except DataError as error:
        line = Position(error.location.line or 1)
        yield Problem("RES040", Severity.ERROR, path, line, "", error.message, error.remedy)
