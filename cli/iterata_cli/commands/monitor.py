"""`iterata monitor`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from iterata_cli.context import find_iteration, load_knowledge_base, today
from iterata_cli.exits import Exit
from iterata_cli.formats import format_problems
from iterata_cli.long_running import long_running
from iterata_cli.options import format_option
from iterata_cli.output import format_table, on_one_line, print_data, print_json, print_message

if TYPE_CHECKING:
    from iterata.actions.monitor import MonitorReport, MonitorResult

FORMATS = {
    "text": "for people",
    "json": "for programs",
    "github": "workflow commands that annotate a run",
}
HEADERS = ("iteration", "monitor", "verdict", "figure", "bounds", "rows", "newest", "source")
EMPTY = "-"


@click.command("monitor")
@click.argument("iterations", nargs=-1, metavar="[ITERATION]...")
@format_option(FORMATS)
@click.pass_context
@long_running
def command(ctx: click.Context, iterations: tuple[str, ...], output_format: str) -> None:
    """Evaluate the monitors of released variants; a regression exits with 1.

    Without ITERATION, evaluates those of every deployment that is rolling_out or deployed. Also exits with 1
    if data are stale, or if a figure cannot be computed. Writes nothing, and executes no code of the project.
    """
    from iterata.actions.monitor import evaluate_monitors  # noqa: PLC0415
    from iterata_cli.formats.json import fields  # noqa: PLC0415

    config, repository = load_knowledge_base()
    folders = [find_iteration(config, repository, name) for name in iterations]
    report = evaluate_monitors(config.root, repository, list(dict.fromkeys(folders)), today())
    problems = report.problems
    if output_format == "json":
        monitors = list(map(_fields, report.results))
        print_json("monitor", {"monitors": monitors, "problems": list(map(fields, problems))})
    else:
        table = _table(report.results) if output_format == "text" and report.results else ""
        text = format_problems(output_format, problems, config.root, repository.tree)
        if table or text:
            print_data("\n\n".join(filter(None, (table, text))))
    if output_format == "text":
        _print_summary(report)
    ctx.exit(Exit.PROBLEMS if problems else Exit.FINE)


def _table(results: list[MonitorResult]) -> str:
    return format_table(HEADERS, list(map(_row, results)))


def _row(result: MonitorResult) -> tuple[str, ...]:
    from iterata.monitoring.verdicts import format_bounds, format_value  # noqa: PLC0415

    monitor, value = result.monitor, result.value
    figure, rows, newest = EMPTY, EMPTY, EMPTY
    if value is not None:
        figure, rows = format_value(monitor, value.value), f"{value.rows:,}"
        newest = str(value.newest or EMPTY)
    bounds, verdict = format_bounds(monitor), result.verdict.label
    return (result.iteration, monitor.name, verdict, figure, bounds, rows, newest, monitor.source)


def _fields(result: MonitorResult) -> dict[str, object]:
    """A monitor for programs; `figure` is null if it was not computed."""
    value, monitor, document = result.value, result.monitor, result.document
    return {
        "iteration": result.iteration,
        "status": document.status,
        "path": document.path,
        "line": document.source.position(["monitors", result.position]).line,
        "name": monitor.name,
        "source": monitor.source,
        "verdict": result.verdict,
        "figure": value.value if value else None,
        "lower": monitor.lower,
        "upper": monitor.upper,
        "rows": value.rows if value else None,
        "newest": value.newest.isoformat() if value and value.newest else None,
    }


def _print_summary(report: MonitorReport) -> None:
    for iteration, status in report.unreleased:
        print_message(f"{iteration}: the deployment is {status}; it does not reach users")
    counts = Counter(result.verdict.label for result in report.results)
    if counts:
        listed = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
        total = len(report.results)
        print_message(f"{total} {'monitor' if total == 1 else 'monitors'}: {listed}")
    if report.invalid:
        paths = dict.fromkeys(on_one_line(problem.path) for problem in report.invalid)
        print_message(f"not valid, so its monitors were not evaluated: {', '.join(paths)}")
    elif not counts:
        print_message("nothing to monitor: no deployment is rolling_out or deployed")
