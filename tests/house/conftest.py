"""Fixtures of the tests of the repository itself: its root, its tracked files and its imports."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[2]

PACKAGES = ("core/iterata", "cli/iterata_cli", "plugin/mkdocs_iterata")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def tracked() -> tuple[Path, ...]:
    """Every tracked file, relative to the repository."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    return tuple(Path(name) for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


@pytest.fixture(scope="session")
def imports() -> dict[str, set[str]]:
    """The packages that each file of ours imports, anywhere in it."""
    return imports_of(PACKAGES)


def imports_of(folders: Iterable[str]) -> dict[str, set[str]]:
    """The packages that each file below some folders imports, anywhere in it."""
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return {
        path.relative_to(ROOT).as_posix(): set(_imported(ast.parse(path.read_text("utf-8"))))
        for path in files
    }


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]
