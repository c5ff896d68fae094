"""YAML as front matter means it: the core schema of YAML 1.2, with dates left as text.

`on`, `yes` and `no` are words, `010` is a label and not eight, `1e3` is a thousand. PyYAML resolves by the
rules of YAML 1.1, and its way from nodes to data is a general one; a check spent nine tenths of its time on
the two, so that both are written out here for the five kinds of scalar there are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_DEPTH = 60
"""How deep blocks may nest; whoever reads them calls itself as often."""

MAX_DIGITS = 30
"""What has more is a label; Python refuses to make numbers of some, and floats of others."""

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
"""What a plain scalar may be besides text: kind, how it is written, and how it may begin."""

_RESOLVERS: dict[str, list[tuple[str, re.Pattern[str]]]] = {"": [(f"{_PREFIX}null", re.compile(r"^$"))]}
for _kind, _pattern, _firsts in _PATTERNS:
    for _first in _firsts:
        _RESOLVERS.setdefault(_first, []).append((f"{_PREFIX}{_kind}", re.compile(f"^(?:{_pattern})$")))


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # libyaml is optional
    """Composes nodes; `construct` below makes data of them."""

    yaml_implicit_resolvers = _RESOLVERS

    def resolve(self, kind: type[yaml.Node], value: str, implicit: tuple[bool, bool]) -> str:
        """The tag of a node that has none of its own."""
        if kind is not yaml.ScalarNode:
            return _MAP if kind is yaml.MappingNode else _SEQ
        if implicit[0]:
            for tag, pattern in _RESOLVERS.get(value[:1], ()):
                if pattern.match(value):
                    return tag
        return _STR

    def descend_resolver(self, current_node: yaml.Node | None, current_index: Any) -> None:
        """Nothing: no tag here depends on where a node stands."""

    def ascend_resolver(self) -> None:
        """Nothing, likewise."""


def _float(text: str) -> float:
    return float(
        text.replace(".inf", "inf")
        .replace(".Inf", "inf")
        .replace(".INF", "inf")
        .lower()
        .replace(".nan", "nan")
    )


_SCALARS: dict[str, Callable[[str], Any]] = {
    f"{_PREFIX}null": lambda text: None,  # every way of writing nothing is nothing
    f"{_PREFIX}bool": lambda text: text.lower() == "true",
    f"{_PREFIX}int": int,
    f"{_PREFIX}float": _float,
}


def plain_scalar(text: str) -> Any:
    """The data of a scalar that has neither quotes nor a tag."""
    for tag, pattern in _RESOLVERS.get(text[:1], ()):
        if pattern.match(text):
            return _SCALARS[tag](text)
    return text


class TooDeep(yaml.constructor.ConstructorError):
    """Blocks within blocks, more than anybody means."""


def construct(node: yaml.Node, duplicates: list[yaml.ScalarNode], depth: int = 1) -> Any:
    """The data of a node; keys are always text. Keys that stand twice in a block go into `duplicates`.

    Raises:
        ConstructorError: a tag or a key is of a kind that front matter does not have.
        TooDeep: its blocks are nested deeper than `MAX_DEPTH`.
    """
    if isinstance(node, yaml.ScalarNode):
        return node.value if node.tag == _STR else _scalar(node)
    if depth > MAX_DEPTH:
        raise TooDeep(None, None, f"nested more than {MAX_DEPTH} deep", node.start_mark)
    if isinstance(node, yaml.MappingNode) and node.tag == _MAP:
        mapping: dict[str, Any] = {}
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


def _scalar(node: yaml.ScalarNode) -> Any:
    try:
        return _SCALARS[node.tag](node.value)
    except (KeyError, ValueError):  # a tag of another kind, or one that its value belies
        raise _unknown_tag(node) from None


def _unknown_tag(node: yaml.Node) -> yaml.constructor.ConstructorError:
    message = f"could not determine a constructor for the tag {node.tag!r}"
    return yaml.constructor.ConstructorError(None, None, message, node.start_mark)


class _Dumper(yaml.SafeDumper):
    """Writes what the loader above reads back: `on` and dates need no quotes."""

    yaml_implicit_resolvers = _RESOLVERS

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002
        """Lists are indented below their key, as in the templates."""
        super().increase_indent(flow, False)  # noqa: FBT003  # PyYAML's own contract


def dump(data: Mapping[str, Any]) -> str:
    """Plain data as YAML, the innermost blocks on one line each."""
    nested = any(isinstance(value, dict | list) for value in data.values())
    flow = None if nested else False  # None: the innermost collections in braces or brackets
    text: str = yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=flow, width=10_000
    )
    return text
