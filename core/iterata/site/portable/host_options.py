"""What the settings of a site's host say about it: of `mkdocs.yml`, and of `zensical.toml` beside it."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, NamedTuple

from iterata.repository import config as configuration

if TYPE_CHECKING:
    from pathlib import Path

ZENSICAL = "zensical.toml"


class HostOptions(NamedTuple):
    """What a site says about itself; empty if it is not set."""

    site_name: str = ""
    site_description: str = ""
    site_url: str = ""
    repo_url: str = ""


def host_options(root: Path) -> HostOptions:
    """The options of the site of a knowledge base; those of `zensical.toml` win."""
    path = next((root / name for name in configuration.NAMES if (root / name).is_file()), None)
    options = dict(configuration.host_options(path.read_bytes())) if path else {}
    options.update(_of_zensical(root / ZENSICAL))
    found = {key: value for key in HostOptions._fields if isinstance(value := options.get(key), str)}
    return HostOptions(**found)


def _of_zensical(path: Path) -> dict[str, object]:
    try:
        project = tomllib.loads(path.read_text("utf-8")).get("project")
    except (OSError, ValueError):
        return {}
    return project if isinstance(project, dict) else {}
