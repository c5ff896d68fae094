"""Where a result comes from: what must be known to make it again."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import TYPE_CHECKING

from iterata.results import Provenance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def collect(
    *,
    data: Mapping[str, str],
    packages: Iterable[str],
    commit: str | None,
    dirty: bool,
    seconds: Mapping[str, float],
) -> Provenance:
    """Provenance from what the caller knows and the versions installed here.

    `data` holds the digest of every file read, by path in the repository; `packages` are distributions whose
    versions matter (`numpy`), those not installed being left out; `seconds` is wall-clock time by step.
    """
    return Provenance(
        commit=commit,
        dirty=dirty,
        data=dict(data),
        packages={name: version for name in sorted(set(packages)) if (version := _version(name))},
        python=platform.python_version(),
        seconds={step: round(taken, 2) for step, taken in seconds.items()},
    )


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
