"""The lines of a CSV file: how many there are, and whether none has more fields than the header."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

BLOCK = 1 << 22
"""Bytes that are looked at in one go."""

COMMA, QUOTE, RETURN, NEWLINE = b',"\r\n'

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Survey(NamedTuple):
    """What is known of a file's lines."""

    lines: int
    """About how many there are, without the header."""
    regular: bool
    """Whether every line surely has as many fields as the header, or fewer."""


def survey(path: Path, fields: int) -> Survey:
    """Count the separators of every line.

    Quotes where a field neither begins nor ends, and line ends of old, are for a parser to understand: they
    make a file irregular.

    Raises:
        OSError: the file cannot be read.
    """
    lines, regular, line, last = -1, True, _Open(0, quoted=False), NEWLINE
    with path.open("rb") as stream:
        if stream.peek(len(BYTE_ORDER_MARK)).startswith(BYTE_ORDER_MARK):
            stream.seek(len(BYTE_ORDER_MARK))
        while read := stream.read(BLOCK):
            block = _Block(read, last, (stream.peek(1) or bytes([NEWLINE]))[0], line)
            counts, line = block.separators()
            lines, last = lines + len(counts), read[-1]
            most = max(counts.max(initial=0), line.separators)
            regular = regular and bool(most < fields) and block.plain_ends() and block.plain_quotes()
    return Survey(lines + (last != NEWLINE), regular and not line.quoted)


class _Open(NamedTuple):
    """A line that goes on in the next block."""

    separators: int
    quoted: bool
    """Whether a quoted field goes on."""


class _Block:
    """Some bytes of a file, between the one before them and the one behind; a file's ends end lines."""

    def __init__(self, read: bytes, before: int, behind: int, line: _Open) -> None:
        self._bytes = np.frombuffer(bytes([before]) + read + bytes([behind]), np.uint8)
        inner = self._bytes[1:-1]
        marks = np.flatnonzero((inner == COMMA) | (inner == NEWLINE) | (inner == QUOTE)) + 1
        self._kinds, self._line = self._bytes[marks], line
        self._quotes = marks[self._kinds == QUOTE]

    def plain_ends(self) -> bool:
        """Whether every line ends as on Unix or on Windows."""
        returns = np.flatnonzero(self._bytes[1:-1] == RETURN) + 1
        return bool((self._bytes[returns + 1] == NEWLINE).all())

    def plain_quotes(self) -> bool:
        """Whether quotes stand only where a field begins or ends, or are doubled."""
        quoted = int(self._line.quoted)
        before = self._bytes[self._quotes[quoted::2] - 1]
        behind = self._bytes[self._quotes[1 - quoted :: 2] + 1]
        begin, end = (COMMA, NEWLINE, QUOTE), (COMMA, NEWLINE, RETURN, QUOTE)
        return bool(np.isin(before, begin).all() and np.isin(behind, end).all())

    def separators(self) -> tuple[NDArray[np.intp], _Open]:
        """Those of each line that ends here, and the line that does not."""
        kinds, quoted = self._kinds, self._line.quoted
        if len(self._quotes) or quoted:
            is_quote = kinds == QUOTE
            within = (np.cumsum(is_quote) + quoted) % 2 == 1
            kinds, quoted = kinds[~within & ~is_quote], bool((len(self._quotes) + quoted) % 2)
        ends = np.flatnonzero(kinds == NEWLINE)
        if not len(ends):
            return ends, _Open(self._line.separators + len(kinds), quoted)
        counts = np.diff(ends, prepend=-1) - 1
        counts[0] += self._line.separators
        return counts, _Open(len(kinds) - 1 - int(ends[-1]), quoted)
