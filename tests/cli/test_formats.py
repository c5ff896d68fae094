"""The formats of `check`: text of a document cannot escape from where it is quoted."""

from __future__ import annotations

import json
import re

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iterata.problems import Position, Problem, Severity
from iterata.rules.catalogue import RULES
from iterata_cli.formats import FORMATS, writer

PROBLEM = Problem(
    "PLAN001",
    Severity.ERROR,
    "projects/churn/01-setup/proposal.md",
    Position(3, 11),
    "plan.variants[0].features",
    "al is not defined",
    "use one of all",
)
LINES = ["---", "plan:", "  features: al", "---"]

anything = st.text(st.characters(codec="utf-8"))
problems = st.lists(
    st.builds(
        Problem,
        code=st.sampled_from(sorted(RULES)),
        severity=st.sampled_from(Severity),
        path=anything.filter(bool),
        position=st.builds(Position, st.integers(1, 9), st.integers(1, 200)),
        field=anything,
        message=anything,
        remedy=anything,
        data=anything,
    ),
    max_size=4,
)


def no_lines(_: str) -> list[str]:
    return []


def test_text_shows_the_line_and_marks_the_column() -> None:
    assert click.unstyle(writer("text")([PROBLEM], lambda _: LINES)).splitlines() == [
        "projects/churn/01-setup/proposal.md",
        "  3:11    PLAN001  plan.variants[0].features: al is not defined",
        "          |   features: al",
        "          |           ^",
        "          fix: use one of all",
    ]


def test_a_long_line_is_cut_around_the_column() -> None:
    far = PROBLEM._replace(position=Position(1, 301))
    _, _, excerpt, caret, _ = click.unstyle(
        writer("text")([far], lambda _: ["x" * 300 + "!" + "y" * 300])
    ).splitlines()
    assert len(excerpt) < 120
    assert excerpt[caret.index("^")] == "!"


@given(problems, st.lists(anything, max_size=9))
def test_text_has_no_control_characters(found: list[Problem], lines: list[str]) -> None:
    shown = click.unstyle(writer("text")(found, lambda _: lines))
    assert all(char.isprintable() for line in shown.split("\n") for char in line)


def test_github_command_has_file_line_and_column() -> None:
    assert writer("github")([PROBLEM], no_lines) == (
        "::error file=projects/churn/01-setup/proposal.md,line=3,col=11,"
        "title=PLAN001 plan.variants[0].features::al is not defined%0Afix: use one of all"
    )


@given(problems)
def test_every_problem_is_one_github_command(found: list[Problem]) -> None:
    text = writer("github")(found, no_lines)
    commands = re.split(r"\r\n|\r|\n", text) if text else []
    assert len(commands) == len(found)
    for command, problem in zip(commands, found, strict=True):
        properties, _, message = command.removeprefix(f"::{problem.severity} ").partition("::")
        named = dict(part.split("=", 1) for part in properties.split(","))
        assert set(named) == {"file", "line", "col", "title"}
        assert _unescaped(named["file"]) == problem.path
        data = f"\ndata: {problem.data}" if problem.data else ""
        assert _unescaped(message) == f"{problem.message}{data}\nfix: {problem.remedy}"


def _unescaped(text: str) -> str:
    """Unescape as GitHub's runner does."""
    for escaped, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escaped, char)
    return text


def test_gitlab_shows_a_problem_on_its_line() -> None:
    (entry,) = json.loads(writer("gitlab")([PROBLEM], no_lines))
    assert entry["check_name"] == "PLAN001"
    assert entry["severity"] == "major"
    assert entry["location"] == {"path": PROBLEM.path, "lines": {"begin": 3}}
    assert all(text in entry["description"] for text in (PROBLEM.field, PROBLEM.message, PROBLEM.remedy))


@given(problems)
def test_fingerprints_for_gitlab_are_unique_and_ignore_lines(found: list[Problem]) -> None:
    """GitLab drops an entry whose fingerprint it has seen."""
    twice = [*found, *found]
    lower = [problem._replace(position=Position(99, 1)) for problem in twice]
    prints = [
        [entry["fingerprint"] for entry in json.loads(writer("gitlab")(listed, no_lines))]
        for listed in (twice, lower)
    ]
    assert len(set(prints[0])) == len(twice)
    assert prints[0] == prints[1]


def test_json_has_every_field() -> None:
    (found,) = json.loads(writer("json")([PROBLEM], no_lines))["problems"]
    assert found == {**PROBLEM._asdict(), "position": {"line": 3, "column": 11}}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_the_place_in_the_data(name: str) -> None:
    place = "data/rows.csv, row 5"
    assert place in writer(name)([PROBLEM._replace(data=place)], no_lines)
    if name != "sarif":  # its rules quote documents
        assert "data:" not in writer(name)([PROBLEM], no_lines).lower()


@pytest.mark.parametrize("name", FORMATS)
def test_no_problems_are_valid_output_in_every_format(name: str) -> None:
    text = writer(name)([], no_lines)
    assert text == "" if name in {"text", "github"} else json.loads(text) is not None
