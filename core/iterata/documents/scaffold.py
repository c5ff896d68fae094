"""New documents, with prompts from the descriptions of the models' fields, so that both always agree."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, get_args, get_origin

import yaml

from iterata.documents.document import SCHEMA_VERSION, model_of
from iterata.documents.model_fields import models_of
from iterata.documents.models.base import tag_of
from iterata.documents.yaml.dumper import dump
from iterata.stages import STAGES, Stage, initial

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

    Values = Mapping[str, Any]

WIDTH = 110
"""Characters of a line."""


def new(stage: Stage, values: Values, *, complete: Collection[str] = ()) -> str:
    """The text of a new document of `stage`, with a prompt for everything the author has to write.

    Args:
        stage: the stage.
        values: front matter to fill in, also parts of blocks. A value that is missing here and in the stage's
            sample becomes `TODO: ` and the field's description.
        complete: keys of `values` that the stage's sample adds nothing to.
    """
    sample = yaml.safe_load(_template(f"{stage.value}.yaml"))
    for key in complete:
        sample.pop(key, None)
    title = STAGES[stage].title
    filled = _merge(
        {
            "stage": stage.value,
            "schema_version": SCHEMA_VERSION,
            "status": initial(stage).value,
            "title": title,
        },
        sample,
    )
    if "status_quo" in values.get("plan", {}) and "plan" in filled:
        filled["plan"].pop("status_quo")  # a column and a rule exclude each other
    filled = _merge(filled, values)
    front_matter = "\n".join(_block(model_of(stage), filled, ""))
    body = _template(f"{stage.value}.md").replace("{title}", str(filled["title"]))
    return f"---\n{front_matter}\n---\n\n{body}"


def _template(name: str) -> str:
    return (files("iterata.documents") / "templates" / name).read_text("utf-8")


def _merge(base: Values, changes: Values) -> dict[str, Any]:
    """Both blocks in one; `changes` win, and None removes a key."""
    merged = dict(base)
    for key, value in changes.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return {key: value for key, value in merged.items() if value is not None}


def _block(
    model: type[BaseModel], values: Values, indent: str, *, with_comments: bool = True
) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if name in values or field.is_required():
            comments = with_comments and name != "stage"
            yield from _field(name, field, values.get(name), indent, with_comments=comments)


def _field(name: str, field: FieldInfo, value: Any, indent: str, *, with_comments: bool) -> Iterator[str]:
    inner = _model_of_value(field.annotation, value)
    is_list = list in (get_origin(field.annotation), *map(get_origin, get_args(field.annotation)))
    if is_list and inner is not None:
        entries = value if value is not None else [{}]
        yield f"{indent}{name}:" + ("" if entries else f" []  # {field.description}")
        for index, entry in enumerate(entries):
            model = _model_of_value(field.annotation, entry) or inner
            comments = with_comments and index == 0
            first, *others = _block(model, entry, f"{indent}    ", with_comments=comments)
            yield f"{indent}  - {first.lstrip()}"
            yield from others
    elif inner is not None and get_origin(field.annotation) is not dict:
        yield f"{indent}{name}:"
        yield from _block(inner, value or {}, f"{indent}  ", with_comments=with_comments)
    elif value is None:
        yield from _prompt(name, field, indent, is_list=is_list)
    else:
        yield from _value(name, field, value, indent, with_comments=with_comments)


def _prompt(name: str, field: FieldInfo, indent: str, *, is_list: bool) -> Iterator[str]:
    text = f"TODO: {field.description}"
    if is_list:
        yield f"{indent}{name}:"
        yield f"{indent}  - {dump({'x': text})[3:].rstrip()}"
    elif len(indent) + len(name) + len(text) > WIDTH:
        yield f"{indent}{name}: >-"
        yield f"{indent}  {text}"
    else:
        yield f"{indent}{dump({name: text}).rstrip()}"


def _value(name: str, field: FieldInfo, value: object, indent: str, *, with_comments: bool) -> Iterator[str]:
    lines = dump({name: value}).rstrip().splitlines()
    comment = f"  # {field.description}" if with_comments and len(lines) == 1 else ""
    fits = len(indent) + len(lines[0]) + len(comment) <= WIDTH
    yield f"{indent}{lines[0]}" + (comment if fits else "")
    yield from (f"{indent}{line}" for line in lines[1:])


def _model_of_value(annotation: object, value: object) -> type[BaseModel] | None:
    """The model of a field's block; of several kinds the one that matches the value, else the first."""
    models = models_of(annotation)
    if len(models) < 2:
        return models[0] if models else None
    tag = tag_of(models[0])
    kind = value.get(tag) if isinstance(value, dict) else None
    return next(
        (model for model in models if kind in get_args(model.model_fields[tag].annotation)), models[0]
    )
