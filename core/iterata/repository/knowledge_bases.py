"""The knowledge bases of one Git repository, found in Git's index without a walk through its folders."""

from __future__ import annotations

import shlex
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import ConfigError
from iterata.repository import git, git_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_NAMED = 10
"""How many knowledge bases a message names."""


class KnowledgeBases(NamedTuple):
    """The knowledge bases of a Git repository."""

    top: Path
    """The top of the repository."""
    folders: tuple[str, ...]
    """The folders whose `mkdocs.yml` names iterata, relative to the top, in order; `.` is the top itself."""
    submodules: tuple[git_index.Submodule, ...]
    """The submodules of the repository, which have an index of their own."""


def find_all(start: Path) -> KnowledgeBases:
    """The knowledge bases of the Git repository that `start` belongs to.

    Raises:
        ConfigError: there is no repository, or it tracks no knowledge base.
    """
    git.require(start)
    top = git_index.toplevel(start)
    if top is None:
        remedy = "run it in a clone of the repository, or without `--all` in the folder of a knowledge base"
        raise ConfigError("is not in a Git repository", remedy=remedy, where=str(start))
    folders = tuple(sorted(_folders(top)))
    if not folders:
        remedy = "start one with `iterata init knowledge`, or `git add` its mkdocs.yml"
        raise ConfigError("Git tracks no mkdocs.yml that names iterata", remedy=remedy, where=str(top))
    return KnowledgeBases(top, folders, tuple(git_index.submodules(top)))


def below(start: Path) -> list[str]:
    """The folders of knowledge bases below `start`, relative to it; empty outside Git or without Git."""
    return sorted(folder for folder in _folders(start) if folder != ".")


def advice(start: Path) -> str:
    """What to type if there are knowledge bases below `start`; empty if there are none."""
    folders = below(start)
    if not folders:
        return ""
    example = f"iterata -C {shlex.quote(folders[0])} status"
    more = f" and {len(folders) - MAX_NAMED} more" if len(folders) > MAX_NAMED else ""
    names = ", ".join(folders[:MAX_NAMED])
    return f"name one of those below ({names}{more}), such as `{example}`; `iterata status --all` shows all"


def _folders(start: Path) -> Iterator[str]:
    for path in git_index.tracked(start, ":(glob)**/mkdocs.yml", ":(glob)**/mkdocs.yaml"):
        try:
            raw = (start / path).read_bytes()
        except OSError:  # deleted, or left out by a sparse checkout
            continue
        if b"iterata" in raw:
            yield PurePosixPath(path).parent.as_posix()
