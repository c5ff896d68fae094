"""The settings that apply to a pull request; the target branch enforces some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.errors import ConfigError, IterataError, NotListedError
from iterata.repository import config as configuration
from iterata.repository import git
from iterata.repository.required_version import UnfitVersion
from iterata.rules.check import refused_severities

if TYPE_CHECKING:
    from iterata.repository.config import Config, Settings

_ENFORCED = ("required_roles", "role_holders", "severity")
"""The settings that a pull request cannot change for itself."""


def settings_at(config: Config, commit: str) -> Settings | None:
    """The settings at a revision, None if its `mkdocs.yml` does not exist or does not list the plugin.

    Raises:
        ConfigError: the settings are not valid.
        IterataError: the file is not in this clone.
    """
    for name in configuration.NAMES:
        if git.mode(config.root, commit, name) is None:
            continue
        raw = git.show(config.root, commit, name)
        if raw is None:
            remedy = "fetch the whole history with its files; if the path is a folder, replace it by a file"
            raise IterataError(f"cannot read {name} of {commit[:12]}", remedy=remedy, where=name)
        try:
            return configuration.read(raw, f"{name} of {commit[:12]}", config.root)
        except NotListedError:
            return None
    return None


def proposed_settings(config: Config, revision: str) -> Settings:
    """The settings of the proposed revision; those on disk if it has none, or only a link to them.

    Raises:
        ConfigError: the settings are not valid.
    """
    try:
        return settings_at(config, revision) or config.settings
    except ConfigError:
        if any(git.mode(config.root, revision, name) == "120000" for name in configuration.NAMES):
            return config.settings
        raise


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
