"""A survey of a CSV file's lines: how many there are, and whether any has more fields than the header."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iterata.data.sources.compression import check_line_length, open_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

BLOCK = 1 << 22
"""Bytes that are read at once."""

COMMA, QUOTE, RETURN, NEWLINE = b',"\r\n'

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class CsvSurvey(NamedTuple):
    """The lines of a CSV file."""

    lines: int
    """Approximately how many there are, without the header."""
    size: int
    """The number of bytes, after decompression."""
    regular: bool
    """Whether it is certain that no line has more fields than the header."""


def survey_lines(path: Path, fields: int) -> CsvSurvey:
    """Count the lines, and the separators of each.

    A file with quotes inside of a field, or with line ends other than those of Unix and Windows, counts as
    irregular: only a parser can tell how many fields its lines have.

    Raises:
        OSError: the file cannot be read.
        ValueError: a line is too long for memory.
    """
    lines, regular, open_line, last_byte = -1, True, _OpenLine(0, quoted=False), NEWLINE
    size, line_size = 0, 0
    with open_bytes(path) as stream:
        if stream.peek(len(BYTE_ORDER_MARK)).startswith(BYTE_ORDER_MARK):
            stream.read(len(BYTE_ORDER_MARK))
        while content := stream.read(BLOCK):
            next_byte = (stream.peek(1) or bytes([NEWLINE]))[0]
            block = _Block(content, last_byte, next_byte, open_line)
            counts, open_line = block.separators()
            lines, last_byte = lines + len(counts), content[-1]
            most = max(counts.max(initial=0), open_line.separators)
            regular = regular and bool(most < fields) and block.has_plain_ends() and block.has_plain_quotes()
            size, line_size = size + len(content), len(content) + (0 if len(counts) else line_size)
            check_line_length(line_size)
    return CsvSurvey(lines + (last_byte != NEWLINE), size, regular and not open_line.quoted)


class _OpenLine(NamedTuple):
    """A line that continues in the next block."""

    separators: int
    quoted: bool
    """Whether a quoted field continues."""


class _Block:
    """Some bytes of a file, with the byte before and after; the start and the end of the file end lines."""

    def __init__(self, content: bytes, before: int, after: int, open_line: _OpenLine) -> None:
        self._bytes = np.frombuffer(bytes([before]) + content + bytes([after]), np.uint8)
        inner = self._bytes[1:-1]
        marks = np.flatnonzero((inner == COMMA) | (inner == NEWLINE) | (inner == QUOTE)) + 1
        self._marks, self._open_line = self._bytes[marks], open_line
        self._quotes = marks[self._marks == QUOTE]

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
        marks, quoted = self._marks, self._open_line.quoted
        if len(self._quotes) or quoted:
            is_quote = marks == QUOTE
            inside = (np.cumsum(is_quote) + quoted) % 2 == 1
            marks, quoted = marks[~inside & ~is_quote], bool((len(self._quotes) + quoted) % 2)
        ends = np.flatnonzero(marks == NEWLINE)
        if not len(ends):
            return ends, _OpenLine(self._open_line.separators + len(marks), quoted)
        counts = np.diff(ends, prepend=-1) - 1
        counts[0] += self._open_line.separators
        return counts, _OpenLine(len(marks) - 1 - int(ends[-1]), quoted)
