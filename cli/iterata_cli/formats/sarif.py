"""Problems as SARIF 2.1.0 (OASIS), which code scanning and editors read."""

from __future__ import annotations

import hashlib
import json
from textwrap import indent
from typing import TYPE_CHECKING
from urllib.parse import quote

from iterata import __version__
from iterata.rules.catalogue import RULES
from iterata_cli.formats import data_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from iterata.problems import Problem


SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
"""The identifier that OASIS gave the schema."""


def write(problems: Sequence[Problem], lines: Callable[[str], Sequence[str]]) -> str:
    """One SARIF run with every rule, and a result for each problem."""
    rules = list(_rules())
    index = {str(rule["id"]): position for position, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "iterata", "version": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, index) for problem in problems],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False)


def _rules() -> Iterator[dict[str, object]]:
    for rule in RULES.values():
        bad, good = _code_block(rule.bad), _code_block(rule.good)
        yield {
            "id": rule.code,
            "shortDescription": {"text": rule.summary},
            "fullDescription": {"text": rule.why},
            "help": {"text": f"{rule.why}\n\nRefused:\n\n{bad}\n\nCorrected:\n\n{good}"},
        }


def _code_block(text: str) -> str:
    """A code block, if the help is read as Markdown."""
    return indent(text, "    ")


def _result(problem: Problem, index: dict[str, int]) -> dict[str, object]:
    line, column = problem.position
    location = {
        "artifactLocation": {"uri": quote(problem.path), "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": line, "startColumn": column},
    }
    identity = "\0".join((problem.code, problem.path, problem.field, problem.message))
    return {
        "ruleId": problem.code,
        "ruleIndex": index[problem.code],
        "level": problem.severity.value,
        "message": {"text": f"{problem.message}{data_line(problem)}\nfix: {problem.remedy}"},
        "locations": [{"physicalLocation": location}],
        "partialFingerprints": {"iterata/v1": hashlib.sha256(identity.encode()).hexdigest()},
    }
