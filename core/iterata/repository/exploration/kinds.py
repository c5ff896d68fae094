"""What the files of an exploration are, how large they may be, and whether their content is what it says."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from iterata.repository.exploration.images import begins_as_drawing, has_its_end, image_format, is_drawing
from iterata.repository.pointers import LARGEST_POINTER, pointer_of
from iterata.text import size_of_bytes

if TYPE_CHECKING:
    from collections.abc import Callable


class FileKind(StrEnum):
    """The kind of a file of an exploration, by the end of its name."""

    IMAGE = "image"
    """Pixels: the site publishes the file."""
    DRAWING = "drawing"
    """SVG, which may contain scripts: the site shows it as an image, in which none runs."""
    NOTEBOOK = "notebook"
    """Jupyter's: the site shows its cells and their saved outputs; nothing is executed."""
    EXPORT = "export"
    """HTML, which may contain scripts: the site shows its text."""
    PAGE = "page"
    """Markdown: a page of the site."""
    PAPER = "paper"
    """PDF: the site links to it."""
    CODE = "code"
    """What made the others; a link leads to the code host."""
    OTHER = "other"
    """The site shows nothing of it."""


KIND_OF: dict[str, FileKind] = {
    **dict.fromkeys((".avif", ".gif", ".jpeg", ".jpg", ".png", ".webp"), FileKind.IMAGE),
    ".svg": FileKind.DRAWING,
    ".ipynb": FileKind.NOTEBOOK,
    **dict.fromkeys((".htm", ".html"), FileKind.EXPORT),
    ".md": FileKind.PAGE,
    ".pdf": FileKind.PAPER,
    **dict.fromkeys((".json", ".py", ".r", ".sql", ".toml", ".txt", ".yaml", ".yml"), FileKind.CODE),
}
"""The kind of a file by the end of its name, in lower case."""

MEGABYTE = 1_000_000

LARGEST: dict[FileKind, int] = {
    FileKind.IMAGE: 5 * MEGABYTE,
    FileKind.DRAWING: MEGABYTE,
    FileKind.NOTEBOOK: 10 * MEGABYTE,
    FileKind.EXPORT: 5 * MEGABYTE,
    FileKind.PAGE: MEGABYTE,
    FileKind.PAPER: 20 * MEGABYTE,
    FileKind.CODE: MEGABYTE,
}
"""The largest file of each kind that the site shows, in bytes."""

MOST_FILES = 60
"""How many files of one exploration the site shows."""


class Fault(NamedTuple):
    """Why the site does not show a file, and what helps."""

    message: str
    remedy: str
    is_size: bool = False
    """Whether it is only too large."""
    is_absent: bool = False
    """Whether only this clone does not have its content."""


def kind_of(name: str) -> FileKind:
    """The kind of a file by its name."""
    dot = name.rfind(".")
    return KIND_OF.get(name[dot:].lower(), FileKind.OTHER) if dot > 0 else FileKind.OTHER


def size_fault(kind: FileKind, size: int) -> Fault | None:
    """Whether a file is larger than the site shows."""
    if size <= LARGEST.get(kind, size):
        return None
    message = f"has {size_of_bytes(size)}; the site shows at most {size_of_bytes(LARGEST[kind])} of this kind"
    return Fault(message, _SMALLER.get(kind, "divide it, or keep it elsewhere and link to it"), is_size=True)


_SMALLER = {
    FileKind.IMAGE: "save it with fewer pixels, or as WebP",
    FileKind.DRAWING: "save it as PNG: a drawing with many points is smaller so",
    FileKind.NOTEBOOK: "clear large outputs, then save it again",
}


def content_fault(kind: FileKind, name: str, raw: bytes) -> Fault | None:
    """Whether the content of a file is not what its name says, or not complete."""
    if not raw:
        return Fault("is empty", "save it again, or remove it")
    if pointer := pointer_of(raw[:LARGEST_POINTER]):
        message = f"is only the pointer of {pointer.what} to the file, not the file"
        return Fault(message, f"run {pointer.command.format(path=name)}")
    if kind is FileKind.OTHER:
        remedy = "save it as PNG, SVG, PDF, HTML, Markdown or a notebook; data belong into `data/`"
        return Fault("is of a kind that the site does not show", remedy)
    check = _CHECKS.get(kind)
    return check(name, raw) if check else None


def _image_fault(name: str, raw: bytes) -> Fault | None:
    suffix = name[name.rfind(".") + 1 :].lower()
    format_ = image_format(raw)
    if format_ is None:
        message = f"is no image of a format that browsers show, although its name ends with .{suffix}"
        return Fault(message, "save it as PNG, JPEG or WebP")
    if suffix.replace("jpg", "jpeg") != format_:
        end = "jpg" if format_ == "jpeg" else format_
        return Fault(
            f"is a {format_.upper()} image, although its name ends with .{suffix}", f"name it .{end}"
        )
    if not has_its_end(raw, format_):
        return Fault("is not complete: its end is missing", "save it again")
    return None


def _drawing_fault(_name: str, raw: bytes) -> Fault | None:
    if not begins_as_drawing(raw):
        return Fault("is no SVG drawing, although its name ends with .svg", "save it again as SVG or PNG")
    return None if is_drawing(raw) else Fault("is not complete: its end is missing", "save it again")


def _notebook_fault(_name: str, raw: bytes) -> Fault | None:
    from iterata.repository.exploration.notebook import NotebookError, read  # noqa: PLC0415

    try:
        read(raw)
    except NotebookError as error:
        return Fault(error.message, error.remedy)
    return None


def _text_fault(_name: str, raw: bytes) -> Fault | None:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return Fault(f"not UTF-8: byte 0x{raw[error.start]:02x}", "save the file with the encoding UTF-8")
    return None


def _paper_fault(_name: str, raw: bytes) -> Fault | None:
    return (
        None if raw.startswith(b"%PDF-") else Fault("is no PDF, although its name says so", "save it again")
    )


_CHECKS: dict[FileKind, Callable[[str, bytes], Fault | None]] = {
    FileKind.IMAGE: _image_fault,
    FileKind.DRAWING: _drawing_fault,
    FileKind.NOTEBOOK: _notebook_fault,
    FileKind.EXPORT: _text_fault,
    FileKind.PAGE: _text_fault,
    FileKind.PAPER: _paper_fault,
    FileKind.CODE: _text_fault,
}
