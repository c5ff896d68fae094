"""A small reader of Jupyter notebooks (format 4): their cells and saved outputs. Nothing is executed.

The format is described at https://nbformat.readthedocs.io/en/latest/format_description.html. A notebook is
untrusted: everything is a plain text or an image of a known format, and what is more than a page holds is
left out and counted. HTML and scripts among the outputs are left out; Jupyter saves a text beside them.
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import b64decode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from iterata.repository.exploration.images import has_its_end, image_format, is_drawing
from iterata.text import ELLIPSIS, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FORMAT = 4
MOST_CELLS = 300
"""How many cells are shown."""
MOST_OUTPUTS = 20
"""How many outputs of one cell are shown."""
MOST_FIGURES = 60
"""How many images of one notebook are shown."""
LONGEST_TEXT = 20_000
"""How many characters of a cell, or of an output, are shown."""
LARGEST_FIGURE = 3_000_000
"""The largest image among the outputs that is shown, in bytes."""

_IMAGES = ("image/png", "image/jpeg", "image/webp", "image/gif")
_SVG = "image/svg+xml"
_COLOURS = re.compile(r"\x1b\[[0-9;:?]*[ -/]*[@-~]|\x1b")
"""What a terminal would understand as a colour."""
_HEADING = re.compile(r"^#{1,2}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)


class NotebookError(Exception):
    """A file is no notebook that can be read."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message, self.remedy = message, remedy


class Figure(NamedTuple):
    """An image among the outputs."""

    name: str
    """`figure-1.png`, numbered within the notebook."""
    content: bytes
    is_drawing: bool
    """Whether it is SVG."""


class Output(NamedTuple):
    """One output of a cell: a text, an image, or both (the text then describes the image)."""

    text: str
    figure: Figure | None = None
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell."""

    kind: str
    """`markdown`, `code` or `raw`."""
    source: str
    outputs: tuple[Output, ...] = ()
    attachments: Mapping[str, Figure] = field(default_factory=dict)
    """The images of a Markdown cell, by the name that its text uses."""


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook as a page shows it."""

    title: str
    """Its first heading; empty if it has none."""
    language: str
    """The language of its code; empty if it does not say."""
    cells: tuple[Cell, ...]
    left_out: tuple[str, ...]
    """What the page does not show, in words."""

    @property
    def figures(self) -> Iterator[Figure]:
        """All images."""
        for cell in self.cells:
            yield from cell.attachments.values()
            yield from (output.figure for output in cell.outputs if output.figure)


def read(raw: bytes) -> Notebook:
    """Read a notebook.

    Args:
        raw: the content of an `.ipynb` file.

    Raises:
        NotebookError: it is no notebook of format 4.
    """
    content = _load(raw)
    version, cells = content.get("nbformat"), content.get("cells")
    if version != FORMAT or not isinstance(cells, list):
        old = isinstance(version, int) and version < FORMAT
        message = f"is a notebook of format {version}; format {FORMAT} is read" if old else "is no notebook"
        raise NotebookError(message, "`jupyter nbconvert --to notebook --inplace` writes it as format 4")
    reader = _Reader()
    shown = tuple(map(reader.cell, filter(_is_block, cells[:MOST_CELLS])))
    reader.count("cells", len(cells) - MOST_CELLS)
    texts = (cell.source for cell in shown if cell.kind == "markdown")
    headings = (match for text in texts if (match := _HEADING.search(text)))
    heading = next(headings, None)
    return Notebook(
        one_line(heading[1], 200) if heading else "",
        _language(content.get("metadata")),
        shown,
        tuple(f"{number:,} {what}" for what, number in reader.left_out.items()),
    )


def _load(raw: bytes) -> dict[str, object]:
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        raise NotebookError("is no notebook: it is not valid JSON", "save it again in Jupyter") from None
    if not isinstance(content, dict):
        raise NotebookError("is no notebook", "save it again in Jupyter")
    return content


