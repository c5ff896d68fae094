"""Text of documents in a comment on a code host, without any markup or side effect.

Besides Markdown, a code host acts on mentions (`@somebody` is notified), numbers of issues and of merge
requests (`#12` and `!12` leave a link there), GitLab's labels and milestones, bare URLs, and formulas between
dollar signs. An invisible space disables all but the last.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from iterata.render.markdown import escape
from iterata.text import one_line, truncate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_LENGTH = 400
"""How many characters of one text are shown."""

MAX_ENTRIES = 20
"""How many entries of one list are shown."""

_SEPARATOR = "\N{ZERO WIDTH SPACE}"
_ACTED_UPON = re.compile(
    r"(?<=[@~])(?=[\w\"-])|(?<=%)(?=[^\W\d]|\")|(?<=[#!&$])(?=\d)|(?<=\bGH-)(?=\d)|(?<=:)(?=//)|(?<=\bwww)(?=\.)",
    re.IGNORECASE,
)


def inert(content: str) -> str:
    """Text on one line of a comment: no markup, no mention, no link, at most `MAX_LENGTH` characters."""
    return escape(_ACTED_UPON.sub(_SEPARATOR, one_line(content, MAX_LENGTH))).replace("$", "&#36;")


def inert_message(content: str) -> str:
    """A message or a remedy of iterata, with commands and keys between backticks, for a comment.

    It may contain text of a document, with backticks of its own. That is safe: what is outside of backticks
    becomes inert text, and what is between them a code span.
    """
    outside, *rest = truncate(content, MAX_LENGTH).split("`")
    parts = [_padded(outside)]
    for index, part in enumerate(rest):
        parts.append(_padded(part) if index % 2 else code(part) if part.strip() else "")
    return "".join(parts).strip()


def _padded(content: str) -> str:
    """Inert text that keeps a space at either end."""
    before, after = (" " if edge.isspace() else "" for edge in (content[:1], content[-1:]))
    return f"{before}{inert(content)}{after}" if content.strip() else before


def code(path: str) -> str:
    """A path as a code span, which no character of the path can end."""
    plain = "".join(char if char.isprintable() else "?" for char in path)
    return f"`{plain.replace('`', chr(39)).replace('|', chr(166))}`"


def first_entries(entries: Iterable[str]) -> Iterator[str]:
    """The first `MAX_ENTRIES` entries of a list, and how many more there are."""
    rest = iter(entries)
    yield from islice(rest, MAX_ENTRIES)
    if more := sum(1 for _ in rest):
        yield f"- and {more} more"
