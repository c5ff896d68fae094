"""The MkDocs plugin: it adapts core's read model to the host's hooks."""

from __future__ import annotations

import gc
from copy import copy
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, cast

from mkdocs.config import config_options as option
from mkdocs.config.base import Config
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority, get_plugin_logger
from mkdocs.structure.files import InclusionLevel

from iterata import knowledge
from iterata.documents.prose_limits import excesses
from iterata.errors import ConfigError
from iterata.repository import zensical
from iterata.repository.config import Config as KnowledgeBase
from iterata.repository.config import require_version, settings
from iterata.site.cached_site import CachedSite, restore_packed
from iterata.site.guard import RenderGuard, notice
from iterata.site.knowledge_site import Site
from iterata.site.latest import Latest
from iterata.site.page_cache import PageCache, cache_file
from iterata.site.project_memory import ProjectMemory
from iterata.site.search_text import characters_per_page, restore, words_of
from iterata.site.stylesheet import STYLESHEET
from iterata.site.template_cache import cache_compiled_templates
from mkdocs_iterata.cached_page import CachedPage, cached_pages
from mkdocs_iterata.cached_theme import CachedTheme
from mkdocs_iterata.code_links import CodeLinks
from mkdocs_iterata.companions import keep_for_print_site, refuse_unfit_plugins
from mkdocs_iterata.host import headings, links_from, place_of, table_of_contents, theme_without_requests
from mkdocs_iterata.machine_readable import add_machine_files, with_discovery, write_twin
from mkdocs_iterata.mount import generated, loaded, mounted

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Mapping

    from jinja2 import Environment
    from mkdocs.config.base import ConfigErrors, ConfigWarnings
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.livereload import LiveReloadServer
    from mkdocs.structure.files import File, Files
    from mkdocs.structure.nav import Navigation
    from mkdocs.structure.pages import Page
    from mkdocs.utils.templates import TemplateContext

    from iterata.documents.prose_limits import Excess
    from iterata.site.place import Url

FIRST = 100
"""Before other plugins: they may add to a page, but only after its prose was sanitized."""
LAST = -100
"""After other plugins, including the search."""

log: logging.LoggerAdapter[logging.Logger] = get_plugin_logger(__name__)


class IterataConfig(Config):
    """The options of the plugin's entry. `iterata.repository.config.Settings` explains and validates them."""

    requires = option.Optional(option.Type(str))
    projects_dir = option.Type(str, default="projects")
    required_roles = option.Optional(option.Type(dict))
    role_holders = option.Optional(option.Type(dict))
    severity = option.Optional(option.Type(dict))
    cache = option.Optional(option.Type(str))
    cache_size = option.Optional(option.Type(str))
    image_hosts = option.Optional(option.Type(list))
    dates = option.Type(bool, default=True)
    page_cache = option.Type(bool, default=True)
    knowledge_bases = option.Optional(option.Type(list))
    feeds = option.Type(bool, default=True)
    publish_code = option.Type(bool, default=False)


