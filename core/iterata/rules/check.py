"""The one path by which documents are judged."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from iterata.documents.yaml.loader import MAX_TOLD
from iterata.errors import ConfigError
from iterata.lifecycle.context import project_contexts
from iterata.problems import Severity, Tuning
from iterata.rules import findings, life, plan, results, suspect, tree
from iterata.rules.explained import CODES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem
    from iterata.repository.projects import Project, Repository
    from iterata.rules.cache import VerdictCache

CHECKS = (*life.CHECKS, *plan.CHECKS, *results.CHECKS, *findings.CHECKS, *suspect.CHECKS)


def judge(case: DocumentContext) -> Iterator[Problem]:
    """Everything wrong with one document, in its surroundings; of one kind, as much as anybody would read."""
    yield from case.document.problems
    for check in CHECKS:
        yield from islice(check(case), MAX_TOLD)


def check(
    repository: Repository, only: Iterable[str] = (), memory: VerdictCache | None = None
) -> list[Problem]:
    """Everything wrong with the tree, or with the files and folders named in `only`.

    Paths are relative to the repository. Problems come sorted by file and line. With `memory`, a project that
    has not changed since it was judged is not judged again.

    Raises:
        ConfigError: the settings tune a rule that does not exist.
    """
    _know_every_code(repository.severity)
    wanted = frozenset(path.strip("/") for path in only)
    entered = {step for path in wanted for step in _way(path)}
    if memory is not None:
        memory.prepare(repository)
    found = [*tree.of_repository(repository)]
    for project in repository.projects:
        if project.path in entered or _within(project.path, wanted):
            found += _recalled(project, memory) if memory and not wanted else _judged(project, wanted)
    if memory is not None:
        memory.save()
    return sorted(
        tuned(repository, (problem for problem in found if _within(problem.path, wanted))),
        key=lambda problem: (problem.path, problem.position, problem.code, problem.field),
    )


def _recalled(project: Project, memory: VerdictCache) -> list[Problem]:
    known = memory.recall(project)
    if known is None:
        known = _judged(project, frozenset())
        memory.remember(project, known)
    return known


def _judged(project: Project, wanted: frozenset[str]) -> list[Problem]:
    found = [*tree.of_project(project)]
    for case in project_contexts(project, lambda path: _within(path, wanted)):
        found += judge(case)
    return found


def _know_every_code(severity: Iterable[str]) -> None:
    for code in severity:
        if code not in CODES:
            from iterata.text import closest  # noqa: PLC0415  # only when something is wrong

            guess = closest(code, list(CODES))
            remedy = f"did you mean {guess}?" if guess else "`iterata rule` lists the codes"
            where = "mkdocs.yml: plugins.iterata.severity"
            raise ConfigError(f"there is no rule {code}", remedy=remedy, where=where)


def tuned(repository: Repository, problems: Iterable[Problem]) -> Iterator[Problem]:
    """The problems with the severity that the team gave to their rules; those it ignores are left out."""
    for problem in problems:
        chosen = repository.severity.get(problem.code, problem.severity.value)
        if chosen != Tuning.IGNORE:
            yield problem._replace(severity=Severity(chosen))


def _within(path: str, wanted: frozenset[str]) -> bool:
    return not wanted or any(step in wanted for step in (*_way(path), ".", ""))


def _way(path: str) -> Iterator[str]:
    """The path and every folder above it."""
    while path:
        yield path
        path = path.rpartition("/")[0]
