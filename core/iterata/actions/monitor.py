"""`iterata monitor`: evaluate the monitors of released variants."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.deployment import Deployment
from iterata.errors import DataError, NotFoundError
from iterata.execution.steps import logged_step
from iterata.monitoring.verdicts import MonitorValue, Violation, judge
from iterata.problems import Severity
from iterata.results.monitors import MonitorVerdict
from iterata.stages import Stage, Status, statuses

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from iterata.documents import Document
    from iterata.documents.models.monitors import Monitor
    from iterata.monitoring.tables import MonitorTables
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
    note: str = ""
    """Why nothing can be said, or why there is no value."""


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
    deployments = deployments_of(repository, folders)
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


def deployments_of(
    repository: Repository, folders: Sequence[IterationFolder]
) -> list[tuple[IterationFolder, Document]]:
    """The deployments of `folders`; if it is empty, every released one.

    Raises:
        NotFoundError: an iteration of `folders` has no deployment.
    """
    return [_deployment(folder) for folder in folders] if folders else list(_released(repository.iterations))


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
    tables, since = tables_of(root, folder, deployment), began(deployment)
    for position, monitor in enumerate(deployment.monitors):
        place = _Place(folder.ref, document, position, monitor)
        if tables is None or monitor.measure is None:
            yield MonitorResult(folder.ref, document, position, monitor, MonitorVerdict.ELSEWHERE, None, None)
        else:
            place = _Place(folder.ref, document, position, monitor)
            yield _result(place, tables, today, monitor.since or since)


def tables_of(root: Path, folder: IterationFolder, deployment: Deployment) -> MonitorTables | None:
    """The data of a deployment's monitors, None if all are watched elsewhere."""
    if all(monitor.measure is None for monitor in deployment.monitors):
        return None
    from iterata.monitoring.tables import MonitorTables  # noqa: PLC0415  # imports pandas

    return MonitorTables(root / folder.project.path, root, deployment.monitors)


def began(deployment: Deployment) -> date | None:
    """The day of the first phase; None if none is known to have started."""
    return min((phase.started for phase in deployment.phases if phase.started), default=None)


class _Place(NamedTuple):
    """A monitor and where it stands."""

    iteration: str
    document: Document
    position: int
    monitor: Monitor


def _result(place: _Place, tables: MonitorTables, today: date, since: date | None) -> MonitorResult:
    from iterata.monitoring.values import compute_value  # noqa: PLC0415  # imports pandas

    document, position, monitor = place[1:]
    try:
        value = compute_value(monitor, tables, today, since)
    except DataError as error:
        problem = problem_of_error(document, position, monitor, error)
        return MonitorResult(*place, MonitorVerdict.UNKNOWN, None, problem, error.message)
    outcome = judge(monitor, value, today)
    violation = outcome.violation
    problem_of = violation and _problem(
        document, position, monitor, violation, _remedy(document, outcome.verdict)
    )
    return MonitorResult(*place, outcome.verdict, value, problem_of, outcome.note)


def problem_of_error(document: Document, position: int, monitor: Monitor, error: DataError) -> Problem:
    """The problem of a monitor whose value cannot be computed, on the line of the key to correct."""
    location = error.location
    failure = Violation(MonitorVerdict.UNKNOWN, str(location.field[0]), error.message)
    problem = _problem(document, position, monitor, failure, error.remedy)
    return problem._replace(data=location._replace(data=location.data or location.source).detail)


def _remedy(document: Document, verdict: MonitorVerdict) -> str:
    return _STALE_REMEDY if verdict is MonitorVerdict.STALE else _regression_remedy(document)


def _regression_remedy(document: Document) -> str:
    move = f'`iterata move {document.path} reverted --reason "what got worse"`'
    revert = f"; to revert the release: {move}"
    return f"find the cause{revert if document.status in RELEASED else ''}"


def _problem(
    document: Document, position: int, monitor: Monitor, violation: Violation, remedy: str
) -> Problem:
    """A problem on the line of the violated key, with the verdict in place of a rule's code."""
    key = violation.key if getattr(monitor, violation.key) is not None else "name"
    message = f"{monitor.name}: {violation.message}"
    path: list[str | int] = ["monitors", position, key]
    return document.problem(violation.verdict.value, path, message, remedy, severity=Severity.ERROR)
