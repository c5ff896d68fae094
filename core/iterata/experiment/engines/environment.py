"""The environment of a run: versions of Python and packages, and the code of projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.execution.project_code import fingerprint
from iterata.results import provenance

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PACKAGES = ("iterata", "joblib", "numpy", "pandas", "scikit-learn", "scipy")
"""Distributions whose versions a result records, besides those that the estimators come from."""


def describe_environment(projects: Iterable[Path]) -> list[object]:
    """Plain data that must be equal on every machine that works on a run, besides the data set."""
    versions = provenance.collect(data={}, packages=PACKAGES, commit=None, dirty=False, seconds={})
    return [versions.python, versions.packages, *(fingerprint(project) for project in projects)]
