"""Which files of the projects folder join the site, so that links work there as they do on the code host."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File, InclusionLevel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig

PAGES = frozenset({".md"})
ASSETS = frozenset({".avif", ".gif", ".jpeg", ".jpg", ".json", ".pdf", ".png", ".webp"})
"""What a document may show or point to. Nothing a browser would run when it is opened: no HTML, no SVG."""
TEXTS = frozenset({".ipynb", ".py", ".r", ".sql", ".toml", ".txt", ".yaml", ".yml"})
"""The work itself, published as it stands, so that a document can link to it."""

LEFT_OUT = frozenset({"data", "__pycache__", "node_modules"})
"""Folders that never join: the rows themselves stay where they are."""


def mounted(root: Path, projects_dir: str, config: MkDocsConfig) -> Iterator[File]:
    """A file of the site for each file of the projects folder that joins it, at the same path.

    The pages stay out of the navigation: it would grow with every document, and Material's is quadratic.
    """
    for path in _joining(root, projects_dir):
        file = File(
            path, str(root), config.site_dir, config.use_directory_urls, inclusion=InclusionLevel.NOT_IN_NAV
        )
        if file.name == "index" and path.endswith("README.md"):
            file = _beside_the_index(path, root, config)
        # Where the editor of the code host finds it: mkdocs counts from the docs folder.
        file.edit_uri = Path(os.path.relpath(root / path, config.docs_dir)).as_posix()
        yield file


def _beside_the_index(path: str, root: Path, config: MkDocsConfig) -> File:
    """A README would take the place of the folder's generated page, so it gets a place of its own."""
    stem = path.removesuffix(".md")
    uri = f"{stem}/index.html" if config.use_directory_urls else f"{stem}.html"
    return File(
        path,
        str(root),
        config.site_dir,
        config.use_directory_urls,
        dest_uri=uri,
        inclusion=InclusionLevel.NOT_IN_NAV,
    )


def _joining(root: Path, projects_dir: str) -> Iterator[str]:
    """The paths of the files that join, relative to `root`; links that lead outside it do not."""
    for folder, folders, files in os.walk(root / projects_dir, followlinks=False):
        folders[:] = sorted(name for name in folders if name not in LEFT_OUT and not name.startswith("."))
        for name in sorted(files):
            path = Path(folder, name)
            if name.startswith(".") or path.suffix.lower() not in PAGES | ASSETS | TEXTS:
                continue
            if path.is_symlink() and not path.resolve().is_relative_to(root):
                continue
            yield path.relative_to(root).as_posix()
