"""Finds the line of a document that an error names only by a field, or by a variant of its plan."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from iterata.errors import IterataError, RunError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents.document import Document

_FIELD = re.compile(r"plan(?:\.\w+|\[\d+\])*")
_STEP = re.compile(r"(\w+)|\[(\d+)\]")
_VARIANT = re.compile(r"variant (.+?)(?:, fold \d+ of repeat \d+)?")


@contextmanager
def at_its_line(document: Document) -> Iterator[None]:
    """Name the line beside the file in what an error says of this document: `proposal.md:12: plan.split`."""
    try:
        yield
    except IterataError as error:
        for each in (error, *(error.also if isinstance(error, RunError) else ())):
            each.where = _with_line(document, each.where)
        raise


def _with_line(document: Document, where: str) -> str:
    said = where.removeprefix(f"{document.path}: ")
    path = _path(document, said)
    return f"{document.path}:{document.source.position(path).line}: {said}" if path else where


def _path(document: Document, said: str) -> list[str | int]:
    if _FIELD.fullmatch(said):
        return [name or int(index) for name, index in _STEP.findall(said)]
    variant = _VARIANT.fullmatch(said)
    names = [each.get("name") for each in document.data["plan"]["variants"]]
    if variant is not None and variant[1] in names:
        return ["plan", "variants", names.index(variant[1])]
    return []
