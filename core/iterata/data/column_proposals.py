"""Declarations of columns as an author writes them in the front matter, to paste from a message."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from iterata.documents.models.columns import ColumnFormat, NumberFormat
from iterata.documents.yaml.corrections import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iterata.documents.models.columns import ColumnSpec

_BARE = re.compile(r"(?!(?:true|false|yes|no|on|off|y|n|null)$)[A-Za-z_][\w-]*", re.IGNORECASE | re.ASCII)
"""A word that needs no quotes in YAML."""


def proposed_columns(specs: Mapping[str, ColumnSpec]) -> str:
    """`columns: {price: {number: {decimal: ","}}}`."""
    return f"columns: {{{', '.join(proposed_column(name, spec) for name, spec in specs.items())}}}"


def columns_argument(specs: Mapping[str, ColumnSpec]) -> str:
    """`columns={'price': {'number': {'decimal': ','}}}`, for a call in Python."""
    return f"columns={ {name: _plain(spec) for name, spec in specs.items()} }"


def proposed_column(name: str, spec: ColumnSpec) -> str:
    """`price: {number: {decimal: ","}}`."""
    return f"{_flow(name)}: {_flow(_plain(spec))}"


def _plain(spec: ColumnSpec) -> object:
    """A declaration as it is written."""
    if not isinstance(spec, ColumnFormat):
        return spec.value
    value = spec.model_dump(mode="json", exclude_defaults=True)
    return "number" if value == {"number": {}} else value


def proposed_rule(expression: str) -> str:
    """`rule: "min(income, 9)"`: in quotes if `{}` or `[]` around it would divide it."""
    return f"rule: {quoted(expression) if set(expression) & set(',[]{}') else expression}"


def with_missing(spec: ColumnSpec, word: str) -> ColumnSpec:
    """The declaration of a number, with one more word for a missing value."""
    form = spec.number if isinstance(spec, ColumnFormat) and spec.number else NumberFormat()
    return ColumnFormat(number=form.model_copy(update={"missing": [*form.missing, word]}))


def _flow(value: object) -> str:
    """YAML in one line."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_flow(key)}: {_flow(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, str) and _BARE.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)
