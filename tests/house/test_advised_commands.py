"""Every command that a message of the code advises exists, with its options and all of its arguments."""

from __future__ import annotations

import ast
import re
import shlex
from typing import TYPE_CHECKING

import click
import pytest

from iterata_cli.main import cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VALUE = "value"
"""Stands for a part of a command that is known only when the message is written."""

_ADVISED = re.compile(r"`iterata ([^`]+)`")
_PLACEHOLDER = re.compile(r"\b(?!HEAD\b)[A-Z]{2,}\b")


def messages(path: Path) -> Iterator[str]:
    """The texts of a module, without docstrings, examples of rules and other text that no message shows."""
    tree = ast.parse(path.read_text("utf-8"))
    skipped = {
        id(part)
        for node in ast.walk(tree)
        if (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (isinstance(node, ast.keyword) and node.arg in {"bad", "good", "description", "why"})
        or (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Gate")
        for part in ast.walk(node)
    }
    inner: set[int] = set()
    for node in ast.walk(tree):
        if id(node) in skipped or id(node) in inner:
            continue
        if isinstance(node, ast.JoinedStr):
            inner.update(id(part) for part in node.values)
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else VALUE for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def advised(root: Path) -> Iterator[tuple[str, str]]:
    for room in ("core", "cli", "plugin"):
        for path in sorted((root / room).rglob("*.py")):
            for text in messages(path):
                yield from ((command, path.name) for command in _ADVISED.findall(text))


def test_advised_commands_are_complete(root: Path) -> None:
    commands = list(advised(root))
    assert len(commands) > 20
    wrong = {
        f"{place}: iterata {command}": reason
        for command, place in commands
        if (reason := refusal(command)) and refusal(command.removesuffix(VALUE))
    }
    assert wrong == {}


def refusal(command: str) -> str:
    """Why the command line refuses a command; empty if it does not."""
    if placeholder := _PLACEHOLDER.search(command):
        return f"the reader must guess {placeholder[0]}"
    group: click.Command = cli
    words = shlex.split(command)
    while words[:1] == ["-C"]:
        words = words[2:]
    context = click.Context(group)
    while isinstance(group, click.Group):
        name = words.pop(0) if words else ""
        if name == VALUE:
            return ""
        found = group.get_command(context, name)
        if found is None:
            return f"there is no command {name}"
        group, context = found, click.Context(found, parent=context)
    try:
        group.parse_args(context, words)
    except click.UsageError as error:
        if isinstance(error, click.BadParameter) and not isinstance(error, click.MissingParameter):
            return "" if VALUE in command else error.format_message()
        return error.format_message()
    return ""


@pytest.mark.parametrize(
    "command", ["run", "runn churn", "move a.md", "move a.md approved --for product", "new project NAME"]
)
def test_incomplete_commands_are_refused(command: str) -> None:
    assert refusal(command)


def test_complete_command_is_accepted() -> None:
    assert refusal("move a.md approved --as product") == ""
