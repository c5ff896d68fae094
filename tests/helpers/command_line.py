"""Typing `iterata`: within this process where that will do, in one of its own where it must be real."""

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


class Typed(NamedTuple):
    """What came of a command."""

    code: int
    out: str
    err: str

    def fine(self) -> Typed:
        """The same, if it succeeded."""
        assert self.code == 0, f"exit {self.code}\n{self.out}\n{self.err}"
        return self

    @property
    def said(self) -> str:
        """Everything a user sees."""
        return self.out + self.err


class CommandLine:
    """Types `iterata ...` in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str) -> Typed:
        """Run the command in this process, through the same funnel as the installed one."""
        try:
            with contextlib.chdir(self.folder):
                done = CliRunner().invoke(cli, [*map(str, arguments)], prog_name="iterata")
        finally:
            gc.enable()  # commands that only read leave garbage lying, as their process is about to end
        return Typed(done.exit_code, done.stdout, done.stderr)

    def really(self, *arguments: str) -> Typed:
        """Run the installed command in a process of its own."""
        return self.through((), *arguments)

    def through(self, program: Sequence[str], *arguments: str) -> Typed:
        """Have another program run the installed command."""
        done = subprocess.run(
            [*program, INSTALLED, *arguments], cwd=self.folder, env=self.environment({}),
            capture_output=True, check=False,
        )  # fmt: skip
        return Typed(done.returncode, done.stdout.decode(), done.stderr.decode())

    def begin(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """Begin the installed command, and leave it running."""
        return subprocess.Popen(
            [INSTALLED, *arguments], cwd=self.folder, env=self.environment({}), text=True, **options
        )

    @staticmethod
    def environment(more: Mapping[str, str]) -> dict[str, str]:
        """This process's, without what would colour or unsettle the output."""
        kept = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "FORCE_COLOR"}}
        return {**kept, **more}
