"""Markdown that is readable in its source, too: escaped text and aligned tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARKUP = re.compile(r"[\\`*\[\]|]|(?<![^\W_])_|_(?![^\W_])")
_ENTITIES = str.maketrans(
    # Braces hold attributes (`{: onclick=...}`) in python-markdown, and templates elsewhere.
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "~": "&#126;", "{": "&#123;", "}": "&#125;"}
)


def escape(text: str) -> str:
    """A document's text on one line, with all markup, HTML and cell separators escaped."""
    return _MARKUP.sub(lambda match: f"\\{match[0]}", " ".join(text.split()).translate(_ENTITIES))


def markdown_table(headers: Sequence[str], rows: Sequence[Sequence[str]], *, text_columns: int = 1) -> str:
    """A Markdown table with aligned columns.

    Args:
        headers: one for each column.
        rows: cells, already escaped.
        text_columns: how many of the first columns are aligned left; the others hold numbers.
    """
    widths = [max(3, *map(len, column)) for column in zip(headers, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.ljust(width) if index < text_columns else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    dashes = ["-" * (width - 1) for width in widths]
    alignment = [f":{dash}" if index < text_columns else f"{dash}:" for index, dash in enumerate(dashes)]
    return "\n".join((line(headers), line(alignment), *map(line, rows)))
