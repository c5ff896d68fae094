"""Where a command works: the knowledge base the user stands in."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iterata.repository.config import Config
    from iterata.repository.projects import IterationFolder, Repository


def reading_only() -> None:
    """Let garbage lie: a command that reads much, thousands of documents or rows, takes a third less time so.

    Python would go through all of it once more when it ends, for another fifth; what is frozen it lets be.
    """
    gc.disable()
    atexit.register(_let_be)


def _let_be() -> None:
    """Leave what there is to the end of the process, unless a library would complain of it."""
    if "duckdb" not in sys.modules:  # it counts what is left of it when it ends, and says so at length
        gc.freeze()


def knowledge_base() -> tuple[Config, Repository]:
    """The configuration and the tree of the knowledge base around the current folder."""
    from iterata.repository import config  # noqa: PLC0415  # after click has parsed the command line
    from iterata.repository.projects import Repository  # noqa: PLC0415

    found = config.load(here())
    return found, Repository.on_disk(found)


def within(root: Path, path: str) -> str:
    """A path the user typed, relative to the knowledge base; one that is not there is left as it is."""
    typed = Path(os.path.normpath(here() / path))
    for place in (typed, typed.resolve()):  # a link of the knowledge base is called by its own name
        if (place.exists() or place.is_symlink()) and place.is_relative_to(root):
            return place.relative_to(root).as_posix()
    return path


def here() -> Path:
    """The folder the user stands in."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        from iterata.errors import IterataError  # noqa: PLC0415  # only for somebody whose folder was removed

        raise IterataError("the folder you are in is gone", remedy="go into another one") from None


def iteration_named(config: Config, repository: Repository, name: str) -> IterationFolder:
    """The iteration the user typed: a path from where they stand, or `project/iteration`."""
    return repository.find_iteration(within(config.root, name))


def today() -> date:
    """The day it is, in UTC, so that colleagues in two time zones agree."""
    return datetime.now(UTC).date()
