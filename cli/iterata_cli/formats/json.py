"""Problems for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata_cli.output import json_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iterata.problems import Problem


def write(problems: Sequence[Problem], lines: Callable[[str], Sequence[str]]) -> str:
    """`{"problems": [{code, severity, path, position: {line, column}, field, message, remedy, data}]}`."""
    return json_text("check", {"problems": list(map(fields, problems))})


def fields(problem: Problem) -> dict[str, object]:
    """The fields of one problem."""
    return {**problem._asdict(), "position": problem.position._asdict()}
