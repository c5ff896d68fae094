"""The tree of projects, its documents and its results; each file is read on first use, and once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from iterata.documents import Document, parse, unreadable
from iterata.documents.models.requirements_inheritance import complete_assessment
from iterata.documents.proposed_plan import digest_of_lift, digest_of_plan, plan_of
from iterata.documents.stage_models import iteration_block, valid_model
from iterata.errors import ContentMissingError, IterataError
from iterata.repository.iteration_names import find
from iterata.repository.iteration_results import IterationResults
from iterata.repository.recent_results import RecentResults
from iterata.repository.tree import DirEntry, DiskTree, Tree
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iterata.documents.models.assessment import Assessment
    from iterata.documents.models.base import Iteration
    from iterata.documents.models.deployment import Deployment
    from iterata.documents.models.experiment import Experiment
    from iterata.documents.models.proposal import Plan, Proposal
    from iterata.documents.models.report import Report
    from iterata.documents.models.requirements import Requirements
    from iterata.problems import SeveritySetting
    from iterata.repository.config import Config
    from iterata.repository.members import Member
    from iterata.results import AnyResult
    from iterata.stages import ResultKind

ITERATION_NAME = re.compile(r"^([0-9]{2,})-[a-z0-9]+(?:-[a-z0-9]+)*\Z")
PROJECT_NAME = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*\Z")

DOCUMENT_ENDS = tuple(f"/{stage.filename}" for stage in Stage)
"""How the paths of stage documents end."""

ITERATION_STAGES = tuple(stage for stage in Stage if stage is not Stage.REQUIREMENTS)


@dataclass(frozen=True)
class IterationFolder(IterationResults):
    """One iteration of a project."""

    project: Project
    name: str

    @cached_property
    def number(self) -> int:
        """The iteration's number, from its folder's name."""
        return int(self.name.split("-", 1)[0])

    @cached_property
    def path(self) -> str:
        """Its path, relative to the repository."""
        return f"{self.project.path}/{self.name}"

    @property
    def ref(self) -> str:
        """Its name on the command line: `project/01-setup`."""
        return f"{self.project.name}/{self.name}"

    @cached_property
    def files(self) -> frozenset[str]:
        """The names of the files and folders in it."""
        return frozenset(entry.name for entry in self.project.repository.entries(self.path))

    @cached_property
    def result_files(self) -> frozenset[str]:
        """The names of the files and folders in its folder of results."""
        has_results = "results" in self.files
        entries = self.project.repository.entries(f"{self.path}/results") if has_results else ()
        return frozenset(entry.name for entry in entries)

    def files_of_results(self, folder: str) -> frozenset[str]:
        """The names of the files in a folder of its folder of results."""
        entries = self.project.repository.entries(f"{self.path}/results/{folder}")
        return frozenset(entry.name for entry in entries if not entry.is_dir)

    def document(self, stage: Stage) -> Document | None:
        """The iteration's document of a stage; None if there is none."""
        if stage.filename not in self.files:
            return None
        return self.project.repository.document(f"{self.path}/{stage.filename}", stage)

    @cached_property
    def documents(self) -> dict[Stage, Document]:
        """All its documents, in the order of the method."""
        documents = ((stage, self.document(stage)) for stage in ITERATION_STAGES)
        return {stage: document for stage, document in documents if document is not None}

    @property
    def first_document(self) -> Document | None:
        """The first document of the iteration, in the order of the method."""
        return next((document for stage in ITERATION_STAGES if (document := self.document(stage))), None)

    @property
    def iteration_block(self) -> Iteration | None:
        """The valid `iteration:` block of the iteration's first document; None if there is none."""
        return iteration_block(self.first_document)

    @cached_property
    def assessment_folder(self) -> IterationFolder | None:
        """The iteration whose assessment applies here: this one, or the one it inherits from."""
        if self.document(Stage.ASSESSMENT) is not None:
            return self
        block = self.iteration_block
        return self.project.iteration(block.inherits_assessment) if block else None

    @property
    def assessment_document(self) -> Document | None:
        """The assessment that applies to this iteration: its own or the inherited one."""
        folder = self.assessment_folder
        return folder.document(Stage.ASSESSMENT) if folder else None

    @cached_property
    def assessment(self) -> Assessment | None:
        """The assessment that applies to this iteration, completed; None if it is invalid."""
        assessment = valid_model(self.assessment_document, Stage.ASSESSMENT)
        return complete_assessment(assessment, self.project.requirements_model) if assessment else None

    @property
    def lift_digest(self) -> str | None:
        """The digest of the iteration's own `lift:` block with what it takes from the requirements."""
        return digest_of_lift(self.document(Stage.ASSESSMENT), self.project.requirements_model)

    @property
    def proposal(self) -> Proposal | None:
        """The proposal; None if it is missing or invalid."""
        return valid_model(self.document(Stage.PROPOSAL), Stage.PROPOSAL)

    @property
    def plan(self) -> Plan | None:
        """The plan of the proposal, completed by the assessment; None if it is missing or not complete."""
        return plan_of(self.document(Stage.PROPOSAL), self.assessment_document)

    @property
    def plan_digest(self) -> str | None:
        """The digest of the plan with what it takes from the assessment; None if there is no plan."""
        document = self.document(Stage.PROPOSAL)
        return digest_of_plan(document, self.assessment_document) if document else None

    @property
    def experiment(self) -> Experiment | None:
        """The experiment; None if it is missing or invalid."""
        return valid_model(self.document(Stage.EXPERIMENT), Stage.EXPERIMENT)

    @property
    def report(self) -> Report | None:
        """The report; None if it is missing or invalid."""
        return valid_model(self.document(Stage.REPORT), Stage.REPORT)

    @property
    def deployment(self) -> Deployment | None:
        """The deployment; None if it is missing or invalid."""
        return valid_model(self.document(Stage.DEPLOYMENT), Stage.DEPLOYMENT)

    def read_result(self, path: str, kind: ResultKind) -> AnyResult:
        """Read one result file, by its path relative to the repository; each is read once.

        Raises:
            DataError: the file is not a valid result of that kind.
        """
        return self.project.repository.result_at(path, kind)


