"""Rules about the tree itself: names, numbers, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.problems import Position, Problem, Severity
from iterata.repository.projects import ITERATION_STAGES, PROJECT_NAME
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.repository.projects import Project, Repository

_FILENAMES = tuple(stage.filename for stage in Stage)
_ITERATION_FILENAMES = tuple(stage.filename for stage in ITERATION_STAGES)


def of_repository(repository: Repository) -> Iterator[Problem]:
    """What is wrong with the folder of the projects."""
    if not repository.projects:
        remedy = "begin one with `iterata new project NAME`, or correct `projects_dir` in mkdocs.yml"
        yield _problem("TREE001", repository.projects_dir, "there is no project here", remedy)
    for entry in repository.entries(repository.projects_dir):
        if entry.is_dir and not PROJECT_NAME.match(entry.name):
            path = f"{repository.projects_dir}/{entry.name}"
            yield _problem(
                "TREE002",
                path,
                "not a project's name",
                "use lower-case words joined by hyphens, such as churn",
            )


def of_project(project: Project) -> Iterator[Problem]:
    """What is wrong with the folders of a project."""
    if project.requirements is None:
        remedy = f"`iterata new document {project.name} requirements`"
        yield _problem("TREE005", project.path, "the project has no requirements.md", remedy)
    for folder in project.other_folders:
        inside = {entry.name for entry in project.repository.entries(folder)}
        if folder.rsplit("/", 1)[-1][0].isdigit() or not inside.isdisjoint(_ITERATION_FILENAMES):
            remedy = "use two digits, a hyphen and lower-case words, such as 01-setup"
            yield _problem("TREE002", folder, "not an iteration's name", remedy)
    for name, is_dir in project.repository.entries(project.path):
        if not is_dir:
            yield from _misspelt(f"{project.path}/{name}", name, (Stage.REQUIREMENTS.filename,))
    numbers: dict[int, str] = {}
    for iteration in project.iterations:
        other = numbers.setdefault(iteration.number, iteration.name)
        if other != iteration.name:
            message = f"has the same number as {other}"
            yield _problem("TREE003", iteration.path, message, "rename the later one to the next free number")
        if iteration.files.isdisjoint(_ITERATION_FILENAMES):
            remedy = f"`iterata new document {iteration.ref} assessment`, or remove the folder"
            yield _problem("TREE004", iteration.path, "the iteration holds no stage document", remedy)
        for name in sorted(iteration.files):
            yield from _misspelt(f"{iteration.path}/{name}", name, _ITERATION_FILENAMES)


def _misspelt(path: str, name: str, expected: tuple[str, ...]) -> Iterator[Problem]:
    if not name.lower().endswith((".md", ".markdown")) or name in expected:
        return
    if name in _FILENAMES:
        where = "the project's folder" if name == Stage.REQUIREMENTS.filename else "an iteration's folder"
        yield _problem("TREE004", path, f"{name} does not belong here", f"move it into {where}")
        return
    from iterata.text import closest  # noqa: PLC0415  # only for files with other names

    guess = closest(name.rsplit(".", 1)[0], [each.removesuffix(".md") for each in _FILENAMES])
    if guess:
        yield _problem(
            "TREE004", path, f"looks like a {guess} but is not named so", f"rename it to {guess}.md"
        )


def _problem(code: str, path: str, message: str, remedy: str) -> Problem:
    return Problem(code, Severity.ERROR, legible(path), Position(1), "", message, remedy)


def legible(path: str) -> str:
    """A path as it can be shown: its names may be any bytes."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
