"""Links to code that the site does not publish: they lead to the code host, or become text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from mkdocs.utils import get_relative_url

from iterata.repository import git

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import File, Files

_LINK = re.compile(r'<a\b[^<>]*?\bhref="([^"]*)"[^<>]*>(.*?)</a>', re.DOTALL)

_VIEWS = {"bitbucket": "src", "gitlab": "-/blob"}
"""The part of an address that shows a file, by a word in the host's name; GitHub's is the default."""


@dataclass(frozen=True)
class CodeLinks:
    """The source files that are not published, and where the code host shows them."""

    excluded: Mapping[str, File]
    """By the URL that they would have on the site."""
    hosts: Mapping[str, str]
    """The address of the newest commit's files by their folder on this machine; empty without `repo_url`."""
    pages: Mapping[str, File]
    """The pages that show such files: of the notebooks and exports of explorations, by the file's path."""

    @classmethod
    def of(
        cls, roots: Iterable[Path], config: MkDocsConfig, files: Files, pages: Mapping[str, File]
    ) -> CodeLinks:
        """The source files of a build, which are below `roots`, and the pages that show some of them."""
        places = {str(root): root for root in roots}
        excluded = {
            file.url: file for file in files if file.inclusion.is_excluded() and file.src_dir in places
        }
        url = (config.repo_url or "").rstrip("/")
        if not excluded or urlsplit(url).scheme not in {"http", "https"}:
            return cls(excluded, {}, pages)
        name = urlsplit(url).hostname or ""
        view = next((view for word, view in _VIEWS.items() if word in name), "blob")
        hosts = {place: f"{url}/{view}/HEAD/{quote(git.prefix(root))}" for place, root in places.items()}
        return cls(excluded, hosts, pages)

    def address(self, file: File) -> str:
        """Where the code host shows a file; empty if that is not known."""
        host = self.hosts.get(str(file.src_dir))
        return f"{host}{quote(file.src_uri)}" if host else ""

    def replaced(self, html: str, page: File) -> str:
        """The HTML of a page with its links to excluded files replaced."""
        if not self.excluded:
            return html

        def replace(match: re.Match[str]) -> str:
            path = urlsplit(unescape(match[1])).path
            file = (
                self.excluded.get(quote(normpath(join(dirname(page.url), unquote(path))))) if path else None
            )
            if file is None:
                return match[0]
            shown = self.pages.get(file.src_uri)
            address = get_relative_url(shown.url, page.url) if shown else self.address(file)
            return f'<a href="{escape(address)}">{match[2]}</a>' if address else match[2]

        return _LINK.sub(replace, html)
