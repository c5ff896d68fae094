"""What the tests of engines run, and how they compare it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from iterata import results
from iterata.experiment.engines.tasks import Task

if TYPE_CHECKING:
    from iterata.results import ExperimentResult


TIMEOUT = 120.0
"""Seconds to wait for other processes: a busy machine may take long to start them."""

EXIT = Task(eval, "__import__('os')._exit(1)", {})
"""Kills the worker that runs it."""

PID = Task(eval, "__import__('os').getpid()", {})
"""The process that runs it."""

MAXIMUM = Task(max, 1, 2)

Run = Callable[..., "ExperimentResult"]


def figures(result: ExperimentResult) -> dict[str, Any]:
    """The result without its provenance."""
    data: dict[str, Any] = json.loads(results.to_json(result))
    del data["provenance"]
    return data
