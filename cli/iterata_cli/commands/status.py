"""`iterata status`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from iterata_cli.context import knowledge_base, reading_only
from iterata_cli.options import format_option
from iterata_cli.output import printable, say, show, show_json, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.knowledge import Knowledge
    from iterata.lifecycle.next_step import NextStep


class Row(NamedTuple):
    """One line of the board."""

    ref: str
    kind: str
    stage: str
    waits_for: str
    who: str
    command: str
    remedy: str


@click.command("status")
@format_option({"table": "for people", "json": "for programs"})
def command(form: str) -> None:
    """Show the board: every iteration, what it waits for, who must act."""
    from iterata.knowledge import read  # noqa: PLC0415

    reading_only()
    _, repository = knowledge_base()
    knowledge = read(repository)
    rows = list(_rows(knowledge))
    if form == "json":
        show_json({"iterations": [row._asdict() for row in rows]})
        return
    if not rows:
        say("no projects yet; begin one with `iterata new project NAME`")
        return
    show(table(("iteration", "kind", "stage", "waits for", "who"), [row[:5] for row in rows]))
    for error in knowledge.unread:
        say(f"left out: {error.where}: {printable(error.message)}")
    for iteration in knowledge.iterations:
        for view in iteration.suspect_stages:
            why = f"{view.upstream_changes[0].path} has changed since"
            say(f"{iteration.ref}: look at the {view.stage} again, {why}")
    if open_rows := [row for row in rows if row.command or row.remedy]:
        say("\nnext steps")
        for row in open_rows:
            say(f"  {row.ref}: {row.command or printable(row.remedy)}")


def _rows(knowledge: Knowledge) -> Iterator[Row]:
    for project in knowledge.projects:
        if project.next_step is not None:
            yield _row(project.name, "", project.next_step)
        for iteration in project.iterations:
            yield _row(iteration.ref, iteration.kind or "", iteration.next_step)


def _row(ref: str, kind: str, step: NextStep) -> Row:
    stage = step.stage.value if step.stage else "done"
    return Row(ref, kind, stage, step.what, step.who, step.command, step.remedy)
