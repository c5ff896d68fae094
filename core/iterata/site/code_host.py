"""Links to files that the site does not publish: they lead to the code host, or become text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from iterata.repository import git

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

_LINK = re.compile(r'<a\b[^<>]*?\bhref="([^"]*)"[^<>]*>(.*?)</a>', re.DOTALL)

_VIEWS = {"bitbucket": "src", "gitlab": "-/blob"}
"""The part of an address that shows a file, by a word in the host's name; GitHub's is the default."""


@dataclass(frozen=True)
class CodeHost:
    """Where the code host shows the files of the newest commit."""

    folders: Mapping[Path, str]
    """The address of each folder of this machine; empty without an address of the repository."""

    @classmethod
    def of(cls, repo_url: str, roots: Iterable[Path]) -> CodeHost:
        """The code host at an address, for files below `roots`; it knows nothing if it is no web address."""
        url = repo_url.rstrip("/")
        if urlsplit(url).scheme not in {"http", "https"}:
            return cls({})
        name = urlsplit(url).hostname or ""
        view = next((view for word, view in _VIEWS.items() if word in name), "blob")
        return cls({root: f"{url}/{view}/HEAD/{quote(git.prefix(root))}" for root in roots})

    def address(self, root: Path, path: str) -> str:
        """Where a file is shown; empty if that is not known."""
        folder = self.folders.get(root)
        return f"{folder}{quote(path)}" if folder else ""


class Replacement(NamedTuple):
    """Where a link to a file that is not published leads instead; it is text if that is empty."""

    address: str


def replaced(html: str, page_url: str, replacement_of: Callable[[str], Replacement | None]) -> str:
    """The HTML of a page with its links to files that are not published replaced.

    Args:
        html: the HTML.
        page_url: the address of the page, relative to the site.
        replacement_of: the replacement of the file at an address relative to the site; None for others.
    """

    def replace(match: re.Match[str]) -> str:
        path = urlsplit(unescape(match[1])).path
        found = replacement_of(normpath(join(dirname(page_url), unquote(path)))) if path else None
        if found is None:
            return match[0]
        return f'<a href="{escape(found.address)}">{match[2]}</a>' if found.address else match[2]

    return _LINK.sub(replace, html)
