"""The values that a key accepts, in words, from the annotation of its field."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from generators.text import codes

PLAIN = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    date: "day",
    NoneType: "empty",
}


def words(annotation: Any) -> str:
    """The accepted values: `list of texts`, or the values of an enum."""
    if isinstance(annotation, type) and annotation not in PLAIN and get_origin(annotation) is None:
        return _named(annotation)
    return PLAIN.get(annotation) or _generic(get_origin(annotation), get_args(annotation))


def _generic(origin: Any, arguments: tuple[Any, ...]) -> str:
    if origin is Literal:
        return codes(str(value) for value in arguments)
    if origin is Annotated:
        return words(arguments[0])
    inner = [words(argument) for argument in arguments if argument is not NoneType]
    if origin in (Union, UnionType):
        return _any_of(inner)
    return f"{'block' if origin is dict else 'list'} of {_several(inner[-1])}"


def _several(kind: str) -> str:
    plurals = {
        "text": "texts",
        "block": "blocks",
        "list of texts": "lists of texts",
        "list of values": "lists of values",
        "number": "numbers",
    }
    return plurals.get(kind, "values" if " or " in kind else kind)


def _any_of(kinds: list[str]) -> str:
    if "number" in kinds:
        kinds = [kind for kind in kinds if kind != "whole number"]
    return " or ".join(dict.fromkeys(kinds))


def _named(kind: type) -> str:
    if issubclass(kind, StrEnum):
        return codes(kind)
    if issubclass(kind, BaseModel):
        return "block"
    raise TypeError(f"no words for {kind}")


def blocks(annotation: Any) -> list[type[BaseModel]]:
    """The models that a value may be or contain."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in blocks(argument)]


def listed(annotation: Any) -> bool:
    """Whether the blocks of a value are entries of a list."""
    return get_origin(annotation) is list or any(
        listed(argument) for argument in get_args(annotation) if get_origin(annotation) is not dict
    )
