"""Starting a team's knowledge base. Nothing that exists is overwritten."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import IterataError
from iterata.files import write_text

if TYPE_CHECKING:
    from pathlib import Path

FILES: dict[str, str] = {
    "mkdocs.yml": "mkdocs.yml",
    "index.md": "docs/index.md",
    "gitignore": ".gitignore",
    "check.yml": ".github/workflows/iterata.yml",
    "site.yml": ".github/workflows/site.yml",
    "pull_request_template.md": ".github/pull_request_template.md",
    "CODEOWNERS": ".github/CODEOWNERS",
    "pre-commit-config.yaml": ".pre-commit-config.yaml",
}
"""What a knowledge base starts with: template to place."""


class Started(NamedTuple):
    """A file of the new knowledge base."""

    path: str
    written: bool
    """False where a file was there already and was left alone."""


def start(folder: Path, name: str) -> list[Started]:
    """Write what a knowledge base starts with into `folder`, around whatever is there.

    Raises:
        IterataError: the folder cannot be written to, or is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise IterataError("is a file", remedy="name a folder", where=str(folder))
    templates = files("iterata") / "templates" / "knowledge_base"
    started = []
    for template, place in FILES.items():
        present = (folder / place).exists()
        if not present:
            text = (templates / template).read_text("utf-8")
            title = json.dumps(name, ensure_ascii=False) if place == "mkdocs.yml" else name
            write_text(folder / place, text.replace("{name}", title))
        started.append(Started(place, not present))
    (folder / "projects").mkdir(exist_ok=True)
    return started
