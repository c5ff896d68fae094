"""Front matter as people read it: labels, explanations from the models, and values by their shape.

The facts are taken from what the author wrote, not from the validated model, so that a document with problems
still shows all the rest of what it says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from iterata.documents import model_of
from iterata.documents.fingerprint import TOOL_OWNED
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LEAD: dict[Stage, tuple[str, ...]] = {
    Stage.REQUIREMENTS: ("business_problem", "business_context"),
    Stage.ASSESSMENT: ("problem_confirmed", "recommendation"),
    Stage.PROPOSAL: ("timebox",),
    Stage.EXPERIMENT: ("started", "ended", "stopped_because"),
    Stage.REPORT: ("summary",),
    Stage.DEPLOYMENT: ("variant", "revert"),
}
"""What a reader wants to see before the prose."""

SHOWN_ELSEWHERE = TOOL_OWNED | {"stage", "title", "owners", "findings", "post_mortem"}
"""What the header card, the callouts and the findings show already."""

SHORT = 50
"""Up to this many characters a value is a label rather than a sentence."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the models say of a block of front matter."""

    description: str
    is_word: bool
    """Whether its values come from a closed list of words."""
    children: Mapping[str, Shape]

    def child(self, key: str) -> Shape:
        """The shape of one key; nothing is known of keys that the models do not know."""
        return self.children.get(key, _UNKNOWN)


_UNKNOWN = Shape("", is_word=False, children={})


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled value. `kind` says which part of `facts.html.j2` renders it."""

    label: str
    description: str
    kind: str
    """`word`, `text`, `words`, `texts`, `block` or `entries`."""
    value: Any
    """`word`: a string; `text`: paragraphs; `words`, `texts`: strings; `block`: facts; `entries`: entries."""

    @property
    def is_short(self) -> bool:
        """Whether it fits on a line with others."""
        return self.kind in ("word", "words") or (self.kind == "text" and _is_short(self.value[0]))


@dataclass(frozen=True, slots=True)
class Entry:
    """One of a list of blocks, with what names it and the words that judge it ahead of the rest."""

    name: str
    words: tuple[str, ...]
    facts: tuple[Fact, ...]


def facts(stage: Stage, data: Mapping[str, Any], keys: Iterable[str] | None = None) -> tuple[Fact, ...]:
    """The facts of a document: of the given keys, or of all that are neither lead nor shown elsewhere."""
    shape = shape_of(stage)
    wanted = (
        list(keys)
        if keys is not None
        else [key for key in data if key not in SHOWN_ELSEWHERE | set(LEAD[stage])]
    )
    return tuple(
        _fact(key, data[key], shape.child(key)) for key in wanted if data.get(key) not in (None, [], {})
    )


@cache
def shape_of(stage: Stage) -> Shape:
    """What the models say of a stage's front matter."""
    return _shape(model_of(stage), "")


def _shape(annotation: Any, description: str) -> Shape:
    kinds = [kind for kind in _unwrapped(annotation) if isinstance(kind, type)]
    models = [kind for kind in kinds if issubclass(kind, BaseModel)]
    children = {
        name: _shape(field.annotation, field.description or "")
        for model in models
        for name, field in model.model_fields.items()
    }
    return Shape(description, any(issubclass(kind, Enum) for kind in kinds), children)


def _unwrapped(annotation: Any) -> list[Any]:
    """The types within Optional, unions, lists and dicts."""
    arguments = get_args(annotation)
    return [kind for argument in arguments for kind in _unwrapped(argument)] if arguments else [annotation]


def _fact(key: str, value: Any, shape: Shape) -> Fact:
    kind, shown = _shown(value, shape)
    return Fact(label(key), shape.description, kind, shown)


def _shown(value: Any, shape: Shape) -> tuple[str, Any]:
    """How a value is rendered, and what of it."""
    match value:
        case dict():
            return "block", tuple(_fact(str(key), each, shape.child(str(key))) for key, each in value.items())
        case list() if any(isinstance(each, dict) for each in value):
            return "entries", tuple(_entry(each, shape) for each in value)
        case list():
            texts = tuple(written(each) for each in value)
            return ("words" if all(map(_is_short, texts)) else "texts"), texts
    text = written(value)
    return ("word", label(text, capital=False)) if shape.is_word else ("text", tuple(text.split("\n\n")))


def _is_short(text: str) -> bool:
    return len(text) <= SHORT and not text.endswith(".")


def _entry(value: Any, shape: Shape) -> Entry:
    if not isinstance(value, dict):
        return Entry(written(value), (), ())
    head = [key for key in ("id", "name", "role") if key in value]
    words = [key for key, each in value.items() if shape.child(str(key)).is_word and isinstance(each, str)]
    rest = {key: each for key, each in value.items() if key not in head + words}
    return Entry(
        " · ".join(written(value[key]) for key in head),
        tuple(label(value[key], capital=False) for key in words),
        tuple(
            _fact(str(key), each, shape.child(str(key)))
            for key, each in rest.items()
            if each not in (None, [], {})
        ),
    )


_CAPITALS = {"cpu": "CPU", "gb": "GB", "gpu": "GPU", "id": "ID", "kpi": "KPI", "kpis": "KPIs", "tpu": "TPU"}


@cache
def label(key: str, *, capital: bool = True) -> str:
    """A key or a word as people write it: `project_cost` is Project cost."""
    text = " ".join(_CAPITALS.get(word, word) for word in key.split("_"))
    return text[:1].upper() + text[1:] if capital else text


def written(value: Any) -> str:
    """A single value as text."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case date():
            return value.isoformat()
        case str() if value.startswith("sha256:"):
            return f"{value[:15]}…"
    return str(value).strip()
