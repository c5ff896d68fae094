"""The digests of the data that a plan names, which an approval covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.data.sources import data_file
from iterata.documents import edit, parse
from iterata.documents.error_location import located_in
from iterata.documents.models.variants import FileVariant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from iterata.documents import Document
    from iterata.documents.models.proposal import Plan
    from iterata.documents.models.rows import RowSource
    from iterata.lifecycle.context import DocumentContext


def with_data_digests(context: DocumentContext, root: Path) -> Document:
    """The proposal with the digests of all data that its plan names.

    Raises:
        DataError: the data are missing, or are not as described.
    """
    document, plan = context.document, context.plan
    if plan is None:
        return document
    inherited = context.iteration.assessment_document if context.iteration else None
    with located_in(document, "plan", inherited=inherited):
        digests = list(_data_digests(plan, root / context.project.path, root))
    for path, digest in digests:
        text = edit.set_digest(document, path, digest)
        document = parse(document.path, document.stage, text.encode())
    return document


def _data_digests(plan: Plan, project: Path, root: Path) -> Iterator[tuple[tuple[str, int], str]]:
    """The digest of the data and of each file of predictions, with the entry of the plan that it is of."""
    for position, data_set in enumerate(plan.data):
        yield ("data", position), _rows_digest(data_set, project, root)
    for position, variant in enumerate(plan.variants):
        if isinstance(variant, FileVariant):
            digest = data_file.source_digest(project, variant.source, root=root, made_by=variant.made_by)
            yield ("variants", position), digest


def _rows_digest(rows: RowSource, project: Path, root: Path) -> str:
    if rows.source is not None and not rows.columns:
        return data_file.source_digest(project, rows.source, root=root, made_by=rows.made_by)
    from iterata.data.sources.open import open_table  # noqa: PLC0415  # imports pandas

    table = open_table(project, rows, root=root)
    loaded = table.take(rows.columns if rows.query is None else table.columns)
    loaded.check_declared()
    return loaded.digest()
