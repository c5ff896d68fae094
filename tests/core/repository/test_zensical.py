"""A team that builds its site with Zensical is told what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.actions.init import init
from iterata.repository.zensical import MANIFEST, advice

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "base"
    (folder / "handbook").mkdir(parents=True)
    (folder / "mkdocs.yml").write_text("docs_dir: handbook\nplugins: [iterata]\n", "utf-8")
    return folder


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def test_a_team_without_zensical_is_told_nothing(base: Path) -> None:
    write(base / "requirements.txt", "iterata\n# no zensical here\n")
    assert advice(base) is None


def test_workflows_of_init_say_nothing_before_a_team_uses_zensical(base: Path) -> None:
    init(base, "Letters", "github", "mkdocs")
    assert advice(base) is None
    write(base / "Makefile", "site:\n\tzensical build\n")
    found = advice(base)
    assert found is not None
    assert found.file == "Makefile"


def test_settings_of_zensical_are_noticed(base: Path) -> None:
    write(base / "zensical.toml", '[project]\ndocs_dir = "handbook"\n')
    found = advice(base)
    assert found is not None
    assert found.file == "zensical.toml"
    assert "--docs handbook" in found.remedy


@pytest.mark.parametrize("text", ["", "not TOML [", "project = 3", "[project]\ndocs_dir = 3"])
def test_settings_that_say_nothing_mean_the_folder_docs(base: Path, text: str) -> None:
    write(base / "zensical.toml", text)
    assert advice(base) is None
    (base / "docs").mkdir()
    assert advice(base) is not None


def test_a_folder_that_iterata_wrote_is_what_zensical_needs(base: Path) -> None:
    write(base / "zensical.toml", '[project]\ndocs_dir = "site-source"\n')
    assert advice(base) is None  # not written yet
    write(base / f"site-source/{MANIFEST}", "{}")
    assert advice(base) is None


@pytest.mark.parametrize(
    ("place", "file", "text"),
    [
        ("base", "requirements.txt", "mkdocs\nzensical==0.0.73\n"),
        ("base", "pyproject.toml", '[dependency-groups]\ndocs = ["zensical"]\n'),
        ("top", ".github/workflows/docs.yml", "jobs:\n  x:\n    steps:\n    - run: zensical build --clean\n"),
        ("top", ".gitlab-ci.yml", "pages:\n  script: [pip install zensical]\n"),
        ("top", "Makefile", "docs:\n\tzensical build\n"),
    ],
)
def test_a_build_with_zensical_is_noticed(base: Path, place: str, file: str, text: str) -> None:
    folder = base if place == "base" else base.parent
    write(folder / file, text)
    found = advice(base)
    assert found is not None
    assert found.file == file
    write(folder / "Makefile", "docs:\n\titerata -C base site --into site-source\n\tzensical build\n")
    assert advice(base) is None


def test_settings_of_mkdocs_for_zensical_are_read(base: Path) -> None:
    write(base / "requirements.txt", "zensical\n")
    write(base / "zensical.yml", "INHERIT: mkdocs.yml\n")
    found = advice(base)
    assert found is not None
    assert found.file == "zensical.yml"
    write(base / "zensical.yml", "INHERIT: mkdocs.yml\ndocs_dir: site-source\n")
    assert advice(base) is None
