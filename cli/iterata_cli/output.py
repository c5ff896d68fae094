"""Print to the terminal: data to stdout, messages to stderr."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, TextIO

import click

from iterata_cli.verbosity import Verbosity, verbosity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from iterata.actions.publish import Publication
    from iterata.results import ExperimentResult, LiftResult

SCHEMA_VERSION = 1
"""The version of the format of `--format json`; it rises if a key changes or disappears."""


class _Decoration:
    """What is put before messages."""

    add: Callable[[str], str] | None = None
    stream: TextIO | None = None


def set_decoration(add: Callable[[str], str] | None, stream: TextIO | None = None) -> None:
    """Decorate the messages from now on, as those of a long command; None for no longer.

    They go to `stream`, also while the output of a library is redirected.
    """
    _Decoration.add, _Decoration.stream = add, stream


def print_message(text: str) -> None:
    """Print progress, the outcome of an action, or advice to stderr, unless the command is quiet."""
    if verbosity() is not Verbosity.QUIET:
        print_error_line(_Decoration.add(text) if _Decoration.add else text)


def print_error_line(text: str) -> None:
    """Print an error to stderr."""
    stream = _Decoration.stream or sys.stderr
    click.echo(text, file=stream, color=colour(stream))


def print_data(text: str) -> None:
    """Print data for people to stdout."""
    click.echo(text, color=colour(sys.stdout))


def print_lines(text: str) -> None:
    """Print data for people that quotes documents, line by line."""
    print_data("\n".join(on_one_line(line) for line in text.split("\n")))


def print_json(kind: str, data: Mapping[str, object]) -> None:
    """Print data for programs to stdout, with the version of their format."""
    click.echo(json_text(kind, data))


def json_text(kind: str, data: Mapping[str, object]) -> str:
    """The JSON of data of a kind, with the version of its format; the data of a result have both."""
    return json.dumps({"schema_version": SCHEMA_VERSION, "kind": kind, **data}, indent=2, ensure_ascii=False)


def on_one_line(text: str) -> str:
    """Text with spaces in place of line breaks and of all characters that control a terminal."""
    return "".join(char if char.isprintable() else " " for char in text)


def duration(seconds: float) -> str:
    """A duration for people.

    >>> [duration(seconds) for seconds in (8, 240, 7200)]
    ['8 s', '4 min', '2 h']
    """
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def colour(stream: TextIO) -> bool | None:
    """False for no colours; None lets click decide by the stream."""
    return False if os.environ.get("NO_COLOR") or not stream.isatty() else None


def print_result(
    output_format: str, publication: Publication[LiftResult] | Publication[ExperimentResult]
) -> None:
    """Print a result as its page or its file shows it, and name the files that changed."""
    result, changed = publication.result, publication.changed
    if output_format == "json":
        print_json(result.kind, result.model_dump(mode="json"))
    else:
        print_lines(_tables(result))
    print_message(f"wrote {', '.join(changed)}" if changed else f"unchanged: {publication.page}")


def _tables(result: LiftResult | ExperimentResult) -> str:
    """The tables of a result, as on its page."""
    if result.kind == "lift":
        from iterata.render.lift.table import render as render_lift  # noqa: PLC0415  # only for its kind

        return render_lift(result)
    from iterata.render.experiment.tables import render as render_experiment  # noqa: PLC0415  # only for its kind

    return render_experiment(result)


def format_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table with aligned columns; the last column is not padded."""
    cells = [[on_one_line(cell) for cell in row] for row in (headers, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    first, *rest = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in cells)
    return "\n".join((click.style(first, bold=True), *rest))
