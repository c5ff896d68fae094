"""Problems for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iterata.problems import Problem


def write(problems: Sequence[Problem], lines: Callable[[str], Sequence[str]]) -> str:
    """`{"problems": [{code, severity, path, position: {line, column}, field, message, remedy}]}`."""
    found = [{**problem._asdict(), "position": problem.position._asdict()} for problem in problems]
    return json.dumps({"problems": found}, indent=2, ensure_ascii=False)
