"""Edits keys of the front matter and leaves every other byte of the file as it was.

A round trip through a YAML library keeps comments, but changes line breaks and indentation. Commands own only
a few keys, so each value is replaced at its place in the text.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

import yaml

from iterata.documents.yaml.dumper import dump, dump_inline
from iterata.documents.yaml.loader import load
from iterata.documents.yaml.schema import NodeLoader
from iterata.errors import IterataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.documents.document import Document

_INLINE_STYLES = (None, "", "'", '"')
"""Styles of a scalar that can be on the line of its key; PyYAML calls a plain one None, libyaml ''."""


class NotEditable(IterataError):
    """The front matter uses YAML in which single lines cannot be replaced."""

    def __init__(self, path: str) -> None:
        super().__init__(
            "a command cannot edit its front matter",
            remedy="write `key: value` on each line, without anchors, aliases or braces around everything",
            where=path,
        )


def set_keys(document: Document, changes: Mapping[str, object]) -> str:
    """The file's text with top-level keys set.

    Args:
        document: the document; it is not changed itself.
        changes: new values by key; a missing key is added at the end, and None removes a key.

    Raises:
        NotEditable: the lines of the front matter cannot be edited one by one.
    """
    edited = document.source.yaml
    for key, value in changes.items():
        edited = _set_key(edited, key, value, document.path)
    return _checked(document, edited, {**document.data, **changes})


def set_digest(document: Document, path: tuple[str, int], digest: str) -> str:
    """The file's text with the digest of the data that a part of the plan reads.

    Args:
        document: the proposal; it is not changed itself.
        path: the plan's list, `data` or `variants`, and the entry of that list. A plan without `data` gets
            the digest as its first key, `data_digest`.
        digest: what to write.

    Raises:
        NotEditable: the lines of the front matter cannot be edited one by one.
    """
    text, (part, index) = document.source.yaml, path
    plan, expected = _child(_root(text, document.path), "plan"), deepcopy(document.data)
    if part == "data" and document.data["plan"].get(part) is None:
        expected["plan"]["data_digest"] = digest
        return _checked(document, _set_first(text, plan, "data_digest", digest), expected)
    entry = _item(_child(plan, part), index)
    if entry is None:
        raise NotEditable(document.path)
    expected["plan"][part][index]["digest"] = digest
    return _checked(document, _set_in_block(text, entry, "digest", digest), expected)


def set_in_entry(document: Document, key: str, index: int, changes: Mapping[str, object]) -> str:
    """The file's text with keys of one entry of a list set; the other entries stay as they are written.

    Args:
        document: the document; it is not changed itself.
        key: the top-level key of the list.
        index: the entry.
        changes: new values by key.

    Raises:
        NotEditable: the lines of the front matter cannot be edited one by one.
    """
    text, expected = document.source.yaml, deepcopy(document.data)
    expected[key][index] |= changes
    for name, value in changes.items():
        entry = _item(_child(_root(text, document.path), key), index)
        old = _child(entry, name)
        if not isinstance(entry, yaml.MappingNode) or not _is_on_one_line(old):
            return set_keys(document, {key: expected[key]})
        written = dump_inline(value)
        text = _replace_scalar(text, old, written) if old else _append_to_entry(text, entry, name, written)
    try:
        return _checked(document, text, expected)
    except NotEditable:
        return set_keys(document, {key: expected[key]})


def _is_on_one_line(node: yaml.Node | None) -> bool:
    """Whether a value can be replaced from its first to its last character."""
    return node is None or node.start_mark.line == node.end_mark.line


def _append_to_entry(text: str, entry: yaml.MappingNode, key: str, written: str) -> str:
    """The text with a further key at the end of an entry, in braces or on lines of its own."""
    last: yaml.Node = entry.value[-1][1]
    if entry.flow_style:
        end = last.end_mark.index
        return f"{text[:end]}, {key}: {written}{text[end:]}"
    while isinstance(last, yaml.CollectionNode) and not last.flow_style and last.value:
        deepest = last.value[-1]
        last = deepest[1] if isinstance(deepest, tuple) else deepest
    line_end = last.end_mark.index if text[: last.end_mark.index].endswith("\n") else -1
    end = line_end if line_end >= 0 else text.find("\n", last.end_mark.index) + 1 or len(text)
    before = text[:end] if text[:end].endswith("\n") else text[:end] + _newline(text)
    indent = " " * entry.value[0][0].start_mark.column
    return f"{before}{indent}{key}: {written}{_newline(text)}{text[end:]}"


def _checked(document: Document, edited: str, expected: Mapping[str, object]) -> str:
    """The file's text with the edited front matter, if it has the expected data."""
    data, problems = load(edited)
    if problems or not isinstance(data, dict) or _without_empty(data) != _without_empty(expected):
        raise NotEditable(document.path)
    return document.source.with_yaml(edited)


