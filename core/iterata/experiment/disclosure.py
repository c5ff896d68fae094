"""What carrying out a plan executes, in words for whoever is about to allow it, and which files that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.variants import CommandVariant, FileVariant
from iterata.execution.project_code import is_file_of, source_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from iterata.documents.models.proposal import Plan
    from iterata.documents.models.variants import SklearnVariant


def in_words(plan: Plan, project: str) -> list[str]:
    """A line for each query and variant; `project` is the project's folder, relative to the repository."""
    asked = [each for each in plan.data if each.query is not None]
    return [
        *(f"{each.name}: a query of {each.database or 'the files of ' + project}" for each in asked),
        *(f"{variant.name}: {_code(variant, project)}" for variant in plan.variants),
    ]


def stay_here(plan: Plan) -> list[str]:
    """The variants that no cluster is asked for: programs, and predictions made elsewhere."""
    return [each.name for each in plan.variants if isinstance(each, (CommandVariant, FileVariant))]


def depends_on(project: Path, plan: Plan, documents: Iterable[str], root: Path) -> list[str]:
    """The files a result depends on besides data, whose digests are recorded; relative to `root`.

    These are documents, the project's Python code, and what programs are said to read.
    """
    found = [
        *source_files(project),
        *(project / name for each in plan.variants for name in _read_by(each, project)),
    ]
    inside = (path.relative_to(root).as_posix() for path in found)
    return list(dict.fromkeys([*documents, *inside]))


def _read_by(variant: SklearnVariant | CommandVariant | FileVariant, project: Path) -> Iterator[str]:
    if isinstance(variant, CommandVariant):
        yield from variant.reads
        yield from (word for word in variant.command if is_file_of(project, word))


def _code(variant: SklearnVariant | CommandVariant | FileVariant, project: str) -> str:
    if isinstance(variant, CommandVariant):
        minutes = "1 minute" if variant.minutes == 1 else f"{variant.minutes:g} minutes"
        return f"`{variant.origin}` in {project}, at most {minutes} a fold"
    if isinstance(variant, FileVariant):
        return f"nothing; its predictions are read from {project}/{variant.source}"
    if variant.factory is not None:
        module, _, function = variant.factory.partition(":")
        return f"{function}() of {project}/{module}.py"
    return variant.origin
