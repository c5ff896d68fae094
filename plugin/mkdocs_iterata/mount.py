"""The files of the projects folder as files of the host."""

from __future__ import annotations

import os
from copy import copy
from pathlib import Path
from posixpath import normpath
from typing import TYPE_CHECKING

from mkdocs.structure.files import File, InclusionLevel
from mkdocs.utils import get_relative_url

from iterata.site.library.moved import redirect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

    from iterata.site.files import MountedFile
    from iterata.site.knowledge_site import Site
    from iterata.site.latest import Latest
    from iterata.site.source import Source


def mounted(source: Source, config: MkDocsConfig, latest: Latest) -> Iterator[File]:
    """A file for each page, image and source file of a projects folder, at the same path.

    The pages are not in the navigation: it would grow with every document, and Material's is quadratic.
    """
    root, to_root = str(source.root), Path(os.path.relpath(source.root, config.docs_dir)).as_posix()

    def make(file: MountedFile, *_: object) -> File:
        made = File(
            file.path,
            root,
            config.site_dir,
            config.use_directory_urls,
            dest_uri=_beside_the_index(file.path, config) if file.is_beside_index else None,
            inclusion=InclusionLevel.NOT_IN_NAV if file.is_published else InclusionLevel.EXCLUDED,
        )
        # For the edit link of the code host: mkdocs resolves it from the docs folder.
        made.edit_uri = normpath(f"{to_root}/{file.path}")
        return made

    for file in source.files:
        yield _new(latest, file.path, make, file, root, to_root, config.site_dir, config.use_directory_urls)


def _beside_the_index(path: str, config: MkDocsConfig) -> str:
    stem = path.removesuffix(".md")
    return f"{stem}/index.html" if config.use_directory_urls else f"{stem}.html"


def generated(path: str, inclusion: InclusionLevel, config: MkDocsConfig, latest: Latest) -> File:
    """The file of a page that is generated."""

    def make(inclusion: InclusionLevel, *_: object) -> File:
        return File.generated(config, path, content="", inclusion=inclusion)

    return _new(latest, path, make, inclusion, config.site_dir, config.use_directory_urls)


def _new(latest: Latest, path: str, make: Callable[..., File], *inputs: object) -> File:
    """A new file. Its addresses take long to find, so a site that is served has them from its last build."""

    def with_addresses(*inputs: object) -> File:
        file = make(*inputs)
        _ = file.url, file.abs_dest_path
        return file

    return copy(latest.of("file", path, inputs, with_addresses))


def loaded(site: Site, config: MkDocsConfig, all_files: Files) -> Iterator[File]:
    """The files that pages load, and a small page at each earlier address of a finding.

    Those pages are finished HTML: neither the theme nor the search sees them, and each costs next to nothing.
    """

    def address(path: str) -> str:
        file = all_files.src_uris.get(path)
        return file.url if file else ""

    for path, text in site.texts(address):
        if path not in all_files.src_uris:
            yield File.generated(config, path, content=text)
    for path, card in site.moved.pages.items():
        place = File.generated(config, path, content="")
        if path not in all_files.src_uris:
            target = get_relative_url(address(card.path), place.url)
            yield File.generated(config, place.dest_uri, content=redirect(target, card.finding.statement))
