"""Publishing a result: its file below `results/`, and its blocks on the stage's page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from iterata import results
from iterata.documents import blocks
from iterata.errors import IterataError, NewerVersion, ProblemsError
from iterata.execution.installed import how_to_upgrade, is_newer
from iterata.render.page_blocks import blocks_of
from iterata.repository import git
from iterata.repository.files import write_within
from iterata.repository.result_history import ResultHistory
from iterata.stages import Status

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.data.doubts import UnusedDoubts
    from iterata.documents import Document
    from iterata.repository.projects import IterationFolder
    from iterata.results import AnyResult, ExperimentResult, LiftResult, RolloutResult
    from iterata.stages import ResultKind

R = TypeVar("R", "LiftResult", "ExperimentResult", "RolloutResult")


class Publication(NamedTuple, Generic[R]):
    """A result, and the files that a command wrote for it."""

    result: R
    page: str
    """The path of the page that shows the result."""
    changed: list[str]
    """The paths of the files that changed."""
    doubts: UnusedDoubts | None = None
    """Columns of the data that the document does not use, and that nothing could use as they are."""
    note: tuple[str, str] | None = None
    """Something that is probably meant in another way, and what to write for that."""


def require_valid(document: Document) -> Document:
    """The document, if neither its front matter nor the markers of its blocks have problems.

    Raises:
        ProblemsError: the document has problems.
    """
    _, faults = blocks.find(document.body)
    marker_problems = [
        document.problem_in_body("RES004", fault.offset, fault.message, fault.remedy) for fault in faults
    ]
    if problems := [*document.problems, *marker_problems]:
        raise ProblemsError(
            "the document has problems", problems, remedy="correct them, then run the command again"
        )
    return document


def is_immutable(document: Document | None) -> bool:
    """Whether the document was approved, so that the result it was approved with must not change."""
    return document is not None and document.status in (Status.APPROVED, Status.SUPERSEDED)


OVERWRITE_NEWER = "--overwrite-newer"
"""The option that lets a command write over what a newer version of iterata wrote."""


def refuse_newer_result(folder: IterationFolder, kind: ResultKind) -> None:
    """Refuse to write over a result that a newer version of iterata wrote.

    Raises:
        NewerVersion: there is such a result.
    """
    error = folder.unreadable_result(kind)
    if isinstance(error, NewerVersion):
        raise error.replace(remedy=f"{error.remedy}; or write over it with `{OVERWRITE_NEWER}`")
    result = folder.readable_result(kind)
    if result is not None and is_newer(result.provenance.author):
        raise _would_lose(folder.result_path(kind), f"{kind} result", result)


def _would_lose(path: str, what: str, result: AnyResult) -> NewerVersion:
    author = result.provenance.author
    remedy = f"{how_to_upgrade(f'>={author}')}; or write over it with `{OVERWRITE_NEWER}`"
    unknown = "all that it says, and would write over it"
    return NewerVersion(what, unknown, remedy=remedy, written_by=author, where=path)


def write_result(
    root: Path,
    folder: IterationFolder,
    result: AnyResult,
    *,
    immutable: bool,
    overwrite_newer: bool = False,
) -> list[str]:
    """Write the result file if its content changes; return the paths that changed.

    A file that differs in provenance only is not changed, unless the history does not confirm its
    provenance: its commit is gone after a rebase, or does not hold the approved plan and the code.

    Args:
        root: the knowledge base.
        folder: the iteration.
        result: the new result.
        immutable: whether a document was approved with the result in the file.
        overwrite_newer: whether to write over a result that a newer iterata wrote, and that no document was
            approved with.

    Raises:
        NewerVersion: a newer version wrote the file, and this one cannot read it.
        IterataError: the file is immutable and the new result differs from it.
    """
    path = folder.result_path(result.kind, result.phase if result.kind == "rollout" else None)
    try:
        old = results.read_or_none(result.kind, root / path)
    except NewerVersion:
        if immutable or not overwrite_newer:
            raise
        old = None
    if immutable and old is not None:
        if results.extends(old, result):
            if old.kind != "experiment" or _is_confirmed(root, folder, old, result):
                return []
            return _write(root, path, old.model_copy(update={"provenance": result.provenance}))
        if not _corrects(old, result):
            raise _immutable(old, result, path)
        return _write(root, path, result)
    if (
        old is not None
        and results.equal_apart_from_provenance(old, result)
        and _is_confirmed(root, folder, old, result)
    ):
        return []
    return _write(root, path, result)


def _corrects(old: AnyResult, new: AnyResult) -> bool:
    from iterata.rules.figures.corrected import corrects  # noqa: PLC0415  # only if results differ

    return corrects(old, new)


def _immutable(old: AnyResult, result: AnyResult, path: str) -> IterataError:
    if result.kind == "rollout":
        from iterata.rules.figures.corrected import contradicts_itself  # noqa: PLC0415  # only for the error

        message = "the phase has ended, and its result differs from this one; it stays"
        remedy = "evaluate the present phase; it includes all units of the earlier ones"
        if contradicts_itself(old):
            message = "the phase has ended, and its result, which contradicts itself, is of other rows"
            remedy = (
                f"restore the rows of that time, or the file before it was changed: `git log -p -- {path}`"
            )
        return IterataError(message, remedy=remedy, where=path)
    message = "the result differs from the approved one, which stays"
    remedy = "find what changed (data, versions, code); new figures need an amendment or a new iteration"
    return IterataError(message, remedy=remedy, where=path)


def _write(root: Path, path: str, result: AnyResult) -> list[str]:
    return [path] if write_within(root, path, results.to_json(result)) else []


def _is_confirmed(root: Path, folder: IterationFolder, old: AnyResult, new: AnyResult) -> bool:
    """Whether the provenance of a result still holds, or the new one would be no better."""
    commit, dirty = old.provenance.commit, old.provenance.dirty
    if commit is None or (commit, dirty) == (new.provenance.commit, new.provenance.dirty):
        return True
    if new.provenance.dirty and not dirty:
        return True
    if not git.is_ancestor(root, commit, "HEAD") or (dirty and not new.provenance.dirty):
        return False
    if old.provenance.code not in (None, new.provenance.code):
        return False
    if old.kind != "experiment":
        return True
    with ResultHistory(root, folder, old) as history:
        state = history.at(commit)
    return state.confirms


def write_blocks(
    root: Path,
    document: Document,
    folder: IterationFolder,
    result: AnyResult,
    *,
    overwrite_newer: bool = False,
) -> list[str]:
    """Render the result into the blocks of a valid page; return the paths that changed.

    Raises:
        NewerVersion: the page shows a result of a newer iterata otherwise than this version would.
    """
    body, present = document.body, blocks.find(document.body)[0]
    is_from_newer = is_newer(result.provenance.author) and not overwrite_newer
    for block in blocks_of(document.stage):
        rendered = block.render(result, folder)
        shown = present[block.name].content if block.name in present else ""
        if is_from_newer and shown.strip() and not blocks.same(shown, rendered):
            raise _would_lose(document.path, f"table `{block.name}`", result)
        body = blocks.replace(body, block.name, rendered)
    front_matter = document.source.text[: len(document.source.text) - len(document.body)]
    return [document.path] if write_within(root, document.path, front_matter + body) else []
