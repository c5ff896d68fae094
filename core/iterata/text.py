"""How numbers and names are written into pages: plain Markdown that reads well before it is rendered, too."""

from __future__ import annotations

import re
from difflib import get_close_matches
from math import floor, log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


MINUS = "\N{MINUS SIGN}"
_URL_PASSWORD = re.compile(r"(?<=://)([^:/@\s]*):[^@\s]*@")
_ACTIVE = re.compile(r"[\\`*\[\]|]|(?<![^\W_])_|_(?![^\W_])")
_ENTITIES = str.maketrans(
    # Braces hold attributes (`{: onclick=...}`) in python-markdown, and templates elsewhere.
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "~": "&#126;", "{": "&#123;", "}": "&#125;"}
)


def text(words: str) -> str:
    """Words from a document as inert Markdown on one line: no markup, no HTML, no new table cell."""
    return _ACTIVE.sub(lambda match: f"\\{match[0]}", " ".join(words.split()).translate(_ENTITIES))


def decimals(size: float) -> int:
    """How many decimals show about three significant digits of a number of that size."""
    return max(0, 2 - floor(log10(abs(size)))) if size else 0


def number(value: float, places: int | None = None) -> str:
    """A number with thousands separators and a true minus sign.

    >>> number(1234.5), number(47.6), number(-0.01234)
    ('1,234', '47.6', '−0.0123')
    """
    places = decimals(value) if places is None else places
    shown = f"{abs(value):,.{places}f}"
    return MINUS + shown if value < 0 and float(shown.replace(",", "")) else shown


def signed(value: float, places: int | None = None) -> str:
    """A number that says which way it points: `+12.3`, `−4`, `0`."""
    shown = number(value, places)
    return f"+{shown}" if value > 0 and float(shown.replace(",", "")) else shown


def percent(share: float) -> str:
    """A share as a percentage: `24.7 %`, `3 %`, `−8.1 %`."""
    points = 100 * share
    return f"{number(points, 0 if abs(points) >= 100 else 1)} %"


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], *, words: int = 1) -> str:
    """A Markdown table with aligned columns: the first `words` to the left, the others right."""
    widths = [max(3, *map(len, column)) for column in zip(headers, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.ljust(width) if index < words else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    dashes = ["-" * (width - 1) for width in widths]
    rule = [f":{each}" if index < words else f"{each}:" for index, each in enumerate(dashes)]
    return "\n".join((line(headers), line(rule), *map(line, rows)))


def truncated(text: str, length: int) -> str:
    """A text of at most `length` characters; an ellipsis marks what was cut off."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def without_passwords(text: str) -> str:
    """A text with the password of every URL in it hidden: `postgresql://ana:***@host`."""
    return _URL_PASSWORD.sub(r"\1:***@", text)


def closest(word: str, choices: Sequence[str]) -> str | None:
    """The choice that `word` was probably meant to be."""
    lowered = {choice.lower(): choice for choice in choices}
    match = get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return lowered[match[0]] if match else None
