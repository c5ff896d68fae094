"""Runs the commands of a page and writes its files, as a reader would; iterata runs in this process."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..helpers.command_line import CommandLine

if TYPE_CHECKING:
    from collections.abc import Iterator

_FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)

ENVIRONMENT = {
    "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "A reader",
    "GIT_AUTHOR_EMAIL": "reader@example.org",
    "GIT_COMMITTER_NAME": "A reader",
    "GIT_COMMITTER_EMAIL": "reader@example.org",
    "NO_MKDOCS_2_WARNING": "1",
}


class CommandResult(NamedTuple):
    """A command, its exit code and its output."""

    command: str
    code: int
    out: str
    err: str


def run_page(page: str, folder: Path) -> Iterator[CommandResult]:
    """Run the commands and write the files of `page`, from `folder`; yield the result of each command."""
    for language, title, body in _FENCE.findall(page):
        if language == "console":
            for command in re.findall(r"^\$ (.+)$", body, re.MULTILINE):
                if command.startswith("cd "):
                    folder /= command.removeprefix("cd ")
                    continue
                yield _run(command, folder)
        elif title:
            _write(folder / title, body, language)


def _run(command: str, folder: Path) -> CommandResult:
    if command.startswith("iterata "):
        return CommandResult(command, *CommandLine(folder)(*shlex.split(command)[1:]))
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        check=False,
    )
    return CommandResult(command, done.returncode, done.stdout, done.stderr)


def _write(path: Path, text: str, language: str) -> None:
    """Write a file; in a document, replace the front matter and keep the prose."""
    if language == "yaml":
        _, _, prose = path.read_text("utf-8").split("---\n", 2)
        text = f"---\n{text}---\n{prose}"
    path.write_text(text, "utf-8")
