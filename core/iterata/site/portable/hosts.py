"""What hosts of static sites expect of a page."""

from __future__ import annotations

import re
from enum import Enum
from html import escape
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_TAG = re.compile(r"<(?=[/!A-Za-z])")


class Links(Enum):
    """What links inside HTML must name."""

    ADDRESS = "address"
    """The address of the page: the host leaves HTML as it is."""
    FILE = "file"
    """The file of the page: the host rewrites links in HTML, too."""


def _as_html(text: str) -> str:
    """For themes that print what the front matter says as it is."""
    return escape(text).replace("{", "&#123;").replace("}", "&#125;")


def _as_markdown(text: str) -> str:
    """For hosts that read what the front matter says as Markdown."""
    return _PUNCTUATION.sub(r"\\\1", text)


def _for_scripts(text: str) -> str:
    """For hosts that print what the front matter says into a script as it is: no tag begins or ends in it."""
    return _TAG.sub("<\N{WORD JOINER}", text)


class Host(NamedTuple):
    """How a host reads pages, and which addresses it gives them."""

    name: str
    """As on the command line."""
    title: str
    """As its makers write it."""
    links: Links = Links.ADDRESS
    written: Callable[[str], str] = str
    """How a text is written into the front matter."""
    has_folders: bool = True
    """Whether `report.md` is at `report/`; else it is at `report.html`."""
    index_name: str = "index.md"
    """The name of the page of a folder."""
    keeps_names: bool = True
    """Whether an address has the capitals and spaces of the file's name."""
    fence: tuple[str, str] = ("", "")
    """The lines around HTML that must not be read as Markdown."""
    prints_title: bool = False
    """Whether its themes print the title of the front matter above the page."""
    download: str = ""
    """What the address of a link to a file that is no page must begin with."""
    front_matter: tuple[str, ...] = ()
    """Further lines of the front matter of every page."""
    has_aliases: bool = False
    """Whether a page can list its earlier addresses in its front matter; other hosts copy HTML files."""
    excluded: tuple[str, ...] = ()
    """The lines of the front matter of a page that its search leaves out."""


_SEARCH = ("search:", "  exclude: true")
_WIDE = ("hide:", "  - toc")
"""Themes of the Material family find no heading in finished HTML, and would keep a column free for none."""

HOSTS = {
    host.name: host
    for host in (
        Host("zensical", "Zensical", Links.FILE, _as_html, front_matter=_WIDE, excluded=_SEARCH),
        Host("mkdocs", "MkDocs", written=_as_html, front_matter=_WIDE, excluded=_SEARCH),
        Host("techdocs", "Backstage TechDocs", written=_as_html, front_matter=_WIDE, excluded=_SEARCH),
        Host(
            "quarto",
            "Quarto",
            written=_as_markdown,
            has_folders=False,
            fence=("```{=html}", "```"),
            prints_title=True,
            has_aliases=True,
            excluded=("search: false",),
        ),
        Host("hugo", "Hugo", index_name="_index.md", keeps_names=False, prints_title=True, has_aliases=True),
        Host(
            "docusaurus",
            "Docusaurus",
            written=_for_scripts,
            download="pathname://",  # else it adds a slash to the address
            front_matter=("hide_title: true", "format: md"),
        ),
    )
}
"""The hosts by name; the first is the default."""
