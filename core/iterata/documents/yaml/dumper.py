"""Writes data as YAML that `loader` reads back unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from iterata.documents.yaml.schema import RESOLVERS

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Dumper(yaml.SafeDumper):
    """Quotes only what the schema would read as something other than text: not `on`, not a date."""

    yaml_implicit_resolvers = RESOLVERS

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002
        """Indent lists below their key, as the templates do."""
        super().increase_indent(flow, False)  # noqa: FBT003  # PyYAML's own contract


def dump(data: Mapping[str, object]) -> str:
    """Plain data as YAML, with the innermost collections on one line each."""
    nested = any(isinstance(value, dict | list) for value in data.values())
    flow = None if nested else False  # None: the innermost collections in braces or brackets
    text: str = yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=flow, width=10_000
    )
    return text


def dump_inline(value: object) -> str:
    """Plain data as YAML on one line, as within braces."""
    text: str = yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=True, width=100_000
    )
    return text.removesuffix("...\n").rstrip("\n")
