"""`iterata monitor`."""

from __future__ import annotations

from collections import Counter
from math import isfinite
from typing import TYPE_CHECKING

import click

from iterata_cli.context import find_iteration, load_knowledge_base, today
from iterata_cli.exits import Exit
from iterata_cli.formats import format_problems
from iterata_cli.long_running import long_running
from iterata_cli.options import format_option
from iterata_cli.output import format_table, on_one_line, print_data, print_json, print_message

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.actions.monitor import MonitorReport, MonitorResult
    from iterata.monitoring.sequence import Sequence
    from iterata.monitoring.verdicts import Interval
    from iterata.repository.projects import IterationFolder, Repository

FORMATS = {
    "text": "for people",
    "json": "for programs",
    "github": "workflow commands that annotate a run",
    "prometheus": "metrics for node_exporter's textfile collector",
}
HEADERS = ("iteration", "monitor", "verdict", "figure", "interval", "bounds", "rows", "newest", "source")
EMPTY = "-"


def _parse_drop(ctx: click.Context, param: click.Parameter, value: str) -> float:
    """A size such as `10%` or `0.1`."""
    del ctx, param
    text = value.strip().replace(" ", "")
    try:
        size = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        size = 0.0
    if not 0 < size <= 1:
        raise click.BadParameter(f"{value!r} is not a size such as 10% or 0.1.")
    return size


@click.command("monitor")
@click.argument("iterations", nargs=-1, metavar="[ITERATION]...")
@format_option(FORMATS)
@click.option("--record", is_flag=True, help="Add today's values to results/monitors.json.")
@click.option("--replay", is_flag=True, help="Try the monitors on their own past instead.")
@click.option(
    "--drop",
    default="10%",
    show_default=True,
    callback=_parse_drop,
    help="With --replay: the change to find; a drop, or a rise if a monitor has no lower bound.",
)
@click.option(
    "--export",
    type=click.Choice(["prometheus", "argo"]),
    help="Print alerting rules of Prometheus, or AnalysisTemplates of Argo Rollouts, instead.",
)
@click.pass_context
@long_running
def command(
    ctx: click.Context,
    iterations: tuple[str, ...],
    output_format: str,
    *,
    record: bool,
    replay: bool,
    drop: float,
    export: str | None,
) -> None:
    """Evaluate the monitors of released variants; a regression exits with 1.

    Without ITERATION, evaluates those of every deployment that is rolling_out or deployed. Also exits with 1
    if data are stale, or if a figure cannot be computed. A figure that chance alone could move out of its
    bounds, or that has too few rows, is told and exits with 0. Executes no code of the project, and writes
    nothing without --record.
    """
    if record + replay + bool(export) > 1:
        raise click.UsageError("give one of --record, --replay and --export.")
    config, repository = load_knowledge_base()
    folders = list(dict.fromkeys(find_iteration(config, repository, name) for name in iterations))
    if export:
        _export(repository, folders, export)
    elif replay:
        ctx.exit(_replay(config.root, repository, folders, drop, output_format))
    else:
        ctx.exit(_evaluate(config.root, repository, folders, output_format, record=record))


def _evaluate(
    root: Path, repository: Repository, folders: list[IterationFolder], output_format: str, *, record: bool
) -> Exit:
    from iterata.actions.monitor import evaluate_monitors  # noqa: PLC0415
    from iterata_cli.formats.json import fields  # noqa: PLC0415

    report = evaluate_monitors(root, repository, folders, today())
    problems = report.problems
    if output_format == "json":
        monitors = list(map(_fields, report.results))
        print_json("monitor", {"monitors": monitors, "problems": list(map(fields, problems))})
    elif output_format == "prometheus":
        from iterata.actions.monitor_export import metrics  # noqa: PLC0415

        print_data(metrics(report.results).rstrip("\n"))
    else:
        table = _table(report.results) if output_format == "text" and report.results else ""
        text = format_problems(output_format, problems, root, repository.tree)
        if table or text:
            print_data("\n\n".join(filter(None, (table, text))))
    if output_format == "text":
        _print_summary(report)
    if record:
        from iterata.actions.monitor_series import record as record_series  # noqa: PLC0415

        for path in record_series(root, report.results, today()):
            print_message(f"wrote {path}")
    return Exit.PROBLEMS if problems else Exit.FINE


