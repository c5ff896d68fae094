"""Front matter for readers: labels, descriptions from the models, and values by their type.

Facts come from the front matter as written, not from the validated model. So a document with problems still
shows everything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import BaseModel

from iterata.documents import model_of
from iterata.documents.fingerprint import TOOL_OWNED
from iterata.documents.models.enums import Verdict
from iterata.knowledge.filled_in import without_prompts
from iterata.stages import Stage
from iterata.text import percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LEAD: dict[Stage, tuple[str, ...]] = {
    Stage.REQUIREMENTS: ("business_problem", "business_context"),
    Stage.ASSESSMENT: ("recommendation", "problem_confirmed"),
    Stage.PROPOSAL: ("timebox",),
    Stage.EXPERIMENT: ("started", "ended", "stopped_because"),
    Stage.REPORT: ("summary",),
    Stage.DEPLOYMENT: (),
}
"""The keys shown above the prose."""

SHOWN_ELSEWHERE = TOOL_OWNED | {"stage", "title", "owners", "findings", "post_mortem"}
"""The keys that the header card, the callouts and the findings already show."""

SHORT = 50
"""A value of at most this many characters is a label, not a sentence."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the models define for a block of front matter."""

    description: str
    is_word: bool
    """Whether its values are the members of an enum."""
    children: Mapping[str, Shape]
    has_own_names: bool = False
    """Whether its keys are names of the project, such as classes or columns, which are shown as they are."""

    def child(self, key: str) -> Shape:
        """The shape of one key. Empty for keys that the models do not define."""
        return self.children.get(key, _NAMED if self.has_own_names else _UNKNOWN)


_UNKNOWN = Shape("", is_word=False, children={})
_NAMED = Shape("", is_word=False, children={}, has_own_names=True)


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
        """Whether it fits on one line with other facts."""
        return self.kind in ("word", "words") or (self.kind == "text" and _is_short(self.value[0]))


@dataclass(frozen=True, slots=True)
class Entry:
    """One block of a list: its name and its enum values first, then the other facts."""

    name: str
    words: tuple[str, ...]
    facts: tuple[Fact, ...]


def facts(stage: Stage, data: Mapping[str, Any], keys: Iterable[str] | None = None) -> tuple[Fact, ...]:
    """The facts of a document: for `keys`, or for all that are not shown above the prose or elsewhere."""
    shape, data = shape_of(stage), dict(_entries(data))
    shown = (
        list(keys)
        if keys is not None
        else [key for key in data if key not in SHOWN_ELSEWHERE | set(LEAD[stage])]
    )
    return tuple(
        _fact(key, data[key], shape.child(key)) for key in shown if data.get(key) not in (None, [], {})
    )


def _entries(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What is filled in."""
    for key, value in data.items():
        if (kept := without_prompts(value)) is not None:
            yield key, kept


@cache
def shape_of(stage: Stage) -> Shape:
    """What the models define for the front matter of a stage."""
    return _shape(model_of(stage), "")


def _shape(annotation: Any, description: str) -> Shape:
    kinds = [kind for kind in _unwrapped(annotation) if isinstance(kind, type)]
    models = [kind for kind in kinds if issubclass(kind, BaseModel)]
    children = {
        name: _shape(field.annotation, field.description or "")
        for model in models
        for name, field in model.model_fields.items()
    }
    is_word = any(issubclass(kind, Enum) for kind in kinds)
    return Shape(description, is_word, children, has_own_names=_has_own_names(annotation))


def _has_own_names(annotation: Any) -> bool:
    """Whether a value is a block whose keys are texts."""
    if get_origin(annotation) is dict:
        key = _unwrapped(get_args(annotation)[0])[0]
        return not (isinstance(key, type) and issubclass(key, Enum))
    return any(map(_has_own_names, get_args(annotation)))


def _unwrapped(annotation: Any) -> list[Any]:
    """The types within Optional, unions, lists and dicts."""
    arguments = get_args(annotation)
    return [kind for argument in arguments for kind in _unwrapped(argument)] if arguments else [annotation]


def _fact(key: str, value: Any, shape: Shape, *, is_name: bool = False) -> Fact:
    kind, shown = _shown(_with_unit(value, shape), shape)
    return Fact(key if is_name else label(key), shape.description, kind, shown)


def _with_unit(value: Any, shape: Shape) -> Any:
    """A share as a percentage; any other value as it is."""
    is_share = "share of" in shape.description and type(value) in (int, float) and 0 <= value <= 1
    return percent(value) if is_share else value


def _shown(value: Any, shape: Shape) -> tuple[str, Any]:
    """The kind of a value, and the value as its template expects it."""
    match value:
        case dict():
            return "block", tuple(
                _fact(
                    str(key),
                    entry,
                    shape.child(str(key)),
                    is_name=shape.has_own_names and str(key) not in shape.children,
                )
                for key, entry in value.items()
            )
        case list() if any(isinstance(entry, dict) for entry in value):
            return "entries", tuple(_entry(entry, shape) for entry in value)
        case list():
            texts = tuple(as_text(entry) for entry in value)
            return ("words" if all(map(_is_short, texts)) else "texts"), texts
    text = as_text(value)
    return ("word", label(text, capital=False)) if shape.is_word else ("text", tuple(text.split("\n\n")))


def _is_short(text: str) -> bool:
    return len(text) <= SHORT and not text.endswith(".")


def _entry(value: Any, shape: Shape) -> Entry:
    if not isinstance(value, dict):
        return Entry(as_text(value), (), ())
    head = [key for key in ("id", "name", "role") if key in value]
    words = [key for key, item in value.items() if shape.child(str(key)).is_word and isinstance(item, str)]
    rest = {key: item for key, item in value.items() if key not in head + words}
    return Entry(
        " · ".join(as_text(value[key]) for key in head),
        tuple(label(value[key], capital=False) for key in words),
        tuple(
            _fact(str(key), item, shape.child(str(key)))
            for key, item in rest.items()
            if item not in (None, [], {})
        ),
    )


_CAPITALS = {"cpu": "CPU", "gb": "GB", "gpu": "GPU", "id": "ID", "kpi": "KPI", "kpis": "KPIs", "tpu": "TPU"}

_IN_FULL = {verdict.value: verdict.label for verdict in Verdict}
"""Values that are too short to be read without their key."""


@cache
def label(key: str, *, capital: bool = True) -> str:
    """A key or an enum value in words: `project_cost` becomes Project cost."""
    text = " ".join(_CAPITALS.get(word, word) for word in _IN_FULL.get(key, key.replace("_", " ")).split())
    return text[:1].upper() + text[1:] if capital else text


def as_text(value: Any) -> str:
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
