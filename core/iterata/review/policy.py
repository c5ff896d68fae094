"""What a revision's own `mkdocs.yml` says: where its projects are, and what it asks of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.errors import ConfigError, IterataError, NotListedError
from iterata.repository import config as configuration
from iterata.repository import git

if TYPE_CHECKING:
    from iterata.repository.config import Config, Settings

_ASKED = ("required_roles", "role_holders", "severity")


def settings_of(config: Config, commit: str) -> Settings | None:
    """The settings at a revision; none where it held none yet.

    Raises:
        ConfigError: they cannot be read.
        IterataError: they are not in this clone.
    """
    for name in configuration.NAMES:
        if git.mode(config.root, commit, name) is None:
            continue
        raw = git.show(config.root, commit, name)
        if raw is None:
            remedy = "fetch the whole history, with its files, or make it a file"
            raise IterataError(f"{name} of {commit[:12]} cannot be read", remedy=remedy, where=name)
        try:
            return configuration.read(raw, f"{name} of {commit[:12]}")
        except NotListedError:
            return None
    return None


def effective_settings(config: Config, commit: str) -> Settings:
    """What is asked is what was asked before: a proposal excuses itself from nothing.

    Where the branch holds no settings yet, those of the proposal are the first. Where it holds some that
    cannot be read, what is asked everywhere is asked; thus a proposal like any other can mend them.
    """
    try:
        asked = settings_of(config, commit)
    except ConfigError:
        asked = configuration.Settings()
    if asked is None:
        return config.settings
    return config.settings.model_copy(update={key: getattr(asked, key) for key in _ASKED})


def folder_of(config: Config, commit: str) -> str:
    """The folder of the projects at a revision; today's, where the revision does not say."""
    try:
        settings = settings_of(config, commit)
    except ConfigError:
        settings = None
    return settings.projects_dir if settings else config.settings.projects_dir
