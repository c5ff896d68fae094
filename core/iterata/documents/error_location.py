"""Moves an error to the document that causes it: to the field, the variant, or what names the column."""

from __future__ import annotations

from contextlib import contextmanager
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.column_mentions import Mention, Part, Rank
from iterata.errors import DataError, IterataError, Location, RunError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.documents.document import Document
    from iterata.errors import FieldPath


class Described(NamedTuple):
    """A part of a document that describes data."""

    document: Document
    path: FieldPath = ()
    """Where the part begins, such as `("lift",)`."""

    @property
    def part(self) -> Part:
        """The part itself."""
        value: object = self.document.data
        for step in self.path:
            value = _child(value, step)
        return Part(value, self.path)

    def at(self, mention: Mention, location: Location) -> Location:
        """A location in data, completed by the place in the document that names it."""
        position = self.document.source.position(mention.path, key=mention.is_key)
        data = location.data or (location.source if location.source != self.document.path else "")
        return location._replace(
            source=self.document.path,
            line=position.line,
            column=position.column,
            field=mention.path,
            data=data,
        )


@contextmanager
def located_in(document: Document, *parent: str, inherited: Document | None = None) -> Iterator[None]:
    """Raise errors where the document causes them: `proposal.md:12:5: plan.split`.

    The file that an error is about becomes its detail.

    Args:
        document: the document that the work inside reads.
        parent: the key that fields without a source are relative to, such as `lift`.
        inherited: an assessment that describes data which the document does not describe itself.

    Raises:
        IterataError: the error of the work inside, with its place.
    """
    try:
        yield
    except IterataError as error:
        parts = [Described(document, parent)]
        if inherited is not None and inherited is not document:
            parts.append(Described(inherited, ("lift",)))
        raise _located(error, parts) from None


def _located(error: IterataError, parts: Sequence[Described]) -> IterataError:
    located = error.replace(location=_place(error, parts))
    if isinstance(located, RunError):
        return located.with_others(other.replace(location=_place(other, parts)) for other in located.also)
    return located


def _place(error: IterataError, parts: Sequence[Described]) -> Location:
    location, document = error.location, parts[0].document
    if location.line is not None:
        return location
    if location.source not in ("", document.path):
        return _of_data(error, parts) or location
    if location.field:
        return _of_field(location, parts) or location
    if location.variant:
        return _of_variant(error, document) or location
    return location


def _of_data(error: IterataError, parts: Sequence[Described]) -> Location | None:
    """The place of an error whose location is a table."""
    location = error.location
    fields = error.fields if isinstance(error, DataError) else ()
    if location.field:
        fields = (str(location.field[-1]), *fields)
    mentions = [
        (mention.rank, number, mention)
        for number, described in enumerate(parts)
        for mention in described.part.mentions(location.data_column, fields, location.source)
    ]
    if not mentions:
        return None
    _, number, mention = min(mentions, key=itemgetter(0, 1))
    return parts[number].at(mention, location)


def _of_field(location: Location, parts: Sequence[Described]) -> Location | None:
    """The place of a field, which may be relative to a part or inherited; the nearest that is written."""
    field = location.field
    nearest: Location | None = None
    for part in parts:
        whole = Described(part.document)
        for path in _readings(field, part):
            if whole.part.has(path):
                return whole.at(Mention(Rank.FIELD, path), location)
            if nearest is None and whole.part.has(path[: len(path) - len(field) + 1]):
                nearest = whole.at(Mention(Rank.FIELD, path), location)
    return nearest


def _readings(field: FieldPath, part: Described) -> Iterator[FieldPath]:
    """The paths that a field of an error can mean in a document."""
    roots: tuple[FieldPath, ...] = ((), part.path, (*part.path, "data"), ("plan",), ("plan", "data", 0))
    for root in dict.fromkeys(roots):
        yield (*root, *field)
    if field[:1] == ("plan",):  # an assessment describes it
        inside = tuple(step for step in field[1:] if step not in ("data", 0))
        if inside[:1] == ("target",) and inside[1:]:
            inside = ("target",) if inside[1] == "column" else inside[1:]
        yield ("lift", "data", *inside)


def _of_variant(error: IterataError, document: Document) -> Location | None:
    """The place of a variant: of what names the column or the file, if the error is about one."""
    location = error.location
    index = _variant_index(document.data, location.variant)
    if index is None:
        return None
    part = Described(document, ("plan", "variants", index))
    fields = error.fields if isinstance(error, DataError) else ()
    mentions = list(part.part.mentions(location.data_column, fields, location.data))
    if mentions and (location.data or location.data_column):
        return part.at(min(mentions, key=itemgetter(0)), location)
    line = document.source.position(part.path).line
    return location._replace(source=document.path, line=line)


def _variant_index(data: object, name: str) -> int | None:
    variants = _child(_child(data, "plan"), "variants")
    names = [_child(variant, "name") for variant in variants] if isinstance(variants, list) else []
    return names.index(name) if name in names else None


def _child(value: object, step: str | int) -> object:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None
