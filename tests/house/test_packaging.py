"""The distributions: every file of the packages, one version, and pinned dependencies."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tomllib
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest

import iterata
from iterata.execution.dependencies import constraints

if TYPE_CHECKING:
    from pathlib import Path

OURS = {"iterata", "iterata_cli", "mkdocs_iterata"}

TOO_LARGE = {"joblibspark", "pyspark", "ray"}
"""Clusters of half a gigabyte each, tested where they are installed."""


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def distributions(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source distribution."""
    place = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(place)], cwd=root, check=True)
    return place


def ours(tracked: tuple[Path, ...]) -> list[str]:
    """The tracked files of the three packages."""
    return [path.as_posix() for path in tracked if path.parts[1:2] and path.parts[1] in OURS]


PIN = r"[\w.-]+==[\w.!+]+( ; python_version (<|>=) '3\.\d+')?"
"""A name and a version, and for which Python this version is, if another one has another version."""


def canonical(requirement: str) -> str:
    """The name in a requirement, as registries compare it."""
    name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def test_wheel_contains_every_file_of_the_packages(distributions: Path, tracked: tuple[Path, ...]) -> None:
    with ZipFile(next(distributions.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    expected = {path.split("/", 1)[1] for path in ours(tracked)}
    assert any(path.endswith(".css") for path in expected)
    assert any("/actions/knowledge_base/" in path for path in expected)
    assert not expected - names


def test_wheel_contains_nothing_else(distributions: Path) -> None:
    with ZipFile(next(distributions.glob("*.whl"))) as wheel:
        folders = {name.split("/")[0] for name in wheel.namelist()}
    assert folders == {*OURS, f"iterata-{iterata.__version__}.dist-info"}


def test_source_distribution_contains_all_sources(distributions: Path, tracked: tuple[Path, ...]) -> None:
    with tarfile.open(next(distributions.glob("*.tar.gz"))) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}
    assert not {*ours(tracked), "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"} - names


def test_versions_agree(project: dict[str, Any]) -> None:
    assert project["project"]["version"] == iterata.__version__ == version("iterata")


def test_changelog_names_the_version(project: dict[str, Any], root: Path) -> None:
    headings = re.findall(r"^## \[(.+?)\]", (root / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert "Unreleased" in headings or project["project"]["version"] in headings


def test_published_constraints_are_the_tested_versions(project: dict[str, Any], root: Path) -> None:
    published = constraints().splitlines()[1:]
    assert set(published) <= set((root / "constraints.txt").read_text("utf-8").splitlines())
    extras = project["project"]["optional-dependencies"]
    declared = [*project["project"]["dependencies"], *(line for extra in extras.values() for line in extra)]
    assert not {*map(canonical, declared)} - TOO_LARGE - {*map(canonical, published)}, "run `make reference`"


def test_published_constraints_have_no_addresses_and_no_tools(root: Path) -> None:
    published = constraints().splitlines()
    assert published[0].startswith("# ")
    assert not [line for line in published[1:] if not re.fullmatch(PIN, line)]
    assert not {"pytest", "ruff", "mypy", "pip", "setuptools"} & {*map(canonical, published[1:])}


def test_dependencies_are_pinned(project: dict[str, Any], root: Path) -> None:
    extras = project["project"]["optional-dependencies"]
    groups = project["dependency-groups"]
    requirements = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *(requirement for group in (*extras.values(), *groups.values()) for requirement in group),
    ]
    lines = (root / "constraints.txt").read_text("utf-8").splitlines()
    pinned = {canonical(line) for line in lines if "==" in line}
    assert not {canonical(requirement) for requirement in requirements} - TOO_LARGE - pinned, (
        "run `make constraints`"
    )
