"""New documents. The prompts in a template are the models' own descriptions, so they cannot disagree."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, get_args, get_origin

import yaml
from pydantic import BaseModel

from iterata.documents.document import model_of
from iterata.documents.models.base import tag_of
from iterata.documents.yaml.schema import dump
from iterata.stages import STAGES, Stage, initial

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic.fields import FieldInfo

WIDTH = 110


def new(stage: Stage, values: Mapping[str, Any]) -> str:
    """A draft of a stage document, with `values` filled in and a prompt wherever an author must write.

    `values` may be partial, also within blocks; what neither it nor the stage's sample holds becomes
    `TODO: ` and the field's description.
    """
    sample = yaml.safe_load(_resource(f"{stage.value}.yaml"))
    given = _merge(
        {"stage": stage.value, "status": initial(stage).value, "title": STAGES[stage].title}, sample
    )
    if "status_quo" in values.get("plan", {}):
        given["plan"].pop("status_quo")  # a column and a rule exclude each other
    given = _merge(given, values)
    lines = list(_block(model_of(stage), given, ""))
    return (
        "---\n"
        + "\n".join(lines)
        + "\n---\n\n"
        + _resource(f"{stage.value}.md").replace("{title}", str(given["title"]))
    )


def _resource(name: str) -> str:
    return (files("iterata.documents") / "templates" / name).read_text("utf-8")


def _merge(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """The two as one; `more` wins, and none removes."""
    merged = dict(base)
    for key, value in more.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return {key: value for key, value in merged.items() if value is not None}


def _block(
    model: type[BaseModel], values: Mapping[str, Any], indent: str, *, explain: bool = True
) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if name in values or field.is_required():
            yield from _field(name, field, values.get(name), indent, explain=explain and name != "stage")


def _field(name: str, field: FieldInfo, value: Any, indent: str, *, explain: bool) -> Iterator[str]:
    inner = _model_in(field.annotation, value)
    listed = get_origin(field.annotation) is list
    if listed and inner is not None:
        entries = value if value is not None else [{}]
        yield f"{indent}{name}:" + ("" if entries else f" []  # {field.description}")
        for index, entry in enumerate(entries):
            kind = _model_in(field.annotation, entry) or inner
            block = list(_block(kind, entry, f"{indent}    ", explain=explain and index == 0))
            yield f"{indent}  - {block[0].lstrip()}"
            yield from block[1:]
    elif inner is not None and get_origin(field.annotation) is not dict:
        yield f"{indent}{name}:"
        yield from _block(inner, value or {}, f"{indent}  ", explain=explain)
    elif value is None:
        yield from _prompt(name, field, indent, listed=listed)
    else:
        yield from _written(name, field, value, indent, explain=explain)


def _prompt(name: str, field: FieldInfo, indent: str, *, listed: bool) -> Iterator[str]:
    text = f"TODO: {field.description}"
    if listed:
        yield f"{indent}{name}:"
        yield f"{indent}  - {dump({'x': text})[3:].rstrip()}"
    elif len(indent) + len(name) + len(text) > WIDTH:
        yield f"{indent}{name}: >-"
        yield f"{indent}  {text}"
    else:
        yield f"{indent}{dump({name: text}).rstrip()}"


def _written(name: str, field: FieldInfo, value: Any, indent: str, *, explain: bool) -> Iterator[str]:
    lines = dump({name: value}).rstrip().splitlines()
    comment = f"  # {field.description}" if explain and len(lines) == 1 else ""
    yield f"{indent}{lines[0]}" + (comment if len(indent) + len(lines[0]) + len(comment) <= WIDTH else "")
    yield from (f"{indent}{line}" for line in lines[1:])


def _model_in(annotation: Any, value: Any) -> type[BaseModel] | None:
    """The block a field holds; of several kinds, the one that is written, else the first."""
    found = [each for each in _flat(annotation) if isinstance(each, type) and issubclass(each, BaseModel)]
    if len(found) < 2:
        return found[0] if found else None
    key = tag_of(found[0])
    kind = value.get(key) if isinstance(value, dict) else None
    return next((each for each in found if kind in get_args(each.model_fields[key].annotation)), found[0])


def _flat(annotation: Any) -> Iterator[Any]:
    arguments = get_args(annotation)
    if not arguments:
        yield annotation
    for argument in arguments:
        yield from _flat(argument)