@dataclass(frozen=True)
class Project:
    """A project: its requirements and its iterations."""

    repository: Repository
    name: str

    @cached_property
    def path(self) -> str:
        """Its path, relative to the repository."""
        return f"{self.repository.projects_dir}/{self.name}"

    @cached_property
    def requirements(self) -> Document | None:
        """The project's requirements; None if there are none."""
        present = any(
            entry.name == Stage.REQUIREMENTS.filename for entry in self.repository.entries(self.path)
        )
        path = f"{self.path}/{Stage.REQUIREMENTS.filename}"
        return self.repository.document(path, Stage.REQUIREMENTS) if present else None

    @property
    def requirements_model(self) -> Requirements | None:
        """The front matter of the requirements; None if they are missing or invalid."""
        return valid_model(self.requirements, Stage.REQUIREMENTS)

    @cached_property
    def iterations(self) -> tuple[IterationFolder, ...]:
        """Its iterations, ordered by number."""
        names = [entry.name for entry in self.repository.entries(self.path) if entry.is_dir]
        folders = (IterationFolder(self, name) for name in names if ITERATION_NAME.match(name))
        return tuple(sorted(folders, key=lambda folder: (folder.number, folder.name)))

    @property
    def other_folders(self) -> Iterator[str]:
        """The paths of its folders that are no iterations, such as its data."""
        for entry in self.repository.entries(self.path):
            if entry.is_dir and not ITERATION_NAME.match(entry.name):
                yield f"{self.path}/{entry.name}"

    def iteration(self, name: str | None) -> IterationFolder | None:
        """The iteration of that name; None if there is none."""
        return next((folder for folder in self.iterations if folder.name == name), None)


