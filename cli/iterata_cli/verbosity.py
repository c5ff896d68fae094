"""How much a command says: `-q` and `-v`, before the command or after it."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

C = TypeVar("C", bound="Callable[..., object]")


class Verbosity(IntEnum):
    """What goes to stderr besides errors."""

    QUIET = 0
    """Nothing."""
    NORMAL = 1
    """What was done, notes, progress."""
    VERBOSE = 2
    """Every step, too, and how long it took."""


class _State:
    verbosity = Verbosity.NORMAL


def verbosity() -> Verbosity:
    """How much the present command says."""
    return _State.verbosity


def reset() -> None:
    """Forget what an earlier command of this process was told."""
    _State.verbosity = Verbosity.NORMAL


def options(*, hidden: bool = False) -> list[click.Option]:
    """`--quiet` and `--verbose`."""
    return [
        click.Option(
            [f"-{level.name[0].lower()}", f"--{level.name.lower()}"],
            is_flag=True,
            expose_value=False,
            callback=_remember,
            hidden=hidden,
            help=text,
        )
        for level, text in (
            (Verbosity.QUIET, "Print data and errors only."),
            (Verbosity.VERBOSE, "Print each step, and how long it took."),
        )
    ]


def accept_after(command: click.Command) -> click.Command:
    """Let a command and its subcommands accept the options, too."""
    if not any(parameter.name == "quiet" for parameter in command.params):
        command.params += options(hidden=True)
        for subcommand in command.commands.values() if isinstance(command, click.Group) else ():
            accept_after(subcommand)
    return command


def _remember(ctx: click.Context, param: click.Parameter, value: bool) -> None:  # noqa: FBT001  # click's
    if not value:
        return
    level = Verbosity[str(param.name).upper()]
    if ctx.meta.setdefault(f"{__name__}.level", level) is not level:
        raise click.UsageError("--quiet and --verbose exclude each other", ctx)
    if level is Verbosity.VERBOSE and _State.verbosity is not level:
        from iterata_cli.long_running import StepLog  # noqa: PLC0415  # only if the user wants to see it

        ctx.find_root().with_resource(StepLog())
    _State.verbosity = level
