"""Commas inside `{}` and `[]` that an author did not mean to separate entries: `{budget: 0,1}`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iterata.documents.explain import Explanation
from iterata.documents.number_spelling import plain_numbers
from iterata.documents.yaml.corrections import quoted
from iterata.documents.yaml.positions import text_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iterata.errors import FieldPath

_NUMBER = re.compile(r"[+-]?\d[\d.]*(?:,\d+)?|[+-]?\.\d+")


def merge_divided_entries(yaml: str, data: object, explanations: Iterable[Explanation]) -> list[Explanation]:
    """The explanations, with one for each value that its commas divide, in place of all that it causes.

    Args:
        yaml: the front matter.
        data: what was read from it.
        explanations: everything that is wrong with the data.
    """
    kept = list(explanations)
    divided = dict(_divided(yaml, data, kept))
    if not divided:
        return kept
    others = [
        entry for entry in kept if not any(_causes(path, whole, entry) for path, whole in divided.items())
    ]
    return [*(whole for whole in divided.values()), *others]


def _causes(path: FieldPath, whole: Explanation, other: Explanation) -> bool:
    """Whether a divided value is the cause of another explanation too."""
    return other.path[: len(path)] == path or other.path in whole.consequences


def _divided(
    yaml: str, data: object, explanations: list[Explanation]
) -> Iterator[tuple[FieldPath, Explanation]]:
    for explanation in explanations:
        path = explanation.path
        keys = [path[-1]] if path and explanation.code == "DOC006" else _no_names(data, path)
        for key in keys:
            parent = path if key not in path[-1:] else path[:-1]
            if entry := _divided_entry(yaml, data, (*parent, key)):
                yield entry.path, entry._replace(consequences=(*entry.consequences, path))
        for length in (len(path) - 1, len(path)):
            if length > 0 and (items := _divided_items(yaml, data, path[:length])):
                yield items.path, items


def _no_names(data: object, path: FieldPath) -> list[str | int]:
    """The keys at a path, or the last one of it, that name no parameter and have no value."""
    block = _at(data, path)
    found = block if isinstance(block, dict) else {path[-1]: block} if path else {}
    return [key for key, value in found.items() if value is None and not str(key).isidentifier()]


def _divided_entry(yaml: str, data: object, path: FieldPath) -> Explanation | None:
    """The entry before an unknown key without a value, which is the rest of its value."""
    block = _at(data, path[:-1])
    if not isinstance(block, dict) or block.get(path[-1]) is not None:
        return None
    keys = list(block)
    first = last = keys.index(path[-1])
    while first > 0 and block[keys[first]] is None:
        first -= 1
    while last + 1 < len(keys) and block[keys[last + 1]] is None:
        last += 1
    key = keys[first]
    written = text_at(yaml, (*path[:-1], key), until_key=keys[last])
    if "," not in written or "\n" in written or isinstance(block[key], dict | list):
        return None
    numbers = plain_numbers(written)
    proposals = [f"`{key}: {value}`" for value in numbers or [quoted(written)]]
    consequences = tuple((*path[:-1], rest) for rest in keys[first + 1 : last + 1])
    message = f"`{key}: {written}` is {last - first + 1} entries, because a comma ends an entry inside `{{}}`"
    return Explanation("DOC006", (*path[:-1], key), message, f"write {' or '.join(proposals)}", consequences)


def _divided_items(yaml: str, data: object, path: FieldPath) -> Explanation | None:
    """A list of numbers with decimal commas, which has more entries than its author wrote."""
    items = _at(data, path)
    if not isinstance(items, list):
        return None
    written = text_at(yaml, path)
    if not written.startswith("[") or not re.search(r"\d,\d", written):
        return None
    entries = re.split(r",\s+", written[1:-1].strip())
    if len(entries) == 1:  # no blanks: decimals are told by their leading zeros
        entries = _pairs(written[1:-1].strip().split(","))
    if not entries or not all(map(_NUMBER.fullmatch, entries)):
        return None
    numbers = ", ".join(plain_numbers(entry)[-1] for entry in entries)
    message = f"`{written}` is {len(items)} entries, because a comma ends an entry inside `[]`"
    return Explanation("DOC008", path, message, f"write `[{numbers}]`", ())


def _pairs(parts: list[str]) -> list[str]:
    if len(parts) % 2 or not any(re.match(r"0\d", part) for part in parts[1::2]):
        return []
    return [f"{whole},{decimals}" for whole, decimals in zip(parts[::2], parts[1::2], strict=True)]


def _at(data: object, path: FieldPath) -> object:
    for step in path:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data
