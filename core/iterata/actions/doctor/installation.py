"""The programs and packages: iterata, Python, Git, the dependencies, and the extras."""

from __future__ import annotations

import platform
import re
import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import iterata
from iterata.actions.doctor.finding import Finding, Part, State
from iterata.execution.dependencies import (
    NAME,
    Dependency,
    admits_python,
    declared_dependencies,
    installed_version,
    is_older,
)
from iterata.execution.extras import install_command
from iterata.execution.import_check import import_failures
from iterata.repository import git
from iterata.repository.git_refusals import GitMissingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

OLDEST_GIT = "2.30"
"""Older ones do not read `--end-of-options` in all commands."""

SAFE_GIT = "2.38"
"""The first that can refuse a bare repository within a checkout, whose settings would be executed."""

_GIT_UPGRADE = "install a newer Git: https://git-scm.com/downloads"


def findings() -> Iterator[Finding]:
    """What is installed, and whether it works."""
    yield _iterata()
    yield _python()
    yield _git()
    dependencies = declared_dependencies()
    failures = import_failures([dependency.module for dependency in dependencies if dependency.installed])
    for dependency in dependencies:
        if not dependency.extra:
            yield _dependency(dependency, failures)
    extras = groupby((entry for entry in dependencies if entry.extra), key=lambda entry: entry.extra)
    for extra, group in extras:
        yield _extra(extra, list(group), failures)


def _iterata() -> Finding:
    """The version that runs, and whether it is the one that is installed."""
    running, installed = iterata.__version__, installed_version(NAME)
    place = str(Path(iterata.__file__).parent)
    if running == installed:
        return Finding(Part.PROGRAM, NAME, State.OK, running, place)
    message = f"it runs from {place}, and {installed or 'none'} is installed; dependencies cannot be compared"
    fix = "install it with pip into this environment, and remove the other one from PYTHONPATH"
    return Finding(Part.PROGRAM, NAME, State.PROBLEM, running, message, fix)


def _python() -> Finding:
    version = platform.python_version()
    admitted, needed = admits_python(version)
    if not admitted:
        fix = f"make a virtual environment with Python {needed}, and install {NAME} there"
        return Finding(Part.PROGRAM, "Python", State.PROBLEM, version, f"{NAME} needs {needed}", fix)
    return Finding(Part.PROGRAM, "Python", State.OK, version, sys.executable)


def _git() -> Finding:
    answer = git.run(Path(iterata.__file__).parent, "--version")
    if answer is None:
        error = GitMissingError()
        return Finding(Part.PROGRAM, "Git", State.PROBLEM, "", error.message, error.remedy)
    numbers = re.search(r"\d+(\.\d+)+", answer.decode())
    version = numbers[0] if numbers else "0"
    if is_older(version, OLDEST_GIT):
        message = f"commands fail that need Git {OLDEST_GIT}"
        return Finding(Part.PROGRAM, "Git", State.PROBLEM, version, message, _GIT_UPGRADE)
    if is_older(version, SAFE_GIT):
        message = f"before {SAFE_GIT}, Git trusts repositories that a checkout contains"
        return Finding(Part.PROGRAM, "Git", State.NOTE, version, message, _GIT_UPGRADE)
    return Finding(Part.PROGRAM, "Git", State.OK, version)


def _dependency(dependency: Dependency, failures: Mapping[str, str]) -> Finding:
    name, found, defect = dependency.name, dependency.installed or "", _defect(dependency, failures)
    if defect:
        return Finding(Part.DEPENDENCIES, name, State.PROBLEM, found, defect, f"`{_install(dependency)}`")
    return Finding(Part.DEPENDENCIES, name, State.OK, found, dependency.needed)


def _extra(extra: str, dependencies: Sequence[Dependency], failures: Mapping[str, str]) -> Finding:
    """Whether what an extra offers works."""
    found = ", ".join(f"{entry.name} {entry.installed}" for entry in dependencies if entry.installed)
    defects = [f"{entry.name} {defect}" for entry in dependencies if (defect := _defect(entry, failures))]
    if not defects:
        return Finding(Part.EXTRAS, extra, State.OK, found)
    broken = [entry for entry in dependencies if entry.installed and _defect(entry, failures)]
    state = State.NOTE if broken else State.ABSENT
    fix = f"`{_install(*broken) if broken else install_command(extra)}`"
    return Finding(Part.EXTRAS, extra, state, found, "; ".join(defects), fix)


def _defect(dependency: Dependency, failures: Mapping[str, str]) -> str:
    """Why a package does not work; empty if it does."""
    if dependency.installed is None:
        return "not installed"
    if not dependency.fits:
        return f"needs {dependency.needed}"
    failure = failures.get(dependency.module)
    return f"cannot be imported: {failure}" if failure else ""


def _install(*dependencies: Dependency) -> str:
    """The command that installs versions that will do, whatever is there."""
    packages = " ".join(f"'{entry.name}{entry.needed}'" for entry in dependencies)
    again = "--force-reinstall " if all(entry.fits for entry in dependencies) else ""
    return f"pip install {again}{packages}"
