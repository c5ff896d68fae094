"""`iterata site`."""

from __future__ import annotations

from pathlib import Path

import click

from iterata_cli.context import load_configuration, working_directory
from iterata_cli.exits import Exit
from iterata_cli.garbage_collection import disable_garbage_collection
from iterata_cli.output import on_one_line, print_message


@click.command("site")
@click.option(
    "--into",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder to write: empty, missing, or written by this command before.",
)
@click.option(
    "--for",
    "host",
    type=click.Choice(["zensical", "mkdocs", "techdocs", "quarto", "hugo", "docusaurus"]),
    default="zensical",
    show_default=True,
    help="The program that builds the site.",
)
@click.option(
    "--docs",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="A folder of your own pages, which become part of the same site.",
)
@click.option(
    "--directory-urls/--no-directory-urls",
    default=None,
    help="Whether report.md is at report/ or at report.html; default: as the program does by default.",
)
@click.option("--site-url", metavar="URL", help="The address of the site; default: of the settings.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if the folder is not up to date.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    folder: Path,
    host: str,
    docs: Path | None,
    directory_urls: bool | None,
    site_url: str | None,
    check: bool,
) -> None:
    """Write the site as Markdown with finished HTML, for Zensical, Hugo and others.

    Any program that builds sites can show it, and MkDocs is not needed. The folder gets every page, image
    and result, a stylesheet, the navigation and feeds. The same tree and history give the same bytes.
    Only files that an earlier run wrote are ever replaced.
    """
    disable_garbage_collection()
    from iterata.site.portable.write import request_of, write_site  # noqa: PLC0415  # only after parsing

    config, here = load_configuration(), working_directory()
    own_pages = here / docs if docs else None
    request = request_of(
        config, host, here / folder, own_pages, directory_urls=directory_urls, site_url=site_url
    )
    built, changes = write_site(config, request, compare_only=check)
    for warning in built.warnings:
        print_message(f"warning: {on_one_line(warning)}")
    for note in built.notes:
        print_message(f"note: {on_one_line(note)}")
    for path in changes.kept:
        print_message(f"kept: {on_one_line(path)} was edited, and is no part of the site any more")
    if check:
        stale = len(changes.written) + len(changes.removed)
        print_message(f"{folder} is not up to date: {stale} files differ" if changes else "up to date")
        ctx.exit(Exit.PROBLEMS if changes else Exit.FINE)
    print_message(
        f"{folder}: {built.pages} pages; {len(changes.written)} files written, {len(changes.removed)} removed"
    )
