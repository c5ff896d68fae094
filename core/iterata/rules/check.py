"""The one path by which documents are checked."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from iterata.documents.yaml.loader import MAX_PROBLEMS
from iterata.errors import ConfigError, Location
from iterata.lifecycle.context import project_contexts
from iterata.problems import Severity, SeveritySetting
from iterata.rules import (
    consistency,
    earlier_releases,
    exploration,
    findings,
    lifecycle,
    monitors,
    names,
    plan,
    prose,
    releases,
    reports,
    results,
    say_once,
    staleness,
    tree,
)
from iterata.rules.pull_requests import ALWAYS_COUNT
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem
    from iterata.repository.projects import Project, Repository
    from iterata.rules.cache import VerdictCache

_RULE_SETS = (
    lifecycle.RULES,
    plan.RULES,
    say_once.RULES,
    names.RULES,
    prose.RULES,
    results.RULES,
    monitors.RULES,
    consistency.RULES,
    releases.RULES,
    earlier_releases.RULES,
    reports.RULES,
    findings.RULES,
    staleness.RULES,
)

CHECKS = {
    stage: tuple(check_rule for rules in _RULE_SETS for check_rule in rules.checks_of(stage))
    for stage in Stage
}
"""The checks of the documents of each stage."""


def check_document(context: DocumentContext) -> Iterator[Problem]:
    """The problems of one document in its context; each check reports a limited number."""
    yield from context.document.problems
    for check_rule in CHECKS[context.document.stage]:
        yield from islice(check_rule(context), MAX_PROBLEMS)


def check(
    repository: Repository, only: Iterable[str] = (), cache: VerdictCache | None = None
) -> list[Problem]:
    """The problems of the tree, or of the files and folders in `only`, sorted by file and line.

    Args:
        repository: the projects to check.
        only: paths relative to the repository; empty for all of it.
        cache: verdicts of earlier checks. A project that has not changed since is not checked again; with
            `only`, the cache is not used.

    Raises:
        ConfigError: the settings name a rule that does not exist.
    """
    _refuse_unknown_codes(repository.severity)
    selection = frozenset(path.strip("/") for path in only)
    parents = {parent for path in selection for parent in _path_and_parents(path)}
    if cache is not None:
        cache.prepare(repository)
    problems = [*tree.repository_problems(repository)]
    for project in repository.projects:
        if project.path in parents or _is_within(project.path, selection):
            problems += (
                _cached(project, cache) if cache and not selection else _check_project(project, selection)
            )
    if cache is not None:
        cache.save()
    return sorted(
        with_severity(repository, (problem for problem in problems if _is_within(problem.path, selection))),
        key=lambda problem: (problem.path, problem.position, problem.code, problem.field),
    )


def _cached(project: Project, cache: VerdictCache) -> list[Problem]:
    problems = cache.get(project)
    if problems is None:
        problems = _check_project(project, frozenset())
        cache.put(project, problems)
    return problems


def _check_project(project: Project, selection: frozenset[str]) -> list[Problem]:
    problems = [*tree.project_problems(project)]
    with_results = {path.partition("/results/")[0] for path in selection if "/results/" in path}

    def is_selected(path: str) -> bool:
        """Whether it is in the selection, or a result is that its rules may report on."""
        return _is_within(path, selection) or path.rpartition("/")[0] in with_results

    for context in project_contexts(project, is_selected):
        problems += check_document(context)
    return [*problems, *exploration.exploration_problems(project)]


def _refuse_unknown_codes(severity: Mapping[str, SeveritySetting]) -> None:
    for code, reason, remedy in refused_severities(severity):
        where = Location("mkdocs.yml", field=("plugins", "iterata", "severity", code))
        raise ConfigError(reason, remedy=remedy, where=where)


def refused_severities(severity: Mapping[str, SeveritySetting]) -> Iterator[tuple[str, str, str]]:
    """The codes that no team can configure like this: each with the reason and the remedy."""
    if not severity:
        return
    from iterata.rules.catalogue import RULES  # noqa: PLC0415  # only for a team that tunes rules

    for code, setting in severity.items():
        if code not in RULES:
            from iterata.text import closest  # noqa: PLC0415  # only when something is wrong

            guess = closest(code, list(RULES))
            remedy = f"did you mean {guess}?" if guess else "`iterata rule` lists the codes"
            yield code, f"there is no rule {code}", remedy
        elif _always_counts(code) and setting != SeveritySetting.ERROR:
            yield code, f"{code} protects what was agreed; it is always an error", "remove this line"


def _always_counts(code: str) -> bool:
    """Whether a rule protects agreements, so that no setting lowers its severity."""
    return code.startswith(ALWAYS_COUNT)


def with_severity(repository: Repository, problems: Iterable[Problem]) -> Iterator[Problem]:
    """The problems with the severity that the team gave to their rules, without the ignored ones."""
    for problem in problems:
        severity = problem.severity.value
        if not _always_counts(problem.code):
            severity = repository.severity.get(problem.code, severity)
        if severity != SeveritySetting.IGNORE:
            yield problem._replace(severity=Severity(severity))


def _is_within(path: str, selection: frozenset[str]) -> bool:
    return not selection or any(parent in selection for parent in (*_path_and_parents(path), ".", ""))


def _path_and_parents(path: str) -> Iterator[str]:
    while path:
        yield path
        path = path.rpartition("/")[0]
