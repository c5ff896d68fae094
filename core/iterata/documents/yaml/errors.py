"""The problems of a YAML text, each with a remedy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.yaml.corrections import correction
from iterata.documents.yaml.positions import Mark, position_at, position_of
from iterata.documents.yaml.schema import MAX_DEPTH
from iterata.problems import Position

if TYPE_CHECKING:
    import yaml


class YamlProblem(NamedTuple):
    """A problem of the YAML itself; positions count from the first line of the text."""

    code: str
    position: Position
    message: str
    remedy: str


def duplicate_key(text: str, key: yaml.ScalarNode) -> YamlProblem:
    """A block has a key twice."""
    message = f"the key `{key.value}` is already in this block"
    remedy = "keep one of the two; if both are lists, below it write the entries of both"
    return YamlProblem("DOC004", position_of(text, key.start_mark), message, remedy)


def invalid_character(text: str, error: yaml.reader.ReaderError) -> YamlProblem:
    """A character that YAML does not allow."""
    code = error.character if isinstance(error.character, int) else ord(str(error.character)[:1])
    position = position_at(text, max(0, text.find(chr(code))))  # the error's own position counts bytes
    message = f"a character that YAML does not allow: U+{code:04X}"
    return YamlProblem("DOC003", position, message, "remove the character; an editor may not show it")


def too_deep(text: str, mark: Mark | None) -> YamlProblem:
    """Blocks are nested deeper than `MAX_DEPTH`."""
    message = f"nested more than {MAX_DEPTH} deep"
    return YamlProblem("DOC005", position_of(text, mark), message, "make the front matter simpler")


def too_deep_to_parse() -> YamlProblem:
    """The parser itself ran out of stack."""
    return YamlProblem("DOC005", Position(1), "nested too deep to be read", "make the front matter simpler")


def aliases_too_large() -> YamlProblem:
    """Aliases would expand into too many nodes."""
    message = "its aliases (`*name`) expand to too much data"
    return YamlProblem("DOC005", Position(1), message, "write out the values instead of the aliases")


CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7})(?: |$)", re.MULTILINE)
"""A line that Git writes where it could not merge two changes."""

_CONFLICT_REMEDY = (
    "keep the lines that are right, of lists such as `approvals:` the entries of both sides, each once; then "
    f"remove the lines that begin with {', '.join(f'`{mark * 7}`' for mark in '<=>')}"
)


def syntax_error(text: str, error: yaml.MarkedYAMLError) -> YamlProblem:
    """The text is not valid YAML, or uses a tag or a key that front matter does not have."""
    if marker := CONFLICT.search(text):
        message = "a conflict of a Git merge is not resolved"
        return YamlProblem("DOC003", position_at(text, marker.start()), message, _CONFLICT_REMEDY)
    position = position_of(text, error.problem_mark or error.context_mark)
    line = text.split("\n")[position.line - 1]
    reason = (error.problem or error.context or "not readable").replace("\n", " ")
    begun = error.context_mark if "unexpected end of stream" in reason else None  # of a quote
    proposal = correction(text, position_of(text, begun).line if begun else position.line)
    remedy = f"write `{proposal}`" if proposal else _syntax_remedy(reason, line)
    return YamlProblem("DOC003", position, f"not valid YAML: {reason}", remedy)


_SYNTAX_REMEDIES: tuple[tuple[str, str], ...] = (
    (
        "mapping values are not allowed",
        "put quotes around text that contains `: `, or write it on a line of its own after `>-`",
    ),
    (
        "cannot start any token",
        "indent with spaces; put quotes around text that begins with a tab, `@`, `` ` `` or `%`",
    ),
    ("undefined alias", "put quotes around text that begins with `*`"),
    ("expected alphabetic or numeric character", "put quotes around text that begins with `*` or `&`"),
    ("escape", "use single quotes: between double quotes a backslash begins an escape sequence"),
    (
        "could not determine a constructor",
        "remove the tag that begins with `!`, or put quotes around text that begins so",
    ),
    ("expected <block end>", "check the indentation: entries of one block begin in the same column"),
    ("did not find expected key", "check the indentation, and close every quote and bracket above"),
    ("did not find expected ',' or", "close the bracket or brace, and put a comma between its entries"),
    ("unexpected end of stream", "close the quote that was opened above"),
    ("could not find expected ':'", "put `: ` after the key; indent a longer text below `>-`"),
    ("unhashable", "write a word as the key, not a list or a block"),
    ("but found another document", "remove the line `---` or `...` within the front matter"),
)
"""How to fix a syntax error, by a part of libyaml's or PyYAML's message."""


def _syntax_remedy(reason: str, line: str) -> str:
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "indent with spaces; YAML does not allow tabs"
    remedies = (remedy for part, remedy in _SYNTAX_REMEDIES if part in reason)
    return next(remedies, "check this line and the one above")
