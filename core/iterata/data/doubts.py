"""Columns that a document does not use, and whose first values do not show what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.data.column_inference import SAMPLE, Doubt
from iterata.data.column_proposals import proposed_columns
from iterata.data.sources.open import open_file

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from iterata.documents.models.rows import RowSource


class UnusedDoubts(NamedTuple):
    """Columns that would be refused if they were used."""

    columns: Mapping[str, Doubt]
    declaration: str
    """The line of the data's description that declares them, besides the columns that it declares now."""


def doubts_of_unused(
    project: Path, place: RowSource, used: Collection[str], *, root: Path
) -> UnusedDoubts | None:
    """The doubts that the first rows of a file leave about columns that are neither used nor declared.

    Nothing else is read of a query than the columns that are used.

    Args:
        project: the project's folder.
        place: the description of the data.
        used: columns that were read without a doubt.
        root: the repository.

    Returns:
        None if there is no doubt.

    Raises:
        DataError: the file cannot be read.
    """
    if place.source is None:
        return None
    table = open_file(project, place.source, root=root)
    settled = {*used, *place.columns, *place.known_after}
    names = [name for name in table.columns if name not in settled and table.columns.count(name) == 1]
    reader = table.column_types.reader(table.where)
    reader.look_at(table.first_texts(names, SAMPLE))
    doubts = reader.doubts()
    if not doubts:
        return None
    likely = {name: doubt.proposals[0] for name, doubt in doubts.items()}
    return UnusedDoubts(doubts, proposed_columns({**place.columns, **likely}))
