"""`iterata monitor`: what the monitors of released variants say today. Nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.deployment import Deployment
from iterata.errors import NotFoundError
from iterata.monitoring.verdicts import Fault, MonitorVerdict, Reading, fault
from iterata.problems import Severity
from iterata.stages import Stage, Status, statuses

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from iterata.documents import Document
    from iterata.documents.models.monitors import Monitor
    from iterata.monitoring.read import Files
    from iterata.problems import Problem
    from iterata.repository.projects import IterationFolder, Repository

RELEASED = (Status.ROLLING_OUT, Status.DEPLOYED)
"""Where a variant reaches users."""

_STALE = "see why no rows come any more, and bring the file up to date"


class Watched(NamedTuple):
    """A monitor, and what it says."""

    iteration: str
    document: Document
    place: int
    """Which of the document's monitors it is, from 0."""
    monitor: Monitor
    verdict: MonitorVerdict
    reading: Reading | None
    problem: Problem | None
    """What is wrong, where anything is."""


class Watch(NamedTuple):
    """What `monitor` saw."""

    watched: list[Watched]
    unread: list[Problem]
    """Problems of documents whose monitors nobody can read, therefore."""
    unreleased: list[tuple[str, str]]
    """Iterations that were asked for although nothing of them reaches users, with the status."""

    @property
    def problems(self) -> list[Problem]:
        """Everything that is wrong."""
        return [*self.unread, *(each.problem for each in self.watched if each.problem is not None)]


def watch(root: Path, repository: Repository, named: Sequence[IterationFolder], today: date) -> Watch:
    """Read the monitors of the iterations that are named; of none, those of everything that is released.

    Raises:
        NotFoundError: an iteration that is named has no deployment.
    """
    found = [_deployment(folder) for folder in named] if named else list(_released(repository.iterations))
    watched: list[Watched] = []
    unread: list[Problem] = []
    for folder, document in found:
        if isinstance(document.model, Deployment):
            watched += _read(root, folder, document, document.model, today)
        else:
            unread += document.problems
    unreleased = [
        (folder.ref, document.status.value)
        for folder, document in found
        if document.status and document.status not in RELEASED
    ]
    return Watch(watched, unread, unreleased)


def _deployment(folder: IterationFolder) -> tuple[IterationFolder, Document]:
    document = folder.document(Stage.DEPLOYMENT)
    if document is None:
        remedy = f"begin it with `iterata new document {folder.ref} deployment`, or name another iteration"
        raise NotFoundError("the iteration has no deployment", remedy=remedy, where=folder.ref)
    return folder, document


def _released(folders: Iterable[IterationFolder]) -> Iterator[tuple[IterationFolder, Document]]:
    """Everything that reaches users, and whatever may: a status that no deployment has hides nothing."""
    others = set(statuses(Stage.DEPLOYMENT)) - set(RELEASED)
    for folder in folders:
        document = folder.document(Stage.DEPLOYMENT)
        if document is not None and document.status not in others:
            yield folder, document


def _read(
    root: Path, folder: IterationFolder, document: Document, deployment: Deployment, today: date
) -> Iterator[Watched]:
    files = _files(root / folder.project.path, root, deployment.monitors)
    for place, monitor in enumerate(deployment.monitors):
        verdict, reading, problem = MonitorVerdict.ELSEWHERE, None, None
        if files is not None and monitor.measure is not None:
            verdict, reading, problem = _judged(document, place, monitor, files, today)
        yield Watched(folder.ref, document, place, monitor, verdict, reading, problem)


def _files(project: Path, root: Path, monitors: Sequence[Monitor]) -> Files | None:
    """The monitors' data files; none where every number is watched elsewhere."""
    if all(monitor.measure is None for monitor in monitors):
        return None
    from iterata.monitoring.read import Files  # noqa: PLC0415  # brings pandas

    return Files(project, root, monitors)


def _judged(
    document: Document, place: int, monitor: Monitor, files: Files, today: date
) -> tuple[MonitorVerdict, Reading | None, Problem | None]:
    from iterata.monitoring.read import MonitorError, read  # noqa: PLC0415  # brings pandas

    try:
        reading = read(monitor, files, today)
    except MonitorError as error:
        said = f"{error.where}: {error.message}" if error.where not in ("", error.key) else error.message
        found = Fault(MonitorVerdict.UNKNOWN, error.key, said)
        return MonitorVerdict.UNKNOWN, None, _problem(document, place, monitor, found, error.remedy)
    wrong = fault(monitor, reading, today)
    if wrong is None:
        return MonitorVerdict.FINE, reading, None
    remedy = _STALE if wrong.verdict is MonitorVerdict.STALE else _found_out(document)
    return wrong.verdict, reading, _problem(document, place, monitor, wrong, remedy)


def _found_out(document: Document) -> str:
    back = f"; to take the release back: `iterata move {document.path} reverted`"
    return f"find out why{back if document.status in RELEASED else ''}"


def _problem(document: Document, place: int, monitor: Monitor, found: Fault, remedy: str) -> Problem:
    """What is wrong, on the line of the key that it is about; the verdict stands where rules have a code."""
    written = found.key if getattr(monitor, found.key) is not None else "name"
    path: list[str | int] = ["monitors", place, written]
    return document.problem(
        found.verdict.value, path, f"{monitor.name}: {found.message}", remedy, severity=Severity.ERROR
    )