def _without_empty(data: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in data.items() if value is not None}


def _root(text: str, path: str) -> yaml.MappingNode:
    try:
        node = yaml.compose(text, NodeLoader)
    except yaml.YAMLError:  # the edit before removed the anchor of an alias
        raise NotEditable(path) from None
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        raise NotEditable(path)
    return node


def _child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for name, value in pairs if name.value == key), None)


def _item(node: yaml.Node | None, index: int) -> yaml.Node | None:
    items = node.value if isinstance(node, yaml.SequenceNode) else ()
    return items[index] if index < len(items) else None


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _set_key(text: str, key: str, value: object, path: str) -> str:
    root = _root(text, path)
    column = root.start_mark.column
    index = next((index for index, (name, _) in enumerate(root.value) if name.value == key), None)
    lines = "" if value is None else _dump_lines(text, {key: value}, column)
    if index is None:
        return text + ("" if text.endswith("\n") else _newline(text)) + lines
    name, old = root.value[index]
    if isinstance(value, str | int | float) and _is_inline(name, old):
        return _replace_scalar(text, old, lines.split(": ", 1)[1].rstrip("\r\n"))
    begin = _line_start(text, name)
    end = _line_start(text, root.value[index + 1][0]) if index + 1 < len(root.value) else len(text)
    old_lines = text[begin:end].splitlines(keepends=True)
    while len(old_lines) > 1 and _belongs_to_next_key(old_lines[-1], column):
        end -= len(old_lines.pop())
    return text[:begin] + lines + text[end:]


def _dump_lines(text: str, data: Mapping[str, object], column: int) -> str:
    """Data as YAML with the indentation and the line ends of the text that it goes into."""
    return "".join(
        f"{' ' * column}{line}{_newline(text)}" for line in dump(data).removesuffix("\n").split("\n")
    )


def _is_inline(name: yaml.Node, old: yaml.Node) -> bool:
    """Whether a value follows its key on the same line; an alias has the position of its anchor."""
    inline = isinstance(old, yaml.ScalarNode) and old.style in _INLINE_STYLES
    return inline and old.start_mark.index > name.start_mark.index


def _replace_scalar(text: str, old: yaml.Node, new: str) -> str:
    begin, end = old.start_mark.index, old.end_mark.index
    space = " " if text[begin - 1] == ":" else ""  # the value was empty
    return f"{text[:begin]}{space}{new}{text[end:]}"


def _line_start(text: str, node: yaml.Node) -> int:
    return text.rfind("\n", 0, node.start_mark.index) + 1


def _belongs_to_next_key(line: str, column: int) -> bool:
    """Whether a line before the next key is blank, or a comment on that key."""
    return not line.strip() or (line[column:].startswith("#") and not line[:column].strip())


def _set_first(text: str, block: yaml.Node | None, key: str, value: str) -> str:
    """The text with a key of a mapping; a new key becomes the first one."""
    if not isinstance(block, yaml.MappingNode):
        return text
    quoted = f'"{value}"'
    if (old := _child(block, key)) is not None:
        return _replace_scalar(text, old, quoted)
    begin = block.value[0][0].start_mark
    separator = ", " if block.flow_style else f"{_newline(text)}{' ' * begin.column}"
    return f"{text[: begin.index]}{key}: {quoted}{separator}{text[begin.index :]}"


def _set_in_block(text: str, block: yaml.Node, key: str, value: str) -> str:
    quoted = f'"{value}"'
    if (old := _child(block, key)) is not None:
        return _replace_scalar(text, old, quoted)
    end = block.value[-1][1].end_mark.index
    if isinstance(block, yaml.MappingNode) and block.flow_style:
        return f"{text[:end]}, {key}: {quoted}{text[end:]}"
    if text[end - 1] != "\n":
        end = text.find("\n", end) + 1
    indent = " " * block.value[0][0].start_mark.column
    return f"{text[:end]}{indent}{key}: {quoted}{_newline(text)}{text[end:]}"
