"""Paths as people type them, and names that are no text."""

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
    """Two projects, each with one mistake."""
    base.grow("churn\n  requirements\n  01-setup\n    assessment\nwine\n  requirements\n")
    base.set("churn/requirements", "model_kind", "magic")
    base.set("wine/requirements", "model_kind", "magic")
    return base


def checked(base: KnowledgeBase, where: str, *paths: str) -> set[str]:
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
def test_a_path_limits_the_check_wherever_it_is_typed(
    two: KnowledgeBase, where: str, paths: list[str], found: set[str]
) -> None:
    assert checked(two, where, *paths) == found
    assert checked(two, where, *[str((two.root / where / path).resolve()) for path in paths]) == found


@pytest.mark.parametrize("spelt", ["projects", "projects/", "./projects", "'projects'"])
def test_the_folder_of_the_projects_may_be_spelt_as_one_likes(two: KnowledgeBase, spelt: str) -> None:
    two.write("mkdocs.yml", f"plugins:\n  - iterata:\n      projects_dir: {spelt}\n")
    assert checked(two, ".", "projects/churn") == {"churn"}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("..", "is no part of this knowledge base"),
        ("/", "is no part of this knowledge base"),
        ("../base/projects/beer", "there is no such file"),
        ("projects/beer", "there is no such file"),
        ("projects/churn/requirements.md/", None),
    ],
)
def test_a_path_that_means_nothing_is_not_passed_over(
    two: KnowledgeBase, iterata: CommandLine, path: str, said: str | None
) -> None:
    done = iterata("check", path)
    assert done.code == 1
    assert (said or "DOC008") in done.said


def test_a_link_is_judged_under_its_own_name(two: KnowledgeBase, iterata: CommandLine) -> None:
    (two.root / "projects/wine/requirements.md").unlink()
    (two.root / "projects/wine/requirements.md").symlink_to("../churn/requirements.md")
    assert checked(two, ".", "projects/wine/requirements.md") == {"wine"}
    (two.root / "projects/wine/requirements.md").unlink()
    (two.root / "projects/wine/requirements.md").symlink_to("/etc/passwd")
    done = iterata("check", "projects/wine/requirements.md")
    assert "TREE006" in done.out
    assert "root:" not in done.said


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
def test_a_name_that_is_no_text_is_told_of_in_every_format(
    base: KnowledgeBase, iterata: CommandLine, form: str
) -> None:
    base.grow("churn\n  requirements\n")
    try:
        (base.root / "projects" / os.fsdecode(b"caf\xe9")).mkdir()
    except OSError:
        pytest.skip("this file system knows no such names")
    done = iterata.really("check", "--format", form)
    assert done.code == 1
    assert "TREE002" in done.out
    assert "Traceback" not in done.err


def test_whoever_stands_in_a_folder_that_was_removed_is_told_so(base: KnowledgeBase, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    here = CommandLine(gone)
    for words in (("check",), ("init",)):
        script = 'rmdir "$PWD"; exec "$@"'
        gone.mkdir(exist_ok=True)
        done = here.through(["sh", "-c", script, "sh"], *words)
        assert (done.code, "the folder you are in is gone" in done.err) == (1, True)
