"""The versions that change figures: installed, tested, and recorded in results."""

from __future__ import annotations

import platform
from collections import defaultdict
from typing import TYPE_CHECKING

from iterata.actions.doctor.finding import Finding, Part, State
from iterata.errors import IterataError
from iterata.execution.dependencies import installed_version, known_good

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iterata.repository.projects import IterationFolder

COMPUTING = ("numpy", "pandas", "scikit-learn", "scipy")
"""Packages whose versions may change a figure of any result."""

NEUTRAL = {"iterata", "joblib"}
"""Recorded as well; these change no figure, or change it as a new version of iterata announces."""

MOST_NAMES = 3
"""The most iterations that one finding names."""

Recorded = dict[str, dict[str, list[str]]]
"""The iterations by package and version."""


def findings(iterations: Iterable[IterationFolder]) -> Iterator[Finding]:
    """For each package, whether its version is the one of the committed results, and a tested one."""
    recorded: Recorded = defaultdict(lambda: defaultdict(list))
    for folder in iterations:
        yield from _read(folder, recorded)
    tested = known_good()
    for name in sorted({*COMPUTING, *recorded} - {"Python"}):
        yield _package(name, installed_version(name), tested.get(name), recorded[name])
    if "Python" in recorded:
        yield _python(recorded["Python"])


def _read(folder: IterationFolder, recorded: Recorded) -> Iterator[Finding]:
    """Add the versions of an iteration's results; a result that cannot be read is a finding."""
    for kind, share in folder.result_slots():
        try:
            result = folder.result(kind, share)
        except IterataError as error:
            path = folder.result_path(kind, share)
            yield Finding(Part.FIGURES, path, State.NOTE, "", error.message, error.remedy)
            continue
        if result is None:
            continue
        versions = {**result.provenance.packages, "Python": result.provenance.python}
        for name, version in versions.items():
            if name not in NEUTRAL and folder.ref not in recorded[name][version]:
                recorded[name][version].append(folder.ref)


def _package(name: str, installed: str | None, tested: str | None, recorded: dict[str, list[str]]) -> Finding:
    """Compare the versions of one package."""
    others = {version: refs for version, refs in recorded.items() if version != installed}
    if others:
        version, refs = max(others.items(), key=lambda item: len(item[1]))
        fix = f"`iterata verify {refs[-1]}` lists figures that differ; or `pip install {name}=={version}`"
        return Finding(Part.FIGURES, name, State.NOTE, installed or "", _results(others), fix)
    if tested is not None and installed is not None and installed != tested:
        message = f"this iterata was tested with {tested}"
        fix = f"`pip install {name}=={tested}`; `iterata doctor --constraints` lists all tested versions"
        return Finding(Part.FIGURES, name, State.NOTE, installed, message, fix)
    return Finding(Part.FIGURES, name, State.OK, installed or "", "of all results" if recorded else "")


def _python(recorded: dict[str, list[str]]) -> Finding:
    running = platform.python_version()
    others = {version: refs for version, refs in recorded.items() if _minor(version) != _minor(running)}
    if not others:
        return Finding(Part.FIGURES, "Python", State.OK, running, "of all results")
    refs = next(iter(others.values()))
    fix = f"`iterata verify {refs[-1]}` lists figures that differ"
    return Finding(Part.FIGURES, "Python", State.NOTE, running, _results(others), fix)


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]


def _results(versions: dict[str, list[str]]) -> str:
    """Which results were computed with which other versions."""
    return "; ".join(f"{version}: {_names(refs)}" for version, refs in sorted(versions.items()))


def _names(refs: list[str]) -> str:
    more = f" and {len(refs) - MOST_NAMES:,} more" if len(refs) > MOST_NAMES else ""
    return f"results of {', '.join(refs[:MOST_NAMES])}{more}"
