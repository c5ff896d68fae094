"""Generated blocks: the parts of a page that commands write, and nothing else may.

    <!-- iterata:begin lift -->
    a table
    <!-- iterata:end lift -->

Everything outside the markers is the author's and is never touched.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_MARKER = re.compile(
    r"^[ \t]*<!--[ \t]*iterata:(begin|end)[ \t]+([a-z][a-z-]*)[ \t]*-->[ \t]*\r?$", re.MULTILINE
)


class Block(NamedTuple):
    """A generated block of a page."""

    name: str
    start: int
    """Where the begin marker starts."""
    inner_start: int
    """Where the line after the begin marker starts."""
    inner_end: int
    """Where the end marker starts."""
    end: int
    """Where the end marker ends."""
    content: str


class BlockFault(NamedTuple):
    """Markers that do not pair up."""

    offset: int
    message: str
    remedy: str


def find(text: str) -> tuple[dict[str, Block], list[BlockFault]]:
    """The blocks of a text by name, and what is wrong with its markers."""
    found: dict[str, Block] = {}
    faults: list[BlockFault] = []
    opened: re.Match[str] | None = None
    for marker in _MARKER.finditer(text) if "iterata:" in text else ():
        kind, name = marker.groups()
        if kind == "begin":
            if opened is not None:
                faults.append(_unclosed(opened))
            opened = marker
        elif opened is None or opened[2] != name:
            remedy = f"put `<!-- iterata:begin {name} -->` above it, or remove the line"
            faults.append(BlockFault(marker.start(), f"the block `{name}` ends here but never began", remedy))
        elif name in found:
            remedy = "keep one of the two; the command writes only one"
            faults.append(BlockFault(opened.start(), f"the block `{name}` stands here a second time", remedy))
            opened = None
        else:
            inner = min(opened.end() + 1, marker.start())
            content = text[inner : marker.start()]
            found[name] = Block(name, opened.start(), inner, marker.start(), marker.end(), content)
            opened = None
    if opened is not None:
        faults.append(_unclosed(opened))
    return found, faults


def _unclosed(opened: re.Match[str]) -> BlockFault:
    name = opened[2]
    return BlockFault(
        opened.start(),
        f"the block `{name}` begins here and never ends",
        f"put `<!-- iterata:end {name} -->` below it",
    )


def replace(text: str, name: str, content: str) -> str:
    """Return `text` with the block's content replaced; a missing block is added at the end."""
    content = content.strip("\n")
    block = find(text)[0].get(name)
    if block is None:
        gap = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}<!-- iterata:begin {name} -->\n{content}\n<!-- iterata:end {name} -->\n"
    newline = "\r\n" if text[: block.inner_start].endswith("\r\n") else "\n"
    written = f"{content}\n".replace("\n", newline)
    return text[: block.inner_start] + written + text[block.inner_end :]


def same(one: str, other: str) -> bool:
    """Whether two contents read the same, line endings and outer blank lines apart."""
    return one.replace("\r\n", "\n").strip("\n") == other.replace("\r\n", "\n").strip("\n")
