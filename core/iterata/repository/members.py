"""The other knowledge bases that a site shows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import ConfigError, Location
from iterata.repository import config as configuration
from iterata.repository import git_index

if TYPE_CHECKING:
    from iterata.repository.config import Config


class Member(NamedTuple):
    """A knowledge base that the site of another one shows as well."""

    top: Path
    """The top of the Git repository that both are in."""
    folder: str
    """Its folder, relative to the top."""
    config: Config


def members(config: Config) -> list[Member]:
    """The knowledge bases that the settings name, in that order.

    Raises:
        ConfigError: one of them is missing, invalid, or not in the same Git repository.
    """
    names = config.settings.knowledge_bases
    top = (git_index.toplevel(config.root) or config.root) if names else config.root
    found = [_member(config, top, name) for name in names]
    for index, member in enumerate(found):
        if member.folder in {other.folder for other in found[:index]}:
            raise _refused(index, "is named twice", "remove one of them")
    return found


def _member(config: Config, top: Path, name: str) -> Member:
    index = config.settings.knowledge_bases.index(name)
    place = Path(os.path.realpath(config.root / name))  # of a loop of links, too
    if place == config.root or not place.is_relative_to(top):
        remedy = f"name a folder below {top} with a knowledge base of its own"
        raise _refused(index, f"`{name}` is not another folder of this Git repository", remedy)
    if not any((place / file).is_file() for file in configuration.NAMES):
        raise _refused(index, f"`{name}` has no mkdocs.yml", _how_to_get(place, config.root))
    folder = place.relative_to(top).as_posix()
    return Member(top, folder, _loaded(place, folder))


def _loaded(place: Path, folder: str) -> Config:
    """The settings of a member; an error tells which `mkdocs.yml` it is in."""
    try:
        return configuration.load(place)
    except ConfigError as error:
        where = error.location._replace(source=f"{folder}/{error.location.source}")
        raise error.replace(location=where) from None


def _how_to_get(place: Path, root: Path) -> str:
    for module in git_index.submodules(place):
        if place.is_relative_to(module.place) and not module.initialised:
            path = os.path.relpath(module.place, root)
            return f"it is in a submodule that is not initialised: `git submodule update --init {path}`"
    return "correct the path; it is relative to this mkdocs.yml"


def _refused(index: int, message: str, remedy: str) -> ConfigError:
    field = ("plugins", "iterata", "knowledge_bases", index)
    return ConfigError(message, remedy=remedy, where=Location("mkdocs.yml", field=field))
