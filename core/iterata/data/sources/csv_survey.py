"""A survey of a CSV file's lines: how many there are, and whether any has more fields than the header."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.data.sources.compression import check_line_length, open_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from iterata.arrays import Bools

BLOCK = 1 << 22
"""Bytes that are read at once."""

COMMA, QUOTE, RETURN, NEWLINE = b',"\r\n'
PLUS, MINUS, ZERO, NINE = b"+-09"

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class CsvSurvey(NamedTuple):
    """The lines of a CSV file."""

    lines: int
    """Approximately how many there are, without the header."""
    size: int
    """The number of bytes, after decompression."""
    regular: bool
    """Whether it is certain that no line has more fields than the header."""
    padded: frozenset[int]
    """The positions of columns in which a field begins with 0 and another digit: numbers lose the 0."""


def survey_lines(path: Path, fields: int) -> CsvSurvey:
    """Count the lines, and the separators of each.

    A file with quotes inside of a field, or with line ends other than those of Unix and Windows, counts as
    irregular: only a parser can tell how many fields its lines have.

    Raises:
        OSError: the file cannot be read.
        ValueError: a line is too long for memory.
    """
    lines, regular, open_line, last_byte = -1, True, _OpenLine(0, quoted=False), NEWLINE
    size, line_size, padded = 0, 0, set[int]()
    with open_bytes(path) as stream:
        if stream.peek(len(BYTE_ORDER_MARK)).startswith(BYTE_ORDER_MARK):
            stream.read(len(BYTE_ORDER_MARK))
        while content := stream.read(BLOCK):
            next_byte = (stream.peek(1) or bytes([NEWLINE]))[0]
            block = _Block(content, last_byte, next_byte, open_line)
            counts, open_line = block.separators()
            padded.update(block.padded_columns())
            lines, last_byte = lines + len(counts), content[-1]
            fits = bool(max(counts.max(initial=0), open_line.separators) < fields)
            regular = regular and fits and block.has_plain_ends() and block.has_plain_quotes()
            size, line_size = size + len(content), len(content) + (0 if len(counts) else line_size)
            check_line_length(line_size)
    lines += last_byte != NEWLINE
    return CsvSurvey(lines, size, regular and not open_line.quoted, frozenset(padded))


class _OpenLine(NamedTuple):
    """A line that continues in the next block."""

    separators: int
    quoted: bool
    """Whether a quoted field continues."""


class _Block:
    """Some bytes of a file, with the byte before and after; the start and the end of the file end lines."""

    def __init__(self, content: bytes, before: int, after: int, open_line: _OpenLine) -> None:
        self._bytes = np.frombuffer(bytes([before]) + content + bytes([after]), np.uint8)
        known = self._bytes[:-1]
        self._is_mark = (known == COMMA) | (known == NEWLINE) | (known == QUOTE)
        """Whether each byte separates fields or lines, or is a quote, from the byte before the block on."""
        places = np.flatnonzero(self._is_mark[1:]) + 1
        is_quote = self._bytes[places] == QUOTE
        self._quotes, self._open_line = places[is_quote], open_line
        if len(self._quotes) or open_line.quoted:
            outside = (np.cumsum(is_quote) + open_line.quoted) % 2 == 0
            places = places[outside & ~is_quote]
        self._places, self._marks = places, self._bytes[places]
        """Where the separators of fields and lines are, and which."""

    def has_plain_ends(self) -> bool:
        """Whether every line ends as on Unix or on Windows."""
        returns = np.flatnonzero(self._bytes[1:-1] == RETURN) + 1
        return bool((self._bytes[returns + 1] == NEWLINE).all())

    def has_plain_quotes(self) -> bool:
        """Whether every quote is at the start or the end of a field, or doubled."""
        quoted = int(self._open_line.quoted)
        before = self._bytes[self._quotes[quoted::2] - 1]
        after = self._bytes[self._quotes[1 - quoted :: 2] + 1]
        starts, ends = (COMMA, NEWLINE, QUOTE), (COMMA, NEWLINE, RETURN, QUOTE)
        return bool(np.isin(before, starts).all() and np.isin(after, ends).all())

    def separators(self) -> tuple[NDArray[np.intp], _OpenLine]:
        """The number of separators in each line that ends in this block, and the line that does not."""
        marks, quoted = self._marks, bool((len(self._quotes) + self._open_line.quoted) % 2)
        ends = np.flatnonzero(marks == NEWLINE)
        if not len(ends):
            return ends, _OpenLine(self._open_line.separators + len(marks), quoted)
        counts = np.diff(ends, prepend=-1) - 1
        counts[0] += self._open_line.separators
        return counts, _OpenLine(len(marks) - 1 - int(ends[-1]), quoted)

    def padded_columns(self) -> set[int]:
        """The columns with a field that begins with 0 and another digit, possibly quoted or signed."""
        content, after = self._bytes[:-1], self._bytes[1:]
        before_first = self._is_mark | (_next(self._is_mark) & ((content == MINUS) | (content == PLUS)))
        is_zero = (content == ZERO) & (after >= ZERO) & (after <= NINE)
        zeros = np.flatnonzero((_next(before_first) & is_zero)[1:]) + 1
        if not len(zeros):
            return set()
        earlier = np.searchsorted(self._places, zeros)  # the number of separators before each
        ends = np.flatnonzero(self._marks == NEWLINE) + 1
        line = np.searchsorted(ends, earlier, side="right")
        columns = earlier - np.concatenate([[0], ends])[line]
        columns[line == 0] += self._open_line.separators
        return set(np.unique(columns).tolist())


def _next(marks: Bools) -> Bools:
    """The bytes after those that are marked; the first counts as one, because none before it is known."""
    following = np.ones_like(marks)
    following[1:] = marks[:-1]
    return following
