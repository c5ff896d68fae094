"""Reads simple YAML in one pass over the parser's events: blocks, lists and scalars.

This takes two thirds of the time of composing nodes and constructing data from them. Anything else is left to
`loader`: anchors, aliases, tags, duplicate keys, keys that are not scalars, blocks nested too deep, several
documents, and text that is not valid YAML.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from iterata.documents.yaml.schema import MAX_DEPTH, RESOLVERS, NodeLoader, resolve_scalar

if TYPE_CHECKING:
    from collections.abc import Callable

    from yaml.events import Event

    NextEvent = Callable[[], Event]


class NotSimple(Exception):
    """The text must be read by `loader`."""


def read_simple(text: str) -> object:
    """The data of a simple YAML text, the same that `loader` constructs.

    Raises:
        NotSimple: the text has a construct that this reader does not support.
        YAMLError: the text is not valid YAML.
    """
    loader = NodeLoader(text)
    try:
        next_event: NextEvent = loader.get_event
        _expect(next_event, StreamStartEvent)
        _expect(next_event, DocumentStartEvent)
        data = _value(next_event(), next_event, depth=1)
        _expect(next_event, DocumentEndEvent)
        _expect(next_event, StreamEndEvent)
        return data
    finally:
        loader.dispose()


def _expect(next_event: NextEvent, kind: type[Event]) -> None:
    if type(next_event()) is not kind:
        raise NotSimple


def _value(event: Event, next_event: NextEvent, depth: int) -> object:
    if isinstance(event, ScalarEvent):
        return _scalar(event)
    if not isinstance(event, MappingStartEvent | SequenceStartEvent) or depth > MAX_DEPTH:
        raise NotSimple  # an alias, or nested too deep
    if event.anchor is not None or event.tag is not None:
        raise NotSimple
    return (_mapping if isinstance(event, MappingStartEvent) else _sequence)(next_event, depth + 1)


def _scalar(event: ScalarEvent) -> object:
    if event.anchor is not None or event.tag is not None:
        raise NotSimple
    text: str = event.value
    return resolve_scalar(text) if event.implicit[0] and text[:1] in RESOLVERS else text


def _mapping(next_event: NextEvent, depth: int) -> dict[str, object]:
    mapping: dict[str, object] = {}
    while type(key := next_event()) is ScalarEvent:
        name = key.value
        if key.anchor is not None or name in mapping:
            raise NotSimple
        value = next_event()
        mapping[name] = _scalar(value) if type(value) is ScalarEvent else _value(value, next_event, depth)
    if type(key) is not MappingEndEvent:
        raise NotSimple
    return mapping


def _sequence(next_event: NextEvent, depth: int) -> list[object]:
    entries = []
    while type(event := next_event()) is not SequenceEndEvent:
        entries.append(_scalar(event) if type(event) is ScalarEvent else _value(event, next_event, depth))
    return entries
