"""`iterata status`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from iterata_cli.context import load_knowledge_base
from iterata_cli.garbage_collection import disable_garbage_collection
from iterata_cli.knowledge_bases import all_option
from iterata_cli.options import format_option
from iterata_cli.output import format_table, on_one_line, print_data, print_json, print_message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.knowledge import Knowledge
    from iterata.lifecycle.next_step import NextStep


class Row(NamedTuple):
    """One line of the table."""

    ref: str
    kind: str
    stage: str
    waits_for: str
    who: str
    command: str
    remedy: str


@click.command("status")
@all_option
@format_option({"table": "for people", "json": "for programs"})
@click.pass_context
def command(ctx: click.Context, *, all_bases: bool, output_format: str) -> None:
    """Show every iteration, what it waits for, and who must act.

    With --all, it shows every knowledge base of the Git repository, and the latest findings.
    """
    disable_garbage_collection()
    from iterata.knowledge import read  # noqa: PLC0415

    if all_bases:
        from iterata_cli.boards import show_all  # noqa: PLC0415  # only for several

        ctx.exit(show_all(output_format))
    _, repository = load_knowledge_base()
    knowledge = read(repository)
    rows = list(rows_of(knowledge))
    if output_format == "json":
        print_json("status", {"iterations": [row._asdict() for row in rows]})
    elif not rows:
        print_message("there are no projects yet; start one, such as `iterata new project churn`")
    else:
        headers = ("iteration", "kind", "stage", "waits for", "who")
        print_data(format_table(headers, [row[:5] for row in rows]))
        print_notes(knowledge)
        _print_next_steps(rows)


def print_notes(knowledge: Knowledge, prefix: str = "") -> None:
    """Print what the table does not show: unreadable results and suspect documents; `prefix` begins paths."""
    for error in knowledge.unread:
        print_message(f"left out: {prefix}{error.where}: {on_one_line(error.message)}")
    for notice in knowledge.notices:
        print_message(f"note: {prefix}{on_one_line(notice)}")
    for iteration in knowledge.iterations:
        for view in iteration.suspect_stages:
            cause = f"{view.upstream_changes[0].path} has changed since"
            print_message(f"{prefix}{iteration.ref}: check the {view.stage} again; {cause}")


def _print_next_steps(rows: list[Row]) -> None:
    open_rows = [row for row in rows if row.command or row.remedy]
    if open_rows:
        print_message("\nnext steps")
    for row in open_rows:
        print_message(f"  {row.ref}: {row.command or on_one_line(row.remedy)}")


def rows_of(knowledge: Knowledge) -> Iterator[Row]:
    """The rows of a knowledge base, project by project."""
    for project in knowledge.projects:
        if project.next_step is not None:
            yield _row(project.name, "", project.next_step)
        for iteration in project.iterations:
            yield _row(iteration.ref, iteration.kind or "", iteration.next_step)


def _row(ref: str, kind: str, step: NextStep) -> Row:
    stage = step.stage.value if step.stage else "done"
    return Row(ref, kind, stage, step.what, step.who, step.command, step.remedy)
