"""A package that pip installs without a network in place of iterata: it adds our sources to the path."""

from __future__ import annotations

import os
import shlex
import site
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import iterata
import iterata_cli
import mkdocs_iterata

if TYPE_CHECKING:
    from types import ModuleType

PACKAGES: tuple[ModuleType, ...] = (iterata, iterata_cli, mkdocs_iterata)

BACKEND = """
import pathlib, zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "iterata-9.dist-info"
    files = {
        "iterata_sources.pth": pathlib.Path("paths.txt").read_text(),
        f"{name}/METADATA": "Metadata-Version: 2.1\\nName: iterata\\nVersion: 9\\n",
        f"{name}/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    files[f"{name}/entry_points.txt"] = "[mkdocs.plugins]\\niterata = mkdocs_iterata.plugin:IterataPlugin\\n"
    files[f"{name}/RECORD"] = "".join(f"{path},,\\n" for path in [*files, f"{name}/RECORD"])
    with zipfile.ZipFile(pathlib.Path(folder, "iterata-9-py3-none-any.whl"), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return "iterata-9-py3-none-any.whl"
"""


def stand_in(folder: Path) -> Path:
    """Write the package; its environment finds the packages of this process."""
    folder.mkdir(parents=True)
    sources = [str(Path(str(package.__file__)).parents[1]) for package in PACKAGES]
    (folder / "paths.txt").write_text("\n".join([*sources, *site.getsitepackages()]) + "\n", "utf-8")
    (folder / "backend.py").write_text(BACKEND, "utf-8")
    (folder / "pyproject.toml").write_text(
        textwrap.dedent("""\
            [build-system]
            requires = []
            build-backend = "backend"
            backend-path = ["."]
        """),
        "utf-8",
    )
    return folder


def offline(variables: dict[str, str]) -> dict[str, str]:
    """The variables of this process for pip without an index, and those given."""
    # 0, because pip takes it for the value of `warn_conflicts`: it would read all packages of this process
    quick = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_WARN_CONFLICTS": "0"}
    return {**os.environ, "PIP_NO_INDEX": "1", **quick, **variables}


def link_interpreter(temp: Path) -> None:
    """Put this process's interpreter where the steps of a workflow install iterata; `-I` is left out."""
    program = temp / "iterata/bin/python"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f'#!/bin/sh\nshift\nexec {shlex.quote(sys.executable)} "$@"\n', "utf-8")
    program.chmod(0o755)
