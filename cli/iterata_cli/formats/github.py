"""Problems as GitHub's workflow commands, which annotate the lines of a pull request.

Text is escaped as the runner's command parser expects it; no text of a document can end a command or begin
another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata_cli.formats import data_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iterata.problems import Problem

_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def write(problems: Sequence[Problem], lines: Callable[[str], Sequence[str]]) -> str:
    """One command for each problem."""
    return "\n".join(map(_command, problems))


def _command(problem: Problem) -> str:
    properties = {
        "file": problem.path,
        "line": str(problem.position.line),
        "col": str(problem.position.column),
        "title": f"{problem.code} {problem.field}".rstrip(),
    }
    parameters = ",".join(f"{name}={value.translate(_PROPERTY)}" for name, value in properties.items())
    message = f"{problem.message}{data_line(problem)}\nfix: {problem.remedy}"
    return f"::{problem.severity} {parameters}::{message.translate(_MESSAGE)}"
