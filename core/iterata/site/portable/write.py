"""`iterata site`: build the site of a knowledge base, and write its folder or compare it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from iterata.site.portable.build import Built, Request, build
from iterata.site.portable.host_options import host_options
from iterata.site.portable.hosts import HOSTS
from iterata.site.portable.output import Changes, OutputFolder

if TYPE_CHECKING:
    from iterata.repository.config import Config


class WrittenSite(NamedTuple):
    """A site, and what its folder had to change."""

    built: Built
    changes: Changes


def request_of(
    config: Config,
    host: str,
    folder: Path,
    docs: Path | None,
    *,
    directory_urls: bool | None,
    site_url: str | None,
) -> Request:
    """What is to be built.

    Args:
        config: the knowledge base.
        host: the name of the program that builds the site, a key of `HOSTS`.
        folder: where the site will be.
        docs: a folder of the team's own pages.
        directory_urls: whether `report.md` is at `report/`; None for what the program does by default.
        site_url: the address of the site; None for the one of its settings.
    """
    options = host_options(config.root)
    if site_url is not None:
        options = options._replace(site_url=site_url)
    has_folders = HOSTS[host].has_folders if directory_urls is None else directory_urls
    return Request(HOSTS[host], has_folders, options, folder, docs)


def write_site(config: Config, request: Request, *, compare_only: bool = False) -> WrittenSite:
    """Build the site, and write its folder; or only tell what would change.

    Raises:
        IterataError: the folder has files that are not of a site.
    """
    output = OutputFolder(request.folder)
    with TemporaryDirectory(prefix="iterata-site-") as scratch:
        built = build(config, request, Path(scratch))
        changes = output.changes(built.content) if compare_only else output.write(built.content)
    return WrittenSite(built, changes)
