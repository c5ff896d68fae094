"""An agreed result stands where a newer version has only more to say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iterata import results

EXAMPLE = Path(__file__).parents[3] / "projects/caravan-policies/01-setup/results"


def read(kind: str, data: dict[str, Any]) -> Any:
    return results.parse(kind, json.dumps(data), "result.json")


@pytest.fixture(params=["lift", "experiment"])
def told(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    return request.param, json.loads((EXAMPLE / f"{request.param}.json").read_text("utf-8"))


NEWER = ("good_model", "split_test", "by_depth", "expected")


def test_more_to_say_is_no_change(told: tuple[str, dict[str, Any]]) -> None:
    kind, data = told
    earlier = {key: value for key, value in data.items() if key not in NEWER}
    assert len(earlier) < len(data)
    assert results.extends(read(kind, earlier), read(kind, data))


def test_another_commit_is_no_change(told: tuple[str, dict[str, Any]]) -> None:
    kind, data = told
    elsewhere = {**data, "provenance": {**data["provenance"], "commit": "0" * 40}}
    assert results.extends(read(kind, data), read(kind, elsewhere))


def test_another_figure_is_one(told: tuple[str, dict[str, Any]]) -> None:
    kind, data = told
    changed = json.loads(json.dumps(data))
    changed["scale"]["perfect"]["high"] += 0.001
    assert not results.extends(read(kind, data), read(kind, changed))


def test_less_to_say_is_one() -> None:
    data = json.loads((EXAMPLE / "experiment.json").read_text("utf-8"))
    fewer = {**data, "variants": data["variants"][:-1]}
    assert not results.extends(read("experiment", data), read("experiment", fewer))
