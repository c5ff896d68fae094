"""Rules about the tree of projects: names, numbers, and missing documents."""

from __future__ import annotations

import os
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from iterata.problems import Position, Problem, Severity
from iterata.repository import git_index
from iterata.repository.exploration import FOLDER as EXPLORATION
from iterata.repository.projects import ITERATION_NAME, ITERATION_STAGES, PROJECT_NAME
from iterata.repository.tree import DiskTree
from iterata.rules.rule import RuleSet
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.repository.projects import IterationFolder, Project, Repository

RULES = RuleSet()

_STAGE_FILES = tuple(stage.filename for stage in Stage)
_ITERATION_FILES = tuple(stage.filename for stage in ITERATION_STAGES)

RULES.define(
    "TREE001",
    "There is at least one project.",
    why="An empty folder usually means a wrong path.",
    bad="projects/ is empty",
    good="`iterata new project churn` creates projects/churn/requirements.md",
)
RULES.define(
    "TREE002",
    "Project and iteration folders are named so that every tool finds them.",
    why="A folder with another name would be skipped, and its documents would not be checked.",
    bad="projects/churn/1_Setup/",
    good="projects/churn/01-setup/",
)
RULES.define(
    "TREE003",
    "Every iteration of a project has a number of its own.",
    why="Two branches can both start an iteration 03; after a merge, the number is ambiguous.",
    bad="03-weather/ and 03-holidays/",
    good="03-weather/ and 04-holidays/",
)
RULES.define(
    "TREE004",
    "A stage document has the stage's file name.",
    why="A misspelt file would be skipped, and its gates would not be applied.",
    bad="01-setup/assesment.md",
    good="01-setup/assessment.md",
)
RULES.define(
    "TREE005",
    "A project has requirements.",
    why="Every later decision depends on the business context that they record.",
    bad="projects/churn/01-setup/ without projects/churn/requirements.md",
    good="projects/churn/requirements.md",
)
RULES.define(
    "TREE006",
    "A stage document is a file of the repository that can be read; in a pull request, so is its folder.",
    why="A link can point anywhere; reviewers must approve what is in the repository.",
    bad="01-setup/report.md, a link to ../../../elsewhere/report.md",
    good="01-setup/report.md, a file",
)
RULES.define(
    "TREE007",
    "In a pull request, no name differs from another one in upper and lower case only.",
    why="Many file systems keep one of the two, so that readers see another text than was approved.",
    bad="Projects/ beside projects/, or Results/ beside results/",
    good="projects/churn/01-setup/results/",
)
RULES.define(
    "TREE017",
    "A project is a folder of this repository, not a submodule.",
    why="A pull request changes only the commit that a submodule names: nobody reviews its documents here.",
    bad="projects/churn, with an entry in .gitmodules",
    good="projects/churn, a folder; or a knowledge base of its own in the other repository",
)


def repository_problems(repository: Repository) -> Iterator[Problem]:
    """TREE001, TREE002 and TREE017, of the folder of the projects."""
    submodules = list(_submodule_problems(repository))
    yield from submodules
    if repository.needs_projects and not repository.projects and not submodules:
        remedy = "begin one, such as `iterata new project churn`; or correct `projects_dir` in mkdocs.yml"
        yield _problem("TREE001", repository.projects_dir, "there is no project here", remedy)
    yield from _project_names(repository)


def unread_folders(repository: Repository) -> Iterator[Problem]:
    """TREE002, of the folders whose documents are not read because of their name."""
    yield from _project_names(repository)
    for project in repository.projects:
        yield from _iteration_names(project)


def _project_names(repository: Repository) -> Iterator[Problem]:
    for entry in repository.entries(repository.projects_dir):
        if entry.is_dir and not PROJECT_NAME.match(entry.name):
            path = f"{repository.projects_dir}/{entry.name}"
            remedy = "use lower-case words joined by hyphens, such as churn"
            yield _problem("TREE002", path, "is not a valid project name", remedy)


