"""The formats of `check`: nothing a document says may escape from the place it is quoted in."""

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
    ),
    max_size=4,
)


def no_lines(_: str) -> list[str]:
    return []


def test_people_see_the_line_and_where_on_it() -> None:
    assert click.unstyle(writer("text")([PROBLEM], lambda _: LINES)).splitlines() == [
        "projects/churn/01-setup/proposal.md",
        "  3:11    PLAN001  plan.variants[0].features: al is not defined",
        "          |   features: al",
        "          |           ^",
        "          fix: use one of all",
    ]


def test_a_long_line_is_cut_around_the_place() -> None:
    far = PROBLEM._replace(position=Position(1, 301))
    _, _, excerpt, caret, _ = click.unstyle(
        writer("text")([far], lambda _: ["x" * 300 + "!" + "y" * 300])
    ).splitlines()
    assert len(excerpt) < 120
    assert excerpt[caret.index("^")] == "!"


@given(problems, st.lists(anything, max_size=9))
def test_a_terminal_is_told_nothing_but_text(found: list[Problem], lines: list[str]) -> None:
    shown = click.unstyle(writer("text")(found, lambda _: lines))
    assert all(char.isprintable() for line in shown.split("\n") for char in line)


def test_a_code_host_annotates_the_line() -> None:
    assert writer("github")([PROBLEM], no_lines) == (
        "::error file=projects/churn/01-setup/proposal.md,line=3,col=11,"
        "title=PLAN001 plan.variants[0].features::al is not defined%0Amend: use one of all"
    )


@given(problems)
def test_one_problem_is_one_command_whatever_it_says(found: list[Problem]) -> None:
    text = writer("github")(found, no_lines)
    commands = re.split(r"\r\n|\r|\n", text) if text else []
    assert len(commands) == len(found)
    for command, problem in zip(commands, found, strict=True):
        properties, _, message = command.removeprefix(f"::{problem.severity} ").partition("::")
        named = dict(part.split("=", 1) for part in properties.split(","))
        assert set(named) == {"file", "line", "col", "title"}
        assert _unescaped(named["file"]) == problem.path
        assert _unescaped(message) == f"{problem.message}\nmend: {problem.remedy}"


def _unescaped(text: str) -> str:
    """What GitHub's runner makes of it."""
    for escaped, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escaped, char)
    return text


def test_programs_get_everything() -> None:
    (found,) = json.loads(writer("json")([PROBLEM], no_lines))["problems"]
    assert found == {**PROBLEM._asdict(), "position": {"line": 3, "column": 11}}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_can_say_that_there_is_nothing(name: str) -> None:
    text = writer(name)([], no_lines)
    assert text == "" if name in {"text", "github"} else json.loads(text)
