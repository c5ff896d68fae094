"""How things are said on a terminal. Data goes to stdout, talk to stderr."""

from __future__ import annotations

import json
import os
import sys
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iterata.problems import Problem

_COLOURS = {"error": "red", "warning": "yellow"}


def say(text: str) -> None:
    """Talk: progress, results of an action, advice."""
    click.echo(text, err=True, color=colour(sys.stderr))


def colour(stream: Any) -> bool | None:
    """No colour when the user asked for none; otherwise click decides by the stream."""
    return False if os.environ.get("NO_COLOR") or not stream.isatty() else None


def show_json(data: object) -> None:
    """Data for a program."""
    click.echo(json.dumps(data, indent=2, ensure_ascii=False))


def show_problems(problems: Iterable[Problem], *, err: bool = False) -> None:
    """Problems grouped by file, each with its line, what is wrong and how to mend it."""
    use = colour(sys.stderr if err else sys.stdout)
    for path, group in groupby(problems, key=lambda problem: problem.path):
        click.echo(click.style(path, bold=True), err=err, color=use)
        for problem in group:
            place = f"{problem.position.line}:{problem.position.column}"
            code = click.style(problem.code, fg=_COLOURS[problem.severity])
            field = f"{problem.field}: " if problem.field else ""
            click.echo(f"  {place:<8}{code}  {field}{problem.message}", err=err, color=use)
            click.echo(f"  {'':8}{'':{len(problem.code)}}  mend: {problem.remedy}", err=err, color=use)


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Aligned columns, the last one ragged."""
    widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (headers, *rows)
    ]
    return "\n".join((click.style(lines[0], bold=True), *lines[1:]))
