"""Generated blocks: the parts of a page that commands write.

    <!-- iterata:begin lift -->
    a table
    <!-- iterata:end lift -->

Everything outside the markers belongs to the author and is never changed.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_MARKER = re.compile(
    r"^[ \t]*<!--[ \t]*iterata:(begin|end)[ \t]+([a-z][a-z-]*)[ \t]*-->[ \t]*\r?$", re.MULTILINE
)


class Block(NamedTuple):
    """A generated block of a page; positions are indices into the page's text."""

    name: str
    start: int
    """Beginning of the begin marker."""
    inner_start: int
    """Beginning of the line after the begin marker."""
    inner_end: int
    """Beginning of the end marker."""
    end: int
    """End of the end marker."""
    content: str


class BlockProblem(NamedTuple):
    """A marker without its counterpart, or a block that a page has twice."""

    offset: int
    """Beginning of the marker, as an index into the page's text."""
    message: str
    remedy: str


def find(text: str) -> tuple[dict[str, Block], list[BlockProblem]]:
    """The blocks of a text by name, and the problems of its markers."""
    blocks: dict[str, Block] = {}
    problems: list[BlockProblem] = []
    begin: re.Match[str] | None = None
    for marker in _MARKER.finditer(text) if "iterata:" in text else ():
        kind, name = marker.groups()
        if kind == "begin":
            if begin is not None:
                problems.append(_without_end(begin))
            begin = marker
        elif begin is None or begin[2] != name:
            problems.append(_without_begin(marker))
        elif name in blocks:
            problems.append(_duplicate(begin))
            begin = None
        else:
            blocks[name] = _block(text, begin, marker)
            begin = None
    if begin is not None:
        problems.append(_without_end(begin))
    return blocks, problems


def _block(text: str, begin: re.Match[str], end: re.Match[str]) -> Block:
    inner_start = min(begin.end() + 1, end.start())
    content = text[inner_start : end.start()]
    return Block(end[2], begin.start(), inner_start, end.start(), end.end(), content)


def _without_begin(end: re.Match[str]) -> BlockProblem:
    message = f"the block `{end[2]}` ends here, but has no begin marker"
    remedy = f"put `<!-- iterata:begin {end[2]} -->` above it, or remove the line"
    return BlockProblem(end.start(), message, remedy)


def _without_end(begin: re.Match[str]) -> BlockProblem:
    message = f"the block `{begin[2]}` begins here, but has no end marker"
    return BlockProblem(begin.start(), message, f"put `<!-- iterata:end {begin[2]} -->` below it")


def _duplicate(begin: re.Match[str]) -> BlockProblem:
    message = f"the page already has a block `{begin[2]}`"
    return BlockProblem(begin.start(), message, "remove one of the two; the command writes only one")


def replace(text: str, name: str, content: str) -> str:
    """The text with other content in a block; a missing block is added at the end."""
    content = content.strip("\n")
    block = find(text)[0].get(name)
    if block is None:
        gap = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}<!-- iterata:begin {name} -->\n{content}\n<!-- iterata:end {name} -->\n"
    newline = "\r\n" if text[: block.inner_start].endswith("\r\n") else "\n"
    lines = f"{content}\n".replace("\n", newline)
    return text[: block.inner_start] + lines + text[block.inner_end :]


def same(content: str, other: str) -> bool:
    """Whether two contents are equal, apart from line endings and blank lines around them."""
    return content.replace("\r\n", "\n").strip("\n") == other.replace("\r\n", "\n").strip("\n")
