"""Words of documents in a comment on a code host: text to read, whatever stands in them.

Besides the markup of Markdown, a comment obeys mentions (`@somebody` is notified), numbers of issues (`#12`
leaves a trace there), bare addresses, and formulas between dollars. An invisible space ends all but the last.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from iterata.render.markdown import escape
from iterata.text import one_line, truncate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_LETTERS = 400
"""How much of one text is shown."""

MOST_ENTRIES = 20
"""How many entries of one list are shown."""

_APART = "\N{ZERO WIDTH SPACE}"
_OBEYED = re.compile(
    r"(?<=@)(?=[\w-])|(?<=#)(?=\d)|(?<=\bGH-)(?=\d)|(?<=:)(?=//)|(?<=\bwww)(?=\.)", re.IGNORECASE
)


def words(said: str) -> str:
    """Words on one line of a comment: no markup, nobody called, nothing linked, none too many."""
    shown = one_line(said, MOST_LETTERS)
    return escape(_OBEYED.sub(_APART, shown)).replace("$", "&#36;")


def sentence(said: str) -> str:
    """A message or a remedy of ours, whose commands and keys stand between backticks.

    Words of a document may be among them, so that nothing relies on the backticks being where we put them:
    what they leave outside is inert text, and what they leave inside is a code span.
    """
    shown = truncate(said, MOST_LETTERS)
    outside, *rest = shown.split("`")
    written = [_part(outside)]
    for place, part in enumerate(rest):
        written.append(_part(part) if place % 2 else code(part) if part.strip() else "")
    return "".join(written).strip()


def _part(said: str) -> str:
    """Words, with the gaps that set them apart from what stands beside them."""
    before, after = (" " if edge.isspace() else "" for edge in (said[:1], said[-1:]))
    return f"{before}{words(said)}{after}" if said.strip() else before


def code(path: str) -> str:
    """A path as a code span, which no character of it may end."""
    plain = "".join(each if each.isprintable() else "?" for each in path)
    return f"`{plain.replace('`', chr(39)).replace('|', chr(166))}`"


def some(entries: Iterable[str]) -> Iterator[str]:
    """The first entries of a list, and how many more there are."""
    rest = iter(entries)
    yield from islice(rest, MOST_ENTRIES)
    if more := sum(1 for _ in rest):
        yield f"- and {more} more"
