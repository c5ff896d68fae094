"""How long iterations take: the days of each stage and of each iteration, by the kind of iteration.

A stage begins on the day of the first commit of its document. It ends on the day that the document records:
of its approval, of the end of the experiment or of the last phase. An approval that was given again after the
next stage began does not lengthen the stage.
"""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from iterata.knowledge.agreed import abandoned_on, agreed_on, as_date, block, entries
from iterata.stages import IterationKind, Stage, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date
    from typing import TypeAlias

    from iterata.documents import Document
    from iterata.knowledge.views import IterationView, Knowledge
    from iterata.repository.history import Dates

    DatesOf: TypeAlias = Callable[[str], Dates | None]
    """The dates of a document in Git's history, by its path; None if they are not known."""


class NotDated(StrEnum):
    """Why a stage has no length."""

    UNDER_WAY = "under_way"
    """It has not ended."""
    NO_HISTORY = "no_history"
    """Git does not track the document, or there is no Git."""
    UNCOMMITTED = "uncommitted"
    """The document is not committed yet."""
    SHALLOW = "shallow"
    """It was created before the history of this clone begins."""
    NO_DAY = "no_day"
    """The document does not record the day on which it ended."""


class StageSpan(NamedTuple):
    """A stage of an iteration, from the first commit of its document to its end."""

    stage: Stage
    began: date | None
    ended: date | None
    not_dated: NotDated | None
    """None if both days are known."""

    @property
    def days(self) -> int | None:
        """The days from its beginning to its end; None if one of them is not known."""
        return (self.ended - self.began).days if self.began and self.ended else None


class IterationSpan(NamedTuple):
    """The stages of an iteration."""

    iteration: IterationView
    stages: tuple[StageSpan, ...]

    @property
    def days(self) -> int | None:
        """From the first commit to the agreed report; None if one of them is not known.

        The release does not count: how long it takes is decided by its split test.
        """
        spans = [span for span in self.stages if span.stage is not Stage.DEPLOYMENT]
        last = next((span for span in spans if span.stage is Stage.REPORT), None)
        first = spans[0].began if spans else None
        return (last.ended - first).days if last and last.ended and first else None


class Median(NamedTuple):
    """The median of a number of spans of time."""

    days: float
    n: int


class KindPace(NamedTuple):
    """The pace of one kind of iteration."""

    kind: IterationKind | None
    """None for iterations that do not say their kind."""
    iterations: Median | None
    """None if no iteration of this kind has ended, or none has dates."""
    stages: Mapping[Stage, Median]
    total: int
    """How many iterations of this kind there are."""


class Pace(NamedTuple):
    """How long iterations take."""

    kinds: tuple[KindPace, ...]
    """In the order of the method; those without iterations are left out."""
    spans: tuple[IterationSpan, ...]
    not_dated: Mapping[NotDated, int]
    """How many stages have no length, by the reason."""


def pace(knowledge: Knowledge, dates_of: DatesOf) -> Pace:
    """How long the iterations of all projects took."""
    began = _Beginnings(knowledge, dates_of)
    spans = tuple(_of_iteration(iteration, began) for iteration in knowledge.iterations)
    counts: dict[NotDated, int] = defaultdict(int)
    for span in spans:
        for stage in span.stages:
            if stage.not_dated:
                counts[stage.not_dated] += 1
    by_kind: dict[IterationKind | None, list[IterationSpan]] = defaultdict(list)
    for span in spans:
        by_kind[span.iteration.kind].append(span)
    order: tuple[IterationKind | None, ...] = (*IterationKind, None)
    kinds = tuple(_of_kind(kind, by_kind[kind]) for kind in order if kind in by_kind)
    return Pace(kinds, spans, dict(counts))


def _of_kind(kind: IterationKind | None, spans: list[IterationSpan]) -> KindPace:
    lengths: dict[Stage, list[int]] = defaultdict(list)
    for span in spans:
        for stage in span.stages:
            if (days := stage.days) is not None:
                lengths[stage.stage].append(days)
    stages = {stage: middle for stage in Stage if (middle := _median(lengths[stage]))}
    return KindPace(kind, _median(span.days for span in spans), stages, len(spans))


def _median(lengths: Iterable[int | None]) -> Median | None:
    known = [days for days in lengths if days is not None]
    return Median(median(known), len(known)) if known else None


class _Beginnings:
    """The day of the first commit of each document, and of what follows each iteration."""

    def __init__(self, knowledge: Knowledge, dates_of: DatesOf) -> None:
        self._of = {document.path: _began(document, dates_of) for document in knowledge.documents}
        self._followers: dict[tuple[str, str], list[date]] = defaultdict(list)
        for iteration in knowledge.iterations:
            first = next((self.of(document)[0] for document in iteration.documents), None)
            if iteration.follows and first:
                self._followers[iteration.project, iteration.follows].append(first)

    def of(self, document: Document) -> tuple[date | None, NotDated | None]:
        """The day of the first commit of a document, or why it is not known."""
        return self._of[document.path]

    def after(self, iteration: IterationView, position: int) -> date | None:
        """The day on which the stage after a document of an iteration, or the next iteration, began."""
        following = iteration.documents[position + 1 :]
        if following and following[0].stage is not Stage.DEPLOYMENT:
            return self.of(following[0])[0]
        return min(self._followers.get((iteration.project, iteration.name), ()), default=None)


def _of_iteration(iteration: IterationView, began: _Beginnings) -> IterationSpan:
    return IterationSpan(
        iteration,
        tuple(
            _span(document, *began.of(document), began.after(iteration, position))
            for position, document in enumerate(iteration.documents)
        ),
    )


def _began(document: Document, dates_of: DatesOf) -> tuple[date | None, NotDated | None]:
    dates = dates_of(document.path)
    if dates is None:
        return None, NotDated.NO_HISTORY
    if not dates.committed:
        return None, NotDated.UNCOMMITTED
    began = as_date(dates.created.day) if dates.created else None
    return began, None if began else NotDated.SHALLOW


def _span(
    document: Document, began: date | None, reason: NotDated | None, following: date | None
) -> StageSpan:
    if not _has_ended(document):
        return StageSpan(document.stage, began, None, NotDated.UNDER_WAY)
    ended = _ended_on(document)
    if began is None or ended is None:
        return StageSpan(document.stage, began, ended, reason or NotDated.NO_DAY)
    if following and began <= following < ended and _may_be_approved_again(document):
        ended = following
    return StageSpan(document.stage, began, max(began, ended), None)


_ENDED = frozenset(
    {
        Status.APPROVED,
        Status.ABANDONED,
        Status.SUPERSEDED,
        Status.COMPLETED,
        Status.STOPPED,
        Status.DEPLOYED,
        Status.REVERTED,
    }
)


def _has_ended(document: Document) -> bool:
    return document.status in _ENDED


def _ended_on(document: Document) -> date | None:
    """The day on which a stage ended, as its document records it."""
    data = document.data
    if document.status is Status.ABANDONED:
        return abandoned_on(document)
    if document.stage is Stage.EXPERIMENT:
        return as_date(data.get("ended"))
    if document.stage is Stage.DEPLOYMENT:
        phases = [as_date(phase.get("ended")) for phase in entries(data, "phases")]
        days = [day for day in (*phases, as_date(block(data, "revert").get("on"))) if day]
        return max(days, default=None)
    return agreed_on(document)


def _may_be_approved_again(document: Document) -> bool:
    """Whether the recorded approval may be later than the first one.

    The iteration after a report begins with its approval, whatever day the report records by now.
    """
    return document.stage is Stage.REPORT or bool(entries(document.data, "amendments"))
