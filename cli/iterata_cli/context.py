"""The knowledge base around the working directory, and the names that users type."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iterata.repository.config import Config
    from iterata.repository.projects import IterationFolder, Repository


def load_configuration() -> Config:
    """The configuration of the knowledge base around the working directory."""
    from iterata.repository import config  # noqa: PLC0415  # only after click has parsed the command line

    return config.load(working_directory())


def load_knowledge_base() -> tuple[Config, Repository]:
    """The configuration and the repository of the knowledge base around the working directory."""
    from iterata.repository.projects import Repository  # noqa: PLC0415  # as above

    loaded = load_configuration()
    return loaded, Repository.on_disk(loaded)


def relative_to_root(root: Path, path: str) -> str:
    """A path that the user typed, relative to the knowledge base; unchanged if it does not exist there."""
    absolute = Path(os.path.normpath(working_directory() / path))
    for place in (absolute, absolute.resolve()):  # a symbolic link keeps its own name
        if (place.exists() or place.is_symlink()) and place.is_relative_to(root):
            return place.relative_to(root).as_posix()
    return path


def working_directory() -> Path:
    """The working directory.

    Raises:
        IterataError: it was deleted.
    """
    try:
        return Path.cwd()
    except FileNotFoundError:
        from iterata.errors import IterataError  # noqa: PLC0415  # rare

        message, remedy = "the working directory was deleted", "change to another one"
        raise IterataError(message, remedy=remedy) from None


def find_iteration(config: Config, repository: Repository, name: str) -> IterationFolder:
    """The iteration that the user typed: a path from the working directory, or `project/iteration`."""
    from iterata.errors import NotFoundError  # noqa: PLC0415

    path = relative_to_root(config.root, name)
    try:
        return repository.find_iteration(path)
    except NotFoundError:
        from iterata.repository.git_index import absent_submodule  # noqa: PLC0415  # only if something is wrong

        for place in (path, f"{repository.projects_dir}/{name}"):
            if error := absent_submodule(config.root, place):
                raise error from None
        raise


def today() -> date:
    """The current day in UTC, which is the same in every time zone."""
    return datetime.now(UTC).date()
