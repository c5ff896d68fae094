"""From the bytes of a file to its front matter and its prose."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from frontmatter.default_handlers import YAMLHandler

from iterata.documents.yaml import loader
from iterata.problems import Position, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_BYTES = 1_000_000
"""A front matter that takes longer than this to write by hand was not written by hand."""

_RULE: re.Pattern[str] = YAMLHandler.FM_BOUNDARY
_NEXT_RULE = re.compile(rf"\n(?:{_RULE.pattern})", _RULE.flags)
"""The same on a later line; found six times as fast by the line breaks as by trying every character."""

_BOM = "\ufeff"


class Source(NamedTuple):
    """A file's text, split; nothing of it is lost."""

    text: str
    yaml: str
    yaml_start: int
    """Where `yaml` begins in `text`."""
    body: str
    data: dict[str, Any]
    faults: tuple[Problem, ...]

    @property
    def yaml_line(self) -> int:
        """The line of the file on which `yaml` begins; it still holds the rest of the delimiter's line."""
        return self.text.count("\n", 0, self.yaml_start) + 1

    def with_yaml(self, yaml_text: str) -> str:
        """The file's text with another front matter, and every other byte as it was."""
        return self.text[: self.yaml_start] + yaml_text + self.text[self.yaml_start + len(self.yaml) :]

    @property
    def body_line(self) -> int:
        """The line of the file on which `body` begins."""
        return self.text.count("\n", 0, len(self.text) - len(self.body)) + 1

    def position(self, path: Sequence[str | int], *, key: bool = False) -> Position:
        """Where the value (or the key) at `path` stands in the file."""
        line, column = loader.locate(self.yaml, path, key=key)
        return Position(line + self.yaml_line - 1, column)


def read(path: str, raw: bytes) -> Source:
    """Split and load a stage document. Whatever is wrong is told in `faults`; nothing is raised."""

    def fault(code: str, position: Position, message: str, remedy: str) -> Problem:
        return Problem(code, Severity.ERROR, path, position, "", message, remedy)

    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"not UTF-8: byte 0x{raw[error.start]:02x}"
        return _unread("", fault("DOC001", Position(line), message, "save the file with the encoding UTF-8"))
    start = len(_BOM) if text.startswith(_BOM) else 0
    unmarked = text[start:]
    opening = _RULE.match(unmarked)
    if opening is None:
        remedy = (
            "begin the file with a line `---`, the front matter, and another `---`; `iterata new` shows how"
        )
        return _unread(text, fault("DOC002", Position(1), "has no front matter", remedy))
    closing = _NEXT_RULE.search(unmarked, opening.end())
    if closing is None:
        remedy = "end the front matter with a line that holds only `---`"
        return _unread(text, fault("DOC002", Position(1), "its front matter has no end", remedy))
    yaml_text, body = unmarked[opening.end() : closing.start() + 1], unmarked[closing.end() :]
    if len(yaml_text) > MAX_BYTES:
        remedy = "move long material into the prose below the front matter, or into a file beside it"
        return _unread(
            text, fault("DOC005", Position(1), f"its front matter is larger than {MAX_BYTES:,} bytes", remedy)
        )
    yaml_line = text.count("\n", 0, start + opening.end()) + 1
    data, yaml_faults = loader.load(yaml_text)
    faults = [
        fault(code, Position(line + yaml_line - 1, column), message, remedy)
        for code, (line, column), message, remedy in yaml_faults
    ]
    if data is not None and not isinstance(data, dict):
        message = "its front matter is not a block of keys"
        faults.append(fault("DOC003", Position(yaml_line), message, "write `key: value` on each line"))
    return Source(
        text, yaml_text, start + opening.end(), body, data if isinstance(data, dict) else {}, tuple(faults)
    )


def nothing(problem: Problem) -> Source:
    """The source of a file that cannot be read."""
    return _unread("", problem)


def _unread(text: str, problem: Problem) -> Source:
    return Source(text, "", 0, text, {}, (problem,))
