"""The page of front matter, generated from the models that validate it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, get_origin

from generators.kinds import blocks, listed, words
from generators.text import code, codes, markdown_page, table
from iterata.documents import model_of
from iterata.documents.models.base import Header, tag_of
from iterata.stages import STAGES, Stage, statuses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

HEAD = ["key", "write", "needed", "meaning"]


def page() -> str:
    """The whole page."""
    return markdown_page(
        "Front matter",
        "The block between two lines `---` at the top of a document. A key that is not listed here is an "
        "error, because it is nearly always a misspelling. `a.b` is the key `b` in the block `a`; `a[].b` is "
        "`b` in each entry of the list `a`; `a.NAME.b` is `b` below each name in the block `a`. "
        "There is also a schema [for your editor](../configuration.md#help-in-your-editor).",
        f"## In every document\n\n{_table(Header.model_fields)}",
        *(_stage(stage) for stage in Stage),
    )


def _stage(stage: Stage) -> str:
    model = model_of(stage)
    own = {name: field for name, field in model.model_fields.items() if name not in Header.model_fields}
    status = f"Its `status` is one of {codes(statuses(stage))}."
    return f"## {STAGES[stage].title}\n\nIn `{stage.filename}`. {status}\n\n{_table(own)}"


def _table(fields: dict[str, FieldInfo]) -> str:
    return table(HEAD, _rows(fields, ""))


def _rows(fields: dict[str, FieldInfo], prefix: str, only: str = "") -> Iterator[list[str]]:
    """A row for every key, followed by the rows of its block. `only` names the kind that has the key."""
    for name, field in fields.items():
        key = f"{prefix}{name}"
        yield [code(key) + only, words(field.annotation), _needed(field), field.description or ""]
        yield from _inside(key + _each(field.annotation), blocks(field.annotation))


def _inside(key: str, models: list[type[BaseModel]]) -> Iterator[list[str]]:
    """The rows of a block. If there are several kinds of block, the common keys come first."""
    if not models:
        return
    first, *others = models
    shared = {name for name in first.model_fields if all(name in other.model_fields for other in others)}
    tag = tag_of(first) if others else ""
    if others:
        kind = first.model_fields[tag]
        yield [
            code(f"{key}.{tag}"),
            ", ".join(_kind(model) for model in models),
            _needed(kind),
            "The kind of this block.",
        ]
        shared.discard(tag)
    yield from _rows(_some(first, shared), f"{key}.")
    for model in models:
        own = set(model.model_fields) - shared - {tag}
        yield from _rows(_some(model, own), f"{key}.", f" ({_kind(model)})" if others else "")


def _some(model: type[BaseModel], names: set[str]) -> dict[str, FieldInfo]:
    return {name: field for name, field in model.model_fields.items() if name in names}


def _each(annotation: Any) -> str:
    """What a key is followed by if its value holds several blocks."""
    if get_origin(annotation) is dict:
        return ".NAME"
    return "[]" if listed(annotation) else ""


def _kind(model: type[BaseModel]) -> str:
    return words(model.model_fields[tag_of(model)].annotation)


def _needed(field: FieldInfo) -> str:
    if field.is_required():
        return "yes"
    if field.default_factory is not None or field.default is None:
        return "no"
    return f"no: {code(_as_yaml(field.default))}"


def _as_yaml(value: Any) -> str:
    if isinstance(value, StrEnum):
        return value.value
    return str(value).lower() if isinstance(value, bool) else str(value)
