"""The one path by which documents are judged: what a team makes of it, and what it remembers."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iterata.errors import ConfigError
from iterata.repository import config
from iterata.repository.projects import Repository
from iterata.repository.tree import DiskTree
from iterata.rules import cache
from iterata.rules import check as checking
from iterata.rules.cache import VerdictCache
from iterata.rules.check import check

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.problems import Problem

EXAMPLE = Path(__file__).parents[3] / "projects" / "caravan-policies"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two copies of the example: one sound, one with an unknown key."""
    for name in ("one", "two"):
        shutil.copytree(EXAMPLE, tmp_path / "projects" / name, ignore=shutil.ignore_patterns("data"))
    spoil(tmp_path / "projects/two/requirements.md")
    settings(tmp_path, "")
    return tmp_path


def spoil(path: Path) -> None:
    path.write_text(path.read_text("utf-8").replace("model_kind:", "model_sort:"), "utf-8")


def settings(root: Path, options: str) -> None:
    (root / "mkdocs.yml").write_text(f"site_name: x\nplugins:\n  - iterata: {{{options}}}\n", "utf-8")


def judged(root: Path, *, remember: bool = False) -> list[Problem]:
    found = config.load(root)
    return check(Repository.on_disk(found), (), VerdictCache(found) if remember else None)


def codes(problems: list[Problem]) -> set[tuple[str, str]]:
    return {(problem.code, problem.severity.value) for problem in problems}


def test_a_team_says_how_much_a_rule_matters(root: Path) -> None:
    assert ("DOC006", "error") in codes(judged(root))
    settings(root, "severity: {DOC006: warning, DOC007: ignore}")
    found = codes(judged(root))
    assert ("DOC006", "warning") in found
    assert "DOC007" not in {code for code, _ in found}


def test_a_rule_that_does_not_exist_cannot_be_tuned(root: Path) -> None:
    settings(root, "severity: {DOC066: warning}")
    with pytest.raises(ConfigError, match="there is no rule DOC066") as raised:
        judged(root)
    assert "did you mean DOC006?" in raised.value.remedy


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The documents that are really judged."""
    seen: list[str] = []
    check_document = checking.check_document
    monkeypatch.setattr(
        checking,
        "check_document",
        lambda context: (seen.append(context.document.path), check_document(context))[1],
    )
    return seen


def test_what_has_not_changed_is_not_judged_again(root: Path, counted: list[str]) -> None:
    first = judged(root, remember=True)
    assert counted
    counted.clear()
    assert judged(root, remember=True) == first
    assert counted == []


def _an_edit(root: Path) -> None:
    spoil(root / "projects/one/requirements.md")


def _a_new_file(root: Path) -> None:
    (root / "projects/one/01-setup/asessment.md").write_text("# x\n", "utf-8")


def _a_lost_result(root: Path) -> None:
    (root / "projects/one/01-setup/results/lift.json").unlink()


def _a_lost_document(root: Path) -> None:
    (root / "projects/one/01-setup/experiment.md").unlink()


@pytest.mark.parametrize("change", [_an_edit, _a_new_file, _a_lost_result, _a_lost_document])
def test_a_remembered_verdict_is_the_true_one(
    root: Path, counted: list[str], change: Callable[[Path], None]
) -> None:
    judged(root, remember=True)
    counted.clear()
    change(root)
    again = judged(root, remember=True)
    assert {path.split("/")[1] for path in counted} == {"one"}
    assert again == judged(root)


def test_a_finding_lost_elsewhere_is_missed_although_nothing_changed_here(root: Path) -> None:
    report = root / "projects/one/01-setup/report.md"
    report.write_text(
        report.read_text("utf-8").replace("- id: F1", "- id: F1\n    supports: [two/01-setup#F1]", 1), "utf-8"
    )
    assert not [problem for problem in judged(root, remember=True) if problem.code == "REF001"]
    other = root / "projects/two/01-setup/report.md"
    other.write_text(other.read_text("utf-8").replace("- id: F1", "- id: F99", 1), "utf-8")
    missed = {problem.path for problem in judged(root, remember=True) if problem.code == "REF001"}
    assert "projects/one/01-setup/report.md" in missed


@pytest.mark.parametrize(
    "kept", [b"", b"{", b"[]", b'{"format": 1, "verdicts": {"one": {"key": 1}}}', b"\xff"]
)
def test_a_memory_that_is_broken_does_no_harm(root: Path, kept: bytes) -> None:
    (root / ".iterata").mkdir()
    (root / ".iterata/verdicts.json").write_bytes(kept)
    assert judged(root, remember=True) == judged(root)
    assert json.loads((root / ".iterata/verdicts.json").read_bytes())["verdicts"].keys() == {"one", "two"}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are really read; what was written a moment ago counts as left alone."""
    seen: list[str] = []
    read = DiskTree.read

    def reading(tree: DiskTree, path: str) -> bytes:
        seen.append(path)
        return read(tree, path)

    monkeypatch.setattr(DiskTree, "read", reading)
    monkeypatch.setattr(cache, "SETTLED", 0)
    return seen


def test_what_was_left_alone_is_not_even_read(root: Path, opened: list[str]) -> None:
    first = judged(root, remember=True)
    opened.clear()
    assert judged(root, remember=True) == first
    assert opened == []


def test_what_was_just_written_is_read_until_it_has_been_left_alone(
    root: Path, opened: list[str], counted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    an_hour = 3_600_000_000_000
    monkeypatch.setattr(cache, "SETTLED", an_hour)
    first = judged(root, remember=True)
    counted.clear()
    for needed, is_read in ((an_hour, True), (0, True), (0, False)):
        monkeypatch.setattr(cache, "SETTLED", needed)
        opened.clear()
        assert judged(root, remember=True) == first
        assert bool(opened) == is_read
    assert counted == []


def test_an_edit_that_keeps_size_and_time_is_seen(root: Path, opened: list[str]) -> None:
    path = root / "projects/one/requirements.md"
    first = judged(root, remember=True)
    before = path.stat()
    spoil(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert judged(root, remember=True) == judged(root) != first


def test_settings_are_part_of_what_is_remembered(root: Path, counted: list[str]) -> None:
    judged(root, remember=True)
    counted.clear()
    settings(root, "required_roles: {report: [legal]}")
    assert ("GATE002", "error") in codes(judged(root, remember=True))
    assert counted
