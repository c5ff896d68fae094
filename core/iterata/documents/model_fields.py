"""Finds the field of a model at the path of a validation error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple, get_args, get_origin

from pydantic import BaseModel

from iterata.documents.models.base import TAGS

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from iterata.errors import FieldPath


class FieldAtPath(NamedTuple):
    """The field and the models at a path."""

    field: FieldInfo | None
    """The last field on the path; None if there is none."""
    models: list[type[BaseModel]]
    """The blocks that the value there may be."""
    path: FieldPath
    """The path without the tags that pydantic adds for a block of several kinds."""


def field_at(model: type[BaseModel], loc: FieldPath) -> FieldAtPath:
    """Follow the `loc` of a validation error from `model`."""
    field: FieldInfo | None = None
    models, path = [model], list[str | int]()
    for step in loc:
        of_kind = [candidate for candidate in models if _is_of_kind(candidate, step)]
        if of_kind and len(models) > 1:
            models = of_kind
            continue
        path.append(step)
        inner = _inner_field(models, step)
        if inner is not None:
            field, models = inner, models_of(inner.annotation)
        elif models and isinstance(step, str) and not _is_mapping(field):
            models = []
    return FieldAtPath(field, models, tuple(path))


def models_of(annotation: object) -> list[type[BaseModel]]:
    """The models in a field's annotation, inside optionals, lists, dicts and unions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        arguments = arguments[:1]
    return [model for argument in arguments for model in models_of(argument)]


def _is_of_kind(model: type[BaseModel], tag: object) -> bool:
    fields = (model.model_fields[name] for name in TAGS if name in model.model_fields)
    return any(tag in get_args(field.annotation) for field in fields)


def _inner_field(models: list[type[BaseModel]], name: str | int) -> FieldInfo | None:
    if not isinstance(name, str):
        return None
    return next((model.model_fields[name] for model in models if name in model.model_fields), None)


def _is_mapping(field: FieldInfo | None) -> bool:
    return field is not None and get_origin(field.annotation) is dict
