"""Notices about explorations: what the site does not show of them. Nothing in them stops anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.errors import dotted
from iterata.problems import Position, Problem, Severity
from iterata.repository.exploration.places import explorations
from iterata.rules.rule import RuleSet
from iterata.rules.tree import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.repository.exploration.folder import Exploration
    from iterata.repository.projects import Project

RULES = RuleSet()

RULES.define(
    "EXPL001",
    "The files of an exploration are few and small enough to be shown.",
    why="The site shows them on one page, and a notebook with large outputs takes minutes to load.",
    bad="exploration/map.png with 12 MB",
    good="exploration/map.webp with 300 kB",
)
RULES.define(
    "EXPL002",
    "A file of an exploration is complete, and is what its name says.",
    why="A reader sees a broken image, and nobody notices until the one who made it has left.",
    bad="exploration/age.png, the pointer of Git LFS",
    good="exploration/age.png, an image",
)
RULES.define(
    "EXPL003",
    "The description of an exploration names files that are there.",
    why="What the entry says is shown beside no file; often the file was renamed.",
    bad="exploration: [{file: ages.png, shows: Purchases by age.}]",
    good="exploration: [{file: age.png, shows: Purchases by age.}]",
)


def exploration_problems(project: Project) -> Iterator[Problem]:
    """EXPL001 to EXPL003, of all explorations of a project; all of them are warnings."""
    for exploration in explorations(project):
        yield from _of_files(exploration)
        yield from _of_the_index(exploration)


def _of_files(exploration: Exploration) -> Iterator[Problem]:
    if exploration.more:
        from iterata.repository.exploration.kinds import MOST_FILES  # noqa: PLC0415

        message = f"has {len(exploration.names)} files; the site shows {MOST_FILES} of them"
        yield _notice("EXPL001", exploration.path, message, "keep those that readers need")
    for file in exploration.files:
        if (fault := file.fault) and not fault.is_absent:
            code = "EXPL001" if fault.is_size else "EXPL002"
            yield _notice(code, file.path, fault.message, fault.remedy)


def _of_the_index(exploration: Exploration) -> Iterator[Problem]:
    source, path = exploration.index, exploration.index_path
    if source is None or path is None:
        return
    for problem in source.problems if source.yaml or "---" in source.text[:4] else ():
        yield problem._replace(code="EXPL003", severity=Severity.WARNING)
    for field, message, remedy in exploration.index_faults:
        position = source.position(field)
        yield _notice("EXPL003", path, message, remedy, position, dotted(field))


def _notice(
    code: str, path: str, message: str, remedy: str, position: Position | None = None, field: str = ""
) -> Problem:
    return Problem(code, Severity.WARNING, printable(path), position or Position(1), field, message, remedy)
