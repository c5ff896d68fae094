"""The team's own pages, which become part of the site: copied, with the board where a page asks for it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from iterata.errors import IterataError
from iterata.site.portable.pages import styled
from iterata.site.search_text import restore
from iterata.site.stylesheet import STYLESHEET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.site.knowledge_site import Site
    from iterata.site.portable.addresses import Addresses
    from iterata.site.portable.hosts import Host

_HIDDEN = re.compile(r"(?:^|/)(?:\.|__pycache__)")
_MARK_OR_CODE = re.compile(
    r"^ {0,3}(?P<fence>`{3,}|~{3,}).*?^ {0,3}(?P=fence)|^ {0,3}(?P<mark><!--\s*iterata:board\s*-->)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)


def own_pages(
    docs: Path, into: Path, site: Site, addresses: Addresses
) -> Iterator[tuple[str, Path, bytes | Path]]:
    """Each file of the folder `docs` by its path on the site, where it is, and what is written for it.

    Hidden files are left out, as hosts do. `into` is the folder of the site.

    Raises:
        IterataError: `docs` cannot be used.
    """
    for path, source in _files(docs, into):
        yield _named(path, addresses.host), source, _with_board(path, source, site, addresses) or source


def _named(path: str, host: Host) -> str:
    """The path with the host's name for the page of a folder."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{host.index_name}" if name == "index.md" else path


def _with_board(path: str, source: Path, site: Site, addresses: Addresses) -> bytes | None:
    """A page with the board in place of the first mark; None if it has none."""
    if not path.lower().endswith(".md") or b"iterata:board" not in (content := source.read_bytes()):
        return None
    text = content.decode("utf-8", "replace")
    mark = next((found for found in _MARK_OR_CODE.finditer(text) if found["mark"]), None)
    if mark is None:
        return None
    link = addresses.link_at(addresses.place_of(path))

    def address(target: str) -> str:
        return addresses.relative_from(link, target)

    found = site.with_board(mark["mark"], (), address)
    if found is None:
        return None
    block = styled(restore(found.html, found.parts), address(STYLESHEET), addresses.host)
    return f"{text[: mark.start()]}{block}{text[mark.end() :]}".encode()


def _files(docs: Path, into: Path) -> Iterator[tuple[str, Path]]:
    top = docs.resolve()
    if not top.is_dir():
        raise IterataError("is no folder", remedy="name another one with --docs", where=str(docs))
    if into.resolve().is_relative_to(top):
        message = "is inside the folder of --docs, which would be copied into itself"
        raise IterataError(message, remedy="name another folder with --into", where=str(into))
    for folder, _, names in os.walk(top):
        for name in names:
            source = Path(folder, name)
            path = source.relative_to(top).as_posix()
            if not _HIDDEN.search(path) and source.is_file() and source.resolve().is_relative_to(top):
                yield path, source
