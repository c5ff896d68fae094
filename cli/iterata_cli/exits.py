"""Turn every exception into one message for people and an exit code for scripts."""

from __future__ import annotations

import errno
import sys
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING

import click

from iterata_cli.streams import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.errors import IterataError


class Exit(IntEnum):
    """The exit code of a command."""

    FINE = 0
    PROBLEMS = 1
    """There are problems, or a gate is closed."""
    USAGE = 2
    """The command line is not valid."""
    BUG = 3
    OUTPUT = 4
    """Standard output cannot be written: the disk is full, or its reader ended."""
    INTERRUPTED = 130


_FULL = "free some disk space, then run the command again"
_FORBIDDEN = "check who owns it and its permissions, and that its file system can be written"

_SYSTEM_ERRORS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: "raise the limit on the size of files (`ulimit -f`), then run the command again",
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EROFS: _FORBIDDEN,
    errno.EIO: "check the disk or the network drive, then run the command again",
    errno.ESTALE: "check the network drive, then run the command again",
    errno.EMFILE: "raise the limit on open files (`ulimit -n`), then run the command again",
    errno.ENFILE: "end other programs, then run the command again",
    errno.ENOMEM: "end other programs, then run the command again",
}
"""Errors of the system, wherever they are raised, and how to fix each: none of them is a bug of iterata."""


@contextmanager
def exit_with_code() -> Iterator[None]:
    """Exit the process with a message and an exit code if the body raises."""
    try:
        yield
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; finished work is kept", err=True)
        sys.exit(Exit.INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(Exit.USAGE)
    except OutputError as error:
        sys.exit(_report_output_error(error))
    except Exception as error:  # every other exception is reported, too
        sys.exit(_report(error))


def _report_output_error(error: OutputError) -> Exit:
    """Say why standard output cannot be written, unless its reader ended, as `head` does."""
    if error.errno == errno.EBADF:
        click.echo("error: standard output is closed", err=True)
        click.echo("  fix: leave out `>&-`, or send the output to `/dev/null`", err=True)
    elif error.errno != errno.EPIPE:
        click.echo(f"error: standard output cannot be written: {error.reason}", err=True)
        click.echo("  fix: free some disk space, or send the output to another place", err=True)
    return Exit.OUTPUT


def _report(error: Exception) -> Exit:
    from iterata.errors import IterataError  # noqa: PLC0415  # only after an error

    if isinstance(error, OSError) and error.errno in _SYSTEM_ERRORS:
        message, where = f"cannot be used: {error.strerror}", str(error.filename or "the file system")
        error = IterataError(message, remedy=_SYSTEM_ERRORS[error.errno], where=where)
    if isinstance(error, ImportError) and _is_foreign(error):
        message, remedy = f"cannot be imported: {error}", "`iterata doctor` says which packages are broken"
        error = IterataError(message, remedy=remedy, where=str(error.name))
    if isinstance(error, IterataError):
        print_error(error)
        return Exit.PROBLEMS
    import traceback  # noqa: PLC0415

    traceback.print_exception(error)
    click.echo(
        "\nThis is a bug in iterata. Please report it with the lines above and the command you typed.",
        err=True,
    )
    return Exit.BUG


def _is_foreign(error: ImportError) -> bool:
    """Whether a package of the environment is missing or broken, and not a module of iterata."""
    return bool(error.name) and not str(error.name).startswith(("iterata", "mkdocs_iterata"))


def print_error(error: IterataError, prefix: str = "") -> None:
    """Print an error with its fix; `prefix` begins the place of the error."""
    from iterata.errors import ProblemsError, RunError  # noqa: PLC0415
    from iterata_cli.output import on_one_line, print_error_line  # noqa: PLC0415

    _print_headline(error, prefix)
    if isinstance(error, ProblemsError) and error.problems:
        from iterata_cli.formats import writer  # noqa: PLC0415

        print_error_line(writer("text")(error.problems, lambda _: ()))
        print_error_line(f"  {on_one_line(error.remedy)}")
    else:
        print_error_line(f"  fix: {on_one_line(error.remedy)}")
    for other in error.also if isinstance(error, RunError) else ():
        _print_headline(other)
        print_error_line(f"  fix: {on_one_line(other.remedy)}")


def _print_headline(error: IterataError, prefix: str = "") -> None:
    from iterata_cli.output import on_one_line, print_error_line  # noqa: PLC0415

    where = error.where if error.where.startswith("/") else f"{prefix}{error.where}"
    place = click.style(on_one_line(where), bold=True) + ": " if where else ""
    print_error_line(f"{place}{click.style('error', fg='red')}: {on_one_line(error.message)}")
    if error.location.detail:
        print_error_line(f"  data: {on_one_line(error.location.detail)}")
