"""Edits of front matter that leave every other byte of the file as it was.

A round trip through a YAML library keeps comments but re-wraps and re-indents what people wrote. Tools
own a few keys only, so those are cut out and replaced by their place in the text.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import yaml

from iterata.documents.yaml.loader import load
from iterata.documents.yaml.schema import Loader, dump
from iterata.errors import IterataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.documents.document import Document

_WITHIN_A_LINE = (None, "", "'", '"')
"""Styles of text that needs no line of its own; a plain one is none to PyYAML and empty to libyaml."""


def set_keys(document: Document, changes: Mapping[str, Any]) -> str:
    """The file's text with top-level keys set; a missing key is added at the end, one set to none is removed.

    Raises:
        IterataError: the front matter is written so that its lines cannot be edited one by one.
    """
    edited = document.source.yaml
    for key, value in changes.items():
        edited = _set(edited, key, value, document.path)
    wanted = {key: value for key, value in {**document.data, **changes}.items() if value is not None}
    return _checked(document, edited, wanted)


def set_digest(document: Document, part: str, index: int, digest: str) -> str:
    """The file's text with the digest of what a part of the plan reads: its `index`th data, or variant.

    Raises:
        IterataError: the front matter is written so that its lines cannot be edited one by one.
    """
    text, wanted = document.source.yaml, deepcopy(document.data)
    entry = _entry(_child(_child(_root(text, document.path), "plan"), part), index)
    if entry is None:
        raise _uneditable(document.path)
    wanted["plan"][part][index]["digest"] = digest
    text = _set_in_mapping(text, entry, "digest", digest)
    return _checked(document, text, wanted)


def _checked(document: Document, edited: str, wanted: Mapping[str, Any]) -> str:
    """The file's text with the edited front matter, if that says what it should and nothing else."""
    data, faults = load(edited)
    if faults or {key: value for key, value in data.items() if value is not None} != {
        key: value for key, value in wanted.items() if value is not None
    }:
        raise _uneditable(document.path)
    return document.source.with_yaml(edited)


def _uneditable(path: str) -> IterataError:
    remedy = "write one plain `key: value` a line, without anchors, aliases or braces around all of it"
    return IterataError("its front matter cannot be edited by a command", remedy=remedy, where=path)


def _root(text: str, path: str) -> yaml.MappingNode:
    try:
        node = yaml.compose(text, Loader)
    except yaml.YAMLError:  # an edit before this one took away what an alias stands for
        raise _uneditable(path) from None
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        raise _uneditable(path)
    return node


def _child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for name, value in pairs if name.value == key), None)


def _entry(node: yaml.Node | None, index: int) -> yaml.Node | None:
    entries = node.value if isinstance(node, yaml.SequenceNode) else ()
    return entries[index] if index < len(entries) else None


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _set(text: str, key: str, value: Any, path: str) -> str:
    root = _root(text, path)
    at = next((index for index, (name, _) in enumerate(root.value) if name.value == key), None)
    written = "" if value is None else _lines(text, {key: value}, root.start_mark.column)
    if at is None:
        return text + ("" if text.endswith("\n") else _newline(text)) + written
    name, old = root.value[at]
    if isinstance(value, str | int | float) and _is_one_word(name, old):
        return _spliced(text, old, written.split(": ", 1)[1].rstrip("\r\n"))
    begin = _line_start(text, name)
    end = _line_start(text, root.value[at + 1][0]) if at + 1 < len(root.value) else len(text)
    lines = text[begin:end].splitlines(keepends=True)
    while len(lines) > 1 and _belongs_below(lines[-1], root.start_mark.column):
        end -= len(lines.pop())
    return text[:begin] + written + text[end:]


def _lines(text: str, data: Mapping[str, Any], column: int) -> str:
    """Data as lines of the block they go into: as far to the right, and with its line ends."""
    return "".join(
        f"{' ' * column}{line}{_newline(text)}" for line in dump(data).removesuffix("\n").split("\n")
    )


def _is_one_word(name: yaml.Node, old: yaml.Node) -> bool:
    """Whether a value stands behind its key, so that it can be exchanged for another; an alias does not."""
    plain = isinstance(old, yaml.ScalarNode) and old.style in _WITHIN_A_LINE
    return plain and old.start_mark.index > name.start_mark.index


def _spliced(text: str, old: yaml.Node, new: str) -> str:
    begin, end = old.start_mark.index, old.end_mark.index
    gap = " " if text[begin - 1] == ":" else ""  # the value was left empty
    return f"{text[:begin]}{gap}{new}{text[end:]}"


def _line_start(text: str, node: yaml.Node) -> int:
    return text.rfind("\n", 0, node.start_mark.index) + 1


def _belongs_below(line: str, column: int) -> bool:
    """Whether a line before the next key is a gap, or a comment on that key."""
    return not line.strip() or (line[column:].startswith("#") and not line[:column].strip())


def _set_in_mapping(text: str, node: yaml.Node, key: str, value: str) -> str:
    quoted = f'"{value}"'
    if (old := _child(node, key)) is not None:
        return _spliced(text, old, quoted)
    end = node.value[-1][1].end_mark.index
    if isinstance(node, yaml.MappingNode) and node.flow_style:
        return f"{text[:end]}, {key}: {quoted}{text[end:]}"
    if text[end - 1] != "\n":
        end = text.find("\n", end) + 1
    indent = " " * node.value[0][0].start_mark.column
    return f"{text[:end]}{indent}{key}: {quoted}{_newline(text)}{text[end:]}"
