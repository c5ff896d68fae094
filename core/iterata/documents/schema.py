"""The JSON Schema of front matter, generated from the models, for editors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iterata.documents.document import model_of

if TYPE_CHECKING:
    from iterata.stages import Stage


def json_schema(stage: Stage) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a stage's front matter, for editors."""
    schema = model_of(stage).model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": f"iterata {stage.value}",
    }
