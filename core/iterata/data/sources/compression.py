"""The bytes of a file, decompressed while they are read if its name ends in .gz or .zst."""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST_LINE = 1 << 26
"""A longer line is refused: parsers keep a line in memory, and a few bytes can expand to gigabytes."""


def open_bytes(path: Path) -> io.BufferedReader:
    """The file's content, to read and to close; it is never in memory as a whole.

    Raises:
        ImportError: Zstandard needs pyarrow, which is not installed.
        OSError: the file cannot be opened.
    """
    match path.suffix.lower():
        case ".gz":
            return io.BufferedReader(cast("io.RawIOBase", gzip.open(path, "rb")))
        case ".zst":
            import pyarrow as pa  # noqa: PLC0415  # an extra

            return io.BufferedReader(pa.CompressedInputStream(pa.OSFile(str(path)), "zstd"))
    return path.open("rb")


def text_lines(stream: BinaryIO) -> Iterator[str]:
    """The lines of a stream of UTF-8 text with their ends, as `csv.reader` takes them.

    Raises:
        ValueError: a line is longer than `LONGEST_LINE`.
    """
    with io.TextIOWrapper(stream, "utf-8-sig", newline="") as text:
        while line := text.readline(LONGEST_LINE):
            check_line_length(len(line))
            yield line


def check_line_length(length: int) -> None:
    """Make sure that a line fits into memory.

    Raises:
        ValueError: it is too long.
    """
    if length >= LONGEST_LINE:
        raise ValueError(f"a line is longer than {LONGEST_LINE >> 20} MB")
