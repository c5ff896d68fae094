"""Runs `iterata`: in this process, or as the installed command in a subprocess."""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from click.testing import CliRunner

from iterata_cli.main import cli

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

INSTALLED = str(Path(sys.executable).with_name("iterata"))


class CommandResult(NamedTuple):
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str

    def fine(self) -> CommandResult:
        """This result, after asserting that the command succeeded."""
        assert self.code == 0, f"exit {self.code}\n{self.out}\n{self.err}"
        return self

    @property
    def output(self) -> str:
        """Everything that a user sees."""
        return self.out + self.err


class CommandLine:
    """Runs `iterata ...` in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str) -> CommandResult:
        """Run the command in this process, with the error handling of the installed one."""
        try:
            with contextlib.chdir(self.folder):
                done = CliRunner().invoke(cli, [*map(str, arguments)], prog_name="iterata")
        finally:
            gc.enable()  # commands that only read disable it, because their process ends soon
        return CommandResult(done.exit_code, done.stdout, done.stderr)

    def in_subprocess(self, *arguments: str) -> CommandResult:
        """Run the installed command in a subprocess."""
        return self.run_by((), *arguments)

    def run_by(self, program: Sequence[str], *arguments: str) -> CommandResult:
        """Run the installed command by another program, such as `strace`."""
        done = subprocess.run(
            [*program, INSTALLED, *arguments], cwd=self.folder, env=self.environment({}),
            capture_output=True, check=False,
        )  # fmt: skip
        return CommandResult(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """Start the installed command without waiting for it."""
        return subprocess.Popen(
            [INSTALLED, *arguments], cwd=self.folder, env=self.environment({}), text=True, **options
        )

    @staticmethod
    def environment(more: Mapping[str, str]) -> dict[str, str]:
        """The environment of this process, without the variables that switch colours."""
        variables = {
            key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "FORCE_COLOR"}
        }
        return {**variables, **more}
