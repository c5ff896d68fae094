"""Limits on nesting and on aliases, checked before a text can exhaust the stack or the memory."""

from __future__ import annotations

import re

import yaml

from iterata.documents.yaml.errors import YamlProblem, aliases_too_large, too_deep
from iterata.documents.yaml.schema import MAX_DEPTH, NodeLoader, TooDeep

MAX_EXPANDED_NODES = 50_000
"""The largest number of nodes after aliases are expanded; ordinary documents have fewer than 5,000."""

_ALIAS = re.compile(r"[\s\[{,:-]\*[^\s\]},*]")
"""A possible alias; a false positive only costs time."""

_OPENERS = ("[", "{", "- ", "? ")
_MANY_OPENERS = 1_000
"""A text with fewer openers cannot be nested so deep that the parser fails."""


def depth_problem(text: str) -> YamlProblem | None:
    """The first place that is nested too deep; ordinary texts only pay for counting a few characters."""
    if sum(text.count(opener) for opener in _OPENERS) < _MANY_OPENERS:
        return None
    depth = 0
    try:
        for event in yaml.parse(text, NodeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                return too_deep(text, event.start_mark)
    except yaml.YAMLError:
        return None  # the loader reports it with its position
    return None


def alias_problem(text: str, root: yaml.Node) -> YamlProblem | None:
    """Refuse aliases that expand to too much data, or that contain themselves.

    Raises:
        TooDeep: blocks are nested deeper than `MAX_DEPTH`.
    """
    if not _ALIAS.search(text) or _ExpandedSizes().of(root) <= MAX_EXPANDED_NODES:
        return None
    return aliases_too_large()


class _ExpandedSizes:
    """The number of nodes below a node once its aliases are expanded."""

    def __init__(self) -> None:
        self._sizes: dict[int, int] = {}
        self._open: set[int] = set()

    def of(self, node: yaml.Node, depth: int = 1) -> int:
        if id(node) in self._open:  # it contains itself
            return MAX_EXPANDED_NODES + 1
        if depth > MAX_DEPTH + 1:  # the deepest block can contain scalars
            raise TooDeep(None, None, None, node.start_mark)
        if id(node) not in self._sizes:
            self._open.add(id(node))
            self._sizes[id(node)] = 1 + sum(self.of(child, depth + 1) for child in _children(node))
            self._open.discard(id(node))
        return self._sizes[id(node)]


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [child for pair in node.value for child in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []
