"""Runs a script of iterata in a folder of its own, and reads the objects that it answers."""

from __future__ import annotations

import json
import pickle
import signal
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path


class ScriptEnded(Exception):
    """The script ended before it answered that it is done; the message says how."""


class Answer(NamedTuple):
    """What a script answers: a word, and what belongs to it."""

    kind: str
    content: object


DONE = "done"
"""The last answer of a script."""


def answers(script: Path, request: Mapping[str, object], folder: Path) -> Generator[Answer]:
    """Start a script in `folder`, send it a request, and yield its answers until it is done.

    The script reads the request as one line of JSON from its standard input, and ends when that is closed: so
    it also ends if this process is killed. It pickles its answers, as pairs, to its standard output.

    Raises:
        ScriptEnded: the script ended early, for example because memory was short.
    """
    process = subprocess.Popen(
        [sys.executable, "-P", str(script)], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        if process.stdin is None or process.stdout is None:
            raise ScriptEnded("it has no pipes")
        with suppress(BrokenPipeError):
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
        while True:
            try:
                answer = Answer(*pickle.load(process.stdout))  # noqa: S301  # written by our own script
            except (EOFError, pickle.UnpicklingError):
                raise ScriptEnded(_ending(process.wait())) from None
            if answer.kind == DONE:
                return
            yield answer
    finally:
        process.kill()
        process.communicate()


def _ending(exit_code: int) -> str:
    if exit_code >= 0:
        return f"it ended with exit code {exit_code}"
    return f"it was killed by {signal.Signals(-exit_code).name}"
