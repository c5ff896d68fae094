"""Whether packages can be imported: in a process of its own, which a broken package may end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from iterata.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

TIME_LIMIT = 300.0
"""Seconds for all imports of a process."""

_QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "RAY_USAGE_STATS_ENABLED": "0"}

_PROGRAM = """
import importlib, json, os, sys
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
for name in sys.argv[1:]:
    print(json.dumps([name, "begins"]), file=answers, flush=True)
    try:
        importlib.import_module(name)
    except BaseException as error:
        print(json.dumps([name, f"{type(error).__name__}: {error}"]), file=answers, flush=True)
    else:
        print(json.dumps([name, ""]), file=answers, flush=True)
"""


def import_failures(modules: Sequence[str]) -> dict[str, str]:
    """Why modules of installed packages cannot be imported, by their name; those that can be are left out.

    The folder of the caller is not on the path of the process, so nothing of it is imported.
    """
    failures: dict[str, str] = {}
    remaining = list(modules)
    while remaining:
        answers, ending = _import(remaining)
        last = ""
        for name, answer in answers:
            last = name if answer == "begins" else ""
            if not last:
                remaining.remove(name)
                failures |= {name: one_line(answer, 200)} if answer else {}
        if not remaining:
            break
        broken = last or remaining[0]  # the process ended while it imported this one
        remaining.remove(broken)
        failures[broken] = ending
    return failures


def _import(modules: Sequence[str]) -> tuple[list[tuple[str, str]], str]:
    """What a process answers for each module, and how it ended."""
    command = [sys.executable, "-P", "-W", "ignore", "-c", _PROGRAM, *modules]
    try:
        process = subprocess.run(
            command, env={**os.environ, **_QUIET}, stdin=subprocess.DEVNULL, capture_output=True,
            timeout=TIME_LIMIT, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        return _parse(late.stdout or b""), f"importing it takes more than {TIME_LIMIT:.0f} s"
    return _parse(process.stdout), _ending(process.returncode)


def _parse(output: bytes) -> list[tuple[str, str]]:
    lines = output.decode("utf-8", "replace").splitlines()
    return [(name, answer) for name, answer in map(json.loads, lines)]


def _ending(code: int) -> str:
    if code < 0:
        return f"importing it ends Python with {signal.Signals(-code).name}"
    return f"importing it ends Python with exit code {code}"
