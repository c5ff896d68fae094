"""Build the read model of a repository.

A document with problems still contributes every entry that is valid. A result file that cannot be read
has no figures here, and its error is in `unread`.
"""

from __future__ import annotations

import re
from copy import copy
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from pydantic import ValidationError

from iterata.documents.findings import resolve
from iterata.documents.models.base import Finding, Iteration, Part
from iterata.documents.models.deployment import EarlierRelease, Phase, Revert
from iterata.documents.models.monitors import Monitor
from iterata.documents.models.proposal import Hypothesis
from iterata.documents.models.report import Answer, Decision, Recommendation
from iterata.documents.proposed_plan import kpi_for_readers, rows_for_readers
from iterata.errors import ContentMissingError, IterataError, NewerVersion
from iterata.knowledge.agreed import text
from iterata.knowledge.changed_figures import compared_documents
from iterata.knowledge.filled_in import without_prompts
from iterata.knowledge.monitors import Monitoring
from iterata.knowledge.releases import release_of
from iterata.knowledge.views import (
    FindingView,
    HypothesisView,
    IterationView,
    Knowledge,
    Measured,
    ProjectView,
    StageView,
)
from iterata.lifecycle.conditions import TODO
from iterata.lifecycle.context import DocumentContext
from iterata.lifecycle.next_step import next_step, project_next_step
from iterata.lifecycle.remedies import to_repair
from iterata.lifecycle.staleness import upstream_changes
from iterata.repository.exploration.places import of_iteration, of_project
from iterata.repository.git_index import absent_submodule
from iterata.repository.projects import ITERATION_STAGES
from iterata.repository.tree import DiskTree
from iterata.stages import STAGES, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from iterata.documents import Document
    from iterata.knowledge.releases import ReleaseView
    from iterata.repository.projects import IterationFolder, Project, Repository
    from iterata.results import ExperimentResult
    from iterata.stages import ResultKind

P = TypeVar("P", bound=Part)

MOST_NAMED = 5
"""How many ignored keys a notice names."""

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


class ProjectReading(NamedTuple):
    """What was read of one project."""

    view: ProjectView
    unread: tuple[IterataError, ...] = ()
    """The errors of result files that cannot be read, and of a project that is not in this checkout."""
    notices: tuple[str, ...] = ()
    """What is ignored of its results."""


def read(repository: Repository) -> Knowledge:
    """The read model of a repository. Unreadable documents raise nothing; see `Knowledge.unread`."""
    return combined(map(read_project, repository.projects))


def combined(readings: Iterable[ProjectReading]) -> Knowledge:
    """The read model of some projects."""
    projects = tuple(readings)
    unread = (error for project in projects for error in project.unread)
    notices = (notice for project in projects for notice in project.notices)
    return Knowledge(tuple(project.view for project in projects), tuple(unread), tuple(notices))


def read_project(project: Project) -> ProjectReading:
    """Read one project."""
    view = _project(project)
    unread = (*_absent(project), *_unreadable_results(project))
    return ProjectReading(view, unread, tuple(_ignored_keys(project)))


def _ignored_keys(project: Project) -> Iterator[str]:
    """What this version ignores of the results that were read."""
    for path, keys in project.repository.newer_keys.items():
        if not path.startswith(f"{project.path}/"):
            continue
        more = f" and {len(keys) - MOST_NAMED} more" if len(keys) > MOST_NAMED else ""
        yield f"{path}: of a newer iterata; this one ignores {', '.join(keys[:MOST_NAMED])}{more}"


def _absent(project: Project) -> Iterator[IterataError]:
    """Why a project in a submodule that is not initialised cannot be read."""
    tree = project.repository.tree
    on_disk = tree if isinstance(tree, DiskTree) and project.requirements is None else None
    if on_disk and (error := absent_submodule(on_disk.root, project.path)):
        yield error


def _unreadable_results(project: Project) -> Iterator[IterataError]:
    for folder in project.iterations:
        yield from _unread(folder)


