"""Numbers as text, and short texts that are safe to show in a message."""

from __future__ import annotations

import re
from math import floor, log10
from typing import TYPE_CHECKING
from unicodedata import bidirectional, category

if TYPE_CHECKING:
    from collections.abc import Sequence

MINUS = "\N{MINUS SIGN}"
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_LEAST_KEPT = 0.75
"""The share of a text that a cut between two words keeps; else the cut is within a word."""
_ROUNDING = 1e-12
"""A number below this is a zero with a rounding error."""

_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
"""Persian and families of emoji are misspelt without them."""

_ISOLATE, _END_OF_ISOLATE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
_ISOLATED = re.compile(f"{_ISOLATE}[^{_ISOLATE}{_END_OF_ISOLATE}\\n]*{_END_OF_ISOLATE}")

_URL_PASSWORD = re.compile(r"(?<=://)([^:/@\s]*):[^@\s]*@")


def decimal_places(size: float) -> int:
    """The number of decimal places that shows about three significant digits of a number of that size.

    >>> decimal_places(47.6), decimal_places(-0.01234), decimal_places(-2.2e-16)
    (1, 4, 0)
    """
    return max(0, 2 - floor(log10(abs(size)))) if abs(size) > _ROUNDING else 0


def number(value: float, places: int | None = None) -> str:
    """A number with thousands separators and a true minus sign.

    Args:
        value: the number.
        places: decimal places; None for about three significant digits.

    >>> number(1234.5), number(47.6), number(-0.01234)
    ('1,234', '47.6', '−0.0123')
    """
    places = decimal_places(value) if places is None else places
    digits = f"{abs(value):,.{places}f}"
    return MINUS + digits if value < 0 and _is_nonzero(digits) else digits


def signed(value: float, places: int | None = None) -> str:
    """A number with its sign, unless it is shown as zero.

    >>> signed(12.3), signed(-4), signed(0)
    ('+12.3', '−4.00', '0')
    """
    digits = number(value, places)
    return f"+{digits}" if value > 0 and _is_nonzero(digits) else digits


def _is_nonzero(digits: str) -> bool:
    return bool(float(digits.replace(",", "")))


def percent(share: float) -> str:
    """A share as a percentage.

    >>> percent(0.2473), percent(-0.081), percent(1.5)
    ('24.7 %', '−8.1 %', '150 %')
    """
    points = 100 * share
    return f"{number(points, 0 if abs(points) >= 100 else 1)} %"


def counted(count: int, noun: str, plural: str = "") -> str:
    """A number of things in words.

    >>> counted(1, "finding"), counted(1234, "finding"), counted(2, "hypothesis", "hypotheses")
    ('1 finding', '1,234 findings', '2 hypotheses')
    """
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def truncate(text: str, max_length: int) -> str:
    """The text, cut to at most `max_length` characters; an ellipsis marks what was cut off.

    It is cut between words, unless the last word is so long that much would be lost.

    >>> truncate("a long name", 7)
    'a long…'
    >>> truncate("found more of the buyers", 20)
    'found more of the…'
    >>> truncate("monotonically", 8)
    'monoton…'
    """
    if len(text) <= max_length:
        return text
    kept = text[: max_length - 1]
    words = kept if text[max_length - 1].isspace() else kept[: max(kept.rfind(" "), 0)]
    return (words if len(words) >= _LEAST_KEPT * len(kept) else kept).rstrip(" ,;:") + ELLIPSIS


def one_line(text: str, max_length: int) -> str:
    """An untrusted text on one line, without control characters, and cut to `max_length`.

    Joiners of letters and of emoji stay, and the marks of `isolated`; other characters that only format the
    text around them are left out.

    >>> one_line("no such\\n table\\x1b[2J\\u202e", 20)
    'no such table [2J'
    """
    if text.isprintable():  # most are, and this is a hundred times as fast
        return truncate(" ".join(text.split()), max_length)
    ends = {place for found in _ISOLATED.finditer(text) for place in (found.start(), found.end() - 1)}
    visible = "".join(
        character if character.isprintable() or place in ends else _in_place_of(character)
        for place, character in enumerate(text)
    )
    cut = truncate(" ".join(visible.split()), max_length)
    if cut.count(_ISOLATE) > cut.count(_END_OF_ISOLATE):  # a mark that does not end would reach further
        return cut.replace(_ISOLATE, "").replace(_END_OF_ISOLATE, "")
    return cut


def isolated(text: str) -> str:
    """The text, kept apart from the sentence around it if it has words from right to left.

    A punctuation mark or a number that follows such words would else be shown before them.

    >>> isolated("mail"), isolated("\u05d3\u05d5\u05d0\u05e8") == "\u2068\u05d3\u05d5\u05d0\u05e8\u2069"
    ('mail', True)
    >>> one_line("\u2068a\u2069\u2068b", 9) == "\u2068a\u2069b"
    True
    """
    is_rtl = any(bidirectional(character) in ("R", "AL") for character in text)
    return f"{_ISOLATE}{text}{_END_OF_ISOLATE}" if is_rtl else text


def _in_place_of(character: str) -> str:
    if character in _JOINERS:
        return character
    return "" if category(character) == "Cf" else " "


def mask_passwords(text: str) -> str:
    """The text with the password of every URL in it replaced.

    >>> mask_passwords("postgresql://ana:secret@host/db")
    'postgresql://ana:***@host/db'
    """
    return _URL_PASSWORD.sub(r"\1:***@", text)


SIZE = r"(?i)(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?"
"""The pattern of a size: `5GB`, `500 MB`, `1.5GiB`, `0`."""


def size_in_bytes(text: str) -> int:
    """The number of bytes that a size of the pattern `SIZE` means.

    >>> size_in_bytes("5GB"), size_in_bytes("1.5 MiB"), size_in_bytes("0")
    (5000000000, 1572864, 0)
    """
    found = re.fullmatch(SIZE, text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a size")
    value, prefix, binary = found.groups()
    power = " kmgt".index(prefix.lower()) if prefix else 0
    return int(float(value) * (1024 if binary else 1000) ** power)


def size_of_bytes(size: int) -> str:
    """A number of bytes for people.

    >>> size_of_bytes(612), size_of_bytes(1_234_567), size_of_bytes(5_000_000_000)
    ('612 B', '1.2 MB', '5.0 GB')
    """
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5:  # then three digits are enough
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def closest(word: str, choices: Sequence[str]) -> str | None:
    """The choice that `word` is probably a misspelling of; None if no choice is similar.

    >>> closest("Targetting", ["targeting", "ranking"])
    'targeting'
    """
    from difflib import get_close_matches  # noqa: PLC0415  # only if something is misspelt

    lowered = {choice.lower(): choice for choice in choices}
    match = get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return lowered[match[0]] if match else None
