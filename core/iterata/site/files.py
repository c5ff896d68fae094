"""The files of the projects folder that pages link to, and which of them are published."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from iterata.repository.exploration import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES = frozenset({".md"})
ASSETS = frozenset({".avif", ".gif", ".jpeg", ".jpg", ".pdf", ".png", ".webp"})
"""Files that a document may show or link to."""
NEVER_PUBLISHED = frozenset({".htm", ".html", ".svg"})
"""Files in which a browser would run scripts: pages show an SVG as an image, and of an HTML file the text."""
CODE = frozenset({".ipynb", ".json", ".py", ".r", ".sql", ".toml", ".txt", ".yaml", ".yml"})
"""Code and its settings. Published only if the team asks for it; otherwise links lead to the code host."""
RESULTS = "results"
"""The folder with the figures of an iteration, which its pages show and link to."""

WRITTEN_BY_LIBRARIES = frozenset({"catboost_info", "lightning_logs", "mlartifacts", "mlruns", "wandb"})
"""Folders that libraries write beside the code; their Markdown is no page."""

EXCLUDED_FOLDERS = frozenset({"data", "__pycache__", "node_modules"}) | WRITTEN_BY_LIBRARIES
"""Folders that are never published, such as the data."""


class MountedFile(NamedTuple):
    """A page, image or source file of the projects folder, which the site has at the same path."""

    path: str
    is_published: bool
    """Whether the site contains it. A host still knows the others, so that a link to one is not broken."""
    is_beside_index: bool = False
    """A README with an address of its own, because the folder's generated page has its usual one."""


def mounted(root: Path, projects_dir: str, *, publish_code: bool) -> Iterator[MountedFile]:
    """The files that pages link to. Source files are published only if `publish_code`."""
    for path in _linkable(root, projects_dir):
        excluded = _may_run_scripts(path) or (_is_code(path) and not publish_code)
        beside = path.endswith("README.md") and not _describes_an_exploration(root, path)
        yield MountedFile(path, not excluded, beside)


def _describes_an_exploration(root: Path, path: str) -> bool:
    """Whether a README is the page of its folder, because no other page is."""
    folder = Path(path).parent
    return folder.name == FOLDER and not (root / folder / "index.md").exists()


def _may_run_scripts(path: str) -> bool:
    return Path(path).suffix.lower() in NEVER_PUBLISHED


def _is_code(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    is_result = name.endswith(".json") and folder.rpartition("/")[2] == RESULTS
    return Path(name).suffix.lower() in CODE and not is_result


def _linkable(root: Path, projects_dir: str) -> Iterator[str]:
    """The paths of the files, relative to `root`, without symbolic links that lead outside it."""
    if not _leads_inside(root / projects_dir, root):
        return
    for folder, folders, files in os.walk(root / projects_dir, followlinks=False):
        folders[:] = sorted(
            name for name in folders if name not in EXCLUDED_FOLDERS and not name.startswith(".")
        )
        for name in sorted(files):
            path = Path(folder, name)
            if name.startswith(".") or path.suffix.lower() not in PAGES | ASSETS | CODE | NEVER_PUBLISHED:
                continue
            if not path.is_symlink() or (_leads_inside(path, root) and path.is_file()):
                yield path.relative_to(root).as_posix()


def _leads_inside(path: Path, root: Path) -> bool:
    """Whether a path is below the root once all links are resolved, also one of a loop of links."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))
