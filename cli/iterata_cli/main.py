"""The command line: `iterata COMMAND`. The module of a command is imported only when it is called."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import click

from iterata import __version__
from iterata_cli.verbosity import accept_after, options, reset

COMMANDS: dict[str, str] = {
    "init": "Start a knowledge base: mkdocs.yml, projects/, workflows, pull request template.",
    "new": "Start a project, an iteration or a document from its template.",
    "status": "Show every iteration, what it waits for, and who must act.",
    "check": "Check documents, gates and results; every problem comes with a fix.",
    "rule": "Explain a rule or a gate.",
    "move": "Change the status of a document, if its gates are open.",
    "affirm": "Confirm that a suspect document is still correct.",
    "lift": "Compute the expected lift, and write it into assessment.md.",
    "run": "Run the approved plan; an interrupted run resumes where it stopped.",
    "report": "Write the result tables into report.md.",
    "rollout": "Evaluate the split test of a phase, and advise: advance, hold or revert.",
    "verify": "Repeat the experiment and the rollout from their commits, and list every figure that differs.",
    "track": "Log the results of an iteration in MLflow.",
    "monitor": "Evaluate the monitors of released variants; a regression exits with 1.",
    "summary": "Print a summary of a pull request in Markdown, for its reviewers.",
    "export": "Print all findings, decisions or iterations as JSON or CSV.",
    "site": "Write the site as Markdown with finished HTML, for Zensical, Hugo and others.",
    "digest": "Print what some days brought, as Markdown, as a mail or as an entry of a feed.",
    "mcp": "Answer questions of assistants about findings, read only.",
    "doctor": "Say what is installed, what works, and which versions would change figures.",
    "upgrade": "Bring the knowledge base to what this version writes, as a diff to review.",
    "cache": "Show the cache of predictions, and delete what was not used for long.",
    "schema": "Print the JSON Schema of front matter, of a result file or of what a command prints.",
}
"""The commands with their help, in the order of the work; `--help` imports none of their modules."""


class LazyGroup(click.Group):
    """A group that imports the modules of its commands lazily, and reports all errors in one place."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command, and return the command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"iterata_cli.commands.{cmd_name}")
        command: click.Command = module.command
        return accept_after(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; suggest a similar name if it does not exist."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches  # noqa: PLC0415  # only for an unknown command

            similar = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {similar[0]!r}?" if similar else ""
            raise click.UsageError(f"{error.message.split(' Did you mean')[0]}{hint}", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command, and turn exceptions into one message and an exit code."""
        from iterata_cli.exits import exit_with_code  # noqa: PLC0415  # keeps shell completion fast
        from iterata_cli.streams import guard_standard_streams  # noqa: PLC0415

        reset()
        if kwargs.get("standalone_mode", True) is False:
            return super().main(*args, **kwargs)
        guard_standard_streams()
        with exit_with_code():
            kwargs["standalone_mode"] = False
            sys.exit(super().main(*args, **kwargs) or 0)


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="iterata")
@click.option(
    "-C",
    "folders",
    multiple=True,
    metavar="DIR",
    help="Run as if started in DIR; of several, each is relative to the one before.",
)
def cli(folders: tuple[str, ...]) -> None:
    """Run machine-learning projects in small, reviewed iterations, and keep their findings.

    ITERATION is a path, or project/iteration; a unique prefix of each is enough. Exit codes: 0 success,
    1 problems or a closed gate, 2 wrong usage, 3 a bug in iterata, 4 the output cannot be written,
    130 interrupted.
    """
    for folder in folders:
        _change_directory(folder)


def _change_directory(folder: str) -> None:
    try:
        os.chdir(folder or ".")
    except OSError as error:
        raise click.UsageError(f"-C: cannot change to {folder!r}: {error.strerror}") from None


cli.params += options()