class _Reader:
    """Reads cells, and counts what is left out."""

    def __init__(self) -> None:
        self.left_out: dict[str, int] = {}
        self._figures = 0

    def count(self, what: str, number: int = 1) -> None:
        """Count something that is left out."""
        if number > 0:
            self.left_out[what] = self.left_out.get(what, 0) + number

    def cell(self, cell: dict[str, object]) -> Cell:
        """One cell."""
        kind, source = str(cell.get("cell_type")), self._text(cell.get("source"))
        if kind == "markdown":
            return Cell(kind, source, attachments=dict(self._attachments(cell.get("attachments"))))
        if kind != "code":
            return Cell("raw", source)
        outputs = cell.get("outputs")
        blocks = [output for output in outputs if _is_block(output)] if isinstance(outputs, list) else []
        self.count("outputs", len(blocks) - MOST_OUTPUTS)
        read_outputs = (output for block in blocks[:MOST_OUTPUTS] if (output := self._output(block)))
        return Cell(kind, source, tuple(_joined(read_outputs)))

    def _attachments(self, attachments: object) -> Iterator[tuple[str, Figure]]:
        for name, data in attachments.items() if isinstance(attachments, dict) else ():
            if isinstance(data, dict) and (figure := self._figure(data)):
                yield str(name), figure

    def _output(self, output: dict[str, object]) -> Output | None:
        match output.get("output_type"):
            case "stream":
                return Output(self._text(output.get("text")))
            case "error":
                what = f"{output.get('ename', '')}: {output.get('evalue', '')}"
                return Output(self._text(what), is_error=True)
            case "display_data" | "execute_result":
                data = output.get("data")
                return self._displayed(data) if isinstance(data, dict) else None
        return None

    def _displayed(self, data: dict[str, object]) -> Output | None:
        """An output that Jupyter saved in several formats: its image, else its text."""
        text = self._text(data.get("text/plain", data.get("text/markdown", "")))
        figure = self._figure(data)
        if figure is None and not text:
            self.count("outputs without a text")
            return None
        return Output(text, figure)

    def _figure(self, data: dict[str, object]) -> Figure | None:
        found = next((kind for kind in (*_IMAGES, _SVG) if data.get(kind)), None)
        if found is None:
            return None
        content = _text_of(data[found]).encode("utf-8", "replace") if found == _SVG else _decoded(data[found])
        format_ = _format(content, found)
        if format_ is None or len(content) > LARGEST_FIGURE or self._figures >= MOST_FIGURES:
            self.count("images")
            return None
        self._figures += 1
        return Figure(f"figure-{self._figures}.{format_}", content, is_drawing=found == _SVG)

    def _text(self, value: object) -> str:
        text = _COLOURS.sub("", _text_of(value)).strip("\r\n")
        if len(text) <= LONGEST_TEXT:
            return text
        self.count("characters", len(text) - LONGEST_TEXT)
        return f"{text[:LONGEST_TEXT]}\n{ELLIPSIS}"


def _joined(outputs: Iterator[Output]) -> Iterator[Output]:
    """The outputs, with texts that were printed one after another as one."""
    waiting: list[str] = []
    for output in outputs:
        if output.figure is None and not output.is_error:
            waiting.append(output.text)
            continue
        if waiting:
            yield Output("\n".join(waiting))
            waiting = []
        yield output
    if waiting:
        yield Output("\n".join(waiting))


def _is_block(value: object) -> bool:
    return isinstance(value, dict)


def _text_of(value: object) -> str:
    """A text, which the format saves as one string or as a list of lines."""
    if isinstance(value, list):
        return "".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) else ""


def _format(content: bytes, kind: str) -> str | None:
    """The format of a complete image, which is also how its file's name ends; None if it is none."""
    if kind == _SVG:
        return "svg" if is_drawing(content) else None
    format_ = image_format(content)
    return format_ if format_ and has_its_end(content, format_) else None


def _decoded(value: object) -> bytes:
    try:
        return b64decode(_text_of(value))
    except (binascii.Error, ValueError):
        return b""


def _language(metadata: object) -> str:
    """The language of the code, from the description of the kernel."""
    for key in ("kernelspec", "language_info"):
        block = metadata.get(key) if isinstance(metadata, dict) else None
        if isinstance(block, dict):
            for name in ("display_name", "language", "name"):
                if isinstance(block.get(name), str) and block[name].strip():
                    return one_line(block[name], 60)
    return ""
