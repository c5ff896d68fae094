"""`iterata doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from iterata_cli.context import working_directory
from iterata_cli.exits import Exit
from iterata_cli.options import format_option
from iterata_cli.output import format_table, on_one_line, print_data, print_json, print_message

if TYPE_CHECKING:
    from iterata.actions.doctor import Diagnosis, Finding


@click.command("doctor")
@format_option()
@click.option(
    "--constraints", is_flag=True, help="Print the tested versions instead, for `pip install --constraint`."
)
@click.pass_context
def command(ctx: click.Context, output_format: str, *, constraints: bool) -> None:
    """Say what is installed, what works, and which versions would change figures.

    Imports the packages that iterata and its extras need, in a process of its own. Looks at the knowledge
    base around the working directory as well, if there is one. Writes nothing, and asks no other machine.
    Exits with 1 if something that is needed does not work.
    """
    if constraints:
        from iterata.execution.dependencies import constraints as published  # noqa: PLC0415

        click.echo(published(), nl=False)
        return
    from iterata.actions.doctor import diagnose  # noqa: PLC0415

    diagnosis = diagnose(working_directory())
    if output_format == "json":
        findings = [finding._asdict() for finding in diagnosis.findings]
        print_json("doctor", {"works": diagnosis.works, "findings": findings})
    else:
        _print(diagnosis)
    ctx.exit(Exit.FINE if diagnosis.works else Exit.PROBLEMS)


def _print(diagnosis: Diagnosis) -> None:
    print_data(format_table(("part", "name", "state", "found", "note"), [*map(_row, diagnosis.findings)]))
    for finding in diagnosis.findings:
        if finding.fix and finding.state != "absent":
            message = on_one_line(finding.message)
            name = "" if message.startswith(f"{finding.name}:") else f"{finding.name}: "
            print_data(f"\n{finding.state}: {name}{message}")
            print_data(f"  fix: {on_one_line(finding.fix)}")
    problems, notes = (
        sum(finding.state == state for finding in diagnosis.findings) for state in ("problem", "note")
    )
    counts = [_count(problems, "problem")] if problems else ["everything needed works"]
    print_message(", ".join([*counts, _count(notes, "note")] if notes else counts))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _row(finding: Finding) -> tuple[str, str, str, str, str]:
    note = finding.message if finding.state == "ok" else ""
    if finding.state == "absent":
        note = f"fix: {finding.fix}"
    return finding.part, finding.name, finding.state, finding.found, note
