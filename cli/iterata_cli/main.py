"""The command line: `iterata VERB`. A verb's module is imported only when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

COMMANDS: dict[str, str] = {
    "init": "Start a knowledge base: mkdocs.yml, projects/, workflow, pull-request template.",
    "new": "Begin a project, an iteration or a document from its template.",
    "status": "Show the board: every iteration, what it waits for, who must act.",
    "check": "Judge documents, gates and results; one line to mend each problem.",
    "rule": "Explain a rule or a gate.",
    "move": "Move a document to another status, if its gates hold.",
    "affirm": "Record that a suspect document was looked at again and still holds.",
    "lift": "Compute the expected lift into assessment.md.",
    "run": "Carry out the approved plan; resumes where it was interrupted.",
    "report": "Write the result tables into report.md.",
    "verify": "Run the experiment again from its commit, and list every figure that differs.",
    "track": "Log an iteration's results in MLflow.",
    "monitor": "Read the monitors of what was released; a regression exits with 1.",
    "summary": "Print the Markdown a reviewer reads first.",
    "schema": "Print the JSON Schema of a stage's front matter, for editors.",
}
"""The verbs with their help, in the order of the work, so that `--help` need import none of them."""


class Verbs(click.Group):
    """A group whose commands live in modules of their own, and whose errors end in one place."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the verb's module and return its command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"iterata_cli.commands.{cmd_name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb; a near miss is pointed out."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches  # noqa: PLC0415  # only for a verb that does not exist

            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"{error.message.split(' Did you mean')[0]}{hint}", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verbs from the table."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and turn whatever is raised into one message and an exit code."""
        from iterata_cli.exits import funnel  # noqa: PLC0415  # after click, so that completion stays quick

        if kwargs.get("standalone_mode", True) is False:
            return super().main(*args, **kwargs)
        with funnel():
            kwargs["standalone_mode"] = False
            sys.exit(super().main(*args, **kwargs) or 0)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="iterata")
def cli() -> None:
    """Run machine-learning projects as small, reviewed, learning iterations, and keep what was learned.

    ITERATION is a path or project/iteration; a unique beginning of each will do. Exit codes: 0 fine, 1
    problems found or a gate closed, 2 wrong usage, 3 a bug, 130 interrupted.
    """
