"""A notebook as a page: Markdown is sanitized cell by cell; code and outputs are text and images."""

from __future__ import annotations

import re
from html import escape, unescape
from itertools import count
from posixpath import dirname, join, normpath
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from markdown import Markdown

from iterata.documents.prose_limits import excesses
from iterata.site.guard import SECONDS, TooSlow, time_limit
from iterata.site.sanitize import clean
from iterata.site.tables import scrollable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from iterata.repository.exploration.notebook import Cell, Figure, Notebook

    Url = Callable[[str], str]

_TAG = re.compile(r'<(?:a|img)(?: [\w-]+="[^"]*")*>')
_TARGET = re.compile(r' (href|src)="([^"]*)"')
_ATTACHMENT = re.compile(r"attachment:([^\s)\"'>]+)")
_TOP_HEADING = re.compile(r"^# ", re.MULTILINE)
_FENCE = re.compile(r"^(`{3,}|~{3,})(.*)$", re.MULTILINE)
_FIGURE = "iterata-figure/"
"""How the address of an attached image begins until the page's links are resolved."""


class ShownOutput(NamedTuple):
    """An output of a cell."""

    text: str
    image: str
    """The address of its image; empty if it has none."""
    is_error: bool


class ShownCell(NamedTuple):
    """A cell as the template shows it."""

    kind: str
    html: str
    """Of a Markdown cell: sanitized HTML."""
    source: str
    """Of a cell of code, and of one that is shown as it is."""
    outputs: tuple[ShownOutput, ...]


class NotebookPage:
    """Renders the cells of one notebook.

    Args:
        path: the notebook's path, relative to the repository.
        url: the address of a path, relative to the page.
        drawing: the address of the drawing at a path; empty if there is none.
        figure_url: the address of an image among the outputs, relative to the page.
    """

    def __init__(
        self, path: str, url: Url, drawing: Url, figure_url: Callable[[Figure], str], hosts: frozenset[str]
    ) -> None:
        self.path, self._url, self._drawing, self._figure_url = path, url, drawing, figure_url
        self._hosts = hosts
        self._numbers = count(1)
        self._until = monotonic() + SECONDS  # of all cells together
        self._markdown = Markdown()

    def cells(self, notebook: Notebook) -> Iterator[ShownCell]:
        """The cells, without a first heading that is the page's title."""
        headings = sum(len(_TOP_HEADING.findall(cell.source)) for cell in notebook.cells[1:])
        self._markdown = Markdown(
            extensions=["tables", "fenced_code", "toc"],
            extension_configs={
                "toc": {
                    "baselevel": 2 if headings else 1,  # the page has a title of the first level
                    "slugify": lambda _text, _separator: f"part-{next(self._numbers)}",
                }
            },
        )
        for index, cell in enumerate(notebook.cells):
            if cell.kind != "markdown":
                outputs = (
                    ShownOutput(output.text, self._image(output.figure), output.is_error)
                    for output in cell.outputs
                )
                yield ShownCell(cell.kind, "", cell.source, tuple(outputs))
                continue
            source = _without_title(cell.source, notebook.title) if index == 0 else cell.source
            yield ShownCell(cell.kind, self._rendered(source, cell), "", ())

    def _image(self, figure: Figure | None) -> str:
        return self._figure_url(figure) if figure else ""

    def _rendered(self, source: str, cell: Cell) -> str:
        """The sanitized HTML of a Markdown cell; its source if that cannot be rendered."""
        remaining = self._until - monotonic()
        if remaining > 0 and next(excesses(source), None) is None:
            source = _closed(source)
            source = _ATTACHMENT.sub(lambda match: f"{_FIGURE}{quote(unquote(match[1]))}", source)
            try:
                with time_limit(remaining):
                    html = self._markdown.reset().convert(source)
                return self._with_links(scrollable(clean(html, self._hosts)), cell)
            except (RecursionError, TooSlow):
                pass
        return f"<pre>{escape(source)}</pre>"

    def _with_links(self, html: str, cell: Cell) -> str:
        """The HTML with its relative links as they are from the page; what leads nowhere is no link."""

        def resolved(match: re.Match[str]) -> str:
            address = self._address(unescape(match[2]), cell, is_image=match[1] == "src")
            return f' {match[1]}="{escape(address)}"' if address else ""

        return _TAG.sub(lambda tag: _TARGET.sub(resolved, tag[0]), html)

    def _address(self, target: str, cell: Cell, *, is_image: bool) -> str:
        if target.startswith(_FIGURE):
            figure = cell.attachments.get(unquote(target.removeprefix(_FIGURE)))
            return self._image(figure)
        parts = urlsplit(target)
        if parts.scheme or parts.netloc or not parts.path:
            return target
        path = normpath(join(dirname(self.path), unquote(parts.path)))
        if is_image and (address := self._drawing(path)):
            return address
        url = self._url(path)
        return f"{url}#{parts.fragment}" if url and parts.fragment else url


def _closed(source: str) -> str:
    """The text of a cell with the end of a fence that it does not close."""
    fence = ""
    for match in _FENCE.finditer(source):
        if not fence:
            fence = match[1]
        elif match[1] == fence and not match[2].strip():
            fence = ""
    return f"{source}\n{fence}" if fence else source


def _without_title(source: str, title: str) -> str:
    first, _, rest = source.lstrip().partition("\n")
    return rest if first.startswith("# ") and first.strip("# \t") == title else source


def write_figures(notebook: Notebook, folder: Path) -> None:
    """Write the images of a notebook into its folder of the site."""
    figures = [figure for figure in notebook.figures if not figure.is_drawing]
    if figures:
        folder.mkdir(parents=True, exist_ok=True)
    for figure in figures:
        (folder / figure.name).write_bytes(figure.content)