def _unread(folder: IterationFolder) -> Iterator[IterataError]:
    for kind, share in folder.result_slots():
        try:
            folder.result(kind, share)
        except IterataError as error:
            yield _with_remedy(error, folder, kind, share)


def _with_remedy(
    error: IterataError, folder: IterationFolder, kind: ResultKind, share: float | None
) -> IterataError:
    """The error with what `iterata check` advises for it."""
    if isinstance(error, ContentMissingError | NewerVersion):
        return error
    advised = copy(error)
    advised.remedy = to_repair(folder, kind, error, share)
    return advised


def _project(project: Project) -> ProjectView:
    requirements = project.requirements
    return ProjectView(
        name=project.name,
        path=project.path,
        requirements=requirements,
        iterations=tuple(_iteration(folder) for folder in project.iterations),
        next_step=None if project.iterations else project_next_step(project),
        own_findings=_findings(project.name, "", (requirements,), {}) if requirements else (),
        exploration=of_project(project),
    )


def _iteration(folder: IterationFolder) -> IterationView:
    documents = compared_documents(folder)
    report = documents.get(Stage.REPORT)
    block = _iteration_block(documents.values())
    hypotheses = _hypotheses(documents.get(Stage.PROPOSAL), report, folder.experiment_result)
    by_id = {hypothesis.id: hypothesis for hypothesis in hypotheses}
    return IterationView(
        project=folder.project.name,
        name=folder.name,
        path=folder.path,
        title=_title(folder),
        kind=block.kind if block else None,
        follows=block.follows if block else None,
        stages=_stages(folder, documents, block),
        next_step=next_step(folder),
        hypotheses=hypotheses,
        findings=_findings(folder.project.name, folder.name, documents.values(), by_id, _kpi_kind(folder)),
        results=folder,
        recommendation=_part(Recommendation, _value(report, "recommendation")),
        decision=_part(Decision, _value(report, "decision")),
        exploration=of_iteration(folder),
        release=_release(folder),
        measured=_measured(folder.experiment_result),
        unread=tuple(_unread(folder)),
    )


def _measured(result: ExperimentResult | None) -> Measured | None:
    if result is None:
        return None
    algorithms = {variant.estimator for variant in result.variants}
    data_sets = sorted(result.provenance.data)
    return Measured(tuple(sorted(algorithms)), tuple(data_sets), result.kpi.scaled_unit)


def _title(folder: IterationFolder) -> str:
    """The sentence that an iteration is known by: its answer, as soon as its report has one."""
    report = folder.document(Stage.REPORT)
    name = STAGES[Stage.REPORT].title
    proposed = report is None or report.title in (name, Stage.REPORT.filename)
    if (
        report and not proposed and not report.title.endswith(f": {name.lower()}")
    ):  # as `iterata report` calls it
        return report.title
    return folder.first_document.title if folder.first_document else folder.name


def _release(folder: IterationFolder) -> ReleaseView | None:
    """The release of an iteration, as far as its deployment is valid; None without a deployment."""
    document = folder.document(Stage.DEPLOYMENT)
    if document is None:
        return None
    assessed = folder.assessment_folder
    return release_of(
        document,
        (
            _parts(Phase, _value(document, "phases")),
            _part(Revert, _value(document, "revert")),
            _parts(EarlierRelease, _value(document, "earlier")),
        ),
        folder.rollout_results,
        Monitoring(_parts(Monitor, _value(document, "monitors")), folder),
        assessed.lift_result if assessed else None,
        folder.experiment_result,
    )


def _iteration_block(documents: Iterable[Document]) -> Iteration | None:
    """The first valid `iteration:` block, in a document that may have problems elsewhere."""
    blocks = (_part(Iteration, _value(document, "iteration")) for document in documents)
    return next((block for block in blocks if block is not None), None)


