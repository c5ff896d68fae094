"""Edits of front matter that leave every other byte of the file as it was.

A round trip through a YAML library keeps comments but re-wraps and re-indents what people wrote. Tools
own a few keys only, so those are cut out and replaced by their place in the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from iterata.documents.yaml_core import dump
from iterata.errors import IterataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.documents.document import Document


def set_keys(document: Document, changes: Mapping[str, Any]) -> str:
    """The file's text with top-level keys set; a missing key is added at the end, one set to none is removed.

    Raises:
        IterataError: the front matter is written in one pair of braces, which leaves no lines to edit.
    """
    edited = document.source.yaml
    for key, value in changes.items():
        edited = _set(edited, key, value, document.path)
    return document.source.with_yaml(edited)


def set_digest(document: Document, source_path: str, digest: str) -> str:
    """The file's text with `digest` recorded for the data set read from `source_path`."""
    text = document.source.yaml
    data_sets = _child(_child(_root(text, document.path), "plan"), "data")
    for entry in data_sets.value if isinstance(data_sets, yaml.SequenceNode) else ():
        if (found := _child(entry, "source")) is not None and found.value == source_path:
            edited = _set_in_mapping(text, entry, "digest", digest)
            return document.source.with_yaml(edited)
    return document.source.text


def _root(text: str, path: str) -> yaml.MappingNode:
    node = yaml.compose(text, yaml.SafeLoader)
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        remedy = "write one `key: value` a line, without the braces around all of it"
        raise IterataError("its front matter cannot be edited by a command", remedy=remedy, where=path)
    return node


def _child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for name, value in pairs if name.value == key), None)


def _set(text: str, key: str, value: Any, path: str) -> str:
    root = _root(text, path)
    pairs = root.value
    at = next((index for index, (name, _) in enumerate(pairs) if name.value == key), None)
    newline = "\r\n" if "\r\n" in text else "\n"
    written = "" if value is None else dump({key: value}).replace("\n", newline)
    if at is None:
        return text + ("" if text.endswith("\n") else newline) + written
    name, old = pairs[at]
    if (
        isinstance(old, yaml.ScalarNode)
        and old.style in (None, "'", '"')
        and isinstance(value, str | int | float)
    ):
        return (
            text[: old.start_mark.index]
            + written.split(": ", 1)[1].rstrip("\r\n")
            + text[old.end_mark.index :]
        )
    lines = text.splitlines(keepends=True)
    first = name.start_mark.line
    last = pairs[at + 1][0].start_mark.line if at + 1 < len(pairs) else len(lines)
    while last > first + 1 and (not lines[last - 1].strip() or lines[last - 1].startswith("#")):
        last -= 1  # a comment or a gap before the next key belongs to that key
    return "".join(lines[:first]) + written + "".join(lines[last:])


def _set_in_mapping(text: str, node: yaml.Node, key: str, value: str) -> str:
    old = _child(node, key)
    if old is not None:
        return text[: old.start_mark.index] + f'"{value}"' + text[old.end_mark.index :]
    last = node.value[-1][1]
    end = last.end_mark.index
    if isinstance(node, yaml.MappingNode) and node.flow_style:
        return f'{text[:end]}, {key}: "{value}"{text[end:]}'
    indent = " " * node.value[0][0].start_mark.column
    line_end = text.find("\n", text.rfind("\n", 0, end) + 1 if text[end - 1] == "\n" else end)
    line_end = end - 1 if text[end - 1] == "\n" else line_end
    return f'{text[:line_end]}\n{indent}{key}: "{value}"{text[line_end:]}'
