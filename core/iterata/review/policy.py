"""The settings that apply to a pull request; the target branch enforces some of them."""

from __future__ import annotations

import posixpath
from functools import lru_cache
from typing import TYPE_CHECKING

from iterata.errors import ConfigError, IterataError, NotListedError
from iterata.repository import config as configuration
from iterata.repository import git
from iterata.repository.required_version import UnfitVersion
from iterata.rules.check import refused_severities

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.repository.config import Config, Settings

_ENFORCED = ("required_roles", "role_holders", "severity")
"""The settings that a pull request cannot change for itself."""

_FOLDER, LINK, _FILE = "040000", "120000", "100"
"""The modes of a path in Git; that of a file begins with this."""

_MAX_LINKS = 10


def settings_at(config: Config, commit: str) -> Settings | None:
    """The settings at a revision, None if its `mkdocs.yml` does not exist or does not list the plugin.

    Args:
        config: says where the repository is.
        commit: the full name of a commit or a tree.

    Raises:
        ConfigError: the settings are not valid.
        IterataError: the file is not in this clone.
    """
    try:
        return _read_settings(config.root, commit)
    except NotListedError:
        return None


@lru_cache(maxsize=8)  # by the full name of a commit or a tree, whose files cannot change
def _read_settings(root: Path, commit: str) -> Settings:
    """The settings at a revision.

    Raises:
        NotListedError: its `mkdocs.yml` does not exist or does not list the plugin.
        ConfigError: the settings are not valid.
        IterataError: the file is not in this clone.
    """
    for name in configuration.NAMES:
        if git.mode(root, commit, name) in (None, _FOLDER):  # find() passes over a folder, too
            continue
        raw = settings_text(root, commit, name)
        if raw is None:
            remedy = "make it a file of this repository, or fetch the whole history with its files"
            raise IterataError(f"cannot read {name} of {commit[:12]}", remedy=remedy, where=name)
        return configuration.read(raw, f"{name} of {commit[:12]}", root)
    raise NotListedError("there is no mkdocs.yml", remedy="`iterata init`")


def settings_text(root: Path, commit: str, name: str) -> bytes | None:
    """The content of a `mkdocs.yml` at a revision, also behind a link; None if there is no such file."""
    mode = git.mode(root, commit, name)
    for _ in range(_MAX_LINKS):
        if mode != LINK:
            break
        target = (git.show(root, commit, name) or b"").decode("utf-8", "surrogateescape")
        name = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
        mode = None if posixpath.isabs(target) else git.mode(root, commit, name)
    return git.show(root, commit, name) if mode and mode.startswith(_FILE) else None


def proposed_settings(config: Config, revision: str) -> Settings:
    """The settings of the proposed revision; those on disk if it has none.

    Raises:
        ConfigError: the settings are not valid.
        IterataError: their file is not in this clone, or is a link to elsewhere.
    """
    return settings_at(config, revision) or config.settings


def effective_settings(config: Config, commit: str) -> Settings:
    """The proposed settings with the requirements of the target branch at `commit`.

    If the target branch has no settings yet, the proposed ones apply. Of settings that are not valid, the
    defaults apply; a pull request can then repair them.

    Raises:
        UnfitVersion: the target branch requires another version of iterata.
    """
    try:
        target = settings_at(config, commit)
    except UnfitVersion:
        raise
    except ConfigError:
        target = configuration.Settings()
    if target is None:
        return config.settings
    refused = {code for code, *_ in refused_severities(target.severity)}
    severity = {code: setting for code, setting in target.severity.items() if code not in refused}
    target = target.model_copy(update={"severity": severity})
    return config.settings.model_copy(update={key: getattr(target, key) for key in _ENFORCED})


def projects_dir_at(config: Config, commit: str) -> str:
    """The folder of projects at a revision; the current one if the revision has no valid settings."""
    try:
        settings = settings_at(config, commit)
    except ConfigError:
        settings = None
    return settings.projects_dir if settings else config.settings.projects_dir
