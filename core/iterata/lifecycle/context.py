"""What a rule or a gate looks at: one document in its surroundings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from iterata.documents import model_of
from iterata.errors import IterataError, NotFoundError
from iterata.repository.projects import ITERATION_STAGES, Project
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iterata.documents import Document
    from iterata.documents.models.base import Header, Iteration
    from iterata.documents.models.proposal import Proposal
    from iterata.documents.models.report import Report
    from iterata.repository.projects import IterationFolder, Repository
    from iterata.results import ExperimentResult, LiftResult
    from iterata.stages import ResultKind

M = TypeVar("M", bound="Header")


@dataclass(frozen=True, slots=True)
class DocumentContext:
    """A document, the iteration it belongs to (none for requirements), and the project."""

    document: Document
    project: Project
    iteration: IterationFolder | None = None

    @property
    def model(self) -> Header | None:
        """The front matter, where it is valid."""
        return self.document.model

    def of(self, stage: Stage) -> Document | None:
        """The document of another stage of the same iteration, or the project's requirements."""
        if stage is Stage.REQUIREMENTS:
            return self.project.requirements
        return self.iteration.document(stage) if self.iteration else None

    def experiment_result(self) -> ExperimentResult | None:
        """The iteration's experiment, if it was run and can be read."""
        return result_or_none(self.iteration, "experiment")  # type: ignore[return-value]  # the kind says which

    def lift_result(self) -> LiftResult | None:
        """The iteration's expected lift, if it was computed and can be read."""
        return result_or_none(self.iteration, "lift")  # type: ignore[return-value]  # the kind says which


def result_or_none(folder: IterationFolder | None, kind: ResultKind) -> LiftResult | ExperimentResult | None:
    """A result that exists and can be read; RES001 tells of one that cannot."""
    try:
        return folder.result(kind) if folder else None
    except IterataError:
        return None


def model_as(document: Document | None, model: type[M]) -> M | None:
    """The document's front matter if it is a valid one of that model."""
    return document.model if document is not None and isinstance(document.model, model) else None


def proposal_of(folder: IterationFolder | None) -> Proposal | None:
    """The iteration's proposal, where it is valid."""
    document = folder.document(Stage.PROPOSAL) if folder else None
    return model_as(document, model_of(Stage.PROPOSAL))  # type: ignore[return-value]  # the stage says which


def report_of(folder: IterationFolder | None) -> Report | None:
    """The iteration's report, where it is valid."""
    document = folder.document(Stage.REPORT) if folder else None
    return model_as(document, model_of(Stage.REPORT))  # type: ignore[return-value]  # the stage says which


def iteration_of(folder: IterationFolder | None) -> Iteration | None:
    """What the iteration says of itself, in the document it begins with."""
    entry = folder.entry if folder else None
    return getattr(entry.model, "iteration", None) if entry is not None else None


def assessment_folder(folder: IterationFolder | None) -> IterationFolder | None:
    """The iteration whose assessment counts for this one: its own, or the one it inherits."""
    if folder is None or folder.document(Stage.ASSESSMENT) is not None:
        return folder
    said = iteration_of(folder)
    return folder.project.iteration(said.inherits_assessment) if said else None


def assessment_document(folder: IterationFolder | None) -> Document | None:
    """The assessment that counts for this iteration."""
    source = assessment_folder(folder)
    return source.document(Stage.ASSESSMENT) if source else None


def _everything(_: str) -> bool:
    return True


def cases(repository: Repository, wanted: Callable[[str], bool] = _everything) -> Iterator[DocumentContext]:
    """The stage documents whose path is wanted, each in its surroundings; the others are not even read."""
    for project in repository.projects:
        yield from cases_of(project, wanted)


def cases_of(project: Project, wanted: Callable[[str], bool] = _everything) -> Iterator[DocumentContext]:
    """The same for one project."""
    if wanted(f"{project.path}/{Stage.REQUIREMENTS.filename}") and project.requirements:
        yield DocumentContext(project.requirements, project)
    for folder in project.iterations:
        for stage in ITERATION_STAGES:
            if wanted(f"{folder.path}/{stage.filename}") and (document := folder.document(stage)):
                yield DocumentContext(document, project, folder)


def stage_place(repository: Repository, path: str) -> DocumentContext | None:
    """The stage document at exactly this path, if there is one; no other is read."""
    *above, name = path.removeprefix(f"{repository.projects_dir}/").split("/")
    stem = name.removesuffix(".md")
    if stem == name or stem not in tuple(Stage):
        return None
    project = next((each for each in repository.projects if above[:1] == [each.name]), None)
    match project, above:
        case Project(), [_] if stem == Stage.REQUIREMENTS and project.requirements:
            return DocumentContext(project.requirements, project)
        case Project(), [_, iteration] if folder := project.iteration(iteration):
            document = folder.document(Stage(stem))
            return (
                DocumentContext(document, project, folder)
                if document and stem != Stage.REQUIREMENTS
                else None
            )
    return None


def find_case(repository: Repository, path: str) -> DocumentContext:
    """The document at a path, relative to the repository or to the folder of the projects.

    Raises:
        NotFoundError: no stage document of the knowledge base is there.
    """
    if found := stage_place(repository, path.replace("\\", "/").removeprefix("./")):
        return found
    remedy = f"name a stage document, such as {repository.projects_dir}/churn/01-setup/proposal.md"
    raise NotFoundError("no stage document is there", remedy=remedy, where=path)
