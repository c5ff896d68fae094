"""Dates and authors of documents, and a note to the builder if they are not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import IterataError
from iterata.repository import history

if TYPE_CHECKING:
    from iterata.repository.config import Config
    from iterata.repository.history import Dates, History

NO_HISTORY = "documents have no dates: there is no Git commit here"
CUT_OFF = (
    "{} documents have no dates: they are older than the history of this clone. Fetch the whole history:"
    " `git fetch --unshallow`, or `fetch-depth: 0` for actions/checkout"
)


class Dating(NamedTuple):
    """The history of the documents, if dates are turned on and Git has a history."""

    history: History | None = None
    note: str = ""
    """What is missing. It never stops a build, not even a strict one."""

    def of(self, path: str) -> Dates | None:
        """The dates of a document. None if they are not known."""
        return self.history.of(path) if self.history else None

    def earlier_paths(self, path: str) -> tuple[str, ...]:
        """The paths that a document had before it was renamed; none if they are not known."""
        return self.history.earlier_paths(path) if self.history else ()


def dating(base: Config) -> Dating:
    """Look up the dates of all documents of a knowledge base."""
    if not base.settings.dates:
        return Dating()
    try:
        documents_history = history.read(base)
    except IterataError as error:
        return Dating(note=str(error))
    if documents_history is None:
        return Dating(note=NO_HISTORY)
    undated = documents_history.undated
    return Dating(documents_history, CUT_OFF.format(undated) if undated else "")
