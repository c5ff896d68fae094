"""The Markdown of documents as HTML, without a host: always with the same extensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from markdown import Markdown

from iterata.documents.prose_limits import excesses
from iterata.site.guard import RenderGuard, notice
from iterata.site.place import Heading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_EXTENSIONS = (
    "abbr",
    "admonition",
    "attr_list",
    "def_list",
    "fenced_code",
    "footnotes",
    "md_in_html",
    "tables",
    "toc",
)
"""Those of Python-Markdown that the examples and the documentation use."""

_SETTINGS = {"toc": {"permalink": True}}


class ConvertedProse(NamedTuple):
    """The prose of a page, not sanitized yet."""

    html: str
    headings: tuple[Heading, ...] = ()
    warning: str = ""
    """Why it is not shown; empty if it is."""


class Converter:
    """Converts one page after another."""

    def __init__(self) -> None:
        self._fault = ""
        self._markdown = Markdown(
            extensions=[*_EXTENSIONS, RenderGuard(self._not_shown)], extension_configs=_SETTINGS
        )
        self._path = ""

    def _not_shown(self, message: str) -> str:
        self._fault = f"{self._path}: this page is not shown: {message}"
        return notice(self._path, 0, message, "write it simpler, or divide it")

    def convert(self, path: str, prose: str, line_of: Callable[[str, int], int]) -> ConvertedProse:
        """The HTML of a page's prose; a notice if it is too much for Python-Markdown."""
        if excess := next(excesses(prose), None):
            line = line_of(path, excess.offset)
            warning = f"{path}:{line}: this page is not shown: it {excess.message}"
            return ConvertedProse(notice(path, line, excess.message, excess.remedy), (), warning)
        self._path, self._fault = path, ""
        html = self._markdown.reset().convert(prose)
        tokens = getattr(self._markdown, "toc_tokens", ())
        return ConvertedProse(html, () if self._fault else headings(tokens), self._fault)


def headings(tokens: Iterable[dict[str, object]]) -> tuple[Heading, ...]:
    """The headings in what Python-Markdown's `toc` found."""
    found = []
    for token in tokens:
        children = token["children"]
        inner = headings(children) if isinstance(children, list) else ()
        level = token["level"]
        found.append(
            Heading(str(token["name"]), str(token["id"]), level if isinstance(level, int) else 2, inner)
        )
    return tuple(found)
