"""`iterata digest`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import click

from iterata_cli.context import load_configuration
from iterata_cli.garbage_collection import disable_garbage_collection
from iterata_cli.options import format_option
from iterata_cli.output import on_one_line, print_message

if TYPE_CHECKING:
    from click import Context, Parameter


class _Day(click.ParamType[date]):
    name = "date"

    def convert(self, value: str | date, param: Parameter | None, ctx: Context | None) -> date:
        """A day that exists, written as YYYY-MM-DD."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC).date()
        except ValueError:
            self.fail(f"{value!r} is no day; write it as YYYY-MM-DD, such as 2026-11-23", param, ctx)


@click.command("digest")
@click.option("--since", type=_Day(), required=True, metavar="DATE", help="The first day, as YYYY-MM-DD.")
@click.option(
    "--until", type=_Day(), metavar="DATE", help="The last day; default: the day of the newest commit."
)
@click.option("--for", "role", metavar="ROLE", default="", help="Only what waits for this role, and first.")
@format_option({"markdown": "for a code host", "html": "a mail", "json": "data with an entry of a JSON Feed"})
def command(since: date, until: date | None, role: str, output_format: str) -> None:
    """Print what some days brought, as Markdown, as a mail or as an entry of a feed.

    That is decisions, findings, surprises, releases, and what waits for whom. Both days count. Only what
    is agreed is told, on the day that its document states. The same history gives the same bytes. A mail
    is one file with inline styles. Documents are linked if `mkdocs.yml` has a `site_url`.
    """
    disable_garbage_collection()
    from iterata.actions.digest import make  # noqa: PLC0415  # only after the command line is parsed

    text, whole = make(load_configuration(), since, until, role, output_format)
    click.echo(text.encode(), nl=False)
    for note in whole.notes:
        print_message(f"note: {on_one_line(note)}")
