"""What leads from the earlier addresses of findings to their pages."""

from __future__ import annotations

from posixpath import dirname, relpath
from typing import TYPE_CHECKING

from iterata.site.library.moved import redirect
from iterata.site.portable.addresses import html_file, relative_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.site.knowledge_site import Site
    from iterata.site.portable.addresses import Addresses


def redirects(site: Site, addresses: Addresses) -> Iterator[tuple[str, str]]:
    """A small HTML file at each earlier address, which hosts copy; none for hosts that know aliases."""
    if addresses.host.has_aliases:
        return
    for path, card in site.moved.pages.items():
        earlier = addresses.place_of(path).url
        yield (
            html_file(earlier),
            redirect(relative_url(addresses.url(card.path), earlier), card.finding.statement),
        )


def aliases(site: Site, addresses: Addresses) -> dict[str, list[str]]:
    """The earlier addresses of each finding's page, relative to the folder that it is in."""
    found: dict[str, list[str]] = {}
    for path, card in site.moved.pages.items() if addresses.host.has_aliases else ():
        folder = dirname(addresses.url(card.path).rstrip("/")) or "."
        found.setdefault(card.path, []).append(relpath(addresses.place_of(path).url, folder))
    return found
