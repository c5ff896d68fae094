"""Finished HTML as plain Markdown: the same words, figures, tables and links, without any HTML.

It reads the HTML of our templates and sanitized prose, in one pass and without recursion. Every text is
escaped, so that nothing in a document becomes Markdown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from iterata.site.feeds.markdown_table import table

_CELL = (
    r"<t[dh]\b"
    r"(?![^<>]*\s(?:aria-hidden=|hidden(?=[\s=>])|colspan=))"
    r'(?:[^<>"]++|"[^"]*+")*+>([^<]*+)</t[dh]>'
)
"""A cell of a table with text only. Most elements of a page are such."""
_TAG = r"""([a-zA-Z][\w-]*)((?:[^<>"]++|"[^"]*+")*+)>"""
_TOKEN = re.compile(rf"{_CELL}|<!--.*?-->|<{_TAG}(?:([^<]*+)</\2>)?(\s*+)|</{_TAG}(\s*+)|[^<]++|<", re.DOTALL)
"""A cell, a comment, an element with text only or the beginning of another, the end of one, or text."""
_ATTRIBUTE = re.compile(r'([\w:-]+)="([^"]*)"')
_CHARACTERS = r"\`*_[]<>|~#&{}$"
_ESCAPES = str.maketrans({character: f"\\{character}" for character in _CHARACTERS})
_SPECIAL = re.compile(f"[{re.escape(_CHARACTERS)}]")
_ESCAPED = re.compile(rf"\\([{re.escape(_CHARACTERS)}])")
_LINE_START = re.compile(r"(\d{1,9})?([.)+=-])(?=\s|=|-|$)")
_SAFE = re.compile(r"(?:https?|mailto):|[^:/?#]*(?:[/?#]|$)", re.IGNORECASE)
_ITEM = re.compile(r"[ >]*(?:- |\d{1,9}\. )")
_ODD = re.compile(r"[\s()<>\\]")

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LEFT_OUT = re.compile(r"<(button|form|nav|script|select|style|template)\b.*?</\1>", re.DOTALL)
"""Elements that are no facts, or are of use on the site only."""
_CHART = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_CHART_TEXT = re.compile(r"<(?:title|desc)\b[^>]*>([^<]*)<")
_HIDDEN = re.compile(r'\s(?:aria-hidden="true"|hidden(?=[\s=]|$)|class="headerlink")')
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "dd", "details", "div", "dl", "dt", "figcaption"}
    | {"figure", "footer", "header", "hr", "li", "main", "ol", "p", "pre", "section", "summary", "ul"}
    | {"h1", "h2", "h3", "h4", "h5", "h6"}
)
_MARKS = {"b": "**", "strong": "**", "dt": "**", "summary": "**", "em": "*", "i": "*", "del": "~~", "s": "~~"}
_SPAN = re.compile(r'\scolspan="([1-9])"')
_TABLE = frozenset({"table", "td", "th", "tr"})
_VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})


_INLINE = re.compile(
    r"<(bdi|small|span|time)\b"
    r'(?![^<>]*\s(?:aria-hidden="true"|hidden(?=[\s=>])|class="headerlink"))'
    r'(?:[^<>"]++|"[^"]*+")*+>([^<]*+)</\1>'
)
"""An element with text only that leaves no mark. Half of all are such, so they are removed at once."""


@dataclass(slots=True)
class _Open:
    """An element that has not ended."""

    tag: str
    start: int
    """Where its text begins."""
    raw: str
    """The attributes of a link."""


def markdown(html: str) -> str:
    """A page as Markdown."""
    writer = _Writer()
    html = _INLINE.sub(_text, _CHART.sub(_description, _LEFT_OUT.sub("", html)))
    for token in _TOKEN.finditer(html):
        cell, tag, attributes, text, space, end, _, space_after_end = token.groups()
        if tag:
            name = tag.lower()
            if text is None:
                writer.element(name, attributes, is_end=False)
            else:
                writer.leaf(name, attributes, text)
            if space:
                writer.text(space)
        elif end:
            name = end.lower()
            writer.element(name, "", is_end=True)
            if space_after_end:
                writer.text(space_after_end)
        elif cell is not None:
            writer.cell(cell)
        elif not token[0].startswith("<!--"):
            writer.text(token[0])
    return writer.finish()


def _text(element: re.Match[str]) -> str:
    return element[2]  # a template such as r"\2" takes three times as long


def _description(chart: re.Match[str]) -> str:
    """The title and the description of a chart, as paragraphs."""
    return "".join(f"<p>{text}</p>" for text in _CHART_TEXT.findall(chart[0])[:2])


def escaped(text: str) -> str:
    """A text that Markdown reads as that text."""
    return text.translate(_ESCAPES) if _SPECIAL.search(text) else text  # most texts have none


class _Writer:
    """Collects the blocks of a page."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._inline: list[str] = []
        self._open: list[_Open] = []
        self._lists: list[list[int]] = []
        """The number of the next item of each open list; 0 for one without numbers."""
        self._quotes = 0
        self._marker = ""
        self._rows: list[list[str]] | None = None
        """Of the open table."""
        self._cell = 0
        self._tables = 0
        self._skipped: list[str] = []
        """The elements that are open inside one that is left out, from that on."""
        self._code: list[str] | None = None

    def finish(self) -> str:
        """The whole page."""
        self._flush()
        return "\n".join(self._blocks).strip("\n") + "\n"

    def text(self, text: str) -> None:
        """Some text between tags."""
        if self._skipped:
            return
        if self._code is not None:
            self._code.append(unescape(text))
        elif not text.isspace():
            self._inline.append(escaped(unescape(text)))
        elif self._inline:
            self._inline.append(" ")

    def leaf(self, tag: str, raw: str, text: str) -> None:
        """A whole element with text only."""
        if tag in _TABLE or tag == "pre" or self._skipped or self._code is not None or _HIDDEN.search(raw):
            self.element(tag, raw, is_end=False)
            self.text(text)
            self.element(tag, raw, is_end=True)
            return
        in_table, is_block = self._rows is not None, tag in _BLOCKS
        if is_block and in_table:
            self._inline.append(" ")
        elif is_block:
            self._start_block(tag)
        start = len(self._inline)
        self.text(text)
        self._mark(tag, start, raw)
        if is_block and in_table:
            self._inline.append(" ")
        elif is_block:
            self._end_block(tag)

    def cell(self, text: str) -> None:
        """A whole cell of a table."""
        if self._rows is not None and self._tables == 1 and not self._skipped:
            self._rows[-1].append(" ".join(escaped(unescape(text)).split()))
        else:
            self.element("td", "", is_end=False)
            self.text(text)
            self.element("td", "", is_end=True)

    def element(self, tag: str, raw: str, *, is_end: bool) -> None:
        """The beginning or the end of an element."""
        if self._skipped:
            self._inside_skipped(tag, raw, is_end=is_end)
        elif is_end:
            self._end(tag)
        else:
            self._start(tag, raw)

    def _inside_skipped(self, tag: str, raw: str, *, is_end: bool) -> None:
        if is_end and tag in self._skipped:
            while self._skipped.pop() != tag:
                pass
        elif not is_end and tag not in _VOID and not raw.endswith("/"):
            self._skipped.append(tag)

    def _start(self, tag: str, raw: str) -> None:
        if tag not in _VOID and _HIDDEN.search(raw):
            self._skipped.append(tag)
            return
        if tag == "br":
            self._inline.append(" " if self._rows is not None else "\\\n")
        elif tag == "img":
            self._image(dict(_ATTRIBUTE.findall(raw)))
        elif tag in _TABLE:
            self._start_table(tag, raw)
        elif self._rows is None:
            self._start_block(tag)
        elif tag in _BLOCKS:
            self._inline.append(" ")
        if tag not in _VOID and tag not in _TABLE and not self._skipped:
            self._open.append(_Open(tag, len(self._inline), raw if tag == "a" else ""))

    def _start_block(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._flush()
        if tag in {"ul", "ol"}:
            self._lists.append([1 if tag == "ol" else 0])
        elif tag == "li" and self._lists:
            number = self._lists[-1][0]
            self._marker = f"{number}. " if number else "- "
            self._lists[-1][0] += 1 if number else 0
        elif tag == "blockquote":
            self._quotes += 1
        elif tag == "pre":
            self._code = []
        elif tag == "hr":
            self._emit("---")

    def _end(self, tag: str) -> None:
        if tag in _TABLE:
            self._end_table(tag)
            return
        index = len(self._open) - 1
        while index >= 0 and self._open[index].tag != tag:
            index -= 1
        if index < 0:
            return
        opened = self._open[index]
        del self._open[index:]
        self._mark(tag, opened.start, opened.raw)
        if self._rows is None:
            self._end_block(tag)
        elif tag in _BLOCKS:
            self._inline.append(" ")

    def _mark(self, tag: str, start: int, raw: str) -> None:
        """Put the marks of an element around its text, which begins at `start`."""
        if tag not in _MARKS and tag not in {"a", "code"}:
            return
        inner = "".join(self._inline[start:])
        content = " ".join(inner.split())
        if not content or self._code is not None:
            return
        before, after = inner[:1].isspace() * " ", inner[-1:].isspace() * " "
        if tag == "a":
            content = _link(content, unescape(dict(_ATTRIBUTE.findall(raw)).get("href", "")))
        elif tag == "code":
            content = _code(_ESCAPED.sub(r"\1", content), in_table=self._rows is not None)
        else:
            content = f"{_MARKS[tag]}{content}{_MARKS[tag]}"
        if tag == "a" and start and self._inline[start - 1].endswith(")"):
            before = " "  # the theme sets links apart
        self._inline[start:] = [f"{before}{content}{after}"]

    def _end_block(self, tag: str) -> None:
        if tag == "pre" and self._code is not None:
            code, self._code = "".join(self._code).strip("\n"), None
            fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", code) or [""]))
            self._emit(f"{fence}\n{code}\n{fence}")
        elif tag in _HEADINGS:
            self._flush("#" * _HEADINGS[tag] + " ")
        elif tag in _BLOCKS:
            self._flush()
        if tag in {"ul", "ol"} and self._lists:
            self._lists.pop()
            self._marker = ""
        elif tag == "blockquote":
            self._quotes -= 1

    def _start_table(self, tag: str, raw: str) -> None:
        if tag == "table":
            self._tables += 1
            if self._tables == 1:
                self._flush()
                self._rows = [[]]
        elif self._rows is None or self._tables > 1:
            self._inline.append(" ")
        elif tag == "tr":
            self._rows.append([])
        else:
            span = _SPAN.search(raw)
            self._rows[-1] += [""] * (int(span[1]) - 1 if span else 0)
            self._cell = len(self._inline)

    def _end_table(self, tag: str) -> None:
        if self._rows is None:
            return
        if tag == "table":
            self._tables -= 1
            if self._tables == 0:
                rows, self._rows = self._rows, None
                self._flush()  # its caption
                if text := table(rows):
                    self._emit(text)
        elif self._tables == 1 and tag != "tr":
            content = " ".join("".join(self._inline[self._cell :]).split())
            del self._inline[self._cell :]
            self._rows[-1].append(content)

    def _image(self, attributes: dict[str, str]) -> None:
        source, alt = unescape(attributes.get("src", "")), escaped(unescape(attributes.get("alt", "")))
        is_address = bool(source) and not source.startswith("data:") and _SAFE.match(source)
        self._inline.append(f"!{_link(alt, source)}" if is_address else alt)

    def _flush(self, before: str = "") -> None:
        """End the present paragraph."""
        if not self._inline:
            return
        lines = [" ".join(line.split()) for line in "".join(self._inline).split("\\\n")]
        self._inline.clear()
        for opened in self._open:
            opened.start = 0
        text = "\\\n".join(line for line in lines if line)
        if not before and (start := _LINE_START.match(text)):
            text = f"{start[1] or ''}\\{text[start.start(2) :]}"
        if text:
            self._emit(before + text)

    def _emit(self, text: str) -> None:
        """Add a block, inside the lists and quotes that are open."""
        marker, self._marker = self._marker, ""
        depth = len(self._lists)
        outer = "   " * (depth - 1 if marker else depth)
        first = outer + marker
        rest = "   " * depth if depth else ""
        quote = "> " * self._quotes
        lines = text.split("\n")
        shown = [f"{quote}{first}{lines[0]}", *(f"{quote}{rest}{line}" for line in lines[1:])]
        is_tight = bool(marker) and self._blocks and _ITEM.match(self._blocks[-1])
        if self._blocks and not is_tight:
            self._blocks.append(quote.rstrip())
        self._blocks += [line.rstrip() for line in shown]


def _link(text: str, address: str) -> str:
    if not address or not _SAFE.match(address):
        return text
    target = f"<{address}>" if _ODD.search(address) and not re.search(r"[<>\n]", address) else address
    return f"[{text}]({target})"


def _code(text: str, *, in_table: bool) -> str:
    fence = "`" * max(1, *(len(run) + 1 for run in re.findall("`+", text) or [""]))
    space = " " if text.startswith("`") or text.endswith("`") else ""
    shown = text.replace("|", "\\|") if in_table else text
    return f"{fence}{space}{shown}{space}{fence}"
