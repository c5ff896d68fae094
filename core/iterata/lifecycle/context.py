"""A document with its iteration and its project: the input of rules and gates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iterata.documents.models.requirements_inheritance import complete_assessment
from iterata.documents.proposed_plan import digest_of_lift, digest_of_plan, plan_of
from iterata.documents.stage_models import iteration_block, valid_model
from iterata.errors import NotFoundError
from iterata.repository.projects import ITERATION_STAGES, Project
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iterata.documents import Document
    from iterata.documents.models.assessment import Assessment
    from iterata.documents.models.base import Header, Iteration
    from iterata.documents.models.deployment import Deployment
    from iterata.documents.models.experiment import Experiment
    from iterata.documents.models.proposal import Plan, Proposal
    from iterata.documents.models.report import Report
    from iterata.documents.models.requirements import Requirements
    from iterata.repository.projects import IterationFolder, Repository
    from iterata.results import AnyResult, ExperimentResult, LiftResult
    from iterata.stages import ResultKind


@dataclass(frozen=True, slots=True)
class DocumentContext:
    """A document, its iteration (None for requirements), and its project.

    The typed accessors return the front matter of the document itself if it is of that stage, otherwise that
    of the same iteration's document of that stage. They return None if that document is missing or invalid.
    """

    document: Document
    project: Project
    iteration: IterationFolder | None = None

    @property
    def model(self) -> Header | None:
        """The front matter; None if it is invalid."""
        return self.document.model

    @property
    def iteration_block(self) -> Iteration | None:
        """The `iteration:` block of the document itself; None if it has no valid one."""
        return iteration_block(self.document)

    @property
    def requirements(self) -> Requirements | None:
        """The requirements of the project."""
        return valid_model(self.of(Stage.REQUIREMENTS), Stage.REQUIREMENTS)

    @property
    def assessment(self) -> Assessment | None:
        """The assessment that applies to the iteration, its own or the inherited one, completed."""
        if self.document.stage is not Stage.ASSESSMENT:
            return self.iteration.assessment if self.iteration else None
        assessment = valid_model(self.document, Stage.ASSESSMENT)
        return complete_assessment(assessment, self.requirements) if assessment else None

    @property
    def lift_digest(self) -> str | None:
        """The digest of the iteration's own `lift:` block with what it takes from the requirements."""
        return digest_of_lift(self.of(Stage.ASSESSMENT), self.requirements)

    @property
    def proposal(self) -> Proposal | None:
        """The proposal of the iteration."""
        return valid_model(self.of(Stage.PROPOSAL), Stage.PROPOSAL)

    @property
    def plan(self) -> Plan | None:
        """The plan of the proposal, completed by the assessment; None if it is missing or not complete."""
        return plan_of(self.of(Stage.PROPOSAL), self._assessment_document)

    @property
    def plan_digest(self) -> str | None:
        """The digest of the plan with what it takes from the assessment; None if there is no plan."""
        proposal = self.of(Stage.PROPOSAL)
        return digest_of_plan(proposal, self._assessment_document) if proposal else None

    @property
    def _assessment_document(self) -> Document | None:
        return self.iteration.assessment_document if self.iteration else None

    @property
    def experiment(self) -> Experiment | None:
        """The experiment of the iteration."""
        return valid_model(self.of(Stage.EXPERIMENT), Stage.EXPERIMENT)

    @property
    def report(self) -> Report | None:
        """The report of the iteration."""
        return valid_model(self.of(Stage.REPORT), Stage.REPORT)

    @property
    def deployment(self) -> Deployment | None:
        """The deployment of the iteration."""
        return valid_model(self.of(Stage.DEPLOYMENT), Stage.DEPLOYMENT)

    @property
    def lift_result(self) -> LiftResult | None:
        """The iteration's expected lift; None if it is not computed, or its file is invalid."""
        return self.iteration.lift_result if self.iteration else None

    @property
    def experiment_result(self) -> ExperimentResult | None:
        """The result of the iteration's experiment; None if it was not run, or its file is invalid."""
        return self.iteration.experiment_result if self.iteration else None

    def result(self, kind: ResultKind) -> AnyResult | None:
        """The iteration's result of a kind; None if there is none, or its file is invalid."""
        return self.iteration.readable_result(kind) if self.iteration else None

    def of(self, stage: Stage) -> Document | None:
        """The document itself if it is of `stage`, otherwise that of the same iteration."""
        if self.document.stage is stage:
            return self.document
        if stage is Stage.REQUIREMENTS:
            return self.project.requirements
        return self.iteration.document(stage) if self.iteration else None


def _any_path(_: str) -> bool:
    return True


def document_contexts(
    repository: Repository, is_selected: Callable[[str], bool] = _any_path
) -> Iterator[DocumentContext]:
    """The stage documents whose path is selected, each in its context; no other document is read."""
    for project in repository.projects:
        yield from project_contexts(project, is_selected)


def project_contexts(
    project: Project, is_selected: Callable[[str], bool] = _any_path
) -> Iterator[DocumentContext]:
    """The same for one project."""
    if is_selected(f"{project.path}/{Stage.REQUIREMENTS.filename}") and project.requirements:
        yield DocumentContext(project.requirements, project)
    for folder in project.iterations:
        for stage in ITERATION_STAGES:
            if is_selected(f"{folder.path}/{stage.filename}") and (document := folder.document(stage)):
                yield DocumentContext(document, project, folder)


def context_at(repository: Repository, path: str) -> DocumentContext | None:
    """The stage document at exactly this path; None if there is none. No other document is read."""
    *folders, name = path.removeprefix(f"{repository.projects_dir}/").split("/")
    stage = next((stage for stage in Stage if stage.filename == name), None)
    project = next((project for project in repository.projects if folders[:1] == [project.name]), None)
    if stage is None or project is None:
        return None
    if stage is Stage.REQUIREMENTS:
        document = project.requirements if len(folders) == 1 else None
        return DocumentContext(document, project) if document else None
    folder = project.iteration(folders[1]) if len(folders) == 2 else None
    document = folder.document(stage) if folder else None
    return DocumentContext(document, project, folder) if document else None


def find_context(repository: Repository, path: str) -> DocumentContext:
    """The document at a path, relative to the repository or to the folder of the projects.

    Raises:
        NotFoundError: there is no stage document at that path.
    """
    context = context_at(repository, path.replace("\\", "/").removeprefix("./"))
    if context is None:
        remedy = f"name a stage document, such as {repository.projects_dir}/churn/01-setup/proposal.md"
        raise NotFoundError("there is no stage document", remedy=remedy, where=path)
    return context
