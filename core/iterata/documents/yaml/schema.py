"""The scalars of front matter: the core schema of YAML 1.2, with dates left as text.

`on`, `yes` and `no` are text, `010` is a label and not the number eight, `1e3` is a thousand. PyYAML follows
YAML 1.1, and its general constructor took nine tenths of the time of a check. Both steps are therefore
implemented here, for the five kinds of scalar.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable

    _BaseLoader = yaml.SafeLoader
else:
    _BaseLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is optional

MAX_DEPTH = 60
"""How deep blocks may be nested; every function that reads them is recursive."""

MAX_DIGITS = 30
"""A longer row of digits is a label. Python limits the digits of an integer, and floats lose them."""

_PREFIX = "tag:yaml.org,2002:"
_STR, _MAP, _SEQ = (f"{_PREFIX}{kind}" for kind in ("str", "map", "seq"))

_PATTERNS: tuple[tuple[str, str, str], ...] = (
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", rf"[-+]?(?:0|[1-9][0-9]{{0,{MAX_DIGITS - 1}}})", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+.0123456789",
    ),
)
"""The scalars without quotes that are not text: kind, pattern and possible first characters."""


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    resolvers = {"": [(f"{_PREFIX}null", re.compile(r"^$"))]}
    for kind, pattern, first_characters in _PATTERNS:
        resolver = (f"{_PREFIX}{kind}", re.compile(f"^(?:{pattern})$"))
        for first in first_characters:
            resolvers.setdefault(first, []).append(resolver)
    return resolvers


RESOLVERS = _resolvers()
"""Tags with their patterns, by the first character of a scalar."""


class NodeLoader(_BaseLoader):
    """Composes nodes with the tags of this schema; `construct` makes data of them."""

    yaml_implicit_resolvers = RESOLVERS

    def resolve(self, kind: type[yaml.Node], value: str, implicit: tuple[bool, bool]) -> str:
        """The tag of a node that is written without one."""
        if kind is not yaml.ScalarNode:
            return _MAP if kind is yaml.MappingNode else _SEQ
        if implicit[0]:
            for tag, pattern in RESOLVERS.get(value[:1], ()):
                if pattern.match(value):
                    return tag
        return _STR

    def descend_resolver(self, current_node: yaml.Node | None, current_index: object) -> None:
        """Do nothing: no tag of this schema depends on the path to a node."""

    def ascend_resolver(self) -> None:
        """Do nothing, see `descend_resolver`."""


def _float(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


_CONSTRUCTORS: dict[str, Callable[[str], object]] = {
    f"{_PREFIX}null": lambda text: None,
    f"{_PREFIX}bool": lambda text: text.lower() == "true",
    f"{_PREFIX}int": int,
    f"{_PREFIX}float": _float,
}


def resolve_scalar(text: str) -> object:
    """The data of a scalar that has neither quotes nor a tag."""
    for tag, pattern in RESOLVERS.get(text[:1], ()):
        if pattern.match(text):
            return _CONSTRUCTORS[tag](text)
    return text


class TooDeep(yaml.constructor.ConstructorError):
    """Blocks are nested deeper than `MAX_DEPTH`."""


def construct(node: yaml.Node, duplicates: list[yaml.ScalarNode], depth: int = 1) -> object:
    """The data of a node; keys are always text. Keys that a block has twice are added to `duplicates`.

    Raises:
        ConstructorError: front matter has no such tag, or a key is not a scalar.
        TooDeep: blocks are nested deeper than `MAX_DEPTH`.
    """
    if isinstance(node, yaml.ScalarNode):
        return node.value if node.tag == _STR else _scalar(node)
    if depth > MAX_DEPTH:
        raise TooDeep(None, None, f"nested more than {MAX_DEPTH} deep", node.start_mark)
    if isinstance(node, yaml.MappingNode) and node.tag == _MAP:
        mapping: dict[str, object] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "found unhashable key", key.start_mark)
            if key.value in mapping:
                duplicates.append(key)
            mapping[key.value] = construct(value, duplicates, depth + 1)
        return mapping
    if isinstance(node, yaml.SequenceNode) and node.tag == _SEQ:
        return [construct(value, duplicates, depth + 1) for value in node.value]
    raise _unknown_tag(node)


def _scalar(node: yaml.ScalarNode) -> object:
    try:
        return _CONSTRUCTORS[node.tag](node.value)
    except (KeyError, ValueError):  # an unknown tag, or a value that does not fit its tag
        raise _unknown_tag(node) from None


def _unknown_tag(node: yaml.Node) -> yaml.constructor.ConstructorError:
    message = f"could not determine a constructor for the tag {node.tag!r}"
    return yaml.constructor.ConstructorError(None, None, message, node.start_mark)
