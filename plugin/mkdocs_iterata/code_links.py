"""Links to code that the site does not publish, by the files of the host."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from mkdocs.utils import get_relative_url

from iterata.site.code_host import CodeHost, Replacement, replaced
from iterata.site.page_cache import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import File, Files


@dataclass(frozen=True)
class CodeLinks:
    """The source files that are not published, and where the code host shows them."""

    excluded: Mapping[str, File]
    """By the URL that they would have on the site."""
    host: CodeHost
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
        url = config.repo_url or ""
        return cls(excluded, CodeHost.of(url, places.values() if excluded else ()), pages)

    def address(self, file: File) -> str:
        """Where the code host shows a file; empty if that is not known."""
        return self.host.address(Path(file.src_dir or ""), file.src_uri)

    def addresses(self, files: Files) -> str:
        """A digest of the addresses of all files, here and on the code host."""
        each = (f"{file.src_uri} {file.url} {file.inclusion.name} {file.src_dir}" for file in files)
        return digest(["\n".join(each), str(self.host)])

    def replaced(self, html: str, page: File) -> str:
        """The HTML of a page with its links to excluded files replaced."""

        def replacement(address: str) -> Replacement | None:
            file = self.excluded.get(quote(address))
            if file is None:
                return None
            shown = self.pages.get(file.src_uri)
            return Replacement(get_relative_url(shown.url, page.url) if shown else self.address(file))

        return replaced(html, page.url, replacement) if self.excluded else html
