"""Whether some bytes are a complete image, and of which format, by how they begin and end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_STARTS: dict[str, re.Pattern[bytes]] = {
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "jpeg": re.compile(rb"\xff\xd8\xff"),
    "gif": re.compile(rb"GIF8[79]a"),
    "webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    "avif": re.compile(rb".{4}ftyp(?:avif|avis|mif1)", re.DOTALL),
}
"""How the files of each format begin."""

_TAIL = 64

_ENDS: dict[str, Callable[[bytes], bool]] = {
    "png": lambda raw: b"IEND" in raw[-_TAIL:],
    "jpeg": lambda raw: b"\xff\xd9" in raw[-_TAIL:],
    "gif": lambda raw: b"\x3b" in raw[-_TAIL:],
    "webp": lambda raw: len(raw) >= 8 + int.from_bytes(raw[4:8], "little"),
    "avif": lambda raw: len(raw) > _TAIL,
}
"""Whether a file of each format has its end."""


def image_format(raw: bytes) -> str | None:
    """The format that an image begins as: `png`, `jpeg`, `gif`, `webp` or `avif`; None if it is none."""
    return next((format_ for format_, start in _STARTS.items() if start.match(raw)), None)


def has_its_end(raw: bytes, format_: str) -> bool:
    """Whether the file of an image of this format is not cut off."""
    return _ENDS[format_](raw)


_SVG = re.compile(rb"<(?:[\w-]+:)?svg[\s>/]", re.IGNORECASE)
_SVG_END = re.compile(rb"(?:</(?:[\w-]+:)?svg\s*>|/>)\s*(?:<!--.*?-->\s*)*\Z", re.IGNORECASE | re.DOTALL)
_HEAD = 8_000
"""Where the first tag of a drawing must be, in bytes."""


def begins_as_drawing(raw: bytes) -> bool:
    """Whether some bytes have the first tag of SVG."""
    return _SVG.search(raw[:_HEAD]) is not None


def is_drawing(raw: bytes) -> bool:
    """Whether some bytes are a complete SVG drawing, as far as its first and its last tag tell."""
    return begins_as_drawing(raw) and _SVG_END.search(raw[-_HEAD:]) is not None
