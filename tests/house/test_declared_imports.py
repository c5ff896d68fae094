"""Every package that our code imports is declared in pyproject.toml, and nothing else is."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import PACKAGES, imports_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

OURS = {"iterata", "iterata_cli", "mkdocs_iterata"}

NOT_IMPORTED = {"alembic", "mkdocs-material", "psycopg"}
"""mkdocs.yml names the theme, a URL the database driver; MLflow needs alembic for its own database."""

NOT_INSTALLED = {
    "atheris": "atheris",
    "joblibspark": "joblibspark",
    "mcp": "mcp",
    "pyspark": "pyspark",
    "ray": "ray",
    "s3fs": "s3fs",
}
"""Modules of packages that are installed for some tests only, with their distributions."""

FOR_TYPES = {"_typeshed"}
"""What exists for type checkers only."""

LOCAL = {"benchmarks", "conftest", "generators", "tests"}
"""Modules of this repository that are imported by their names."""

ONLY_WHERE_INSTALLED = {"atheris", "s3fs"}
"""Packages that no group installs: whoever has them runs the tests and the fuzzer that need them."""

RUN_BY_AN_EXTRA = {"core/iterata/data/queries/duckdb_worker.py"}
"""A script of its own process, which starts only where its extra is installed."""


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))


def canonical(requirement: str) -> str:
    """The name in a requirement, as registries compare it."""
    name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(project: dict[str, Any], *, extras: bool = True, groups: Iterable[str] = ()) -> set[str]:
    """The names of the dependencies, of those of extras, and of those of groups."""
    requirements = list(project["project"]["dependencies"])
    if extras:
        requirements += [
            line for lines in project["project"]["optional-dependencies"].values() for line in lines
        ]
    requirements += [line for group in groups for line in project["dependency-groups"][group]]
    return set(map(canonical, requirements))


def distributions_of(modules: Iterable[str]) -> dict[str, set[str]]:
    """The distributions that provide each module, but not those of Python and of this repository."""
    owners = packages_distributions()
    outside = set(modules) - set(sys.stdlib_module_names) - OURS - LOCAL - FOR_TYPES
    return {
        module: set(map(canonical, owners.get(module, [])))
        or {NOT_INSTALLED.get(module, f"the unknown owner of {module}")}
        for module in outside
    }


def undeclared(imports: dict[str, set[str]], names: set[str]) -> list[str]:
    """The imports of packages that are not among the declared ones, with their files."""
    owners = distributions_of(set().union(*imports.values()))
    return sorted(
        f"{path} imports {module}"
        for path, modules in imports.items()
        for module in modules & owners.keys()
        if not owners[module] & names
    )


def test_imports_of_the_packages_are_declared(project: dict[str, Any], imports: dict[str, set[str]]) -> None:
    assert not undeclared(imports, declared(project))


def test_declared_dependencies_are_imported(project: dict[str, Any], imports: dict[str, set[str]]) -> None:
    used = set().union(*distributions_of(set().union(*imports.values())).values())
    demo = {canonical(line) for line in project["project"]["optional-dependencies"]["demo"]}
    assert not declared(project) - demo - NOT_IMPORTED - used


def test_each_dependency_is_declared_once(project: dict[str, Any]) -> None:
    """`.ci/oldest` installs the oldest version of each: of two lines, one could not be met."""
    lists = [project["project"]["dependencies"], *project["project"]["optional-dependencies"].values()]
    for requirements in [*lists, *project["dependency-groups"].values()]:
        names = [canonical(line) for line in requirements]
        assert len(names) == len(set(names)), sorted(names)
    lines = {canonical(line): line for requirements in lists for line in requirements}
    assert {line for requirements in lists for line in requirements} == set(lines.values())


@pytest.mark.parametrize("folder", ["tests", "benchmarks", "docs", "projects"])
def test_imports_of_tests_and_tools_are_declared(project: dict[str, Any], folder: str) -> None:
    imports = imports_of([folder])
    assert imports
    assert not undeclared(imports, declared(project, groups=["dev"]) | ONLY_WHERE_INSTALLED)


def test_package_of_an_extra_is_imported_where_it_is_used(project: dict[str, Any], root: Path) -> None:
    always = declared(project, extras=False)
    loaded = {
        path.relative_to(root).as_posix(): set(_when_loaded(ast.parse(path.read_text("utf-8")).body))
        for package in PACKAGES
        for path in sorted((root / package).rglob("*.py"))
        if path.relative_to(root).as_posix() not in RUN_BY_AN_EXTRA
    }
    assert not undeclared(loaded, always)


def _when_loaded(body: list[ast.stmt]) -> Iterator[str]:
    """What a module imports while it is loaded itself: outside of functions, and not for types."""
    for node in body:
        match node:
            case ast.Import():
                yield from (alias.name.split(".")[0] for alias in node.names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.split(".")[0]
            case ast.If() if "TYPE_CHECKING" not in ast.unparse(node.test):
                yield from _when_loaded(node.body)
                yield from _when_loaded(node.orelse)
            case ast.Try():
                yield from _when_loaded([*node.body, *node.orelse, *node.finalbody])
            case ast.With() | ast.ClassDef():
                yield from _when_loaded(node.body)


@pytest.mark.parametrize(
    ("source", "modules"),
    [
        ("import a.b, c", ["a", "c"]),
        ("from . import a\nfrom .b import c\nfrom d.e import f", ["d"]),
        ("if TYPE_CHECKING:\n import a\ndef f():\n import b", []),
        ("try:\n import a\nexcept ImportError:\n b = 1\nif x:\n import c\nelse:\n import d", ["a", "c", "d"]),
        ("with x:\n import a\nclass A:\n import b", ["a", "b"]),
    ],
)
def test_imports_of_a_loaded_module(source: str, modules: list[str]) -> None:
    assert list(_when_loaded(ast.parse(source).body)) == modules


def test_undeclared_import_is_found(project: dict[str, Any]) -> None:
    found = {"a.py": {"numpy", "six_of_nobody", "os", "pluggy", "iterata"}}
    assert undeclared(found, declared(project)) == ["a.py imports pluggy", "a.py imports six_of_nobody"]