class Repository:
    """All projects of a knowledge base."""

    def __init__(
        self,
        tree: Tree,
        projects_dir: str = "projects",
        required_roles: Mapping[Stage, list[str]] | None = None,
        severity: Mapping[str, SeveritySetting] | None = None,
        *,
        needs_projects: bool = True,
    ) -> None:
        self.tree = tree
        self.projects_dir = projects_dir
        self.required_roles = required_roles or {}
        self.severity = severity or {}
        self.needs_projects = needs_projects
        self._entries: dict[str, list[DirEntry]] = {}
        self._contents: dict[str, bytes] = {}
        self._documents: dict[str, Document] = {}
        self._results = RecentResults(tree.read, self._parsed_result)
        self.newer_keys: dict[str, tuple[str, ...]] = {}
        """The keys of result files that were read and that only a newer iterata knows, by the file's path."""

    @classmethod
    def of(cls, tree: Tree, config: Config) -> Repository:
        """A knowledge base that is read from `tree`."""
        chosen = config.settings
        return cls(
            tree,
            chosen.projects_dir,
            chosen.required_roles,
            chosen.severity,
            needs_projects=not chosen.knowledge_bases,
        )

    @classmethod
    def on_disk(cls, config: Config) -> Repository:
        """The working tree of a knowledge base."""
        return cls.of(DiskTree(config.root), config)

    @classmethod
    def of_member(cls, member: Member, tree: Tree | None = None) -> Repository:
        """Another knowledge base, with paths from the top of the Git repository; by default on disk."""
        chosen = member.config.settings
        projects = f"{member.folder}/{chosen.projects_dir}"
        return cls(tree or DiskTree(member.top), projects, chosen.required_roles, chosen.severity)

    @cached_property
    def projects(self) -> tuple[Project, ...]:
        """The projects, by name: every folder with a valid name."""
        entries = self.entries(self.projects_dir)
        return tuple(
            Project(self, entry.name) for entry in entries if entry.is_dir and PROJECT_NAME.match(entry.name)
        )

    @property
    def iterations(self) -> Iterator[IterationFolder]:
        """Every iteration of every project."""
        return (folder for project in self.projects for folder in project.iterations)

    @property
    def documents(self) -> Iterator[Document]:
        """Every stage document, project by project, in the order of the method."""
        for project in self.projects:
            if project.requirements:
                yield project.requirements
            for folder in project.iterations:
                yield from folder.documents.values()

    @property
    def unread_documents(self) -> int:
        """How many stage documents were not read yet."""
        folders = (folder for project in self.projects for folder in project.iterations)
        paths = [f"{folder.path}/{name}" for folder in folders for name in folder.files]
        documents = [path for path in paths if path.endswith(DOCUMENT_ENDS)]
        return len(documents) - sum(path in self._documents for path in documents)

    def entries(self, folder: str) -> list[DirEntry]:
        """The files and folders in a folder; each folder is listed once."""
        if folder not in self._entries:
            self._entries[folder] = self.tree.entries(folder)
        return self._entries[folder]

    def read(self, path: str) -> bytes:
        """The bytes of a file; those of a document are kept until it is parsed."""
        content = self.tree.read(path)
        if path.endswith(DOCUMENT_ENDS):
            self._contents[path] = content
        return content

    def document(self, path: str, stage: Stage) -> Document:
        """Read one document; each is read once."""
        if path not in self._documents:
            self._documents[path] = self._parsed(path, stage)
        return self._documents[path]

    def _parsed(self, path: str, stage: Stage) -> Document:
        try:
            content = self._contents.pop(path, None)
            return parse(path, stage, self.tree.read(path) if content is None else content)
        except ContentMissingError:
            raise
        except IterataError as error:
            return unreadable(path, stage, error)

    def result_at(self, path: str, kind: ResultKind) -> AnyResult:
        """Read one result file; each is read once.

        Raises:
            DataError: the file is not a valid result of that kind.
        """
        return self._results.get(path, kind)

    def _parsed_result(self, kind: ResultKind, content: bytes, path: str) -> AnyResult:
        from iterata.results.store import read  # noqa: PLC0415  # only if there is a result

        result, unknown = read(kind, content, path)
        if unknown:
            self.newer_keys[path] = unknown
        return result

    def find_iteration(self, name: str) -> IterationFolder:
        """The iteration that a path or `project/iteration` names; a unique prefix of each part is enough.

        Raises:
            NotFoundError: no iteration matches, or several do.
        """
        folders = {folder.ref: folder for folder in self.iterations}
        return folders[find(name, folders, [project.name for project in self.projects], self.projects_dir)]