def _export(repository: Repository, folders: list[IterationFolder], target: str) -> None:
    from iterata.actions.monitor import deployments_of  # noqa: PLC0415
    from iterata.actions.monitor_export import export  # noqa: PLC0415

    deployments = [(folder.ref, document) for folder, document in deployments_of(repository, folders)]
    print_data(export(deployments, "argo" if target == "argo" else "prometheus").rstrip("\n"))


def _replay(
    root: Path, repository: Repository, folders: list[IterationFolder], drop: float, output_format: str
) -> Exit:
    from iterata.actions.monitor import deployments_of  # noqa: PLC0415
    from iterata.actions.monitor_replay import replay_monitors  # noqa: PLC0415
    from iterata_cli.formats.json import fields  # noqa: PLC0415
    from iterata_cli.replays import replay_fields, replay_table  # noqa: PLC0415

    results = list(replay_monitors(root, deployments_of(repository, folders), today(), drop))
    problems = [result.problem for result in results if result.problem is not None]
    if output_format == "json":
        monitors = list(map(replay_fields, results))
        print_json("monitor_replay", {"monitors": monitors, "problems": list(map(fields, problems))})
    else:
        table = replay_table(results) if results and output_format == "text" else ""
        shown = "text" if output_format == "prometheus" else output_format
        text = format_problems(shown, problems, root, repository.tree)
        if table or text:
            print_data("\n\n".join(filter(None, (table, text))))
        for result in results:
            if result.note:
                print_message(f"{result.iteration}: {on_one_line(result.monitor.name)}: {result.note}")
        if not results:
            print_message("nothing to replay: no monitor has a `measure`")
    return Exit.PROBLEMS if problems else Exit.FINE


def _table(results: list[MonitorResult]) -> str:
    return format_table(HEADERS, list(map(_row, results)))


def _row(result: MonitorResult) -> tuple[str, ...]:
    from iterata.monitoring.verdicts import format_bounds, format_interval, format_value  # noqa: PLC0415

    monitor, value = result.monitor, result.value
    figure, interval, rows, newest = EMPTY, EMPTY, EMPTY, EMPTY
    if value is not None:
        figure, rows = format_value(monitor, value.value), f"{value.rows:,}"
        newest = str(value.newest or EMPTY)
        interval = format_interval(monitor, value.interval) or EMPTY
    bounds, verdict = format_bounds(monitor), result.verdict.label
    return (result.iteration, monitor.name, verdict, figure, interval, bounds, rows, newest, monitor.source)


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
        "interval": _ends(value.interval if value else None),
        "interval_one_look": _ends(value.one_look if value else None),
        "since": _sequence(value.sequence if value else None),
        "units": value.units if value else None,
        "min_rows": value.least_rows if value else monitor.min_rows,
        "note": result.note,
    }


def _ends(interval: Interval | None) -> list[float | None] | None:
    """The ends of an interval; null if an end is open."""
    return None if interval is None else [end if isfinite(end) else None for end in interval]


def _sequence(sequence: Sequence | None) -> dict[str, object] | None:
    return None if sequence is None else {**sequence._asdict(), "since": sequence.since.isoformat()}


def _print_summary(report: MonitorReport) -> None:
    for iteration, status in report.unreleased:
        print_message(f"{iteration}: the deployment is {status}; it does not reach users")
    counts = Counter(result.verdict.label for result in report.results)
    if counts:
        listed = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
        total = len(report.results)
        print_message(f"{total} {'monitor' if total == 1 else 'monitors'}: {listed}")
    for result in report.results:
        if result.note and result.problem is None:
            print_message(f"{result.iteration}: {on_one_line(result.monitor.name)}: {result.note}")
    if report.invalid:
        paths = dict.fromkeys(on_one_line(problem.path) for problem in report.invalid)
        print_message(f"not valid, so its monitors were not evaluated: {', '.join(paths)}")
    elif not counts:
        print_message("nothing to monitor: no deployment is rolling_out or deployed")
