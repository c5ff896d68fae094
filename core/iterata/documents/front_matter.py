"""Splits a file into its front matter and its prose, and loads the front matter."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from frontmatter.default_handlers import YAMLHandler

from iterata.documents.yaml.loader import load
from iterata.documents.yaml.positions import locate
from iterata.problems import Position, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.documents.yaml.errors import YamlProblem

MAX_BYTES = 1_000_000
"""The largest front matter that is read."""

_DELIMITER: re.Pattern[str] = YAMLHandler.FM_BOUNDARY
_CLOSING_DELIMITER = re.compile(rf"\n(?:{_DELIMITER.pattern})", _DELIMITER.flags)
"""The delimiter after a line break: a search for line breaks is six times as fast as one for delimiters."""

LFS_POINTER = "version https://git-lfs.github.com/spec/"
"""How the file begins that Git LFS leaves in place of a file."""

_BYTE_ORDER_MARK = "\ufeff"


class Source(NamedTuple):
    """The text of a file, and where its parts are: a site keeps thousands of them, so there is one copy."""

    text: str
    yaml_start: int
    """The index in `text` at which `yaml` begins."""
    yaml_end: int
    body_start: int
    data: dict[str, Any]
    """The front matter; empty if it cannot be read."""
    problems: tuple[Problem, ...]

    @property
    def yaml(self) -> str:
        """The text of the front matter."""
        return self.text[self.yaml_start : self.yaml_end]

    @property
    def body(self) -> str:
        """The prose below the front matter."""
        return self.text[self.body_start :]

    @property
    def yaml_line(self) -> int:
        """The line of the file on which `yaml` begins: that of the opening delimiter."""
        return self.text.count("\n", 0, self.yaml_start) + 1

    def with_yaml(self, yaml: str) -> str:
        """The file's text with another front matter; every other byte stays as it is."""
        return self.text[: self.yaml_start] + yaml + self.text[self.yaml_end :]

    @property
    def body_line(self) -> int:
        """The line of the file on which `body` begins."""
        return self.text.count("\n", 0, self.body_start) + 1

    def position(self, path: Sequence[str | int], *, key: bool = False) -> Position:
        """The position in the file of the value at `path`, or of its key."""
        return self.in_file(locate(self.yaml, path, key=key))

    def in_file(self, position: Position) -> Position:
        """The position in the file of a position in `yaml`."""
        return Position(position.line + self.yaml_line - 1, position.column)


class _Unreadable(Exception):
    """The front matter cannot be read at all."""

    def __init__(self, code: str, line: int, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code, self.line, self.message, self.remedy = code, line, message, remedy


@lru_cache(maxsize=1)  # a pull request often changes the prose only: the front matter is that of before
def loaded(yaml: str) -> tuple[object, list[YamlProblem]]:
    """The data of a front matter and its problems, which nobody may change."""
    return load(yaml)


def read(path: str, raw: bytes) -> Source:
    """Split and load a file with front matter; nothing is raised, see `Source.problems`.

    Args:
        path: the file, relative to the repository; for problems.
        raw: its content.
    """
    text = ""
    try:
        text = _decode(raw)
        source = _split(text)
    except _Unreadable as error:
        problem = Problem(
            error.code, Severity.ERROR, path, Position(error.line), "", error.message, error.remedy
        )
        return _without_front_matter(text, problem)
    return _load(path, source)


def unreadable(problem: Problem) -> Source:
    """The source of a file whose content is not available."""
    return _without_front_matter("", problem)


def _without_front_matter(text: str, problem: Problem) -> Source:
    return Source(text, 0, 0, 0, {}, (problem,))


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"not UTF-8: byte 0x{raw[error.start]:02x}"
        raise _Unreadable("DOC001", line, message, "save the file with the encoding UTF-8") from None


def _split(text: str) -> Source:
    """The parts of a text, without data; a byte order mark before them is skipped."""
    start = len(_BYTE_ORDER_MARK) if text.startswith(_BYTE_ORDER_MARK) else 0
    content = text[start:]
    opening = _DELIMITER.match(content)
    if content.startswith(LFS_POINTER):
        message = "is only the pointer of Git LFS to the document"
        raise _Unreadable("DOC002", 1, message, "run `git lfs pull`, and `git lfs untrack '*.md'`")
    if opening is None:
        remedy = "begin the file with a line `---`, the front matter and another line `---`"
        raise _Unreadable("DOC002", 1, "has no front matter", remedy)
    closing = _CLOSING_DELIMITER.search(content, opening.end())
    if closing is None:
        remedy = "end the front matter with a line that contains only `---`"
        raise _Unreadable("DOC002", 1, "the end of its front matter is missing", remedy)
    if closing.start() + 1 - opening.end() > MAX_BYTES:
        remedy = "move long texts into the prose below the front matter, or into another file"
        message = f"its front matter is larger than {MAX_BYTES:,} bytes"
        raise _Unreadable("DOC005", 1, message, remedy)
    yaml_start, yaml_end = start + opening.end(), start + closing.start() + 1
    return Source(text, yaml_start, yaml_end, start + closing.end(), {}, ())


def _load(path: str, source: Source) -> Source:
    data, yaml_problems = loaded(source.yaml)
    problems = [
        Problem(code, Severity.ERROR, path, source.in_file(position), "", message, remedy)
        for code, position, message, remedy in yaml_problems
    ]
    if isinstance(data, dict):
        return source._replace(data=data, problems=tuple(problems))
    if data is not None:
        message, remedy = "its front matter is not a block of keys", "write `key: value` on each line"
        position = Position(source.yaml_line)
        problems.append(Problem("DOC003", Severity.ERROR, path, position, "", message, remedy))
    return source._replace(problems=tuple(problems))
