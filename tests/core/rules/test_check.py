"""Checking a tree: tuned severities, and the cache of verdicts."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import iterata
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
    """Two copies of the example: one as it is, one with an unknown key."""
    for name in ("one", "two"):
        shutil.copytree(EXAMPLE, tmp_path / "projects" / name, ignore=shutil.ignore_patterns("data"))
    spoil(tmp_path / "projects/two/requirements.md")
    settings(tmp_path, "")
    return tmp_path


def spoil(path: Path) -> None:
    path.write_text(path.read_text("utf-8").replace("model_kind:", "model_sort:"), "utf-8")


def settings(root: Path, options: str) -> None:
    (root / "mkdocs.yml").write_text(f"site_name: x\nplugins:\n  - iterata: {{{options}}}\n", "utf-8")


def checked(root: Path, *, use_cache: bool = False) -> list[Problem]:
    loaded = config.load(root)
    return check(Repository.on_disk(loaded), (), VerdictCache(loaded) if use_cache else None)


def codes(problems: list[Problem]) -> set[tuple[str, str]]:
    return {(problem.code, problem.severity.value) for problem in problems}


def test_team_tunes_the_severity_of_a_rule(root: Path) -> None:
    assert ("DOC006", "error") in codes(checked(root))
    settings(root, "severity: {DOC006: warning, DOC007: ignore}")
    tuned = codes(checked(root))
    assert ("DOC006", "warning") in tuned
    assert "DOC007" not in {code for code, _ in tuned}


def test_severity_of_an_unknown_code_is_refused(root: Path) -> None:
    settings(root, "severity: {DOC066: warning}")
    with pytest.raises(ConfigError) as error:
        checked(root)
    assert error.value.location.field == ("plugins", "iterata", "severity", "DOC066")
    assert "DOC006" in error.value.remedy


@pytest.fixture
def checked_paths(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The documents that are not taken from the cache."""
    seen: list[str] = []
    check_document = checking.check_document
    monkeypatch.setattr(
        checking,
        "check_document",
        lambda context: (seen.append(context.document.path), check_document(context))[1],
    )
    return seen


def test_unchanged_project_is_not_checked_again(root: Path, checked_paths: list[str]) -> None:
    first = checked(root, use_cache=True)
    assert checked_paths
    checked_paths.clear()
    assert checked(root, use_cache=True) == first
    assert checked_paths == []


def _edit(root: Path) -> None:
    spoil(root / "projects/one/requirements.md")


def _add_file(root: Path) -> None:
    (root / "projects/one/01-setup/asessment.md").write_text("# x\n", "utf-8")


def _delete_result(root: Path) -> None:
    (root / "projects/one/01-setup/results/lift.json").unlink()


def _delete_document(root: Path) -> None:
    (root / "projects/one/01-setup/experiment.md").unlink()


@pytest.mark.parametrize("change", [_edit, _add_file, _delete_result, _delete_document])
def test_changed_project_is_checked_again(
    root: Path, checked_paths: list[str], change: Callable[[Path], None]
) -> None:
    checked(root, use_cache=True)
    checked_paths.clear()
    change(root)
    again = checked(root, use_cache=True)
    assert {path.split("/")[1] for path in checked_paths} == {"one"}
    assert again == checked(root)


def test_project_is_checked_again_when_a_finding_it_refers_to_is_gone(root: Path) -> None:
    report = root / "projects/one/01-setup/report.md"
    report.write_text(
        report.read_text("utf-8").replace("- id: F1", "- id: F1\n    supports: [two/01-setup#F1]", 1), "utf-8"
    )
    assert not [problem for problem in checked(root, use_cache=True) if problem.code == "REF001"]
    other = root / "projects/two/01-setup/report.md"
    other.write_text(other.read_text("utf-8").replace("- id: F1", "- id: F99", 1), "utf-8")
    missed = {problem.path for problem in checked(root, use_cache=True) if problem.code == "REF001"}
    assert "projects/one/01-setup/report.md" in missed


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"format": 1, "verdicts": {"one": {"key": 1}}}', b"\xff"]
)
def test_broken_cache_file_is_replaced(root: Path, content: bytes) -> None:
    (root / ".iterata").mkdir()
    (root / ".iterata/verdicts.json").write_bytes(content)
    assert checked(root, use_cache=True) == checked(root)
    assert json.loads((root / ".iterata/verdicts.json").read_bytes())["verdicts"].keys() == {"one", "two"}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are read; files written a moment ago count as settled."""
    seen: list[str] = []
    read = DiskTree.read

    def reading(tree: DiskTree, path: str) -> bytes:
        seen.append(path)
        return read(tree, path)

    monkeypatch.setattr(DiskTree, "read", reading)
    monkeypatch.setattr(cache, "SETTLED", 0)
    return seen


def test_documents_are_read_once(root: Path, opened: list[str]) -> None:
    checked(root, use_cache=True)
    documents = [path for path in opened if path.endswith(".md")]
    assert len(documents) > 5
    assert len(documents) == len(set(documents))


def test_settled_files_are_not_read(root: Path, opened: list[str]) -> None:
    first = checked(root, use_cache=True)
    opened.clear()
    assert checked(root, use_cache=True) == first
    assert opened == []


def test_new_files_are_read_until_they_are_settled(
    root: Path, opened: list[str], checked_paths: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    an_hour = 3_600_000_000_000
    monkeypatch.setattr(cache, "SETTLED", an_hour)
    first = checked(root, use_cache=True)
    checked_paths.clear()
    for needed, is_read in ((an_hour, True), (0, True), (0, False)):
        monkeypatch.setattr(cache, "SETTLED", needed)
        opened.clear()
        assert checked(root, use_cache=True) == first
        assert bool(opened) == is_read
    assert checked_paths == []


def test_edit_that_keeps_size_and_time_is_noticed(root: Path, opened: list[str]) -> None:
    path = root / "projects/one/requirements.md"
    first = checked(root, use_cache=True)
    before = path.stat()
    spoil(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert checked(root, use_cache=True) == checked(root) != first


def test_changed_settings_invalidate_the_cache(root: Path, checked_paths: list[str]) -> None:
    checked(root, use_cache=True)
    checked_paths.clear()
    settings(root, "required_roles: {report: [legal]}")
    assert ("GATE002", "error") in codes(checked(root, use_cache=True))
    assert checked_paths


def test_another_version_of_iterata_invalidates_the_cache(
    root: Path, checked_paths: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    checked(root, use_cache=True)
    checked_paths.clear()
    monkeypatch.setattr(iterata, "__version__", "99.0.0")
    checked(root, use_cache=True)
    assert checked_paths
