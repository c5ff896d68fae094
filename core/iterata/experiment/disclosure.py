"""What running a plan executes, for the people who approve it, and which files its result depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.variants import CommandVariant, FileVariant
from iterata.execution.project_code import is_file_of, source_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from iterata.documents.models.proposal import Plan, ProposedPlan
    from iterata.documents.models.variants import Variant


def executed_code(plan: ProposedPlan, project: str) -> list[str]:
    """A line for each query and variant; `project` is the project's folder, relative to the repository."""
    queries = [
        f"{data.name}: a query of {data.database or 'the files of ' + project}"
        for data in plan.data or ()
        if data.query is not None
    ]
    return [*queries, *(f"{variant.name}: {_code(variant, project)}" for variant in plan.variants)]


def local_variants(plan: Plan) -> list[str]:
    """The variants that never run on a cluster: programs, and predictions that are read from a file."""
    return [variant.name for variant in plan.variants if isinstance(variant, CommandVariant | FileVariant)]


def input_files(project: Path, plan: Plan, documents: Iterable[str], root: Path) -> list[str]:
    """The files that a result depends on, relative to `root`: documents, project code, what programs read.

    Data files are not among them: a result records their digests.
    """
    reads = (project / path for variant in plan.variants for path in _reads(variant, project))
    inside = (path.relative_to(root).as_posix() for path in (*source_files(project), *reads))
    return list(dict.fromkeys([*documents, *inside]))


def _reads(variant: Variant, project: Path) -> Iterator[str]:
    if isinstance(variant, CommandVariant):
        yield from variant.reads
        yield from (word for word in variant.command if is_file_of(project, word))


def _code(variant: Variant, project: str) -> str:
    if isinstance(variant, CommandVariant):
        minutes = "1 minute" if variant.minutes == 1 else f"{variant.minutes:g} minutes"
        return f"`{variant.origin}` in {project}, at most {minutes} a fold"
    if isinstance(variant, FileVariant):
        return f"nothing; its predictions are read from {project}/{variant.source}"
    if variant.factory is not None:
        module, _, function = variant.factory.partition(":")
        return f"{function}() of {project}/{module}.py"
    return variant.origin
