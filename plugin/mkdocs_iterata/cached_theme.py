"""The theme's part of pages of the knowledge base, rendered again only if something that it shows changed."""

from __future__ import annotations

import json
import os
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iterata.site.page_cache import digest
from mkdocs_iterata.cached_page import CachedPage, as_name, entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2 import Environment, Template
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.nav import Navigation

    from iterata.site.latest import Latest
    from iterata.site.page_cache import PageCache

_SHARED = frozenset(
    {
        "nav",
        "pages",
        "base_url",
        "extra_css",
        "extra_javascript",
        "mkdocs_version",
        "build_date_utc",
        "config",
        "page",
    }
)
"""The variables that the host gives to every page. Those that a plugin adds must be plain values."""


class CachedTheme:
    """The environment of the theme's templates; everything but rendering a page is its own."""

    def __init__(
        self, environment: Environment, cache: PageCache, latest: Latest, config: MkDocsConfig
    ) -> None:
        self._environment = environment
        self._cache = cache
        self._latest = latest
        self._config = config

    def __getattr__(self, name: str) -> Any:
        return getattr(self._environment, name)

    def get_template(self, name: str) -> _CachedTemplate:
        """A template of the theme."""
        return _CachedTemplate(self._environment.get_template(name), self)

    def rendered(self, template: Template, context: dict[str, Any]) -> str:
        """A page, perhaps of an earlier build."""
        page = context.get("page")
        added = {name: context[name] for name in context.keys() - _SHARED}
        if not isinstance(page, CachedPage) or (plain := _plain(added)) is None:
            return template.render(context)
        content = page.content or ""
        shown = (template.name or "", self._around(context["nav"]), plain, content, *_shown(page))
        output: str | None = self._latest.get("theme", page.url, shown)
        if output is None:
            output = self._around_content(content, shown, template, context)
            self._latest.put("theme", page.url, shown, output)
        return output

    def _around_content(
        self, content: str, shown: tuple[str, ...], template: Template, context: dict[str, Any]
    ) -> str:
        """What a template makes of a page. The cache keeps what is around the content, which is known."""
        key = digest(["theme", *shown])
        pieces: list[str] | None = self._cache.get(key)
        if pieces is not None:
            return content.join(pieces)
        output = template.render(context)
        self._cache.put(key, output.split(content) if content else [output])
        return output

    def _around(self, nav: Navigation) -> str:
        """What all pages show."""
        if "_digest" not in vars(self):
            self._digest = digest([self._theme, str(nav), *self._settings])
        return self._digest

    @cached_property
    def _theme(self) -> str:
        """The times of the theme's templates, of all files of the team's own, of hooks and of this code."""
        folder = Path(self._config.config_file_path).parent
        hooks = [folder / name for name in self._config.hooks]
        templates = (path for each in self._config.theme.dirs for path in _templates(each))
        own = Path(self._config.theme.custom_dir).rglob("*") if self._config.theme.custom_dir else ()
        code = Path(__file__).parent.glob("*.py")
        files = {*templates, *own, *hooks, *code}
        return json.dumps(sorted(f"{path} {path.stat().st_mtime_ns}" for path in files))

    @cached_property
    def _settings(self) -> list[str]:
        config = self._config
        options = {name: value for name, value in config.items() if name not in ("plugins", "hooks", "theme")}
        plugins = {name: dict(getattr(plugin, "config", {})) for name, plugin in config.plugins.items()}
        theme = {name: config.theme[name] for name in config.theme}
        parts = (options, plugins, theme)
        return [version("mkdocs"), *(json.dumps(part, sort_keys=True, default=_as_text) for part in parts)]


def _templates(folder: str) -> Iterator[Path]:
    """The templates of a theme's folder; Material has ten thousand icons beside them."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != ".icons"]
        yield from (Path(place, name) for name in names if name.endswith(".html"))


class _CachedTemplate:
    def __init__(self, template: Template, theme: CachedTheme) -> None:
        self._template = template
        self._theme = theme

    def __getattr__(self, name: str) -> Any:
        return getattr(self._template, name)

    def render(self, context: dict[str, Any]) -> str:
        """Render a page."""
        return self._theme.rendered(self._template, context)


def _shown(page: CachedPage) -> tuple[str, ...]:
    """What a theme shows of a page that is not in the navigation."""
    return (
        page.url,
        str(page.title),
        str(page.canonical_url),
        str(page.edit_url),
        repr(list(map(entry, page.toc))),
        repr(page.meta),
        page.file.inclusion.name,
    )


_PLAIN_VALUES = json.JSONEncoder(sort_keys=True).encode


def _plain(added: dict[str, Any]) -> str | None:
    """What plugins added for templates as text; None if it contains other objects."""
    try:
        return _PLAIN_VALUES(added)
    except (TypeError, ValueError):
        return None


def _as_text(value: object) -> str:
    """An object of the settings as text: its address in memory is different in every build."""
    text = as_name(value)
    return type(value).__qualname__ if " at 0x" in text else text
