"""`iterata monitor`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from iterata_cli.context import iteration_named, knowledge_base, today
from iterata_cli.exits import Exit
from iterata_cli.formats import written
from iterata_cli.options import format_option
from iterata_cli.output import printable, say, show, show_json, table

if TYPE_CHECKING:
    from iterata.actions.monitor import MonitorReport, MonitorResult

FORMATS = {
    "text": "for people",
    "json": "for programs",
    "github": "annotations, by workflow commands",
}
HEADERS = ("iteration", "monitor", "verdict", "figure", "bounds", "rows", "newest", "source")
NOTHING = "-"


@click.command("monitor")
@click.argument("iterations", nargs=-1, metavar="[ITERATION]...")
@format_option(FORMATS)
@click.pass_context
def command(ctx: click.Context, iterations: tuple[str, ...], form: str) -> None:
    """Read the monitors of what was released; a regression exits with 1.

    Without an ITERATION, those of every deployment that is rolling_out or deployed. A figure out of its
    bounds, data that have stopped coming, and a figure that cannot be computed all exit with 1.
    Nothing is written, and no code of the project is executed.
    """
    from iterata.actions.monitor import evaluate_monitors  # noqa: PLC0415
    from iterata_cli.formats.json import fields  # noqa: PLC0415

    config, repository = knowledge_base()
    named = [iteration_named(config, repository, name) for name in iterations]
    seen = evaluate_monitors(config.root, repository, list(dict.fromkeys(named)), today())
    problems = seen.problems
    if form == "json":
        show_json({"monitors": list(map(_fields, seen.results)), "problems": list(map(fields, problems))})
    else:
        listed = _table(seen.results) if form == "text" and seen.results else ""
        told = written(form, problems, config.root, repository.tree)
        if text := "\n\n".join(filter(None, (listed, told))):
            show(text)
    if form == "text":
        _talk(seen)
    ctx.exit(Exit.PROBLEMS if problems else Exit.FINE)


def _table(watched: list[MonitorResult]) -> str:
    from iterata.monitoring.verdicts import format_bounds, format_value  # noqa: PLC0415

    rows = []
    for each in watched:
        read, monitor = each.value, each.monitor
        shown = (
            (format_value(monitor, read.value), f"{read.rows:,}", str(read.newest or NOTHING))
            if read
            else None
        )
        value, count, newest = shown or (NOTHING, NOTHING, NOTHING)
        rows.append(
            (each.iteration, monitor.name, each.verdict.label, value, format_bounds(monitor), count, newest,
             monitor.source)
        )  # fmt: skip
    return table(HEADERS, rows)


def _fields(each: MonitorResult) -> dict[str, Any]:
    """A monitor for programs; without a figure where none was computed."""
    read, monitor, document = each.value, each.monitor, each.document
    return {
        "iteration": each.iteration,
        "status": document.status,
        "path": document.path,
        "line": document.source.position(["monitors", each.position]).line,
        "name": monitor.name,
        "source": monitor.source,
        "verdict": each.verdict,
        "figure": read.value if read else None,
        "lower": monitor.lower,
        "upper": monitor.upper,
        "rows": read.rows if read else None,
        "newest": read.newest.isoformat() if read and read.newest else None,
    }


def _talk(seen: MonitorReport) -> None:
    for iteration, status in seen.unreleased:
        say(f"{iteration}: the deployment is {status}, so that nothing of it reaches users")
    counts = Counter(each.verdict.label for each in seen.results)
    if counts:
        listed = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
        say(f"{len(seen.results)} {'monitor' if len(seen.results) == 1 else 'monitors'}: {listed}")
    if seen.invalid:
        paths = dict.fromkeys(printable(problem.path) for problem in seen.invalid)
        say(f"cannot be read, so that nobody knows what its monitors say: {', '.join(paths)}")
    elif not counts:
        say("nothing to watch: no deployment is rolling_out or deployed")