class IterataPlugin(BasePlugin[IterataConfig]):
    """Builds the site of a knowledge base."""

    rendered = ""
    """The page that is being rendered."""
    memory: ProjectMemory | None = None
    """The projects of the last build, while the site is served."""
    latest = Latest(0)
    """What was made of the pages of the last build, while the site is served."""
    cache = PageCache(None)

    def load_config(
        self, options: dict[str, object], config_file_path: str | None = None
    ) -> tuple[ConfigErrors, ConfigWarnings]:
        """Check the version before the host checks options that only a newer version may know."""
        file = Path(config_file_path or "mkdocs.yml")
        try:
            require_version(options, file.name, file.read_bytes() if file.is_file() else b"", file.parent)
        except ConfigError as error:
            raise PluginError(str(error)) from None
        return super().load_config(options, config_file_path)

    def on_startup(self, *, command: str, dirty: bool) -> None:
        """Remember projects and pages while the site is served; the host keeps a plugin with this method."""
        is_served = command == "serve"
        self.memory = ProjectMemory() if is_served else None
        self.latest = Latest() if is_served else Latest(0)

    def on_config(self, config: MkDocsConfig) -> None:
        """Validate the options and add the stylesheet before the user's own."""
        config_file = Path(config.config_file_path or "mkdocs.yml")
        options = {key: value for key, value in self.config.items() if value is not None}
        try:
            validated = settings(options, config_file.name)
        except ConfigError as error:
            raise PluginError(str(error)) from None
        self.base = KnowledgeBase(config_file.resolve().parent, validated)
        if self._projects.is_relative_to(Path(config.docs_dir).resolve()):
            raise PluginError(
                f"{config_file.name}: plugins.iterata.projects_dir: is inside docs_dir\n"
                "  fix: move the projects folder beside the docs folder; the plugin adds it to the site"
            )
        if theme_without_requests(config):
            log.info("theme: highlightjs is off, because its script comes from another host")
        refuse_unfit_plugins(config)
        config.extra_css.insert(0, STYLESHEET)
        config.markdown_extensions.append(RenderGuard(self._not_shown))

    def _not_shown(self, message: str) -> str:
        """The notice in place of the page that is being rendered."""
        log.warning("%s: this page is not shown: %s", self.rendered, message)
        return notice(self.rendered, 0, message, "write it simpler, or divide it")

    @property
    def _feeds(self) -> bool:
        """Whether to write what programs read. A site that is served follows edits, so it has none."""
        return self.config.feeds and self.memory is None

    @property
    def _projects(self) -> Path:
        return self.base.root / self.base.settings.projects_dir

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Read the knowledge base once, and add its files and pages."""
        self._open_cache()
        self.finished: set[str] = set()
        self.embedded: dict[str, Mapping[str, str]] = {}
        try:
            self.site = Site.of(self.base, self.memory.read if self.memory else knowledge.read)
        except ConfigError as error:
            raise PluginError(str(error)) from None
        self.pages = CachedSite(self.site, self.cache, self.latest)
        self.indexed = characters_per_page(sum(1 for _ in self.site.knowledge.documents))
        for message in self.site.warnings:
            log.warning(message)
        for note in self.site.notes:
            log.info(note)
        if found := zensical.advice(self.base.root):
            log.info(str(found))
        for file in (file for source in self.site.sources for file in mounted(source, config, self.latest)):
            if file.src_uri in files.src_uris:
                raise PluginError(
                    f"both docs_dir and the repository contain {file.src_uri}\n  fix: rename one of them"
                )
            files.append(file)
        for path, in_nav in self.site.pages_without_files:
            if path not in files.src_uris:  # a page written by hand wins
                listed = in_nav and config.nav is None  # a written navigation need not list every page
                inclusion = InclusionLevel.UNDEFINED if listed else InclusionLevel.NOT_IN_NAV
                files.append(generated(path, inclusion, config, self.latest))
        for file in loaded(self.site, config, files):
            files.append(file)
        cached_pages(self.cache, self.latest, files, config, is_served=self.memory is not None)
        shown = ((path, files.get_file_from_path(page)) for path, page in self.site.explored_pages())
        pages = {path: page for path, page in shown if page and page.generated_by is not None}
        self.code_links = CodeLinks.of(self.site.roots, config, files, pages)
        if self._feeds:
            for note in add_machine_files(self.site, files, config):
                log.info(note)
        return files

    def _open_cache(self) -> None:
        """Open the cache of pages; while the site is served, it stays open."""
        if not self.cache.is_open:
            file = cache_file(self.base.root) if self.config.page_cache else None
            self.cache = PageCache(file)

    @event_priority(LAST)
    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> None:
        """Note the addresses of all files, after other plugins have added theirs."""
        self.pages.addresses = self.code_links.addresses(files)

    @event_priority(LAST)
    def on_env(self, env: Environment, *, config: MkDocsConfig, files: Files) -> Environment:
        """Cache the theme's compiled templates and pages, after other plugins have set their options."""
        cache_compiled_templates(env)
        if not self.cache.is_open:
            return env
        return cast("Environment", CachedTheme(env, self.cache, self.latest, config))

    def on_page_read_source(self, *, page: Page, config: MkDocsConfig) -> str | None:
        """Give the host the prose without front matter, which core has already parsed."""
        self.rendered = page.file.src_uri
        if page.file.generated_by is not None:
            return None
        path = page.file.src_uri
        prose = self.site.prose(path, self.latest)
        first = self.latest.of("excess", path, (prose,), _first_excess) if prose else ()
        for excess in first:
            line = self.site.line_of(path, excess.offset)
            log.warning("%s:%s: this page is not shown: it %s", path, line, excess.message)
            return notice(path, line, excess.message, excess.remedy)
        return prose

    @event_priority(FIRST)
    def on_page_markdown(self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> None:
        """Tell other plugins what front matter would tell them of a page that is generated."""
        if page.file.generated_by is not None:
            page.meta.update(self.site.metadata(page.file.src_uri))

    @event_priority(FIRST)
    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str | None:
        """Sanitize the prose and add the generated parts around it."""
        html = self._with_code_links(html, page.file)
        place, url = place_of(page.file), links_from(page.file, files, self.code_links)
        if page.file.generated_by is not None:
            finished = self.pages.finish(place, url)
        else:
            finished = self.pages.complete(html, headings(page.toc), place, url)
        if finished is None:
            return self._with_board(html, page, url)
        self.finished.add(page.file.src_uri)
        own_meta = {name: copy(value) for name, value in finished.meta.items()}  # other plugins may change it
        page.meta.update(own_meta)
        if "navigation.tabs" in (config.theme.get("features") or ()):  # another way to every section
            page.meta.setdefault("hide", ["navigation"])
        page.toc = table_of_contents(finished.contents)
        page.present_anchor_ids = (page.present_anchor_ids or set()) | finished.ids
        return finished.html

    def _with_code_links(self, html: str, file: File) -> str:
        inputs = (html, self.pages.addresses, file.url)
        replaced: str | None = self.latest.get("links", file.src_uri, inputs)
        if replaced is None:
            replaced = self.code_links.replaced(html, file)
            self.latest.put("links", file.src_uri, inputs, replaced)
        return replaced

    def _with_board(self, html: str, page: Page, url: Url) -> str:
        """A page by hand with the board, if it asks for it."""
        found = self.site.with_board(html, headings(page.toc), url)
        if found is None:
            return html
        page.toc = table_of_contents(found.contents)
        self.embedded[page.file.src_uri] = found.parts
        return found.html

    @event_priority(FIRST)
    def _before_search(
        self, context: TemplateContext, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> None:
        """Let the search index words only."""
        if page.file.src_uri in self.finished:
            self.whole = page.content or ""
            searched = (self.whole, self.indexed)
            page.content = self.latest.of("words", page.file.src_uri, searched, words_of)

    @event_priority(LAST)
    def _after_search(
        self, context: TemplateContext, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> None:
        """Replace the placeholders by the generated HTML."""
        path = page.file.src_uri
        if path in self.finished:
            page.content = self.whole
        if packed := self.pages.packed_parts(path):
            placed = (page.content or "", packed)
            page.content = self.latest.of("whole", path, placed, restore_packed)
            keep_for_print_site(page)
        elif parts := self.embedded.pop(path, None):
            page.content = restore(page.content or "", parts)
            keep_for_print_site(page)
        if self._feeds and path in self.finished:
            write_twin(page.file, page.content or "", self.cache)

    on_page_context = CombinedEvent(_before_search, _after_search)

    @event_priority(LAST)
    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """Let programs find the feeds; forget the texts of a page, because those of thousands take memory."""
        if isinstance(page, CachedPage):
            page.markdown = page.content = ""
        return with_discovery(output, page.file, config) if self._feeds else output

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Keep what was rendered for the next build."""
        if self.memory:
            self.cache.save_once()
            return
        self.cache.save()
        self.cache.close()

    def on_serve(
        self, server: LiveReloadServer, *, config: MkDocsConfig, builder: Callable[..., None]
    ) -> LiveReloadServer:
        """Watch the projects folders for edits.

        What the first build read and made stays until the end: after every edit, looking through it for
        unreachable objects would take a third of the plugin's time.
        """
        gc.collect()
        gc.freeze()
        for folder in self.site.projects_folders:
            if folder.is_dir():
                server.watch(str(folder))
        return server


def _first_excess(prose: str) -> tuple[Excess, ...]:
    return tuple(islice(excesses(prose), 1))
