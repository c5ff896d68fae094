"""The one path by which documents are judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.lifecycle.case import cases
from iterata.problems import Severity, Tuning
from iterata.rules import findings, life, plan, results, suspect, tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iterata.lifecycle.case import Case
    from iterata.problems import Problem
    from iterata.repository import Repository

CHECKS = (*life.CHECKS, *plan.CHECKS, *results.CHECKS, *findings.CHECKS, *suspect.CHECKS)


def judge(case: Case) -> Iterator[Problem]:
    """Everything wrong with one document, in its surroundings."""
    yield from case.document.problems
    for check in CHECKS:
        yield from check(case)


def check(repository: Repository, only: Iterable[str] = ()) -> list[Problem]:
    """Everything wrong with the tree, or with the files and folders named in `only`.

    Paths are relative to the repository. Problems come sorted by file and line.
    """
    wanted = tuple(path.strip("/") for path in only)
    found = [problem for problem in tree.problems(repository) if _within(problem.path, wanted)]
    for case in cases(repository, lambda path: _within(path, wanted)):
        found += judge(case)
    return sorted(
        tuned(repository, found),
        key=lambda problem: (problem.path, problem.position, problem.code, problem.field),
    )


def tuned(repository: Repository, problems: Iterable[Problem]) -> Iterator[Problem]:
    """The problems with the severity that the team gave to their rules; those it ignores are left out."""
    for problem in problems:
        chosen = repository.severity.get(problem.code, problem.severity.value)
        if chosen != Tuning.IGNORE:
            yield problem._replace(severity=Severity(chosen))


def _within(path: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or any(path == each or path.startswith(f"{each}/") or each == "." for each in wanted)