def _submodule_problems(repository: Repository) -> Iterator[Problem]:
    """TREE017: projects, iterations and results that are submodules, and a folder of projects in one."""
    if not isinstance(repository.tree, DiskTree):
        return
    root, folder = repository.tree.root, PurePosixPath(repository.projects_dir)
    for module in git_index.submodules(root):
        path = PurePosixPath(os.path.relpath(module.place, root))
        if folder.is_relative_to(path):
            path = folder
        if not path.is_relative_to(folder) or not _has_documents(path.relative_to(folder).parts):
            continue
        if error := git_index.absent_submodule(root, str(path)):
            yield _problem("TREE017", str(path), error.message, error.remedy)
        else:
            message = "is a submodule: a pull request shows its commit, not its documents; `run` refuses it"
            problem = _problem("TREE017", str(path), message, git_index.own_folder(str(path)))
            yield problem._replace(severity=Severity.WARNING)


def _has_documents(parts: tuple[str, ...]) -> bool:
    """Whether a folder below the one of the projects has documents or results."""
    match parts:
        case [] | [_]:
            return True
        case [_, name]:
            return ITERATION_NAME.match(name) is not None
        case [_, _, name]:
            return name == "results"
    return False


def _is_absent(project: Project) -> bool:
    """Whether a project is in a submodule that is not initialised: TREE017 says so."""
    tree = project.repository.tree
    return isinstance(tree, DiskTree) and git_index.absent_submodule(tree.root, project.path) is not None


def project_problems(project: Project) -> Iterator[Problem]:
    """TREE002 to TREE005, of the folders of a project."""
    if project.requirements is None and not _is_absent(project):
        remedy = f"`iterata new document {project.name} requirements`"
        yield _problem("TREE005", project.path, "the project has no requirements.md", remedy)
    yield from _iteration_names(project)
    for name, is_dir in project.repository.entries(project.path):
        if not is_dir:
            yield from _misplaced(f"{project.path}/{name}", name, (Stage.REQUIREMENTS.filename,))
    numbers: dict[int, str] = {}
    for iteration in project.iterations:
        other = numbers.setdefault(iteration.number, iteration.name)
        if other != iteration.name:
            remedy = "rename the later one to the next free number"
            yield _problem("TREE003", iteration.path, f"has the same number as {other}", remedy)
        yield from _iteration_problems(iteration)


def _iteration_names(project: Project) -> Iterator[Problem]:
    for folder in project.other_folders:
        names = {entry.name for entry in project.repository.entries(folder)}
        name = folder.rpartition("/")[2]
        if name != EXPLORATION and (name[0].isdigit() or not names.isdisjoint(_ITERATION_FILES)):
            remedy = "use two digits, a hyphen and lower-case words, such as 01-setup"
            yield _problem("TREE002", folder, "is not a valid iteration name", remedy)


def _iteration_problems(iteration: IterationFolder) -> Iterator[Problem]:
    if iteration.files.isdisjoint(_ITERATION_FILES):
        remedy = f"`iterata new document {iteration.ref} assessment`, or remove the folder"
        yield _problem("TREE004", iteration.path, "the iteration has no stage document", remedy)
    for name in sorted(iteration.files):
        yield from _misplaced(f"{iteration.path}/{name}", name, _ITERATION_FILES)


def _misplaced(path: str, name: str, expected: tuple[str, ...]) -> Iterator[Problem]:
    """TREE004: a Markdown file whose name resembles a stage document's, or belongs into another folder."""
    if not name.lower().endswith((".md", ".markdown")) or name in expected:
        return
    if name in _STAGE_FILES:
        folder = "the project's folder" if name == Stage.REQUIREMENTS.filename else "an iteration's folder"
        yield _problem("TREE004", path, f"{name} does not belong here", f"move it into {folder}")
        return
    from iterata.text import closest  # noqa: PLC0415  # only for files with other names

    guess = closest(name.rsplit(".", 1)[0], [stage.value for stage in Stage])
    if guess:
        message = f"looks like a document of stage {guess}, but has another name"
        yield _problem("TREE004", path, message, f"rename it to {guess}.md")


def _problem(code: str, path: str, message: str, remedy: str) -> Problem:
    return Problem(code, Severity.ERROR, printable(path), Position(1), "", message, remedy)


def printable(path: str) -> str:
    """A path as text; bytes that are not UTF-8 are replaced."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
