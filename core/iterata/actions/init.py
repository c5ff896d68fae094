"""Starting a team's knowledge base. Nothing that exists is overwritten."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import IterataError
from iterata.repository.config import NAMES
from iterata.repository.files import write_text

if TYPE_CHECKING:
    from pathlib import Path

PROJECTS = "projects"

FILES: dict[str, str] = {
    "mkdocs.yml": "mkdocs.yml",
    "index.md": "docs/index.md",
    "gitignore": ".gitignore",
    "check.yml": ".github/workflows/iterata.yml",
    "reviews.yml": ".github/workflows/reviews.yml",
    "site.yml": ".github/workflows/site.yml",
    "monitors.yml": ".github/workflows/monitors.yml",
    "pull_request_template.md": ".github/pull_request_template.md",
    "CODEOWNERS": ".github/CODEOWNERS",
    "pre-commit-config.yaml": ".pre-commit-config.yaml",
}
"""What a knowledge base starts with: template to place."""


class StartedFile(NamedTuple):
    """A file of the new knowledge base."""

    path: str
    written: bool
    """False where a file was there already and was left alone."""


def start(folder: Path, name: str) -> list[StartedFile]:
    """Write what a knowledge base starts with into `folder`, around whatever is there.

    Raises:
        IterataError: the folder cannot be written to, or is a file.
    """
    _nothing_in_the_way(folder)
    templates = files("iterata.actions") / "knowledge_base"
    started = []
    for template, place in FILES.items():
        present = _is_there(folder, place)
        if not present:
            text = (templates / template).read_text("utf-8")
            title = json.dumps(name, ensure_ascii=False) if place == "mkdocs.yml" else name
            write_text(folder / place, text.replace("{name}", title))
        started.append(StartedFile(place, not present))
    (folder / PROJECTS).mkdir(exist_ok=True)
    return started


def _nothing_in_the_way(folder: Path) -> None:
    for place in (".", PROJECTS, *(str(PurePosixPath(each).parent) for each in FILES.values())):
        if (folder / place).exists() and not (folder / place).is_dir():
            remedy = "move the file away; a folder belongs there" if place != "." else "name a folder"
            raise IterataError("is a file; nothing was written", remedy=remedy, where=str(folder / place))


def _is_there(folder: Path, place: str) -> bool:
    """Whether a file is there already, under any of the names that would do, or as a link to nowhere."""
    names = NAMES if place in NAMES else (place,)
    return any((folder / name).exists() or (folder / name).is_symlink() for name in names)
