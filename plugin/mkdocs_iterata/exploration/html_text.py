"""The text of an exported HTML file: headings, paragraphs, code and tables, without any of its markup."""

from __future__ import annotations

import re
from html import unescape
from typing import NamedTuple

import nh3

from iterata.text import one_line

MOST_CHARACTERS = 200_000
"""How much text of an export is shown."""

_BLOCKS = {
    "blockquote",
    "dd",
    "dt",
    "div",
    "figcaption",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "p",
    "pre",
    "tr",
}
_CELLS = {"td", "th"}
_CLEANER = nh3.Cleaner(
    tags=_BLOCKS | _CELLS | {"br"},
    attributes={},
    clean_content_tags={"math", "noscript", "object", "script", "style", "svg", "template", "title"},
)
_TOKEN = re.compile(r"<(/?)(\w+)>|([^<]+)")
_TITLE = re.compile(r"<title[^>]*>([^<]*)", re.IGNORECASE)
_IMAGE = re.compile(r"<(?:img|svg|canvas|video)\b", re.IGNORECASE)
_HEADING = re.compile(r"h[1-6]")
_PERMALINK = re.compile(r"\s*¶\Z")


class Block(NamedTuple):
    """A piece of text."""

    kind: str
    """`heading`, `code`, `row` or `text`."""
    text: str


class ExportText(NamedTuple):
    """The text of an exported file."""

    title: str
    """Empty if it has none."""
    blocks: tuple[Block, ...]
    images: int
    """How many images are not shown."""
    is_cut: bool
    """Whether there is more text."""


def text_of(html: str) -> ExportText:
    """The text of an HTML file; its markup, scripts and styles are left out."""
    title = _TITLE.search(html[:MOST_CHARACTERS])
    writer = _Writer()
    for closing, tag, text in _TOKEN.findall(_CLEANER.clean(html)):
        if writer.length > MOST_CHARACTERS:
            break
        writer.text(unescape(text)) if text else writer.tag(tag, is_end=bool(closing))
    writer.flush()
    return ExportText(
        one_line(unescape(title[1]), 200) if title else "",
        tuple(writer.blocks),
        len(_IMAGE.findall(html)),
        writer.length > MOST_CHARACTERS,
    )


class _Writer:
    """Collects the text of one block after another."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.length = 0
        self._parts: list[str] = []
        self._kind = "text"

    def text(self, text: str) -> None:
        """Some text of the present block."""
        self.length += len(text)
        self._parts.append(text)

    def tag(self, tag: str, *, is_end: bool) -> None:
        """The beginning or the end of an element."""
        if tag == "br":
            self._parts.append("\n")
        elif tag in _CELLS:
            self._parts.append("" if is_end else "\t")
        else:
            if self._kind == "row" and tag != "tr":
                self._parts.append(" ")
                return
            self.flush()
            self._kind = "text" if is_end else _kind(tag)

    def flush(self) -> None:
        """End the present block."""
        text = "".join(self._parts)
        self._parts = []
        if self._kind == "code":
            text = text.strip("\r\n")
        elif self._kind == "row":
            text = " | ".join(" ".join(cell.split()) for cell in text.strip().split("\t"))
        else:
            text = _PERMALINK.sub("", " ".join(text.split()))
        if text.strip(" |"):
            self.blocks.append(Block(self._kind, text))


def _kind(tag: str) -> str:
    if _HEADING.fullmatch(tag):
        return "heading"
    return {"pre": "code", "tr": "row"}.get(tag, "text")
