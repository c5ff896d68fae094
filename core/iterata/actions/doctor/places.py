"""The folders of a knowledge base: whether they can be written and locked, and who works in them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from iterata.actions.doctor.finding import Finding, Part, State
from iterata.execution.extras import install_command
from iterata.repository.files import STATE, lock_holders, locks_work
from iterata.text import mask_passwords, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.repository.config import Config

_OWNER = "check who owns it and its permissions, and that its file system can be written"


def findings(config: Config) -> Iterator[Finding]:
    """Where the knowledge base is, and whether its folders can be used."""
    root, settings = config.root, config.settings
    yield Finding(Part.KNOWLEDGE_BASE, "mkdocs.yml", State.OK, str(root))
    if settings.requires is not None:  # an iterata that does not fit is refused with the settings
        yield Finding(Part.KNOWLEDGE_BASE, "requires", State.OK, settings.requires)
    yield _folder("documents", root / settings.projects_dir)
    yield _folder("locks", root / STATE)
    for name, holder in lock_holders(root):
        message, fix = f"{name}: {holder} works on it", "wait until it ends"
        yield Finding(Part.KNOWLEDGE_BASE, "lock", State.NOTE, name, message, fix)
    yield _cache(root, settings.cache)


def _cache(root: Path, url: str | None) -> Finding:
    if url is None:
        return _folder("cache", root / STATE / "cache")
    parts = urlsplit(url)
    if parts.scheme in {"file", "local"}:
        finding = _folder("cache", Path(unquote(parts.path)))
        return finding._replace(state=State.NOTE) if finding.state is State.PROBLEM else finding
    shown, refusal = mask_passwords(url), _driver_refusal(parts.scheme)
    if refusal:
        fix = f"`{install_command('remote')}`, and the package that it names"
        return Finding(Part.KNOWLEDGE_BASE, "cache", State.PROBLEM, shown, refusal, fix)
    return Finding(Part.KNOWLEDGE_BASE, "cache", State.OK, shown, "shared; it was not contacted")


def _driver_refusal(protocol: str) -> str:
    """Why fsspec cannot read the URLs of a protocol; empty if it can."""
    try:
        from fsspec import get_filesystem_class  # noqa: PLC0415  # an extra

        get_filesystem_class(protocol)
    except (ImportError, ValueError) as error:
        return one_line(str(error), 200)
    return ""


def _folder(name: str, folder: Path) -> Finding:
    """Whether a file can be made and locked in a folder, or where the folder would be made."""
    place = next(parent for parent in (folder, *folder.parents) if parent.is_dir())
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            locked = locks_work(file.fileno())
    except OSError as error:
        message = f"{place} cannot be written: {error.strerror}"
        return Finding(Part.KNOWLEDGE_BASE, name, State.PROBLEM, str(folder), message, _OWNER)
    if not locked:
        message = f"the file system of {place} has no locks; two commands may disturb each other"
        fix = "clone the repository to a local disk"
        return Finding(Part.KNOWLEDGE_BASE, name, State.PROBLEM, str(folder), message, fix)
    return Finding(Part.KNOWLEDGE_BASE, name, State.OK, str(folder))
