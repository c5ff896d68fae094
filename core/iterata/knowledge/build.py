"""From a repository to what it knows.

A document with problems still gives what can be read of it, entry by entry; a result that cannot be read is
absent, and is told of in `unread`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from iterata.documents.models.base import Finding as FindingPart
from iterata.documents.models.base import Iteration as IterationPart
from iterata.documents.models.base import Part
from iterata.documents.models.proposal import Hypothesis as HypothesisPart
from iterata.documents.models.report import Answer, Decision, Recommendation
from iterata.errors import IterataError
from iterata.knowledge.views import (
    FindingView,
    HypothesisView,
    IterationView,
    Knowledge,
    ProjectView,
    StageView,
)
from iterata.lifecycle.conditions import TODO
from iterata.lifecycle.context import DocumentContext
from iterata.lifecycle.next_step import next_step, project_next_step
from iterata.lifecycle.staleness import upstream_changes
from iterata.repository.projects import ITERATION_STAGES
from iterata.stages import RESULT_STAGES, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from iterata.documents import Document
    from iterata.documents.models.enums import Verdict
    from iterata.lifecycle.staleness import UpstreamChange
    from iterata.repository.projects import IterationFolder, Project, Repository
    from iterata.results import ExperimentResult

P = TypeVar("P", bound=Part)

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")

FINDING_PLACES = (("findings",), ("post_mortem", "findings"), ("abandoned", "findings"))
"""Where findings stand in front matter: in reports, in post-mortems, and wherever work was given up."""


def read(repository: Repository) -> Knowledge:
    """Everything the repository knows. Nothing is raised for a document that cannot be read; see `unread`."""
    unread: list[IterataError] = []
    return Knowledge(tuple(_project(project, unread) for project in repository.projects), tuple(unread))


def resolve(reference: str, project: str, iteration: str) -> str:
    """The key of the finding that a reference in a document of `project` and `iteration` means.

    >>> resolve("#F2", "caravan", "01-setup"), resolve("02-trees#F1", "caravan", "01-setup")
    ('caravan/01-setup#F2', 'caravan/02-trees#F1')
    """
    folder, _, identifier = reference.partition("#")
    if not folder:
        return f"{project}/{iteration}#{identifier}"
    return reference if "/" in folder else f"{project}/{reference}"


def _value(document: Document | None, *path: str) -> object:
    value: object = document.data if document else None
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _part(model: type[P], value: object) -> P | None:
    try:
        return model.model_validate(value) if value is not None else None
    except ValidationError:
        return None


def _parts(model: type[P], value: object) -> tuple[P, ...]:
    """The entries of a list that can be read."""
    entries = value if isinstance(value, list) else []
    return tuple(part for entry in entries if (part := _part(model, entry)))


def _unreadable_results(folder: IterationFolder) -> Iterator[IterataError]:
    for kind in RESULT_STAGES:
        try:
            folder.result(kind)
        except IterataError as error:
            yield error


def _project(project: Project, unread: list[IterataError]) -> ProjectView:
    requirements = project.requirements
    iterations = tuple(_iteration(folder, unread) for folder in project.iterations)
    step = None if iterations else project_next_step(project)
    own = _findings(project.name, "", (requirements,), {}) if requirements else ()
    return ProjectView(project.name, project.path, requirements, iterations, step, own)


def _iteration(folder: IterationFolder, unread: list[IterataError]) -> IterationView:
    documents = {stage: folder.document(stage) for stage in ITERATION_STAGES}
    report = documents[Stage.REPORT]
    written = [document for document in documents.values() if document]
    entry = next(
        (part for each in written if (part := _part(IterationPart, _value(each, "iteration")))), None
    )
    unread += _unreadable_results(folder)
    experiment = folder.experiment_result
    hypotheses = _hypotheses(documents[Stage.PROPOSAL], report, experiment)
    inherited = {Stage.ASSESSMENT: entry.inherits_assessment if entry else None}
    return IterationView(
        project=folder.project.name,
        name=folder.name,
        path=folder.path,
        title=written[0].title if written else folder.name,
        kind=entry.kind if entry else None,
        follows=entry.follows if entry else None,
        stages=tuple(
            StageView(stage, document, inherited.get(stage), _upstream_changes(folder, document))
            for stage, document in documents.items()
        ),
        next_step=next_step(folder),
        hypotheses=hypotheses,
        findings=_findings(
            folder.project.name, folder.name, written, {each.id: each.verdict for each in hypotheses}
        ),
        lift=folder.lift_result,
        experiment=experiment,
        recommendation=_part(Recommendation, _value(report, "recommendation")),
        decision=_part(Decision, _value(report, "decision")),
    )


def _upstream_changes(folder: IterationFolder, document: Document | None) -> tuple[UpstreamChange, ...]:
    return tuple(upstream_changes(DocumentContext(document, folder.project, folder))) if document else ()


def _hypotheses(
    proposal: Document | None, report: Document | None, experiment: ExperimentResult | None
) -> tuple[HypothesisView, ...]:
    answers = {answer.id: answer for answer in _parts(Answer, _value(report, "hypotheses"))}
    computed = {each.id: each for each in experiment.hypotheses} if experiment else {}
    views = []
    for part in _parts(HypothesisPart, _value(proposal, "plan", "hypotheses")):
        answer, result, support = answers.get(part.id), computed.get(part.id), part.supported_if
        verdict = answer.verdict if answer else result.verdict if result else None
        interpretation = answer.interpretation if answer else ""
        views.append(
            HypothesisView(
                part.id,
                part.claim,
                support.variant,
                support.over,
                support.by,
                verdict,
                interpretation,
                result,
            )
        )
    return tuple(views)


def _findings(
    project: str, iteration: str, documents: Iterable[Document], verdicts: Mapping[str, Verdict | None]
) -> tuple[FindingView, ...]:
    """The findings of reports, post-mortems and abandonments."""
    return tuple(
        FindingView(
            project=project,
            iteration=iteration,
            document=document,
            id=part.id,
            kind=part.kind,
            statement=part.statement,
            tags=tuple(part.tags),
            evidence=part.evidence,
            verdict=_verdict(part.evidence, verdicts),
            supports=tuple(resolve(reference, project, iteration) for reference in part.supports),
            contradicts=tuple(resolve(reference, project, iteration) for reference in part.contradicts),
        )
        for document in documents
        for place in FINDING_PLACES
        for part in _parts(FindingPart, _value(document, *place))
        if not part.statement.startswith(TODO)
    )


def _verdict(evidence: str, verdicts: Mapping[str, Verdict | None]) -> Verdict | None:
    """The verdict of the hypothesis that the evidence names, if it names just one."""
    named = verdicts.keys() & set(_WORD.findall(evidence))
    return verdicts[named.pop()] if len(named) == 1 else None
