"""Pages whose Markdown is converted again only if it, or something that it links to, changed."""

from __future__ import annotations

import json
import logging
from contextlib import contextmanager
from functools import cache
from importlib.metadata import entry_points, version
from typing import TYPE_CHECKING, Any, cast

from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, TableOfContents

from iterata.site.guard import RenderGuard
from iterata.site.page_cache import PageCache, digest
from mkdocs_iterata.text_in_bytes import TextInBytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import File, Files

    from iterata.site.latest import Latest

_READ_OTHER_FILES = frozenset({"pymdownx.b64", "pymdownx.snippets"})
"""Extensions whose result depends on more than the page."""
_PURE = ("markdown.extensions.", "pymdownx.")
"""The packages whose other extensions depend on the page and their options alone."""
_LIBRARIES = ("markdown", "mkdocs", "pymdown-extensions", "pygments")


class CachedPage(Page):
    """A page of the knowledge base."""

    def __init__(
        self, file: File, config: MkDocsConfig, converted: PageCache, latest: Latest, salt: str
    ) -> None:
        """Make the host's page of a file.

        Args:
            file: the file.
            config: the host's configuration.
            converted: the Markdown of earlier builds.
            latest: the same of the last build, while the site is served.
            salt: a digest of what converts Markdown, see `converter_digest`.
        """
        super().__init__(None, file, config)
        self._converted = converted
        self._latest = latest
        self._salt = salt

    def render(self, config: MkDocsConfig, files: Files) -> None:
        """Convert the Markdown, or take the result of an earlier build."""
        if not self.markdown:  # a page without prose
            self.content, self.toc = "", TableOfContents([])
            self.present_anchor_ids, self.links_to_anchors = set(), {}
            return
        inputs = (self._salt, self.file.src_uri, self.file.url, self.markdown)
        state = self._latest.get("markdown", self.file.src_uri, inputs)
        if state and self._restore(state, files):
            return
        state = self._converted_before(inputs, files) or self._convert(inputs, config, files)
        self._latest.put("markdown", self.file.src_uri, inputs, state)

    def _converted_before(self, inputs: tuple[str, ...], files: Files) -> dict[str, Any] | None:
        """The result of an earlier build, which the page has now; None if there is none."""
        stored: dict[str, Any] | None = self._converted.get(digest(["markdown", *inputs]))
        return stored if stored and self._restore(stored, files) else None

    def _convert(self, inputs: tuple[str, ...], config: MkDocsConfig, files: Files) -> dict[str, Any] | None:
        """Convert the Markdown; the result, to be restored by later builds, unless there were messages."""
        recorder = _Recorder(files)
        with _messages() as messages:
            super().render(config, cast("Files", recorder))
        if messages:  # they must appear in every build
            return None
        state = self._state(recorder.asked)
        self._converted.put(digest(["markdown", *inputs]), state)
        return state

    def _state(self, asked: Mapping[str, str | None]) -> dict[str, Any]:
        return {
            "asked": asked,
            "content": self.content,
            "contents": list(map(entry, self.toc)),
            "title": self._title_from_render,
            "ids": sorted(self.present_anchor_ids or ()),
            "anchors": {file.src_uri: links for file, links in (self.links_to_anchors or {}).items()},
        }

    def _restore(self, state: dict[str, Any], files: Files) -> bool:
        """Take an earlier result, if all files that it asked for still have the same addresses."""
        if any(_address(files.get_file_from_path(path)) != url for path, url in state["asked"].items()):
            return False
        self.content = state["content"]
        self.toc = TableOfContents(list(map(_link, state["contents"])))
        self._title_from_render = state["title"]
        self.present_anchor_ids = set(state["ids"])
        named = ((files.get_file_from_path(path), links) for path, links in state["anchors"].items())
        self.links_to_anchors = {file: links for file, links in named if file}
        return True


class CompactPage(CachedPage):
    """The same in less memory; in a site that is served, it is the time of every rebuild that counts."""

    markdown = TextInBytes()
    content = TextInBytes()


class _Recorder:
    """The files of the site; it records which are asked for."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self.asked: dict[str, str | None] = {}

    def get_file_from_path(self, path: str) -> File | None:
        """The file at a path."""
        file = self._files.get_file_from_path(path)
        self.asked[path] = _address(file)
        return file

    def __getattr__(self, name: str) -> object:
        return getattr(self._files, name)


def _address(file: File | None) -> str | None:
    return f"{file.url} {file.inclusion.name}" if file else None


def entry(link: AnchorLink) -> list[Any]:
    """An entry of a table of contents as plain values."""
    return [link.title, link.id, link.level, list(map(entry, link.children))]


def _link(entry: list[Any]) -> AnchorLink:
    title, id_, level, children = entry
    link = AnchorLink(title, id_, level)
    link.children = list(map(_link, children))
    return link


@contextmanager
def _messages() -> Iterator[list[str]]:
    """The messages of the host and its plugins in this block."""
    found: list[str] = []
    handler = logging.Handler(logging.INFO)
    handler.emit = lambda record: found.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("mkdocs")
    logger.addHandler(handler)
    try:
        yield found
    finally:
        logger.removeHandler(handler)


def cached_pages(
    converted: PageCache, latest: Latest, files: Files, config: MkDocsConfig, *, is_served: bool
) -> None:
    """Make the pages of the knowledge base, except those that the navigation names: it gives them titles."""
    salt = converter_digest(config)
    if salt is None:
        return
    named = set(_paths(config.nav))
    kind = CachedPage if is_served else CompactPage
    for file in files.documentation_pages():
        if file.page is None and file.inclusion.is_not_in_nav() and file.src_uri not in named:
            kind(file, config, converted, latest, salt)


def _paths(nav: object) -> Iterator[str]:
    """The paths that the navigation names."""
    match nav:
        case str():
            yield nav
        case dict():
            for entry in nav.values():
                yield from _paths(entry)
        case list():
            for entry in nav:
                yield from _paths(entry)


def converter_digest(config: MkDocsConfig) -> str | None:
    """A digest of what converts Markdown; None if its result may depend on more than the page."""
    names = []
    for extension in config.markdown_extensions:
        if isinstance(extension, RenderGuard):
            continue
        module = _module(extension) if isinstance(extension, str) else ""
        if not module.startswith(_PURE) or module in _READ_OTHER_FILES:
            return None
        names.append(module)
    options = json.dumps(config.mdx_configs, sort_keys=True, default=as_name)
    return None if " at 0x" in options else digest([*names, options, *_versions(), str(config.validation)])


@cache
def _modules() -> dict[str, str]:
    """The module of each installed extension by its short name; it takes long to read what is installed."""
    return {found.name: found.module for found in reversed(entry_points(group="markdown.extensions"))}


def _module(extension: str) -> str:
    """The module of an extension, which may be named by its short name."""
    return _modules().get(extension) or extension.partition(":")[0]


@cache
def _versions() -> tuple[str, ...]:
    return tuple(map(version, _LIBRARIES))


def as_name(value: object) -> str:
    """A function of the settings by its name."""
    name = getattr(value, "__qualname__", None)
    return f"{getattr(value, '__module__', '')}.{name}" if name else repr(value)
