"""Limits on prose, so that no document stops or stalls the build of a site.

Python-Markdown recurses into lists and quotes, and the time of a paragraph grows with the square of its
brackets. The limits are far beyond what people write, and are counted in one pass.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_CHARACTERS = 200_000
MAX_DEPTH = 20
"""Lists in lists, quotes in quotes; four spaces at the beginning of a line count as one level."""
MAX_WORK = 1_000_000
"""The sum over paragraphs of the square of their brackets and tags: one paragraph with 1,000 of them."""

_FEW_BRACKETS = int(MAX_WORK**0.5)

_COUNTS = {
    "headings": (re.compile(r"^ {0,3}(?:#|[=-]+[ \t]*$)", re.MULTILINE), "\n", 1_000),
    "fences of code": (re.compile(r"^[ \t]*(?:`{3}|~{3})", re.MULTILINE), "\n", 1_000),
    "backticks": (re.compile("`"), "`", 10_000),
    "tags and comments": (re.compile("<"), "<", 4_000),
    "declarations": (re.compile(r"<[!?](?!--)"), "<", 100),
    "footnotes": (re.compile(r"\[\^"), "[", 400),
    "definitions of links": (re.compile(r"^ {0,3}\[", re.MULTILINE), "[", 1_000),
}
"""What a page may have only so many of, with a character that each of them needs, but for the first line."""

_PREFIX = re.compile(r"(?:[ \t>]|[-*+] |\d{1,9}[.)] )+")
_MARKERS = re.compile(r">|[-*+] |\d{1,9}[.)] ")
_RULE = re.compile(r"[ \t>]*(?:[-*_][ \t]*)+")
_DEEP_LINE = re.compile(r"(?:[ \t>]|[-*+] |\d{1,9}[.)] ){12}")
_LATER_DEEP_LINE = re.compile(rf"\n{_DEEP_LINE.pattern}")
"""A search for line breaks is many times as fast as one for the beginnings of lines."""
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


class Excess(NamedTuple):
    """What a page has too much of."""

    offset: int
    """The character of the prose at which it is."""
    message: str
    remedy: str


def excesses(body: str) -> Iterator[Excess]:
    """Everything that a page has too much of; nothing for a page that people wrote."""
    if len(body) > MAX_CHARACTERS:
        message = f"has {len(body):,} characters, and a page may have {MAX_CHARACTERS:,}"
        yield Excess(0, message, "move a part of it into another file, and link to it")
        return
    occurrences = {character: body.count(character) for character in "\n[<"}
    yield from _too_many(body, occurrences)
    if _DEEP_LINE.match(body) or _LATER_DEEP_LINE.search(body):
        yield from _too_deep(body)
    if occurrences["["] + occurrences["<"] > _FEW_BRACKETS:
        yield from _too_much_work(body)


def _too_many(body: str, occurrences: Mapping[str, int]) -> Iterator[Excess]:
    for noun, (pattern, character, limit) in _COUNTS.items():
        if len(body) < limit or occurrences.get(character, limit) < limit:  # quicker than matching
            continue
        for count, match in enumerate(pattern.finditer(body), start=1):
            if count > limit:
                message = f"has more than {limit:,} {noun}"
                yield Excess(match.start(), message, "move a part of the page into another file")
                break


def _too_deep(body: str) -> Iterator[Excess]:
    offset = 0
    for line in body.splitlines(keepends=True):
        prefix = _PREFIX.match(line)
        if prefix is not None and _depth(line, prefix[0]) > MAX_DEPTH:
            message = f"is nested deeper than {MAX_DEPTH} levels of lists, quotes or indentation"
            yield Excess(offset, message, "write fewer levels; show deep structures as a block of code")
            return
        offset += len(line)


def _depth(line: str, prefix: str) -> int:
    if _RULE.fullmatch(line.rstrip("\r\n")):  # a line of dashes is a rule, no list
        return prefix.count(">")
    indentation = len(prefix.expandtabs(4)) - len(prefix.expandtabs(4).lstrip(" "))
    return len(_MARKERS.findall(prefix)) + indentation // 4


def _too_much_work(body: str) -> Iterator[Excess]:
    work, offset = 0, 0
    for block in _BLANK_LINE.split(body):
        work += (block.count("[") + block.count("<")) ** 2
        if work > MAX_WORK:
            place = body.find(block, offset)
            message = "has too many brackets or tags without a blank line between them"
            yield Excess(
                max(place, 0), message, "divide it with blank lines, or move a part into another file"
            )
            return
        offset += len(block)
