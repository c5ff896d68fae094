"""Problems for people, grouped by file: the line, what is wrong and how to fix it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import click

from iterata_cli.output import on_one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from iterata.problems import Problem

_COLOURS = {"error": "red", "warning": "yellow"}
_WIDTH = 100
_INDENT = " " * 10


def write(problems: Sequence[Problem], lines: Callable[[str], Sequence[str]]) -> str:
    """The problems, grouped by file."""
    return "\n".join(_output_lines(problems, lines))


def _output_lines(problems: Sequence[Problem], lines: Callable[[str], Sequence[str]]) -> Iterator[str]:
    for path, group in groupby(problems, key=lambda problem: problem.path):
        source = lines(path)
        yield click.style(on_one_line(path), bold=True)
        for problem in group:
            place = f"{problem.position.line}:{problem.position.column}"
            code = click.style(problem.code, fg=_COLOURS[problem.severity])
            field = f"{problem.field}: " if problem.field else ""
            yield f"  {place:<8}{code}  {on_one_line(field + problem.message)}"
            yield from _excerpt(problem, source)
            if problem.data:
                yield f"{_INDENT}data: {on_one_line(problem.data)}"
            yield f"{_INDENT}fix: {on_one_line(problem.remedy)}"


def _excerpt(problem: Problem, source: Sequence[str]) -> Iterator[str]:
    line, column = problem.position
    shown = on_one_line(source[line - 1]) if line <= len(source) else ""
    if not shown.strip():
        return
    start = max(0, min(column - 1 - _WIDTH // 2, len(shown) - _WIDTH))
    bar = click.style("|", dim=True)
    yield f"{_INDENT}{bar} {shown[start : start + _WIDTH]}"
    yield f"{_INDENT}{bar} {' ' * (column - 1 - start)}{click.style('^', fg=_COLOURS[problem.severity])}"
