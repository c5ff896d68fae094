"""How things are said on a terminal. Data goes to stdout, talk to stderr."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.results import ExperimentResult, LiftResult


def say(text: str) -> None:
    """Talk: progress, results of an action, advice."""
    click.echo(text, err=True, color=colour(sys.stderr))


def show(text: str) -> None:
    """Data for people."""
    click.echo(text, color=colour(sys.stdout))


def show_lines(text: str) -> None:
    """Data for people that holds words of documents, on as many lines as it has."""
    show("\n".join(printable(line) for line in text.split("\n")))


def printable(text: str) -> str:
    """Words of a document without anything a terminal would obey."""
    return "".join(char if char.isprintable() else " " for char in text)


def colour(stream: Any) -> bool | None:
    """No colour when the user asked for none; otherwise click decides by the stream."""
    return False if os.environ.get("NO_COLOR") or not stream.isatty() else None


def show_json(data: object) -> None:
    """Data for a program."""
    click.echo(json.dumps(data, indent=2, ensure_ascii=False))


def show_outcome(form: str, result: LiftResult | ExperimentResult, changed: Sequence[str], path: str) -> None:
    """What was computed, as its page shows it or as its file holds it, and which files changed."""
    if form == "json":
        show_json(result.model_dump(mode="json"))
    else:
        show_lines(_shown(result))
    say(f"wrote {', '.join(changed)}" if changed else f"unchanged: {path}")


def _shown(result: LiftResult | ExperimentResult) -> str:
    """The tables of a result, as its page has them."""
    if result.kind == "lift":
        from iterata.render.lift.table import render as of_lift  # noqa: PLC0415  # only where it was computed

        return of_lift(result)
    from iterata.render.experiment.tables import render as of_experiment  # noqa: PLC0415  # only where one was run

    return of_experiment(result)


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Aligned columns, the last one ragged."""
    cells = [[printable(cell) for cell in row] for row in (headers, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    first, *rest = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in cells)
    return "\n".join((click.style(first, bold=True), *rest))
