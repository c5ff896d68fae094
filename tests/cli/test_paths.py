"""Paths that users type, and file names that are not valid text."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from ..helpers.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

    from ..helpers.knowledge_base import KnowledgeBase


@pytest.fixture
def two(base: KnowledgeBase) -> KnowledgeBase:
    """Two projects with one problem each."""
    base.grow("churn\n  requirements\n  01-setup\n    assessment\nwine\n  requirements\n")
    base.set("churn/requirements", "model_kind", "magic")
    base.set("wine/requirements", "model_kind", "magic")
    return base


def projects_with_problems(base: KnowledgeBase, where: str, *paths: str) -> set[str]:
    done = CommandLine(base.root / where)("check", "--format", "json", *paths)
    return {problem["path"].split("/")[1] for problem in json.loads(done.out)["problems"]}


@pytest.mark.parametrize(
    ("where", "paths", "found"),
    [
        (".", [], {"churn", "wine"}),
        (".", ["."], {"churn", "wine"}),
        (".", ["projects/"], {"churn", "wine"}),
        (".", ["projects/churn"], {"churn"}),
        (".", ["projects/churn", "projects/wine/"], {"churn", "wine"}),
        (".", ["./projects/../projects/churn/requirements.md"], {"churn"}),
        (".", ["projects/churn/01-setup"], set()),
        (".", ["mkdocs.yml"], set()),
        ("projects", ["churn"], {"churn"}),
        ("projects/churn", ["."], {"churn"}),
        ("projects/churn/01-setup", [".."], {"churn"}),
        ("projects/churn", [], {"churn", "wine"}),
        ("projects/churn", ["../wine/requirements.md"], {"wine"}),
    ],
)
def test_a_path_limits_the_check_from_any_folder(
    two: KnowledgeBase, where: str, paths: list[str], found: set[str]
) -> None:
    assert projects_with_problems(two, where, *paths) == found
    assert (
        projects_with_problems(two, where, *[str((two.root / where / path).resolve()) for path in paths])
        == found
    )


@pytest.mark.parametrize("spelling", ["projects", "projects/", "./projects", "'projects'"])
def test_spellings_of_projects_dir_are_equivalent(two: KnowledgeBase, spelling: str) -> None:
    two.write("mkdocs.yml", f"plugins:\n  - iterata:\n      projects_dir: {spelling}\n")
    assert projects_with_problems(two, ".", "projects/churn") == {"churn"}


@pytest.mark.parametrize("path", ["..", "/", "../base/projects/beer", "projects/beer"])
def test_a_path_outside_or_missing_is_an_error(two: KnowledgeBase, iterata: CommandLine, path: str) -> None:
    done = iterata("check", path)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"{path}: error: ")


def test_a_file_with_a_trailing_slash_is_checked(two: KnowledgeBase, iterata: CommandLine) -> None:
    assert "DOC008" in iterata("check", "projects/churn/requirements.md/").out


def test_a_symlink_is_checked_under_its_own_name(two: KnowledgeBase, iterata: CommandLine) -> None:
    (two.root / "projects/wine/requirements.md").unlink()
    (two.root / "projects/wine/requirements.md").symlink_to("../churn/requirements.md")
    assert projects_with_problems(two, ".", "projects/wine/requirements.md") == {"wine"}
    (two.root / "projects/wine/requirements.md").unlink()
    (two.root / "projects/wine/requirements.md").symlink_to("/etc/passwd")
    done = iterata("check", "projects/wine/requirements.md")
    assert "TREE006" in done.out
    assert "root:" not in done.output


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
def test_a_name_that_is_not_utf8_is_reported_in_every_format(
    base: KnowledgeBase, iterata: CommandLine, form: str
) -> None:
    base.grow("churn\n  requirements\n")
    try:
        (base.root / "projects" / os.fsdecode(b"caf\xe9")).mkdir()
    except OSError:
        pytest.skip("this file system knows no such names")
    done = iterata.in_subprocess("check", "--format", form)
    assert done.code == 1
    assert "TREE002" in done.out
    assert "Traceback" not in done.err


def test_a_deleted_working_directory_is_an_error(base: KnowledgeBase, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    inside = CommandLine(gone)
    for words in (("check",), ("init",)):
        script = 'rmdir "$PWD"; exec "$@"'
        gone.mkdir(exist_ok=True)
        done = inside.run_by(["sh", "-c", script, "sh"], *words)
        assert (done.code, "Traceback" in done.err) == (1, False)
