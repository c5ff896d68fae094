"""`iterata cache`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from iterata_cli.context import load_knowledge_base
from iterata_cli.options import format_option
from iterata_cli.output import format_table, on_one_line, print_data, print_json, print_message

if TYPE_CHECKING:
    from iterata.actions.cache import Caches
    from iterata.experiment.cache.inventory import Holding, Inventory, Pruned

HEADERS = ("cache", "iteration", "entries", "size", "unused since", "last used")
UNKNOWN = "-"
_SECONDS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*([mhdw])")


def _seconds(_ctx: click.Context, _param: click.Parameter, age: str | None) -> float | None:
    """Read a duration such as `30d`."""
    if age is None:
        return None
    found = _AGE.fullmatch(age.strip())
    if found is None:
        raise click.BadParameter(f"{age!r} is not an age such as 30d, 12h or 2w.")
    return float(found[1]) * _SECONDS[found[2]]


def _bytes(_ctx: click.Context, _param: click.Parameter, size: str | None) -> int | None:
    """Read a size such as `5GB`."""
    from iterata.text import size_in_bytes  # noqa: PLC0415  # only for this option

    if size is None:
        return None
    try:
        return size_in_bytes(size)
    except ValueError:
        raise click.BadParameter(f"{size!r} is not a size such as 5GB, 500MB or 0.") from None


@click.group("cache", invoke_without_command=True)
@format_option()
@click.pass_context
def command(ctx: click.Context, output_format: str) -> None:
    """Show the cache of predictions, and delete what was not used for long.

    Shows the cache of this machine, .iterata/cache, and that of the team if mkdocs.yml names one: how many
    entries, how large, which iteration wrote them, and when they were used.
    """
    if ctx.invoked_subcommand is not None:
        return
    from iterata.actions.cache import show_caches  # noqa: PLC0415

    config, _ = load_knowledge_base()
    caches = show_caches(config)
    if output_format == "json":
        print_json("cache", {"caches": list(map(_fields, caches.inventories))})
    else:
        print_data(format_table(HEADERS, [row for held in caches.inventories for row in _rows(held)]))
    _print_notes(caches)


@command.command("prune")
@click.option(
    "--older-than", callback=_seconds, metavar="AGE", help="Delete what was not used for 30d, 12h or 2w."
)
@click.option(
    "--keep-size", callback=_bytes, metavar="SIZE", help="Keep at most 5GB or 500MB; 0 keeps nothing."
)
@click.option("--shared", is_flag=True, help="Prune the cache of the team, not that of this machine.")
@click.option("--dry-run", is_flag=True, help="Delete nothing, and print what would be deleted.")
@format_option()
def prune(
    *, older_than: float | None, keep_size: int | None, shared: bool, dry_run: bool, output_format: str
) -> None:
    """Delete what was not used for longest.

    Without --older-than and --keep-size, keeps the `cache_size` of mkdocs.yml. Never deletes what a running
    command uses. What is missing later is computed again.
    """
    from iterata.actions.cache import prune_cache  # noqa: PLC0415
    from iterata.text import size_in_bytes  # noqa: PLC0415

    config, _ = load_knowledge_base()
    limit = config.settings.cache_size
    if older_than is None and keep_size is None:
        if limit is None or shared:
            raise click.UsageError("Name what to delete: --older-than AGE or --keep-size SIZE.")
        keep_size = size_in_bytes(limit)
    pruned = prune_cache(config, shared=shared, older_than=older_than, keep_bytes=keep_size, dry_run=dry_run)
    if output_format == "json":
        print_json("cache_prune", {**pruned._asdict(), "dry_run": dry_run})
    print_message(_summary(pruned, dry_run=dry_run))


def _summary(pruned: Pruned, *, dry_run: bool) -> str:
    from iterata.text import size_of_bytes  # noqa: PLC0415

    action = "would delete" if dry_run else "deleted"
    freed, kept = size_of_bytes(pruned.bytes), size_of_bytes(pruned.kept_bytes)
    text = f"{pruned.place}: {action} {pruned.removed:,} entries ({freed}); kept {pruned.kept:,} ({kept})"
    return f"{text}, {pruned.in_use:,} of them because a running command uses them" if pruned.in_use else text


def _rows(held: Inventory) -> list[tuple[str, ...]]:
    rows = [_row(held.place, holding) for holding in held.holdings if holding.iteration]
    if len(held.holdings) == len(rows) == 1:
        return rows
    return [*rows, _row(held.place, held.total._replace(iteration="all"))]


def _row(place: str, holding: Holding) -> tuple[str, ...]:
    from iterata.text import size_of_bytes  # noqa: PLC0415

    times = _day(holding.oldest), _day(holding.newest)
    return (place, holding.iteration, f"{holding.entries:,}", size_of_bytes(holding.bytes), *times)


def _day(time: float | None) -> str:
    return UNKNOWN if time is None else f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M}"


def _fields(held: Inventory) -> dict[str, object]:
    """A cache for programs."""
    iterations = [_holding_fields(holding) for holding in held.holdings]
    total = _holding_fields(held.total)
    del total["iteration"]
    in_use = len(held.in_use & {file.name for file in held.entries})
    return {"place": held.place, "shared": held.shared, **total, "in_use": in_use, "iterations": iterations}


def _holding_fields(holding: Holding) -> dict[str, object]:
    return {**holding._asdict(), "oldest": _iso(holding.oldest), "newest": _iso(holding.newest)}


def _iso(time: float | None) -> str | None:
    return None if time is None else f"{datetime.fromtimestamp(time, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _print_notes(caches: Caches) -> None:
    in_use = sum(len(held.in_use) for held in caches.inventories)
    if in_use:
        print_message(f"a running command uses {in_use:,} entries; `iterata cache prune` keeps them")
    if caches.error is not None:
        print_message(f"note: {caches.error.where}: {on_one_line(caches.error.message)}")
        print_message(f"  fix: {on_one_line(caches.error.remedy)}")
