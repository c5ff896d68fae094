"""Problems as GitLab's Code Quality report, which a merge request shows on its lines.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from iterata.problems import Problem

_SEVERITIES = {"error": "major", "warning": "minor"}


def write(problems: Sequence[Problem], lines: Callable[[str], Sequence[str]]) -> str:
    """A list with one entry for each problem; an empty list if there are none."""
    return json.dumps(list(_entries(problems)), indent=2, ensure_ascii=False)


def _entries(problems: Sequence[Problem]) -> Iterator[dict[str, object]]:
    """GitLab compares fingerprints between branches: no line number in them, and none twice."""
    seen: Counter[str] = Counter()
    for problem in problems:
        identity = "\0".join((problem.code, problem.path, problem.field, problem.message))
        seen[identity] += 1
        identity = f"{identity}\0{seen[identity]}"
        field = f"{problem.field}: " if problem.field else ""
        data = f" Data: {problem.data}." if problem.data else ""
        yield {
            "check_name": problem.code,
            "description": f"{field}{problem.message}.{data} Fix: {problem.remedy}",
            "severity": _SEVERITIES[problem.severity],
            "fingerprint": hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest(),
            "location": {"path": problem.path, "lines": {"begin": problem.position.line}},
        }
