"""What `iterata new` says about the columns of data that a new document will describe."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.actions.beginnings.survey import data_file
from iterata.documents.models.rows import RowSource
from iterata.errors import IterataError

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.data.doubts import UnusedDoubts
    from iterata.documents import Document

BLOCKS = {"assessment": ("lift", "data"), "proposal": ("plan", "data", 0)}
"""Where a document describes its data."""


class ColumnsNote(NamedTuple):
    """Columns whose values leave a doubt."""

    source: str
    """The data file, relative to the project's folder."""
    field: str
    """The part of the document that declares columns."""
    doubts: UnusedDoubts


def columns_note(document: Document, project: Path, root: Path) -> ColumnsNote | None:
    """The doubts about the columns of the data that a new document will describe.

    The data are those that the document names, or else the only data file of the project.

    Returns:
        None if there are no data yet, they cannot be read, or their columns leave no doubt.
    """
    path = BLOCKS.get(document.stage.value)
    if path is None:
        return None
    described = _described(document, path)
    source = data_file(project, described)
    if source is None:
        return None
    from iterata.data.doubts import doubts_of_unused  # noqa: PLC0415  # imports pandas

    try:
        place = RowSource.model_validate({"source": source, "columns": described.get("columns", {})})
        doubts = doubts_of_unused(project, place, (), root=root)
    except (IterataError, ValueError):
        return None  # `lift` and `run` report it
    return ColumnsNote(source, ".".join(map(str, path)).replace(".0", "[0]"), doubts) if doubts else None


def _described(document: Document, path: tuple[str | int, ...]) -> dict[str, object]:
    value: object = document.data
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
    return value if isinstance(value, dict) else {}
