"""How `iterata monitor --replay` shows monitors on their own past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata_cli.output import format_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.actions.monitor_replay import ReplayResult
    from iterata.monitoring.replay import Detection

HEADERS = (
    "iteration", "monitor", "bounds", "days", "fired", "false alarms a year", "years with one", "change",
    "found", "days until found",
)  # fmt: skip
EMPTY = "-"


def replay_table(results: Sequence[ReplayResult]) -> str:
    """A row for each monitor."""
    return format_table(HEADERS, [_row(result) for result in results])


def _row(result: ReplayResult) -> tuple[str, ...]:
    from iterata.monitoring.verdicts import format_bounds  # noqa: PLC0415

    names = (result.iteration, result.monitor.name, format_bounds(result.monitor))
    replay = result.replay
    if replay is None:
        return (*names, *(EMPTY for _ in HEADERS[3:]))
    detection = replay.detection
    return (
        *names,
        f"{replay.days:,}",
        f"{replay.fired:,}",
        f"{replay.false_alarms_per_year:.3g}",
        f"{replay.years_with_alarm:.1%}",
        f"{detection.change * 100:+.4g} %",
        f"{detection.found} of {detection.tried}",
        _days(detection),
    )


def _days(detection: Detection) -> str:
    return f"over {detection.within}" if detection.median_days is None else f"{detection.median_days:g}"


def replay_fields(result: ReplayResult) -> dict[str, object]:
    """A monitor for programs; the figures are null if it has no past."""
    replay, monitor = result.replay, result.monitor
    figures: dict[str, object] | None = None
    if replay is not None:
        figures = {
            **replay._asdict(),
            "first": replay.first.isoformat(),
            "last": replay.last.isoformat(),
            "detection": replay.detection._asdict(),
        }
    return {
        "iteration": result.iteration,
        "name": monitor.name,
        "lower": monitor.lower,
        "upper": monitor.upper,
        "false_alarms": monitor.false_alarms,
        "replay": figures,
    }
