"""`iterata monitor`: evaluate the monitors of released variants. Nothing is written."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.deployment import Deployment
from iterata.errors import DataError, NotFoundError
from iterata.execution.steps import logged_step
from iterata.monitoring.verdicts import MonitorValue, MonitorVerdict, Violation, find_violation
from iterata.problems import Severity
from iterata.stages import Stage, Status, statuses

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from iterata.documents import Document
    from iterata.documents.models.monitors import Monitor
    from iterata.monitoring.values import MonitorTables
    from iterata.problems import Problem
    from iterata.repository.projects import IterationFolder, Repository

LOGGER = logging.getLogger(__name__)

RELEASED = (Status.ROLLING_OUT, Status.DEPLOYED)
"""Statuses in which a variant reaches users."""

_STALE_REMEDY = "find out why no new rows arrive, and update the file"


class MonitorResult(NamedTuple):
    """One monitor, its value and its verdict."""

    iteration: str
    document: Document
    position: int
    """Its index in the document's list of monitors."""
    monitor: Monitor
    verdict: MonitorVerdict
    value: MonitorValue | None
    """None if it cannot be computed, or is watched elsewhere."""
    problem: Problem | None


class MonitorReport(NamedTuple):
    """The results of all monitors that were evaluated."""

    results: list[MonitorResult]
    invalid: list[Problem]
    """The problems of deployments that are not valid; their monitors were not evaluated."""
    unreleased: list[tuple[str, str]]
    """The requested iterations that are not released, with the status of their deployment."""

    @property
    def problems(self) -> list[Problem]:
        """All problems."""
        return [*self.invalid, *(result.problem for result in self.results if result.problem is not None)]


def evaluate_monitors(
    root: Path, repository: Repository, folders: Sequence[IterationFolder], today: date
) -> MonitorReport:
    """Evaluate the monitors of `folders`; if it is empty, those of every released deployment.

    Raises:
        NotFoundError: an iteration of `folders` has no deployment.
    """
    deployments = (
        [_deployment(folder) for folder in folders] if folders else list(_released(repository.iterations))
    )
    results: list[MonitorResult] = []
    invalid: list[Problem] = []
    for folder, document in deployments:
        if isinstance(document.model, Deployment):
            with logged_step(LOGGER, f"evaluating the monitors of {folder.ref}"):
                results += _evaluate(root, folder, document, document.model, today)
        else:
            invalid += document.problems
    unreleased = [
        (folder.ref, document.status.value)
        for folder, document in deployments
        if document.status and document.status not in RELEASED
    ]
    return MonitorReport(results, invalid, unreleased)


def _deployment(folder: IterationFolder) -> tuple[IterationFolder, Document]:
    document = folder.document(Stage.DEPLOYMENT)
    if document is None:
        remedy = f"start one with `iterata new document {folder.ref} deployment`, or name another iteration"
        raise NotFoundError("the iteration has no deployment", remedy=remedy, where=folder.ref)
    return folder, document


def _released(folders: Iterable[IterationFolder]) -> Iterator[tuple[IterationFolder, Document]]:
    """The released deployments, and those whose status is not valid, because they may be released."""
    not_released = set(statuses(Stage.DEPLOYMENT)) - set(RELEASED)
    for folder in folders:
        document = folder.document(Stage.DEPLOYMENT)
        if document is not None and document.status not in not_released:
            yield folder, document


def _evaluate(
    root: Path, folder: IterationFolder, document: Document, deployment: Deployment, today: date
) -> Iterator[MonitorResult]:
    tables = _tables(root / folder.project.path, root, deployment.monitors)
    for position, monitor in enumerate(deployment.monitors):
        verdict, value, problem = MonitorVerdict.ELSEWHERE, None, None
        if tables is not None and monitor.measure is not None:
            verdict, value, problem = _verdict(document, position, monitor, tables, today)
        yield MonitorResult(folder.ref, document, position, monitor, verdict, value, problem)


def _tables(project: Path, root: Path, monitors: Sequence[Monitor]) -> MonitorTables | None:
    """The data of the monitors, None if all are watched elsewhere."""
    if all(monitor.measure is None for monitor in monitors):
        return None
    from iterata.monitoring.values import MonitorTables  # noqa: PLC0415  # imports pandas

    return MonitorTables(project, root, monitors)


def _verdict(
    document: Document, position: int, monitor: Monitor, tables: MonitorTables, today: date
) -> tuple[MonitorVerdict, MonitorValue | None, Problem | None]:
    from iterata.monitoring.values import compute_value  # noqa: PLC0415  # imports pandas

    try:
        value = compute_value(monitor, tables, today)
    except DataError as error:
        location = error.location
        failure = Violation(MonitorVerdict.UNKNOWN, str(location.field[0]), error.message)
        problem = _problem(document, position, monitor, failure, error.remedy)
        data = location._replace(data=location.data or location.source).detail
        return MonitorVerdict.UNKNOWN, None, problem._replace(data=data)
    violation = find_violation(monitor, value, today)
    if violation is None:
        return MonitorVerdict.FINE, value, None
    remedy = _STALE_REMEDY if violation.verdict is MonitorVerdict.STALE else _regression_remedy(document)
    return violation.verdict, value, _problem(document, position, monitor, violation, remedy)


def _regression_remedy(document: Document) -> str:
    revert = f"; to revert the release: `iterata move {document.path} reverted`"
    return f"find the cause{revert if document.status in RELEASED else ''}"


def _problem(
    document: Document, position: int, monitor: Monitor, violation: Violation, remedy: str
) -> Problem:
    """A problem on the line of the violated key, with the verdict in place of a rule's code."""
    key = violation.key if getattr(monitor, violation.key) is not None else "name"
    message = f"{monitor.name}: {violation.message}"
    path: list[str | int] = ["monitors", position, key]
    return document.problem(violation.verdict.value, path, message, remedy, severity=Severity.ERROR)