def _stages(
    folder: IterationFolder, documents: Mapping[Stage, Document], block: Iteration | None
) -> tuple[StageView, ...]:
    inherited = {Stage.ASSESSMENT: block.inherits_assessment if block else None}
    views = []
    for stage in ITERATION_STAGES:
        document = documents.get(stage)
        context = DocumentContext(document, folder.project, folder) if document else None
        changes = tuple(upstream_changes(context)) if context else ()
        rows = rows_for_readers(document, folder.assessment_document) or kpi_for_readers(
            document, folder.project.requirements_model
        )
        views.append(StageView(stage, document, inherited.get(stage), changes, rows))
    return tuple(views)


def _hypotheses(
    proposal: Document | None, report: Document | None, experiment: ExperimentResult | None
) -> tuple[HypothesisView, ...]:
    answers = {answer.id: answer for answer in _parts(Answer, _value(report, "hypotheses"))}
    computed = {result.id: result for result in experiment.hypotheses} if experiment else {}
    views = []
    for hypothesis in _parts(Hypothesis, _value(proposal, "plan", "hypotheses")):
        answer, result = answers.get(hypothesis.id), computed.get(hypothesis.id)
        support = hypothesis.supported_if
        views.append(
            HypothesisView(
                id=hypothesis.id,
                claim=hypothesis.claim,
                variant=support.variant,
                over=support.over,
                by=support.by,
                verdict=answer.verdict if answer else result.verdict if result else None,
                interpretation=answer.interpretation if answer else "",
                computed=result,
                tests=tuple(hypothesis.tests),
            )
        )
    return tuple(views)


def _kpi_kind(folder: IterationFolder) -> str:
    """The kind of KPI of an iteration's figures, or of its assessment; empty if there is none yet."""
    result, assessment = folder.experiment_result or folder.lift_result, folder.assessment
    if result is not None:
        return result.kpi.kind
    return assessment.lift.kpi.kind if assessment else ""


def _findings(
    project: str,
    iteration: str,
    documents: Iterable[Document],
    hypotheses: Mapping[str, HypothesisView],
    kpi_kind: str = "",
) -> tuple[FindingView, ...]:
    """The findings of reports, post-mortems and abandonments, without those that are still TODO."""
    entries = ((document, entry) for document in documents for entry in document.findings)
    parts = ((document, entry.path[0], _part(Finding, entry.data)) for document, entry in entries)
    return tuple(
        FindingView(
            project=project,
            iteration=iteration,
            document=document,
            id=finding.id,
            kind=finding.kind,
            statement=finding.statement,
            tags=tuple(tag for tag in finding.tags if not tag.startswith(TODO)),
            evidence=text(finding.evidence),
            verdict=hypothesis.verdict if hypothesis else None,
            broken_guardrails=hypothesis.broken_guardrails if hypothesis else (),
            supports=tuple(str(resolve(reference, project, iteration)) for reference in finding.supports),
            contradicts=tuple(
                str(resolve(reference, project, iteration)) for reference in finding.contradicts
            ),
            kpi_kind=kpi_kind,
            hypothesis=hypothesis.id if hypothesis else "",
            listed_in=str(key),
        )
        for document, key, finding in parts
        if finding is not None and not finding.statement.startswith(TODO)
        for hypothesis in [_named(finding.evidence, hypotheses)]
    )


def _named(evidence: str, hypotheses: Mapping[str, HypothesisView]) -> HypothesisView | None:
    """The hypothesis that the evidence names; None unless it names exactly one."""
    named = hypotheses.keys() & set(_WORD.findall(evidence))
    return hypotheses[named.pop()] if len(named) == 1 else None


def _value(document: Document | None, *path: str) -> object:
    value: object = document.data if document else None
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return without_prompts(value)


def _part(model: type[P], value: object) -> P | None:
    """A block of front matter as its model; None if it is missing or invalid."""
    try:
        return model.model_validate(value) if value is not None else None
    except ValidationError:
        return None


def _parts(model: type[P], value: object) -> tuple[P, ...]:
    """The valid entries of a list."""
    entries = value if isinstance(value, list) else []
    return tuple(part for entry in entries if (part := _part(model, entry)))
