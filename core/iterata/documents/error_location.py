"""Adds the line of a document to an error about one of its fields, or a variant of its plan."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from iterata.errors import IterataError, Location, RunError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iterata.documents.document import Document


@contextmanager
def located_in(document: Document, *parent: str) -> Iterator[None]:
    """Raise errors with the line of `document`: `proposal.md:12: plan.split`.

    Args:
        document: the document that the work inside reads.
        parent: the key that fields without a source are relative to, such as `lift`.

    Raises:
        IterataError: the error of the work inside, with its line.
    """
    try:
        yield
    except IterataError as error:
        raise _located(error, document, parent) from None


def _located(error: IterataError, document: Document, parent: tuple[str, ...]) -> IterataError:
    located = error.replace(location=_with_line(error.location, document, parent))
    if isinstance(located, RunError):
        return located.with_others(
            other.replace(location=_with_line(other.location, document, parent)) for other in located.also
        )
    return located


def _with_line(location: Location, document: Document, parent: tuple[str, ...]) -> Location:
    if location.source not in ("", document.path):
        return location
    if location.field:
        inside = location.within(Location(document.path, field=parent))
        if inside.field[0] in document.data:
            return inside._replace(line=document.source.position(inside.field).line)
    elif location.variant:
        index = _variant_index(document.data, location.variant)
        if index is not None:
            line = document.source.position(["plan", "variants", index]).line
            return location._replace(source=document.path, line=line)
    return location


def _variant_index(data: Mapping[str, object], name: str) -> int | None:
    plan = data.get("plan")
    variants = plan.get("variants") if isinstance(plan, dict) else None
    names = [variant.get("name") for variant in variants or [] if isinstance(variant, dict)]
    return names.index(name) if name in names else None
