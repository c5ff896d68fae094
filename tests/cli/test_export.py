"""`iterata export`."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from ..helpers.command_line import CommandLine
from ..helpers.git import Git
from ..helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ("findings", "decisions", "iterations")
STATEMENT = '=HYPERLINK("http://example.org";"Zürich") \N{ROCKET}\nsecond line'


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    base = KnowledgeBase(tmp_path_factory.mktemp("export") / "base")
    git = Git(base.root)
    base.grow("churn\n  requirements: approved\n  01-setup\n    assessment: approved\n    report: approved\n")
    base.grow("wine\n  01-setup\n    report: draft\n")
    base.set("wine/01-setup/report", "findings[0].statement", STATEMENT)
    base.set("wine/01-setup/report", "findings[0].tags", ["-1+cmd", "red"])
    base.set("wine/01-setup/report", "findings[0].evidence", "\N{FULLWIDTH EQUALS SIGN}1")
    git.commit()
    return base


@pytest.fixture(scope="module")
def iterata(base: KnowledgeBase) -> CommandLine:
    return CommandLine(base.root)


@pytest.mark.parametrize("kind", KINDS)
def test_json_is_valid_by_its_schema_and_always_the_same(iterata: CommandLine, kind: str) -> None:
    first, second = (iterata("export", kind).fine().out for _ in range(2))
    output = json.loads(first)
    assert first == second
    assert (output["kind"], output["schema_version"]) == (kind, 1)
    assert output[kind]
    Draft202012Validator(json.loads(iterata("schema", "output", kind).out)).validate(output)


@pytest.mark.parametrize("kind", KINDS)
def test_table_has_a_row_for_each_record(iterata: CommandLine, kind: str) -> None:
    records = json.loads(iterata("export", kind).out)[kind]
    rows = list(csv.DictReader(StringIO(iterata("export", kind, "--format", "csv").fine().out)))
    assert [row["key"] for row in rows] == [record["key"] for record in records]


def test_no_cell_is_a_formula(iterata: CommandLine) -> None:
    text = iterata("export", "findings", "--format", "csv").fine().out
    row = list(csv.DictReader(StringIO(text)))[-1]
    assert row["statement"] == "'" + STATEMENT.replace("\n", " ")
    assert row["tags"] == "'-1+cmd | red"
    assert row["evidence"].startswith("'")
    assert text.count("\n") == 3


def test_numbers_stay_numbers(tmp_path: Path) -> None:
    base = KnowledgeBase(tmp_path / "base").grow(
        "churn\n  01-setup\n    assessment\n    lift.json\n    proposal\n    experiment.json\n"
    )
    text = CommandLine(base.root)("export", "iterations", "--format", "csv").fine().out
    (row,) = csv.DictReader(StringIO(text))
    assert float(row["status_quo_low"]) < float(row["status_quo"]) < float(row["best"])


def test_day_is_the_one_of_git_if_none_is_stated(iterata: CommandLine) -> None:
    stated, committed = json.loads(iterata("export", "findings").out)["findings"]
    assert stated["day"] == "2026-03-02"
    assert committed["day"] == "2026-02-25"
    assert (stated["provisional"], committed["provisional"]) == (False, True)


def test_without_git_the_days_are_missing_and_it_is_said(tmp_path: Path) -> None:
    base = KnowledgeBase(tmp_path / "base").grow("wine\n  01-setup\n    report: draft\n")
    done = CommandLine(base.root)("export", "findings").fine()
    assert json.loads(done.out)["findings"][0]["day"] is None
    assert "note: " in done.err


def test_other_knowledge_bases_are_exported_too(tmp_path: Path) -> None:
    git = Git(tmp_path)
    base = KnowledgeBase(tmp_path).grow("churn\n  01-setup\n    report: approved\n")
    KnowledgeBase(tmp_path / "teams/a").grow("churn\n  01-setup\n    report: draft\n")
    base.write("mkdocs.yml", "site_name: x\nplugins:\n  - iterata:\n      knowledge_bases: [teams/a]\n")
    git.commit()
    own, other = json.loads(CommandLine(tmp_path)("export", "findings").fine().out)["findings"]
    assert (own["key"], other["key"]) == ("churn/01-setup#F1", "teams/a/churn/01-setup#F1")
    assert other["document"] == "teams/a/projects/churn/01-setup/report.md"
    assert other["day"] == "2026-02-25"
