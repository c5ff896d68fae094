"""How much of a text changes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.fingerprint import prose

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TOKEN = re.compile(r"[\u0e00-\u0eff\u2e80-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff]|\w{1,12}|[^\w\s]")
"""A word, at most twelve letters of it; a letter of a script without spaces; a sign."""

_MARKUP = re.compile(
    r"<!--|-->|<[/!?]?[a-zA-Z][^<>\n]{0,200}>?|~~+|`{3,}|\{[:.#][^{}\n]{0,200}\}|\[[^\[\]\n]{1,200}\]:"
    r"|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
"""What can hide text or reorder it: comments, tags, fences, attributes, marks of the direction of writing."""

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


class ProseChange(NamedTuple):
    """The words of a text that changed."""

    changed: int
    approved: int
    """The words that readers of the approved text saw."""

    @property
    def share(self) -> float:
        """The changed words as a share of the approved ones."""
        return self.changed / max(1, self.approved)


def prose_change(approved: str, body: str) -> ProseChange:
    """What changed between two bodies of a document; a replaced word counts once.

    Generated blocks do not count. Comments count as changes, but not as text that was approved.
    """
    before = prose(approved)
    old, new = _TOKEN.findall(before), _TOKEN.findall(prose(body))
    changed = max(len(old), len(new)) - _common(old, new)
    return ProseChange(changed, len(_TOKEN.findall(_COMMENT.sub(" ", before))))


def changed_markup(approved: str, body: str, changed: int) -> str | None:
    """The first markup that can hide text, and that two bodies do not have at the same place; None if none.

    Args:
        approved: the body that was approved.
        body: the present one.
        changed: how many words differ; markup moves by at most as many words.
    """
    old, new = (list(_markup(prose(text))) for text in (approved, body))
    for (before, place), (after, present) in zip(old, new, strict=False):
        if before != after or abs(place - present) > changed:
            return ascii(after)
    longer = max(old, new, key=len)
    return ascii(longer[min(len(old), len(new))][0]) if len(old) != len(new) else None


def _markup(text: str) -> Iterator[tuple[str, int]]:
    """The markup of a text, each with the number of words before it."""
    words, end = 0, 0
    for match in _MARKUP.finditer(text):
        words += len(_TOKEN.findall(text[end : match.start()]))
        end = match.end()
        yield match[0], words


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the longest common subsequence, with one bit for each word of the shorter sequence.

    Hyyrö, "Bit-parallel LCS-length computation revisited", 2004.
    """
    shorter, longer = sorted((one, other), key=len)
    positions: dict[str, int] = {}
    for index, word in enumerate(shorter):
        positions[word] = positions.get(word, 0) | 1 << index
    full = (1 << len(shorter)) - 1
    row = full
    for word in longer:
        matches = row & positions.get(word, 0)
        row = (row + matches | row - matches) & full
    return len(shorter) - row.bit_count()
