"""The MkDocs plugin: it hands the host what core knows, and nothing more."""

from __future__ import annotations

from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.config import config_options as option
from mkdocs.config.base import Config
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority, get_plugin_logger
from mkdocs.structure.files import File, InclusionLevel

from iterata.errors import ConfigError
from iterata.repository.config import Config as KnowledgeBase
from iterata.repository.config import settings
from mkdocs_iterata.compiled import keep_compiled
from mkdocs_iterata.searchable import restore
from mkdocs_iterata.site import Site

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Mapping

    from jinja2 import Environment
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.livereload import LiveReloadServer
    from mkdocs.structure.files import Files
    from mkdocs.structure.nav import Navigation
    from mkdocs.structure.pages import Page
    from mkdocs.utils.templates import TemplateContext

STYLESHEET = "assets/iterata.css"
FIRST = 100
"""Before other plugins: they may add what they like to a page, but only after its prose was made safe."""
LAST = -100
"""After other plugins, the search among them."""

log: logging.LoggerAdapter[logging.Logger] = get_plugin_logger(__name__)


class IterataConfig(Config):
    """The options of the plugin's entry. `iterata.repository.config.Settings` explains and validates them."""

    projects_dir = option.Type(str, default="projects")
    required_roles = option.Optional(option.Type(dict))
    role_holders = option.Optional(option.Type(dict))
    severity = option.Optional(option.Type(dict))
    cache = option.Optional(option.Type(str))
    dates = option.Type(bool, default=True)


class IterataPlugin(BasePlugin[IterataConfig]):
    """Makes a site of a knowledge base."""

    def on_config(self, config: MkDocsConfig) -> None:
        """Check the options, and add the stylesheet ahead of the user's own."""
        where = Path(config.config_file_path or "mkdocs.yml")
        given = {key: value for key, value in self.config.items() if value is not None}
        try:
            chosen = settings(given, where.name)
        except ConfigError as error:
            raise PluginError(str(error)) from None
        self.base = KnowledgeBase(where.resolve().parent, chosen)
        if self._projects.is_relative_to(Path(config.docs_dir).resolve()):
            raise PluginError(
                f"{where.name}: plugins.iterata.projects_dir: lies inside docs_dir\n"
                "  fix: keep the projects beside the docs folder; the plugin brings them into the site"
            )
        config.extra_css.insert(0, STYLESHEET)

    @property
    def _projects(self) -> Path:
        return self.base.root / self.base.settings.projects_dir

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Read the knowledge base, once, and add its files and pages."""
        self.parts: dict[str, Mapping[str, str]] = {}
        self.site = Site.of(self.base)
        for message in self.site.warnings:
            log.warning(message)
        if note := self.site.dating.note:
            log.info(note)
        for file in self.site.mounted(config):
            if file.src_uri in files.src_uris:
                raise PluginError(
                    f"both docs_dir and the repository hold {file.src_uri}\n  fix: rename one of them"
                )
            files.append(file)
        for page in self.site.generated:
            if page.path not in files.src_uris:  # what people wrote themselves wins
                inclusion = InclusionLevel.UNDEFINED if page.in_nav else InclusionLevel.NOT_IN_NAV
                files.append(File.generated(config, page.path, content="", inclusion=inclusion))
        style = resources("mkdocs_iterata").joinpath("assets", "iterata.css").read_text("utf-8")
        files.append(File.generated(config, STYLESHEET, content=style))
        return files

    @event_priority(LAST)
    def on_env(self, env: Environment, *, config: MkDocsConfig, files: Files) -> None:
        """Find the theme's templates compiled, once other plugins have set their options."""
        keep_compiled(env)

    def on_page_read_source(self, *, page: Page, config: MkDocsConfig) -> str | None:
        """Give the host the prose alone, so that it does not read the front matter again."""
        return self.site.prose(page.file)

    @event_priority(FIRST)
    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str | None:
        """Make prose safe, and put around it what the knowledge base knows."""
        finished = self.site.finish(html, page, files)
        if finished is None:
            return None
        page.meta["title"] = finished.title
        page.toc = finished.contents
        page.present_anchor_ids = (page.present_anchor_ids or set()) | finished.ids
        self.parts[page.file.src_uri] = finished.parts
        return finished.html

    @event_priority(LAST)
    def on_page_context(
        self, context: TemplateContext, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> None:
        """Put our HTML in the place of its stand-ins, now that the search has read them."""
        if parts := self.parts.pop(page.file.src_uri, None):
            page.content = restore(page.content or "", parts)

    def on_serve(
        self, server: LiveReloadServer, *, config: MkDocsConfig, builder: Callable[..., None]
    ) -> LiveReloadServer:
        """Follow edits of the projects."""
        if self._projects.is_dir():
            server.watch(str(self._projects))
        return server
