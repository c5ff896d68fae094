"""The JSON Schema that editors get: sound, and of one mind with the models."""

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

WRONG = (None, "words, not one of the choices | ", -1.5, True, [], {}, [[]], {"nobody": "knows"})


def accepted(stage: Stage, data: dict[str, Any]) -> tuple[bool, bool]:
    """Whether the editor and whether the check accept front matter."""
    raw = f"---\n{dump(data)}---\n".encode()
    return validator(stage).is_valid(data), parse("x", stage, raw).problems == ()


@cache
def validator(stage: Stage) -> Draft202012Validator:
    return Draft202012Validator(json_schema(stage))


def places(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in nested data."""
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        yield (*path, key)
        yield from places(value, (*path, key))


def at(data: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


@pytest.mark.parametrize("stage", Stage)
def test_it_is_a_sound_schema(stage: Stage, iterata: CommandLine) -> None:
    schema = json.loads(iterata("schema", stage).fine().out)
    Draft202012Validator.check_schema(schema)
    assert schema["title"] == f"iterata {stage}"
    assert all(field.get("description") for field in schema["properties"].values())


@pytest.mark.parametrize("stage", Stage)
def test_what_is_valid_is_valid_in_the_editor_too(stage: Stage) -> None:
    for status in statuses(stage):
        assert accepted(stage, samples.data(stage, status)) == (True, True)


@pytest.mark.parametrize("stage", Stage)
def test_a_missing_key_and_an_unknown_one_are_refused_by_both(stage: Stage) -> None:
    data = samples.data(stage)
    for path in places(data):
        *above, key = path
        spoilt = deepcopy(data)
        block = at(spoilt, tuple(above))
        if isinstance(block, dict):
            del block[key]
            editor, check = accepted(stage, spoilt)
            assert editor == check or check_knows_more(stage, path), path
    required = [name for name, field in model_of(stage).model_fields.items() if field.is_required()]
    for name in required:
        assert accepted(stage, {key: value for key, value in data.items() if key != name}) == (False, False)
    assert accepted(stage, {**data, "titel": "x"}) == (False, False)


def check_knows_more(stage: Stage, path: tuple[str | int, ...]) -> bool:
    """Whether a rule between keys is broken, which a schema of this kind does not express."""
    return path[-1] in {"status_quo", "column", "share_of", "lower", "estimator"}


@pytest.mark.parametrize("stage", Stage)
def test_what_the_editor_accepts_the_check_accepts(stage: Stage) -> None:
    """The check is more lenient about numbers between quotes, and stricter about rules between keys."""
    data = samples.data(stage)
    tried = 0
    for path in places(data):
        for wrong in WRONG:
            spoilt = deepcopy(data)
            at(spoilt, path[:-1])[path[-1]] = wrong
            editor, check = accepted(stage, spoilt)
            tried += not editor
            assert check or not editor or check_knows_more(stage, path), (path, wrong)
    assert tried > 50
