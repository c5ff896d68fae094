"""Findings, decisions and iterations as records: the one form that leaves a knowledge base."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.knowledge.days import GitDay, day_of, is_provisional, unknown_day, valid_day
from iterata.knowledge.record_models import (
    RECORDS_VERSION,
    DecisionMaker,
    DecisionRecord,
    DecisionRecords,
    DocumentRecord,
    FindingRecord,
    FindingRecords,
    HypothesisRecord,
    IterationRecord,
    IterationRecords,
    RecommendationRecord,
    ScaleRecord,
    StageRecord,
    WaitsFor,
)
from iterata.stages import Outcome, Stage, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iterata.documents import Document
    from iterata.documents.models.report import Decision
    from iterata.knowledge.record_models import DecisionKind
    from iterata.knowledge.releases import ReleaseView
    from iterata.knowledge.views import FindingView, IterationView, Knowledge, ProjectView, TrajectoryPoint

__all__ = [
    "RECORDS_VERSION",
    "DecisionRecord",
    "DecisionRecords",
    "FindingRecord",
    "FindingRecords",
    "IterationRecord",
    "IterationRecords",
    "Records",
    "decisions_of",
    "findings_of",
    "iterations_of",
    "records",
]


class Records(NamedTuple):
    """Everything that leaves a knowledge base."""

    findings: list[FindingRecord]
    decisions: list[DecisionRecord]
    iterations: list[IterationRecord]


def records(knowledge: Knowledge, git_day: GitDay = unknown_day) -> Records:
    """All records, project by project; `git_day` is asked for a document that states no day itself."""
    return Records(
        findings_of(knowledge, git_day), decisions_of(knowledge, git_day), iterations_of(knowledge, git_day)
    )


def findings_of(knowledge: Knowledge, git_day: GitDay = unknown_day) -> list[FindingRecord]:
    """Every finding, project by project."""
    return [
        _finding(knowledge, _Place(project, iteration), finding, git_day)
        for project in knowledge.projects
        for iteration in (*project.iterations, None)
        for finding in (iteration.findings if iteration else project.own_findings)
    ]


def decisions_of(knowledge: Knowledge, git_day: GitDay = unknown_day) -> list[DecisionRecord]:
    """Every decision, abandonment and revert, project by project."""
    return [
        decision
        for project in knowledge.projects
        for place in (_Place(project), *(_Place(project, iteration) for iteration in project.iterations))
        for decision in _decisions(place, git_day)
    ]


def iterations_of(knowledge: Knowledge, git_day: GitDay = unknown_day) -> list[IterationRecord]:
    """Every iteration, project by project."""
    return [
        _iteration(_Place(project, iteration), iteration, git_day)
        for project in knowledge.projects
        for iteration in project.iterations
    ]


class _Place(NamedTuple):
    """A project, or one iteration of it."""

    project: ProjectView
    iteration: IterationView | None = None

    @property
    def documents(self) -> tuple[Document, ...]:
        if self.iteration is not None:
            return self.iteration.documents
        return (self.project.requirements,) if self.project.requirements else ()

    @property
    def findings(self) -> tuple[FindingView, ...]:
        return self.iteration.findings if self.iteration else self.project.own_findings

    def findings_of(self, document: Document) -> list[str]:
        return [finding.key for finding in self.findings if finding.document is document]


def _source(place: _Place, document: Document, key: str, day: str) -> DocumentRecord:
    iteration = place.iteration
    return DocumentRecord(
        key=key,
        project=place.project.name,
        project_title=place.project.title,
        iteration=iteration.name if iteration else None,
        iteration_title=iteration.title if iteration else None,
        day=day or None,
        provisional=is_provisional(document),
        document=document.path,
        document_title=document.title,
        stage=document.stage,
        document_status=document.status,
    )


def _finding(knowledge: Knowledge, place: _Place, finding: FindingView, git_day: GitDay) -> FindingRecord:
    source = _source(place, finding.document, finding.key, day_of(finding.document, git_day))
    algorithms, data_sets = _compared(place)
    return FindingRecord(
        **dict(source),
        statement=finding.statement,
        kind=finding.kind,
        verdict=finding.verdict,
        status="open",
        tags=list(finding.tags),
        evidence=finding.evidence,
        kpi_kind=finding.kpi_kind or None,
        algorithms=algorithms,
        data_sets=data_sets,
        supports=list(finding.supports),
        contradicts=list(finding.contradicts),
        supported_by=[other.key for other in knowledge.supporters(finding)],
        contradicted_by=[other.key for other in knowledge.critics(finding)],
    )


def _decisions(place: _Place, git_day: GitDay) -> Iterator[DecisionRecord]:
    for document in place.documents:
        iteration = place.iteration
        if document.stage is Stage.REPORT and iteration is not None and iteration.decision is not None:
            yield _decision(place, iteration, iteration.decision, document)
        abandoned = document.data.get("abandoned")
        if document.status is Status.ABANDONED and isinstance(abandoned, dict):
            day = valid_day(abandoned.get("on")) or git_day(document.path)
            ending = _Ending("abandonment", "abandoned", day, str(abandoned.get("why") or ""))
            yield _ending(place, document, ending)
    if place.iteration is not None and place.iteration.release is not None:
        yield from _reverts(place, place.iteration.release)


def _decision(
    place: _Place, iteration: IterationView, decision: Decision, document: Document
) -> DecisionRecord:
    advice = iteration.recommendation
    release = iteration.release if decision.outcome is Outcome.DEPLOY else None
    return DecisionRecord(
        **dict(_source(place, document, _key(place, document, "decision"), decision.on.isoformat())),
        kind="decision",
        outcome=decision.outcome,
        why=decision.why,
        by=[DecisionMaker(role=one.role, name=one.name) for one in decision.by],
        recommendation=(
            RecommendationRecord(outcome=advice.next, kind=advice.kind, why=advice.why) if advice else None
        ),
        variant=(release.variant or None) if release else None,
        findings=place.findings_of(document),
    )


class _Ending(NamedTuple):
    """The end of work, or of a release."""

    kind: DecisionKind
    name: str
    day: str
    why: str
    variant: str | None = None


def _ending(place: _Place, document: Document, ending: _Ending) -> DecisionRecord:
    return DecisionRecord(
        **dict(_source(place, document, _key(place, document, ending.name), ending.day)),
        kind=ending.kind,
        why=ending.why,
        by=[],
        recommendation=None,
        variant=ending.variant,
        findings=place.findings_of(document),
    )


def _reverts(place: _Place, release: ReleaseView) -> Iterator[DecisionRecord]:
    reverts = [(entry.variant, entry.revert) for entry in release.earlier]
    if release.revert is not None:
        reverts.append((release.variant, release.revert))
    for number, (variant, revert) in enumerate(reverts, 1):
        ending = _Ending("revert", f"revert-{number}", revert.on.isoformat(), revert.why, variant)
        yield _ending(place, release.document, ending)


def _key(place: _Place, document: Document, name: str) -> str:
    folder = f"{place.iteration.name}/" if place.iteration else ""
    return f"{place.project.name}/{folder}{document.stage}#{name}"


def _iteration(place: _Place, iteration: IterationView, git_day: GitDay) -> IterationRecord:
    days = {document.path: day_of(document, git_day) for document in iteration.documents}
    report = next((document for document in iteration.documents if document.stage is Stage.REPORT), None)
    algorithms, data_sets = _compared(place)
    decision, step = iteration.decision, iteration.next_step
    return IterationRecord(
        key=iteration.ref,
        project=iteration.project,
        project_title=place.project.title,
        iteration=iteration.name,
        title=iteration.title,
        kind=iteration.kind,
        follows=iteration.follows,
        day=max(days.values(), default="") or None,
        stages=[
            StageRecord(
                stage=document.stage,
                title=document.title,
                document=document.path,
                status=document.status,
                day=days[document.path] or None,
            )
            for document in iteration.documents
        ],
        hypotheses=list(_hypotheses(iteration, report)),
        findings=[finding.key for finding in iteration.findings],
        algorithms=algorithms,
        data_sets=data_sets,
        scale=_scale(iteration.point) if iteration.point else None,
        outcome=decision.outcome if decision else None,
        outcome_provisional=is_provisional(report) if decision and report else None,
        waits_for=WaitsFor(stage=step.stage, what=step.what, who=step.who) if step.who else None,
    )


def _hypotheses(iteration: IterationView, report: Document | None) -> Iterator[HypothesisRecord]:
    for hypothesis in iteration.hypotheses:
        yield HypothesisRecord(
            id=hypothesis.id,
            claim=hypothesis.claim,
            variant=hypothesis.variant,
            over=hypothesis.over,
            by=hypothesis.by,
            verdict=hypothesis.verdict,
            interpretation=hypothesis.interpretation,
            provisional=report is None or is_provisional(report),
        )


def _scale(point: TrajectoryPoint) -> ScaleRecord:
    name, best = point.best or (None, None)
    return ScaleRecord(
        kpi=point.kpi.name,
        kind=point.kpi.kind,
        unit=point.kpi.scaled_unit,
        direction=point.kpi.direction,
        random=point.random,
        status_quo=point.status_quo,
        perfect=point.perfect,
        best_variant=name,
        best=best,
        realised=point.realised,
    )


def compared(project: ProjectView, iteration: IterationView) -> tuple[list[str], list[str]]:
    """The algorithms that an iteration compares and the paths of its data, each sorted.

    They are those of its result; before there is one, those that its plan and its assessment name.
    """
    result = iteration.experiment
    if result is not None:
        algorithms = {variant.estimator for variant in result.variants}
        return sorted(algorithms), sorted(result.provenance.data)
    planned = {name for variant in _entries(iteration, "plan", "variants") if (name := _algorithm(variant))}
    sources = {
        f"{project.path}/{source}"
        for block in (*_entries(iteration, "plan", "data"), *_entries(iteration, "lift", "data"))
        if isinstance(source := block.get("source"), str)
    }
    read = set(iteration.lift.provenance.data) if iteration.lift else set()
    return sorted(planned), sorted(sources | read)


def _algorithm(variant: Mapping[str, object]) -> str:
    named = (variant.get(key) for key in ("estimator", "factory", "producer"))
    return next((name for name in named if isinstance(name, str)), "")


def _entries(iteration: IterationView, block: str, key: str) -> Iterator[Mapping[str, object]]:
    """The blocks below a key of any document, which may be invalid."""
    for document in iteration.documents:
        found = document.data.get(block)
        value = found.get(key) if isinstance(found, dict) else None
        yield from (
            entry for entry in (value if isinstance(value, list) else [value]) if isinstance(entry, dict)
        )


def _compared(place: _Place) -> tuple[list[str], list[str]]:
    return compared(place.project, place.iteration) if place.iteration else ([], [])
