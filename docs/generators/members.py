"""The meanings of enum members: the strings below them in the source, which Python does not keep."""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from enum import StrEnum


def meanings(kind: type[StrEnum]) -> dict[StrEnum, str]:
    """Every member of `kind` with the sentence below it."""
    (definition,) = ast.parse(inspect.getsource(kind)).body
    assert isinstance(definition, ast.ClassDef)  # noqa: S101  # it is the source of a class
    return {
        kind[name.id]: inspect.cleandoc(words.value.value)
        for member, words in pairwise(definition.body)
        if isinstance(member, ast.Assign) and isinstance(words, ast.Expr)
        for name in member.targets
        if isinstance(name, ast.Name)
        and isinstance(words.value, ast.Constant)
        and isinstance(words.value.value, str)
    }
