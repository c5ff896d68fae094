"""The project's own code: its files, their fingerprint, and functions loaded from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.execution.project_code import fingerprint, is_file_of, load_function, source_files
from iterata.execution.refusals import ProjectFunctionMissing, ProjectImportFailed, ProjectModuleMissing

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "pkg" / "inner").mkdir(parents=True)
    (folder / "notebooks").mkdir()
    (folder / "model.py").write_text("from pkg import RATE\n\ndef rate():\n    return RATE\n")
    (folder / "pkg" / "__init__.py").write_text("RATE = 3\n")
    (folder / "pkg" / "inner" / "__init__.py").write_text("")
    (folder / "notebooks" / "draft.py").write_text("")
    return folder


def test_source_files_are_those_of_the_folder_and_its_packages(project: Path) -> None:
    names = [path.relative_to(project).as_posix() for path in source_files(project)]
    assert names == ["model.py", "pkg/__init__.py", "pkg/inner/__init__.py"]


def test_linked_folder_is_not_part_of_the_source(project: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "__init__.py").write_text("")
    (project / "linked").symlink_to(tmp_path / "other")
    assert len(source_files(project)) == 3


def test_fingerprint_depends_on_names_and_contents_but_not_on_the_folder(project: Path) -> None:
    fingerprints = {fingerprint(project)}
    moved = project.rename(project.with_name("moved"))
    assert {fingerprint(moved)} == fingerprints
    (moved / "pkg" / "inner" / "__init__.py").write_text("CHANGED = 1\n")
    fingerprints.add(fingerprint(moved))
    (moved / "model.py").rename(moved / "renamed.py")
    fingerprints.add(fingerprint(moved))
    assert len(fingerprints) == 3


def test_function_is_loaded_with_the_modules_it_imports(project: Path) -> None:
    assert load_function(project, "model:rate")() == 3


def test_function_is_loaded_again_after_its_file_changed(project: Path) -> None:
    (project / "model.py").write_text("def rate():\n    return 1\n")
    assert load_function(project, "model:rate")() == 1
    (project / "model.py").write_text("def rate():\n    return 2\n")
    assert load_function(project, "model:rate")() == 2


def test_function_is_loaded_again_after_a_module_that_it_imports_changed(project: Path) -> None:
    assert load_function(project, "model:rate")() == 3
    (project / "pkg" / "__init__.py").write_text("RATE = 10 + 4\n")
    assert load_function(project, "model:rate")() == 14


def test_two_projects_may_have_modules_of_the_same_name(project: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "model.py").write_text((project / "model.py").read_text())
    (other / "pkg.py").write_text("RATE = 5\n")
    folders = (project, other, project)
    assert [load_function(folder, "model:rate")() for folder in folders] == [3, 5, 3]


def test_module_is_executed_once_for_the_same_content(project: Path) -> None:
    (project / "model.py").write_text(
        "calls = []\n\ndef rate():\n    calls.append(1)\n    return len(calls)\n"
    )
    assert [load_function(project, "model:rate")() for _ in range(2)] == [1, 2]


@pytest.mark.parametrize(
    ("reference", "kind"),
    [
        ("nothing:rate", ProjectModuleMissing),
        ("model:nothing", ProjectFunctionMissing),
        ("model:RATE", ProjectFunctionMissing),
        ("broken:rate", ProjectImportFailed),
    ],
)
def test_missing_or_broken_function_is_refused(project: Path, reference: str, kind: type[Exception]) -> None:
    (project / "broken.py").write_text("1 / 0\n")
    with pytest.raises(kind):
        load_function(project, reference)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("model.py", True),
        ("pkg/__init__.py", True),
        ("pkg", False),
        ("--verbose", False),
        ("../secret.txt", False),
        ("a\0b", False),
        ("x" * 5000, False),
    ],
)
def test_only_files_below_the_project_are_its_files(project: Path, argument: str, expected: bool) -> None:
    (project.parent / "secret.txt").write_text("")
    assert is_file_of(project, argument) is expected


def test_absolute_path_is_no_file_of_the_project(project: Path) -> None:
    assert not is_file_of(project, str(project / "model.py"))
