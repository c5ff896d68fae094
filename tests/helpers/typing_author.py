"""An author who starts every document with a command, and types only what the template leaves open."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from iterata.documents import parse
from iterata.documents.yaml.dumper import dump
from iterata.stages import Stage

if TYPE_CHECKING:
    from pathlib import Path

Typed: TypeAlias = "dict[str, Typed] | list[Typed] | str | int | float | bool | None"

FREE_KEYS = ("features", "columns", "params", "tune", "drop_reasons")
"""Blocks whose keys are names that the author makes up or looks up: each of them counts, too."""


def hand_typed(typed: Typed, key: str = "") -> int:
    """How many values an author typed: every scalar, and every key of a block whose keys are free names."""
    match typed:
        case dict():
            names = len(typed) if key in FREE_KEYS else 0
            return names + sum(hand_typed(value, name) for name, value in typed.items())
        case list():
            return sum(hand_typed(value, key) for value in typed)
        case None:
            return 0
    return 1


def type_into(root: Path, path: str, typed: dict[str, Typed]) -> None:
    """Type values into the front matter of a document that a command created."""
    place = root / path
    document = parse(path, Stage(place.stem), place.read_bytes())
    data = _merge(document.source.data, typed)
    place.write_text(document.source.with_yaml("\n" + dump(data)), "utf-8")


def _merge(prefilled: object, typed: Typed) -> object:
    """Both in one. In a list, None keeps what is there; in a block, it removes the key."""
    match prefilled, typed:
        case dict(), dict():
            merged = prefilled | {key: _merge(prefilled.get(key), value) for key, value in typed.items()}
            return {key: value for key, value in merged.items() if value is not None}
        case list(), list():
            kept = [*prefilled[: len(typed)], *[None] * (len(typed) - len(prefilled))]
            return [old if new is None else _merge(old, new) for old, new in zip(kept, typed, strict=True)]
    return typed
