"""The line and column of a value or a key in a YAML text."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import yaml

from iterata.documents.yaml.schema import NodeLoader
from iterata.problems import Position

if TYPE_CHECKING:
    from collections.abc import Sequence


class Mark(Protocol):
    """A place in a text; PyYAML has a class of its own for each of its parsers."""

    @property
    def index(self) -> int:
        """The character, from 0."""


def locate(text: str, path: Sequence[str | int], *, key: bool = False) -> Position:
    """The position of the value at `path`, or of the nearest ancestor that exists.

    Steps that match nothing are skipped, such as the tags that pydantic adds for a discriminated union.

    Args:
        text: YAML; lines count from its first.
        path: keys and indices.
        key: whether to return the position of the value's key instead.
    """
    node = _compose(text)
    mark = node.start_mark if node is not None else None
    for step in path:
        child = _child(node, step)
        if child is not None:
            key_node, node = child
            mark = (key_node if key else node).start_mark
    return position_of(text, mark)


def text_at(text: str, path: Sequence[str | int], *, until_key: str | None = None) -> str:
    """How the value at `path` is written; or what is from there to the end of a later key of its block."""
    node, parent = _compose(text), None
    for step in path:
        child = _child(node, step)
        if child is None:
            return ""
        parent, node = node, child[1]
    if node is None:
        return ""
    end = node.end_mark
    if until_key is not None:
        later = _child(parent, until_key)
        if later is None:
            return ""
        end = later[0].end_mark
    return text[node.start_mark.index : end.index]


def position_of(text: str, mark: Mark | None) -> Position:
    """The position of a mark; the beginning of the text if there is no mark."""
    return position_at(text, mark.index) if mark is not None else Position(1)


def position_at(text: str, index: int) -> Position:
    """The position of a character. Lines end at `\\n`, as for Git: YAML has more kinds of line break."""
    start = text.rfind("\n", 0, index) + 1
    return Position(text.count("\n", 0, start) + 1, index - start + 1)


@lru_cache(maxsize=2)
def _compose(text: str) -> yaml.Node | None:
    """The root node; cached, because the problems of a document are located one after another."""
    loader = NodeLoader(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
    except yaml.YAMLError:
        return None
    else:
        return node
    finally:
        loader.dispose()


def _child(node: yaml.Node | None, step: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """The key and the value at a step; an item of a list is its own key."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None
