"""When documents were written, as far as the site can say; where it cannot, whoever builds it is told why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import IterataError
from iterata.repository import history

if TYPE_CHECKING:
    from iterata.repository.config import Config
    from iterata.repository.history import Dates, History

NO_HISTORY = "documents have no dates: Git finds no commit here"
CUT_OFF = (
    "{} documents have no dates, as they are older than the history of this clone; fetch all of it:"
    " `git fetch --unshallow`, or `fetch-depth: 0` for actions/checkout"
)


class Dating(NamedTuple):
    """The history, as far as it is wanted and there is one."""

    history: History | None = None
    note: str = ""
    """What is missing; it stops no build, strict or not."""

    def of(self, path: str) -> Dates | None:
        """The dates of a document, if anything is known of it."""
        return self.history.of(path) if self.history else None


def dating(base: Config) -> Dating:
    """Look up the dates of all documents of a knowledge base."""
    if not base.settings.dates:
        return Dating()
    try:
        found = history.read(base)
    except IterataError as error:
        return Dating(note=str(error))
    if found is None:
        return Dating(note=NO_HISTORY)
    return Dating(found, CUT_OFF.format(found.undated) if found.undated else "")
