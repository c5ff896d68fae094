"""Monitors as an AnalysisTemplate of Argo Rollouts, which asks Prometheus for them during a rollout.

A value out of its bounds fails the analysis, and Argo Rollouts reverts. Anything else that is not a value
within them is inconclusive: the rollout is paused and a person decides. No data, NaN and a Prometheus that
does not answer never revert, and never go on.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from iterata.monitoring.prometheus import FINE, REGRESSION, VERDICT, WIDTH, selector

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iterata.documents.models.monitors import Monitor
    from iterata.monitoring.prometheus import Watched

COUNT = 5
"""How many measurements must be within the bounds."""

INTERVAL = "5m"

MOST_ERRORS = 2_147_483_647
"""How many measurements in a row may fail because Prometheus does not answer: the analysis waits for it."""

ADDRESS = "prometheus-address"
"""The argument with the address of Prometheus."""

LONGEST_NAME = 63
"""The most characters of a name in Kubernetes."""

_PRESENT = "len(result) > 0 && !isNaN(result[0])"


def analysis_templates(monitors: Iterable[Watched]) -> str:
    """The AnalysisTemplates of some monitors, one for each iteration, in one YAML stream."""
    iterations: dict[str, list[Watched]] = {}
    for watched in monitors:
        iterations.setdefault(watched.iteration, []).append(watched)
    names = _names(iterations)
    templates = [_template(name, watched) for name, watched in zip(names, iterations.values(), strict=True)]
    text: str = yaml.safe_dump_all(templates, sort_keys=False, allow_unicode=True, width=WIDTH)
    return text


def _template(name: str, monitors: list[Watched]) -> dict[str, object]:
    names = _names(watched.monitor.name for watched in monitors)
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AnalysisTemplate",
        "metadata": {
            "name": name,
            "annotations": {"iterata/iteration": monitors[0].iteration, "iterata/page": monitors[0].page},
        },
        "spec": {
            "args": [{"name": ADDRESS, "value": "http://prometheus:9090"}],
            "metrics": [_metric(name, watched) for name, watched in zip(names, monitors, strict=True)],
        },
    }


def _metric(name: str, watched: Watched) -> dict[str, object]:
    monitor = watched.monitor
    success, failure = _conditions(monitor)
    return {
        "name": name,
        "interval": INTERVAL,
        "count": COUNT,
        "successCondition": f"{_PRESENT} && {success}",
        "failureCondition": f"{_PRESENT} && {failure}",
        "failureLimit": 0,
        "inconclusiveLimit": 0,
        "consecutiveErrorLimit": MOST_ERRORS,
        "provider": {
            "prometheus": {
                "address": f"{{{{args.{ADDRESS}}}}}",
                "query": monitor.promql or f"{VERDICT}{selector(watched)}",
            }
        },
    }


def _conditions(monitor: Monitor) -> tuple[str, str]:
    """What a value must be to be within the bounds, and to be out of them."""
    if not monitor.promql:
        return f"result[0] == {FINE}", f"result[0] == {REGRESSION}"
    bounds = (("lower", ">=", "<"), ("upper", "<=", ">"))
    given = [(getattr(monitor, key), inside, out) for key, inside, out in bounds]
    within = [f"result[0] {inside} {bound!r}" for bound, inside, _ in given if bound is not None]
    beyond = [f"result[0] {out} {bound!r}" for bound, _, out in given if bound is not None]
    return " && ".join(within), f"({' || '.join(beyond)})"


def _names(texts: Iterable[str]) -> list[str]:
    """Names that Kubernetes accepts, none of them twice."""
    names: list[str] = []
    for text in texts:
        words = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[: LONGEST_NAME - 4].strip("-")
        name, number = words or "monitor", 2
        while name in names:
            name, number = f"{words or 'monitor'}-{number}", number + 1
        names.append(name)
    return names
