"""`iterata init`: write the files of a new knowledge base. Existing files are never overwritten."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from iterata.actions.installation import pinned_requirement
from iterata.errors import IterataError
from iterata.repository.config import NAMES
from iterata.repository.files import write_within

if TYPE_CHECKING:
    from pathlib import Path

PROJECTS = "projects"

_LISTED = re.compile(r"\s*iterata\s*(\[|@|[=<>~!]=|$|[#;])")

FILES: dict[str, str] = {
    "mkdocs.yml": "mkdocs.yml",
    "index.md": "docs/index.md",
    "requirements.txt": "requirements.txt",
    "gitignore": ".gitignore",
    "check.yml": ".github/workflows/iterata.yml",
    "reviews.yml": ".github/workflows/reviews.yml",
    "site.yml": ".github/workflows/site.yml",
    "monitors.yml": ".github/workflows/monitors.yml",
    "verify.yml": ".github/workflows/verify.yml",
    "dependabot.yml": ".github/dependabot.yml",
    "pull_request_template.md": ".github/pull_request_template.md",
    "CODEOWNERS": ".github/CODEOWNERS",
    "pre-commit-config.yaml": ".pre-commit-config.yaml",
}
"""The files of a new knowledge base: from the template's name to the path."""


REQUIREMENTS = FILES["requirements.txt"]

FILL_IN = (
    "iterata==FILL_IN  # a version, or replace the line: iterata @ git+https://HOST/OWNER/iterata@COMMIT"
)
"""The requirement if nothing tells where this installation comes from; pip refuses it by name and line."""


class InitialFile(NamedTuple):
    """A file of a new knowledge base."""

    path: str
    created: bool
    """False if the file existed and was not changed."""


def init(folder: Path, name: str) -> list[InitialFile]:
    """Write the files of a new knowledge base into `folder`.

    Raises:
        IterataError: the folder cannot be written to, or is a file.
    """
    _check_folders(folder)
    templates = files("iterata.actions") / "knowledge_base"
    initial = []
    for template, path in FILES.items():
        exists = _exists(folder, path)
        if not exists:
            text = (templates / template).read_text("utf-8")
            write_within(folder, path, _filled_in(text, name, path))
        initial.append(InitialFile(path, not exists))
    (folder / PROJECTS).mkdir(exist_ok=True)
    return initial


def missing_requirement(folder: Path) -> int | None:
    """The line of `requirements.txt` that does not say which iterata to install; None if there is none.

    If the file does not list iterata at all, it is the line after its last.
    """
    lines = (folder / REQUIREMENTS).read_text("utf-8", "replace").splitlines()
    listed = [number for number, line in enumerate(lines, 1) if _LISTED.match(line)]
    incomplete = [number for number in listed if "FILL_IN" in lines[number - 1].partition("#")[0]]
    return next(iter(incomplete), None if listed else len(lines) + 1)


def _filled_in(text: str, name: str, path: str) -> str:
    if path == REQUIREMENTS:
        return text.replace("{iterata}", pinned_requirement() or FILL_IN)
    return text.replace("{name}", json.dumps(name, ensure_ascii=False) if path == "mkdocs.yml" else name)


def _check_folders(folder: Path) -> None:
    """Refuse a file in place of a folder before anything is written."""
    for path in (".", PROJECTS, *(str(PurePosixPath(path).parent) for path in FILES.values())):
        if (folder / path).exists() and not (folder / path).is_dir():
            remedy = "name a folder" if path == "." else "move the file; its path is needed for a folder"
            raise IterataError("is a file; nothing was written", remedy=remedy, where=str(folder / path))


def _exists(folder: Path, path: str) -> bool:
    """Whether a file exists under any of its possible names, or as a broken symbolic link."""
    names = NAMES if path in NAMES else (path,)
    return any((folder / name).exists() or (folder / name).is_symlink() for name in names)
