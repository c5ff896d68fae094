"""The one place where errors end: a message for people, an exit code for scripts."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.errors import IterataError


class Exit(IntEnum):
    """What the command tells the script that called it."""

    FINE = 0
    PROBLEMS = 1
    """Problems were found, or a gate is closed."""
    USAGE = 2
    """The command was called wrongly."""
    BUG = 3
    INTERRUPTED = 130


@contextmanager
def funnel() -> Iterator[None]:
    """Let nothing but exit codes out."""
    try:
        yield
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; what was finished is kept", err=True)
        sys.exit(Exit.INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(Exit.USAGE)
    except Exception as error:  # the last line of defence
        sys.exit(_explain(error))


def _say_what(error: IterataError) -> None:
    from iterata_cli.output import printable, say  # noqa: PLC0415

    place = click.style(printable(error.where), bold=True) + ": " if error.where else ""
    say(f"{place}{click.style('error', fg='red')}: {printable(error.message)}")


def _explain(error: Exception) -> Exit:
    from iterata.errors import IterataError, ProblemsError  # noqa: PLC0415  # only when something went wrong

    if isinstance(error, IterataError):
        from iterata_cli.output import printable, say  # noqa: PLC0415

        _say_what(error)
        if isinstance(error, ProblemsError):
            from iterata_cli.formats import writer  # noqa: PLC0415

            say(writer("text")(error.problems, lambda _: ()))
        lead = "" if isinstance(error, ProblemsError) else "fix: "
        say(f"  {lead}{printable(error.remedy)}")
        for other in getattr(error, "also", ()):
            _say_what(other)
            say(f"  fix: {printable(other.remedy)}")
        return Exit.PROBLEMS
    import traceback  # noqa: PLC0415

    traceback.print_exception(error)
    click.echo(
        "\nThis is a bug in iterata. Please report it with the lines above and the command you typed.",
        err=True,
    )
    return Exit.BUG
