"""Collecting the provenance of a result: what is needed to compute it again."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import TYPE_CHECKING

from iterata.results.parts import Provenance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def collect(
    *,
    data: Mapping[str, str],
    packages: Iterable[str],
    commit: str | None,
    dirty: bool,
    seconds: Mapping[str, float],
    code: Mapping[str, str] | None = None,
) -> Provenance:
    """The provenance of a result that is computed by this process.

    Args:
        data: the digest of every file that was read, by its path in the repository.
        packages: distributions whose version matters, such as `numpy`; those not installed are left out.
        commit: the commit of the working tree, if there is one.
        dirty: whether what the result depends on differs from that commit.
        seconds: wall-clock time by step.
        code: the digest of every file of code that was used, by its path in the repository; None if unknown.
    """
    return Provenance(
        commit=commit,
        dirty=dirty,
        data=dict(data),
        code=None if code is None else dict(code),
        packages={name: version for name in sorted(set(packages)) if (version := _version(name))},
        python=platform.python_version(),
        seconds={step: round(duration, 2) for step, duration in seconds.items()},
    )


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
