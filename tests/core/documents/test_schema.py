"""The JSON Schema for editors is valid and agrees with the models."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from iterata.documents import model_of, parse
from iterata.documents.schema import json_schema
from iterata.documents.yaml.dumper import dump
from iterata.stages import Stage, statuses

from ...helpers import samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...helpers.command_line import CommandLine

WRONG = (None, "words, not one of the choices | ", -1.5, True, [], {}, [[]], {"unknown": "key"})


def accepted(stage: Stage, data: dict[str, Any]) -> tuple[bool, bool]:
    """Whether the editor accepts front matter, and whether the check does."""
    raw = f"---\n{dump(data)}---\n".encode()
    return validator(stage).is_valid(data), parse("x", stage, raw).problems == ()


@cache
def validator(stage: Stage) -> Draft202012Validator:
    return Draft202012Validator(json_schema(stage))


def paths(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every value in nested data."""
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        yield (*path, key)
        yield from paths(value, (*path, key))


def value_at(data: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


@pytest.mark.parametrize("stage", Stage)
def test_schema_is_valid_and_describes_every_field(stage: Stage, iterata: CommandLine) -> None:
    schema = json.loads(iterata("schema", stage).fine().out)
    Draft202012Validator.check_schema(schema)
    assert schema["title"] == f"iterata {stage}"
    assert all(field.get("description") for field in schema["properties"].values())


@pytest.mark.parametrize("stage", Stage)
def test_valid_document_is_accepted_by_both(stage: Stage) -> None:
    for status in statuses(stage):
        assert accepted(stage, samples.data(stage, status)) == (True, True)


@pytest.mark.parametrize("stage", Stage)
def test_missing_and_unknown_keys_are_refused_by_both(stage: Stage) -> None:
    data = samples.data(stage)
    for path in paths(data):
        *above, key = path
        changed = deepcopy(data)
        block = value_at(changed, tuple(above))
        if isinstance(block, dict):
            del block[key]
            editor, check = accepted(stage, changed)
            assert editor == check or is_rule_between_keys(stage, path), path
    required = [name for name, field in model_of(stage).model_fields.items() if field.is_required()]
    for name in required:
        assert accepted(stage, {key: value for key, value in data.items() if key != name}) == (False, False)
    assert accepted(stage, {**data, "titel": "x"}) == (False, False)


def is_rule_between_keys(stage: Stage, path: tuple[str | int, ...]) -> bool:
    """Whether the key is part of a rule between keys, which the schema does not express."""
    return path[-1] in {"status_quo", "column", "share_of", "lower", "estimator"}


@pytest.mark.parametrize("stage", Stage)
def test_check_accepts_what_the_editor_accepts(stage: Stage) -> None:
    """Except for rules between keys; the check also accepts numbers in quotes."""
    data = samples.data(stage)
    refused = 0
    for path in paths(data):
        for wrong in WRONG:
            changed = deepcopy(data)
            value_at(changed, path[:-1])[path[-1]] = wrong
            editor, check = accepted(stage, changed)
            refused += not editor
            assert check or not editor or is_rule_between_keys(stage, path), (path, wrong)
    assert refused > 50
