"""The generated tables of a report and of a release, each folded below what it is about."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_BLOCK = re.compile(
    r"<!--\s*iterata:begin (experiment|rollout)\s*-->(.*?)<!--\s*iterata:end \1\s*-->", re.DOTALL
)
_CHUNK = re.compile(
    r'\s*(?:<div class="it-scroll"[^>]*>)?<(table|ul|p)\b[^>]*>.*?</\1>(?:</div>)?\s*', re.DOTALL
)
"""A table, which may be in a region that scrolls, a list or a paragraph."""
_FIRST_CELL = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_SEGMENTS = re.compile(r"(.+?) by (.+?)\. Each segment\b")

KINDS: tuple[tuple[str, str, str], ...] = (
    ("secondary metric", "Secondary metrics", "metrics"),
    ("guardrail", "Guardrails", "guardrails"),
    ("retrained", "Would the gain remain with other training rows?", ""),
    ("gain in", "Realised beside what was expected", ""),
    ("phase", "The units of each phase", ""),
    ("metric", "All metrics of the split test", ""),
    ("look after phase", "What each look spent of the error", ""),
)
"""How the first cell of a table begins, what it is called, and the kind of its forest plots."""


class Group(NamedTuple):
    """What is folded together."""

    title: str
    kind: str
    """The kind of forest plots that it begins with; empty without any."""
    html: str


def parted(html: str) -> tuple[str, str, str] | None:
    """The prose of a report or a release before, within and after its generated block; None without one."""
    block = _BLOCK.search(html)
    return (html[: block.start()], block[2], html[block.end() :]) if block else None


def folded(html: str, drawings: Mapping[str, str], opening: str = "The answers in full") -> str:
    """A generated block whose tables are folded; as it is if it has anything unexpected.

    Args:
        html: the HTML of the block, sanitized.
        drawings: the forest plots of each kind, as HTML.
        opening: what stands before the first table.
    """
    chunks = [(match[1], match[0]) for match in _CHUNK.finditer(html)]
    if not chunks or "".join(chunk for _, chunk in chunks).strip() != html.strip():
        return html
    shown: set[str] = set()
    parts = []
    for group in _groups(chunks, opening):
        drawing = "" if group.kind in shown else drawings.get(group.kind, "")
        shown.add(group.kind)
        summary = f"<summary>{escape(group.title)}</summary>"
        parts.append(f'<details class="it-fold">{summary}{drawing}{group.html}</details>')
    return f'<div class="it it-measured">{"".join(parts)}</div>'


def _groups(chunks: Iterable[tuple[str, str]], opening: str) -> Iterator[Group]:
    """Each table or list with the sentence before it that introduces it, and with the notes below it."""
    title, kind, html, introduction = opening, "hypotheses", "", ""
    for tag, chunk in chunks:
        text = _text(chunk)
        if tag == "p" and text.endswith(":"):
            introduction = chunk
        elif tag == "table":
            if html:
                yield Group(title, kind, html)
            title, kind = _named(_text(_first_cell(chunk)), _text(introduction))
            html, introduction = introduction + chunk, ""
        elif tag == "ul" and introduction:
            if html:
                yield Group(title, kind, html)
            title, kind, html, introduction = _text(introduction).removesuffix(":"), "", chunk, ""
        else:
            html, introduction = html + introduction + chunk, ""
    if html or introduction:
        yield Group(title, kind, html + introduction)


def _named(first_cell: str, introduction: str) -> tuple[str, str]:
    """The title of a table, and the kind of its forest plots."""
    if by := _SEGMENTS.match(introduction):
        return f"{by[1]} by {by[2]}", "segments"
    for start, title, kind in KINDS:
        if first_cell.startswith(start):
            return title, kind
    return f"{first_cell[:1].upper()}{first_cell[1:]}" or "Figures", ""


def _first_cell(table: str) -> str:
    found = _FIRST_CELL.search(table)
    return found[1] if found else ""


def _text(html: str) -> str:
    return " ".join(unescape(_TAG.sub("", html)).split())
