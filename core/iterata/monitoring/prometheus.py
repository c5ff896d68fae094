"""Monitors in the words of Prometheus: alerting rules, and metrics for node_exporter's textfile collector.

Names come from documents, which are untrusted: they are quoted in expressions, labels and templates.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

import yaml

from iterata.results.monitors import MonitorVerdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iterata.documents.models.monitors import Monitor
    from iterata.monitoring.verdicts import MonitorValue

VALUE, LOW, HIGH, ROWS, VERDICT = (
    f"iterata_monitor_{name}" for name in ("value", "interval_low", "interval_high", "rows", "verdict")
)
"""The metrics that `iterata monitor --format prometheus` prints."""

_HELP = {
    VALUE: "The value of the monitor.",
    LOW: "The lower end of its interval, valid for all looks of a year.",
    HIGH: "The upper end of its interval, valid for all looks of a year.",
    ROWS: "The number of rows of the value.",
    VERDICT: "0 fine, 1 nothing can be said, 2 regression.",
}

FINE, NOTHING, REGRESSION = 0, 1, 2
"""The values of `iterata_monitor_verdict`."""

WIDTH = 1_000_000
"""The width of lines of YAML: an expression stays on its line."""

HOLDS_FOR = "5m"
"""For how long an expression must hold; a single scrape can be wrong."""

SILENT_AFTER = "2d"
"""After how long without a value the silence itself is told."""


class Watched(NamedTuple):
    """A monitor of an iteration, and its page."""

    iteration: str
    page: str
    """The path of the document in the repository."""
    monitor: Monitor
    value: MonitorValue | None = None
    verdict: MonitorVerdict = MonitorVerdict.UNKNOWN


def alerting_rules(monitors: Iterable[Watched]) -> str:
    """The rule file of some monitors: a group for each iteration, an alert for each bound.

    A missing value fires no bound's alert, only `IterataMonitorSilent`, whose severity is `info`.
    """
    groups: dict[str, list[dict[str, object]]] = {}
    for watched in monitors:
        groups.setdefault(f"iterata {watched.iteration}", []).extend(_rules(watched))
    document = {"groups": [{"name": name, "rules": rules} for name, rules in groups.items()]}
    text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=WIDTH)
    return text


def _rules(watched: Watched) -> Iterator[dict[str, object]]:
    monitor = watched.monitor
    for side, sign in (("lower", "<"), ("upper", ">")):
        bound = getattr(monitor, side)
        if bound is None:
            continue
        labels = selector(watched)
        certain = "" if monitor.promql else f" and {VERDICT}{labels} == {REGRESSION}"
        expression = grouped(monitor.promql) if monitor.promql else f"{VALUE}{labels}"
        wrong = "below" if side == "lower" else "above"
        yield _rule(
            watched,
            "IterataMonitorRegression",
            f"{expression} {sign} {_number(bound)}{certain}",
            "warning",
            f"{monitor.name} is {wrong} {_number(bound)}",
        )
    source = grouped(monitor.promql) if monitor.promql else f"{VALUE}{selector(watched)}"
    silent = f"absent_over_time({source}[{SILENT_AFTER}:1h])"
    yield _rule(watched, "IterataMonitorSilent", silent, "info", f"{monitor.name} has no value")


def _rule(watched: Watched, alert: str, expression: str, severity: str, summary: str) -> dict[str, object]:
    return {
        "alert": alert,
        "expr": expression,
        "for": HOLDS_FOR,
        "labels": {
            "severity": severity,
            "iteration": literal(watched.iteration),
            "monitor": literal(watched.monitor.name),
        },
        "annotations": {
            "summary": f"{literal(watched.iteration)}: {literal(summary)}",
            "value": "{{ $value }}",
            "page": literal(watched.page),
        },
    }


def grouped(promql: str) -> str:
    """An expression in parentheses, which a comment at its end does not hide."""
    return f"({promql}\n)" if "#" in promql else f"({promql})"


def literal(text: str) -> str:
    """Text in which the templates of Prometheus find nothing to execute."""
    return text.replace("{{", '{{ "{{" }}')


def selector(watched: Watched) -> str:
    """The labels that select a monitor's metrics."""
    return f"{{iteration={quoted(watched.iteration)}, monitor={quoted(watched.monitor.name)}}}"


def quoted(text: str) -> str:
    """A string of PromQL; braces are escaped, so that no template finds its own in it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'.replace("{{", "\\x7b\\x7b").replace("}}", "\\x7d\\x7d")


def _number(value: float) -> str:
    return f"{value:.17g}" if float(f"{value:.12g}") != value else f"{value:.12g}"


def text_metrics(monitors: Iterable[Watched]) -> str:
    """The values in Prometheus' text format, for a file that node_exporter's textfile collector reads.

    A monitor without a value has a verdict only; an open end of an interval is infinite.
    """
    samples: dict[str, list[str]] = {name: [] for name in _HELP}
    for watched in monitors:
        for name, value in _samples(watched).items():
            samples[name].append(f"{name}{_labels(watched)} {_exposed(value)}")
    lines = []
    for name, found in samples.items():
        if found:
            lines += [f"# HELP {name} {_HELP[name]}", f"# TYPE {name} gauge", *found]
    return "\n".join(lines) + "\n" if lines else ""


def _labels(watched: Watched) -> str:
    names = watched.iteration, watched.monitor.name
    iteration, monitor = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for text in names
    )
    return f'{{iteration="{iteration}",monitor="{monitor}"}}'


def _samples(watched: Watched) -> dict[str, float]:
    samples: dict[str, float] = {}
    value = watched.value
    if value is not None and watched.verdict is not MonitorVerdict.STALE:
        low, high = value.interval or (value.value, value.value)
        if watched.verdict is MonitorVerdict.TOO_FEW:
            low, high = float("-inf"), float("inf")
        samples = {VALUE: value.value, LOW: low, HIGH: high, ROWS: float(value.rows)}
    return samples | {VERDICT: float(_CODES.get(watched.verdict, NOTHING))}


_CODES = {MonitorVerdict.FINE: FINE, MonitorVerdict.REGRESSION: REGRESSION}


def _exposed(value: float) -> str:
    if isfinite(value):
        return f"{value!r}".removesuffix(".0")
    return "+Inf" if value > 0 else "-Inf"
