"""Several knowledge bases of one Git repository in one command."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from iterata_cli.context import working_directory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.repository.config import Config

all_option = click.option(
    "--all", "all_bases", is_flag=True, help="All knowledge bases that the Git repository tracks."
)


_COMMAND = re.compile(r"(?:(?<=`)|^)iterata (?!-C )")
"""The beginning of a command in a text."""


class Target(NamedTuple):
    """A knowledge base, and the paths in it that a command is limited to."""

    folder: str
    """Relative to the top of the Git repository; `.` at the top."""
    place: Path
    paths: tuple[str, ...] = ()
    """Relative to the working directory; empty for the whole knowledge base."""

    def load(self) -> Config | None:
        """Its configuration; None if its `mkdocs.yml` does not list the plugin after all.

        Raises:
            ConfigError: its settings are not valid.
        """
        from iterata.errors import NotListedError  # noqa: PLC0415
        from iterata.repository import config  # noqa: PLC0415

        try:
            return config.load(self.place)
        except NotListedError:
            return None

    def from_here(self, text: str) -> str:
        """A text with its commands as they are typed in the working directory: `iterata -C FOLDER`."""
        folder = os.path.relpath(self.place, working_directory())
        return text if folder == "." else _COMMAND.sub(lambda _: f"iterata -C {shlex.quote(folder)} ", text)

    @property
    def prefix(self) -> str:
        """What begins its paths, relative to the top of the Git repository."""
        return "" if self.folder == "." else f"{self.folder}/"


def all_targets() -> list[Target]:
    """All knowledge bases of the Git repository around the working directory; says what was left out."""
    from iterata.repository.config import NAMES  # noqa: PLC0415
    from iterata.repository.knowledge_bases import find_all  # noqa: PLC0415
    from iterata_cli.output import print_message  # noqa: PLC0415

    bases = find_all(working_directory())
    for module in bases.submodules:
        if module.initialised and not any((module.place / name).exists() for name in NAMES):
            continue
        name = os.path.relpath(module.place, working_directory())
        way = f"`iterata -C {name} status --all`" if module.initialised else ""
        way = way or f"`git submodule update --init {name}`"
        print_message(f"left out: {name} is a submodule, which has an index of its own: {way}")
    return [Target(folder, bases.top / folder) for folder in bases.folders]


def targets_of(paths: Sequence[str]) -> list[Target]:
    """The knowledge bases that paths belong to; empty if all are in the one around the working directory.

    A hook of Git at the top of a repository names files of several.
    """
    from iterata.errors import ConfigError  # noqa: PLC0415
    from iterata.repository import config  # noqa: PLC0415

    here = working_directory()
    try:
        around: Path | None = config.find(here).parent
    except ConfigError:
        around = None
    roots = {path: _root(here / path) for path in paths}
    if not roots or set(roots.values()) <= {around}:
        return []
    if not all(roots.values()):  # the usual message about a path, or about the knowledge base
        return []
    return list(_grouped(roots))


def _root(path: Path) -> Path | None:
    from iterata.errors import ConfigError  # noqa: PLC0415
    from iterata.repository import config  # noqa: PLC0415

    place = Path(os.path.normpath(path))
    try:
        return config.find(place if place.is_dir() else place.parent).parent if place.exists() else None
    except ConfigError:
        return None


def _grouped(roots: dict[str, Path | None]) -> Iterator[Target]:
    from iterata.repository.git_index import toplevel  # noqa: PLC0415

    for root in dict.fromkeys(roots.values()):
        if root is not None:
            paths = tuple(path for path, other in roots.items() if other == root)
            top = toplevel(root) or root
            yield Target(root.relative_to(top).as_posix(), root, paths)
