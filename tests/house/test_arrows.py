"""cli -> core, plugin -> core, and nothing else; the heavy libraries only where something is computed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

FORBIDDEN_IMPORTS = {
    "core/iterata": {"click", "rich", "mkdocs", "properdocs", "iterata_cli", "mkdocs_iterata"},
    "cli/iterata_cli": {"mkdocs", "properdocs", "mkdocs_iterata"},
    "plugin/mkdocs_iterata": {"click", "rich", "iterata_cli"},
}
"""What the files of each package never import."""

HEAVY = {"pandas", "sklearn", "scipy", "numpy", "joblib", "pyarrow"}

LIGHT_COMMANDS = [
    ["--help"],
    ["--version"],
    ["check"],
    ["status"],
    ["status", "--format", "json"],
    ["rule", "DOC006"],
    ["schema", "report"],
    ["lift", "--help"],
    ["run", "--help"],
    ["report", "--help"],
    ["monitor"],
    ["export", "findings"],
    ["digest", "--since", "2026-11-01"],
]
"""Commands that people, editors and hooks run often."""


def loaded(command: list[str], folder: Path) -> set[str]:
    """The packages that a command loads in a process of its own."""
    environment = {**os.environ, "PYTHONPROFILEIMPORTTIME": "1", "NO_MKDOCS_2_WARNING": "1"}
    process = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert process.returncode in {0, 1}, process.stderr
    modules = re.findall(r"^import time:.*\| +(\S+)$", process.stderr, re.MULTILINE)
    assert "encodings" in modules, "Python does not print its imports"
    return {module.split(".")[0] for module in modules}


def script(name: str) -> str:
    """An installed command, beside the Python that runs the tests."""
    return str(Path(sys.executable).parent / name)


@pytest.mark.parametrize("package", FORBIDDEN_IMPORTS)
def test_packages_import_in_one_direction(package: str, imports: dict[str, set[str]]) -> None:
    files = {path: names for path, names in imports.items() if path.startswith(package)}
    assert files, "the package has moved"
    assert not {
        path: names & FORBIDDEN_IMPORTS[package]
        for path, names in files.items()
        if names & FORBIDDEN_IMPORTS[package]
    }


@pytest.mark.parametrize("arguments", LIGHT_COMMANDS, ids=" ".join)
def test_light_commands_load_no_heavy_library(arguments: list[str], root: Path) -> None:
    names = loaded([script("iterata"), *arguments], root)
    assert "iterata_cli" in names
    assert not names & {*HEAVY, "mkdocs", "mkdocs_iterata"}


def test_help_does_not_load_models(root: Path) -> None:
    assert not loaded([script("iterata"), "--help"], root) & {"pydantic", "yaml", "jinja2", "rich"}


def test_site_build_loads_no_heavy_library(root: Path, tmp_path: Path) -> None:
    names = loaded([script("mkdocs"), "build", "--quiet", "--site-dir", str(tmp_path / "site")], root)
    assert {"iterata", "mkdocs_iterata"} <= names
    assert not names & {*HEAVY, "iterata_cli"}
