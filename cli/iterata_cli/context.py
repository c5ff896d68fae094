"""Where a command works: the knowledge base the user stands in."""

from __future__ import annotations

import gc
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iterata.config import Config
    from iterata.repository import IterationFolder, Repository


def reading_only() -> None:
    """Let garbage lie: a command that reads thousands of documents and ends takes a third less time so."""
    gc.disable()


def knowledge_base() -> tuple[Config, Repository]:
    """The configuration and the tree of the knowledge base around the current folder."""
    from iterata import config  # noqa: PLC0415  # after click has parsed the command line
    from iterata.repository import Repository  # noqa: PLC0415

    found = config.load(Path.cwd())
    return found, Repository.on_disk(found)


def within(root: Path, path: str) -> str:
    """A path the user typed, relative to the knowledge base; one that is not there is left as it is."""
    absolute = (Path.cwd() / path).resolve()
    if absolute.exists() and absolute.is_relative_to(root):
        return absolute.relative_to(root).as_posix()
    return path


def iteration_named(config: Config, repository: Repository, name: str) -> IterationFolder:
    """The iteration the user typed: a path from where they stand, or `project/iteration`."""
    return repository.find_iteration(within(config.root, name))


def today() -> date:
    """The day it is, in UTC, so that colleagues in two time zones agree."""
    return datetime.now(UTC).date()
