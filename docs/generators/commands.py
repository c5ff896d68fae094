"""The page of the command line, generated from the commands."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import click

from generators.text import code, fence, markdown_page, table
from iterata_cli.main import COMMANDS, cli

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDE = 200
"""A width at which no usage line is broken: the page wraps it."""


def page() -> str:
    """The whole page."""
    top = click.Context(cli, info_name="iterata", terminal_width=WIDE, max_content_width=WIDE)
    links = [[f"[`{name}`](#iterata-{name})", words] for name, words in COMMANDS.items()]
    return markdown_page(
        "The command line",
        _prose(cli),
        table(["command", "does"], links),
        *(part for name in COMMANDS for part in _command(top, name, cli.get_command(top, name))),
    )


def _command(above: click.Context, name: str, command: click.Command | None) -> Iterator[str]:
    assert command is not None  # noqa: S101  # it is in the list of commands
    context = click.Context(command, info_name=name, parent=above)
    options = [_option(option, context) for option in command.params if isinstance(option, click.Option)]
    yield "\n\n".join(
        part
        for part in (
            f"## {context.command_path}" if above.parent is None else f"### {context.command_path}",
            fence("text", command.get_usage(context).removeprefix("Usage: ")),
            _prose(command),
            table(["option", "meaning"], options) if options else "",
        )
        if part
    )
    if isinstance(command, click.Group):
        for sub in command.list_commands(context):
            yield from _command(context, sub, command.get_command(context, sub))


def _option(option: click.Option, context: click.Context) -> list[str]:
    names, words = option.get_help_record(context) or ("", "")
    return [code(names), words]


def _prose(command: click.Command) -> str:
    return inspect.cleandoc(command.help or "")
