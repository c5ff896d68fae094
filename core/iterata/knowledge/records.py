"""Findings, decisions and iterations as records: the one form that leaves a knowledge base."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from iterata.knowledge.agreed import is_provisional
from iterata.knowledge.days import GitDay, as_text, day_of, unknown_day
from iterata.knowledge.decisions import DecisionKind, decisions
from iterata.knowledge.finding_status import finding_states
from iterata.knowledge.record_models import (
    RECORDS_VERSION,
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
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iterata.documents import Document
    from iterata.knowledge.decisions import LoggedDecision
    from iterata.knowledge.finding_status import FindingState
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


def findings_of(
    knowledge: Knowledge,
    git_day: GitDay = unknown_day,
    states: Mapping[str, FindingState] | None = None,
) -> list[FindingRecord]:
    """Every finding, project by project; `states` if they are derived already."""
    states = finding_states(knowledge) if states is None else states
    return [
        _finding(_Related(finding, states[finding.key], knowledge), _Place(project, iteration), git_day)
        for project in knowledge.projects
        for iteration in (*project.iterations, None)
        for finding in (iteration.findings if iteration else project.own_findings)
    ]


def decisions_of(knowledge: Knowledge, git_day: GitDay = unknown_day) -> list[DecisionRecord]:
    """Every decision, the newest first; the days of those that state none are of the last commit."""
    log = decisions(knowledge)
    numbers: Counter[str] = Counter()
    records: list[DecisionRecord] = []
    for decision in reversed(log):
        folder = f"{decision.iteration.name}/" if decision.iteration else ""
        name = f"{decision.project.name}/{folder}{decision.document.stage}#{decision.kind}"
        numbers[name] += 1
        key = f"{name}-{numbers[name]}" if numbers[name] > 1 else name
        records.append(_decision(decision, key, git_day))
    return records[::-1]


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
    def findings(self) -> tuple[FindingView, ...]:
        return self.iteration.findings if self.iteration else self.project.own_findings


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


class _Related(NamedTuple):
    """A finding, with what others make of it."""

    finding: FindingView
    state: FindingState
    knowledge: Knowledge


def _finding(related: _Related, place: _Place, git_day: GitDay) -> FindingRecord:
    finding, state, knowledge = related
    day = as_text(state.learned_on) or day_of(finding.document, git_day)
    algorithms, data_sets = _compared(place)
    return FindingRecord(
        **dict(_source(place, finding.document, finding.key, day)),
        statement=finding.statement,
        kind=finding.kind,
        verdict=finding.verdict,
        status=state.status,
        holds_as_of=as_text(state.holds_as_of.on) if state.holds_as_of else None,
        used=state.use.total,
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


def _decision(decision: LoggedDecision, key: str, git_day: GitDay) -> DecisionRecord:
    document, iteration = decision.document, decision.iteration
    place = _Place(decision.project, iteration)
    is_report = decision.kind is DecisionKind.REPORT
    advice = iteration.recommendation if iteration and is_report else None
    day = as_text(decision.day) or git_day(document.path)
    return DecisionRecord(
        **dict(_source(place, document, key, day)),
        kind=decision.kind,
        outcome=decision.outcome,
        subject=decision.subject or None,
        why=decision.why,
        by=list(decision.by),
        recommendation=(
            RecommendationRecord(outcome=advice.next, kind=advice.kind, why=advice.why) if advice else None
        ),
        led_to=[found.path for found in decision.led_to],
        findings=[finding.key for finding in place.findings if finding.document is document],
    )


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
        provisional=is_provisional(report),
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
