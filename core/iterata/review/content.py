"""Compare the content that a reviewer approves."""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from iterata.documents import parse
from iterata.documents.fingerprint import digest, prose
from iterata.errors import DataError
from iterata.render.page_blocks import blocks_of
from iterata.repository import git
from iterata.repository.plan_code import CodeMissingError, code_of_iteration, file_digest
from iterata.review.immutability import changed_keys
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from iterata.documents import Document
    from iterata.lifecycle.context import DocumentContext
    from iterata.results import AnyResult
    from iterata.stages import ResultKind


def content_differs(before: DocumentContext, after: DocumentContext) -> bool:
    """Whether an approval of `before` does not apply to `after`.

    The prose of an approved document is ignored: it changes with an erratum only, which MOVE003 checks.
    """
    old, new = before.document, after.document
    return (
        (before.project.name, old.stage) != (after.project.name, new.stage)
        or (before.iteration and before.iteration.name) != (after.iteration and after.iteration.name)
        or bool(changed_keys(old, without_added_digests(new, old)))
        or _decision(old) != _decision(new)
        or _current_figures(before) != _current_figures(after)
        or (old.status is not Status.APPROVED and prose(old.body) != prose(new.body))
    )


def unchanged_since(root: Path, context: DocumentContext) -> Callable[[str], bool]:
    """A function of a commit: whether the document has the same content there.

    A commit that is not in this clone counts as a change.
    """
    document, folder = context.document, context.iteration

    def unchanged(commit: str) -> bool:
        raw = git.show(root, commit, document.path)
        if raw is None:
            return False
        kinds = _result_kinds(context)
        files = {kind: git.show(root, commit, folder.result_path(kind)) for kind in kinds if folder}
        figures = [_figures(_parsed_result(kind, file)) for kind, file in files.items()]
        earlier = parse(document.path, document.stage, raw)
        if not _same_code(root, context, commit):
            return False
        present = without_added_digests(document, earlier)
        return _content_digest(earlier, figures) == _content_digest(present, _current_figures(context))

    return unchanged


def _same_code(root: Path, context: DocumentContext, commit: str) -> bool:
    """Whether the code that a plan names was the same at a commit."""
    if context.document.stage is not Stage.PROPOSAL or context.iteration is None:
        return True
    try:
        code = code_of_iteration(context.iteration)
    except CodeMissingError:  # SCOPE002 reports it
        return True
    files = {path: git.show(root, commit, path) for path in code}
    return all(raw is not None and file_digest(raw) == code[path] for path, raw in files.items())


def equal_content(path: str, stage: Stage, before: bytes, after: bytes) -> bool:
    """Whether two texts of a document differ at most in what the bookkeeping of commands writes."""
    old, new = (parse(path, stage, raw) for raw in (before, after))
    present = without_added_digests(new, old)
    return bool(old.data and new.data) and _content_digest(old, ()) == _content_digest(present, ())


def _content_digest(document: Document, figures: Sequence[object]) -> str:
    """A digest of all that a reviewer reads; layout and the bookkeeping of commands do not affect it."""
    content = _without_steps(document)
    return digest([content.fingerprint, _decision(content), prose(content.body), figures])


_STEPS = ("started", "ended", "approved", "result")
"""What `iterata move` writes into a phase of a release, apart from an override, which somebody decides."""


def _without_steps(document: Document) -> Document:
    """A deployment without the days and agreements of its steps, which follow a review."""
    phases = document.data.get("phases")
    if document.stage is not Stage.DEPLOYMENT or not isinstance(phases, list):
        return document
    stripped = [
        {key: value for key, value in phase.items() if key not in _STEPS}
        if isinstance(phase, dict)
        else phase
        for phase in phases
    ]
    return replace(document, source=document.source._replace(data={**document.data, "phases": stripped}))


def _decision(document: Document) -> object:
    """The decision of a report, which its approval covers.

    The fingerprint excludes it, because no other document depends on it.
    """
    return document.data.get("decision")


def _result_kinds(context: DocumentContext) -> list[ResultKind]:
    """The kinds of results that the document shows."""
    return list(dict.fromkeys(block.result for block in blocks_of(context.document.stage)))


def _current_figures(context: DocumentContext) -> list[object]:
    return [_figures(context.result(kind)) for kind in _result_kinds(context)]


def _figures(result: AnyResult | None) -> object:
    """The content of a result without its provenance."""
    return result.model_dump(mode="json", exclude={"provenance"}) if result else None


def _parsed_result(kind: ResultKind, raw: bytes | None) -> AnyResult | None:
    from iterata.results.store import parse as parse_result  # noqa: PLC0415  # only for documents with results

    try:
        return parse_result(kind, raw, "") if raw is not None else None
    except DataError:
        return None


def without_added_digests(document: Document, earlier: Document) -> Document:
    """The document without the digests of data that `iterata move` added to its plan since.

    A digest that the earlier plan had, and that differs now, is a change.
    """
    plan, before = document.data.get("plan"), earlier.data.get("plan")
    if not isinstance(plan, dict) or not isinstance(before, dict) or plan == before:
        return document
    stripped = {key: _without_added(value, before.get(key), key) for key, value in plan.items()}
    if "data_digest" not in before:
        stripped.pop("data_digest", None)
    source = document.source._replace(data={**document.data, "plan": stripped})
    return replace(document, source=source)


def _without_added(entries: object, before: object, key: str) -> object:
    """The entries of `data` or `variants`, without a digest that the same entry did not have."""
    if key not in ("data", "variants") or not isinstance(entries, list) or not isinstance(before, list):
        return entries
    pairs = zip_longest(entries, before)
    return [
        {name: value for name, value in entry.items() if name != "digest" or "digest" in old}
        if isinstance(entry, dict) and isinstance(old, dict)
        else entry
        for entry, old in list(pairs)[: len(entries)]
    ]
