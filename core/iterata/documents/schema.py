"""The JSON Schemas of front matter, for editors, and of what iterata writes, for its readers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iterata.documents.document import model_of

if TYPE_CHECKING:
    from pydantic import BaseModel

    from iterata.stages import Stage

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(stage: Stage) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a stage's front matter, for editors."""
    schema = model_of(stage).model_json_schema()
    return {
        "$schema": _DIALECT,
        **schema,
        "title": f"iterata {stage.value}",
    }


def open_schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    """The JSON Schema of what iterata writes, for those who read it: a newer version may add keys."""
    schema = model.model_json_schema()
    return {"$schema": _DIALECT, **_open(schema), "title": title}


def _open(schema: Any) -> Any:
    """A schema that admits additional keys everywhere."""
    if isinstance(schema, list):
        return [_open(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    closed = schema.get("additionalProperties") is False
    return {
        key: _open(value) for key, value in schema.items() if not (closed and key == "additionalProperties")
    }
