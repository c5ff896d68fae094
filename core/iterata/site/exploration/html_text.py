"""The text of an exported HTML file: headings, paragraphs, code and tables, without any of its markup."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

from iterata.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_CHARACTERS = 200_000
"""How much text of an export is shown."""
MOST_TOKENS = 200_000
"""How many tags and texts of an export are read."""

_BLOCK = re.compile(
    r"h[1-6]|address|article|aside|blockquote|body|dd|details|div|dl|dt|figcaption|figure|footer|form|header|hr"
    r"|li|main|nav|ol|option|p|pre|section|summary|table|tbody|tfoot|thead|tr|ul"
)
"""Elements that begin a new piece of text."""
_CELLS = frozenset({"td", "th"})
_SKIPPED = {
    tag: re.compile(rf"</{tag}\b", re.IGNORECASE | re.ASCII)
    for tag in ("math", "noscript", "object", "script", "select", "style", "svg", "template", "title")
}
"""Elements whose content is no text of the page, with how they end."""
_COMMENT_END = re.compile(r"-->")
_TOKEN = re.compile(r"<!--|<(/?)([a-zA-Z][\w:-]*)[^<>]*>|[^<]+|<")
"""What a file consists of. No text can make it look twice at a character."""
_TITLE = re.compile(r"<title>([^<]{0,1000})", re.IGNORECASE)
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
    """The text of an HTML file; its markup, scripts and styles are left out.

    It reads tags one after another, as far as text needs it. It is not safe as HTML: it must be escaped.
    """
    title = _TITLE.search(html)
    writer = _Writer()
    for tag, is_end, text in _tokens(html):
        if writer.length > MOST_CHARACTERS:
            break
        if not tag:
            writer.text(unescape(text))
        elif tag == "br" or tag in _CELLS or _BLOCK.fullmatch(tag):
            writer.tag(tag, is_end=is_end)
    writer.flush()
    return ExportText(
        one_line(unescape(title[1]), 200) if title else "",
        tuple(writer.blocks),
        len(_IMAGE.findall(html)),
        writer.length > MOST_CHARACTERS,
    )


def _tokens(html: str) -> Iterator[tuple[str, bool, str]]:
    """The tags of a file, each with whether it is an end, and the texts between them, which have no tag."""
    position = 0
    for _ in range(MOST_TOKENS):
        token = _TOKEN.match(html, position)
        if token is None:
            return
        position, tag, is_end = token.end(), (token[2] or "").lower(), bool(token[1])
        if token[0] == "<!--":
            end = _COMMENT_END.search(html, position)
            position = end.end() if end else len(html)
        elif tag in _SKIPPED and not is_end and not token[0].endswith("/>"):
            end = _SKIPPED[tag].search(html, position)
            position = end.start() if end else len(html)
        else:
            yield tag, is_end, token[0]


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
