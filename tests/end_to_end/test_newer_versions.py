"""Files of a newer version, and of something else: they are told apart, and nothing is written over them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from iterata import __version__

from .test_earlier_versions import REPORT, Base

if TYPE_CHECKING:
    from pathlib import Path

RESULT = "projects/caravan-policies/01-setup/results/experiment.json"
LOG = "projects/caravan-policies/01-setup/experiment.md"
NEWER = "999.0"


@pytest.fixture
def base(tmp_path: Path) -> Base:
    """A knowledge base of this version, whose tables are rendered as it renders them."""
    base = Base(tmp_path / "base", __version__)
    base.iterata("upgrade").fine()
    base.git.commit()
    return base


def change(base: Base, author: str = __version__, **keys: Any) -> None:
    """A version of iterata writes the result of the experiment, and the log, which names the version."""
    path = base.root / RESULT
    data = json.loads(path.read_text("utf-8")) | keys
    data["provenance"]["packages"]["iterata"] = author
    path.write_text(json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
    log = base.root / LOG
    log.write_text(log.read_text("utf-8").replace(f"iterata {__version__},", f"iterata {author},"), "utf-8")
    base.git.commit()


def codes(base: Base) -> set[str]:
    problems = json.loads(base.iterata("check", "--format", "json").out)["problems"]
    return {problem["code"] for problem in problems}


def test_file_of_a_newer_format_is_neither_missing_nor_damaged(base: Base) -> None:
    change(base, NEWER, schema_version=2)
    before = base.files()
    assert codes(base) == {"RES030", "GATE008"}
    assert RESULT in base.iterata("status").fine().err
    assert RESULT in base.iterata("summary", "--base", "HEAD~1").fine().out
    assert NEWER in base.build()
    for words in (
        ("run", "caravan-policies/01"),
        ("report", "caravan-policies/01"),
        ("verify", "caravan-policies/01"),
        ("track", "caravan-policies/01"),
        ("new", "iteration", "caravan-policies", "--kind", "feature", "--follows", "01-setup"),
        ("new", "document", "caravan-policies/01-setup", "deployment"),
    ):
        done = base.iterata(*words)
        assert done.code == 1, words
        assert NEWER in done.err, words
    base.iterata("upgrade").fine()
    assert base.files() == before


def test_added_keys_of_a_newer_version_are_ignored_with_a_notice(base: Base) -> None:
    change(base, NEWER, calibration={"slope": 0.9})
    done = base.iterata("check", "--format", "json")
    (problem,) = json.loads(done.out)["problems"]
    assert (done.code, problem["code"], problem["severity"]) == (0, "RES031", "warning")
    assert "calibration" in base.iterata("status").fine().err
    assert "calibration" in base.iterata("summary", "--base", "HEAD~1").fine().out
    assert NEWER in base.iterata("report", "caravan-policies/01").fine().err


def test_older_version_writes_over_nothing_of_a_newer_one(base: Base) -> None:
    change(base, NEWER)
    before = base.files()
    assert base.iterata("run", "caravan-policies/01").code == 1
    report = base.root / REPORT
    report.write_text(report.read_text("utf-8").replace("| perfect ", "| the perfect ", 1), "utf-8")
    shown = base.files()
    assert base.iterata("report", "caravan-policies/01").code == 1
    assert base.files() == shown
    base.iterata("report", "caravan-policies/01", "--overwrite-newer").fine()
    assert base.files() == before


def test_a_claimed_newer_author_hides_no_edited_table(base: Base) -> None:
    change(base, NEWER)
    report = base.root / REPORT
    report.write_text(report.read_text("utf-8").replace("| perfect ", "| the perfect ", 1), "utf-8")
    assert codes(base) == {"RES003"}


@pytest.mark.parametrize("keys", [{"calibration": 1}, {"schema_version": 0}, {"seed": "x"}], ids=str)
def test_file_that_this_version_cannot_have_written_is_damaged(base: Base, keys: dict[str, Any]) -> None:
    change(base, **keys)
    assert "RES001" in codes(base)


def test_damage_of_a_newer_file_is_told_as_damage(base: Base) -> None:
    change(base, NEWER, seed="x", calibration=1)
    assert "RES001" in codes(base)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "null", '{"name": "a package", "version": "1.0"}'])
def test_file_of_something_else_is_told(base: Base, content: str) -> None:
    (base.root / RESULT).write_text(content, "utf-8")
    assert "RES001" in codes(base)
    assert RESULT in base.iterata("status").fine().err
    assert base.iterata("report", "caravan-policies/01").code == 1


def test_document_of_a_newer_format_is_told(base: Base) -> None:
    path = base.root / "projects/retention/requirements.md"
    text = path.read_text("utf-8").replace("schema_version: 1", "schema_version: 2\nnew_key: x", 1)
    path.write_text(text, "utf-8")
    assert base.iterata("move", "projects/retention/requirements.md", "in_review").code == 1
    assert codes(base) == {"DOC020"}
    assert path.read_text("utf-8") == text
