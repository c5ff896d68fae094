"""The site of a knowledge base: its pages, and how each page is completed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from mkdocs.structure.toc import TableOfContents

from iterata import knowledge
from iterata.documents import front_matter
from iterata.errors import IterataError
from iterata.repository.exploration.kinds import FileKind, kind_of
from iterata.repository.members import members
from iterata.repository.projects import Repository
from iterata.repository.tree import DiskTree
from iterata.rules.check import with_severity
from mkdocs_iterata import mount
from mkdocs_iterata.dates import Dating, dating
from mkdocs_iterata.exploration.drawings import with_drawings
from mkdocs_iterata.exploration.pages import Surroundings, exploration_pages, file_context, index_context
from mkdocs_iterata.pages import GeneratedPage, generated_pages, shared_context
from mkdocs_iterata.render import contents, ids, links_from, render
from mkdocs_iterata.sanitize import clean, clean_contents
from mkdocs_iterata.search_text import placeholder
from mkdocs_iterata.stage_pages import StagePage, stage_pages, without_title

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import File, Files
    from mkdocs.structure.pages import Page
    from mkdocs.structure.toc import AnchorLink

    from iterata.knowledge import Knowledge
    from iterata.repository.config import Config
    from iterata.repository.history import Dates
    from iterata.repository.members import Member
    from iterata.repository.tree import Tree
    from mkdocs_iterata.code_links import CodeLinks
    from mkdocs_iterata.exploration.pages import ExplorationPage
    from mkdocs_iterata.render import Url


class FinishedPage(NamedTuple):
    """The HTML of a page, and what the host needs to know about it."""

    html: str
    """The prose, with placeholders for the generated parts."""
    parts: Mapping[str, str]
    """The generated parts by the name of their placeholder."""
    title: str
    """As HTML, because themes do not escape it."""
    contents: TableOfContents

    @property
    def ids(self) -> set[str]:
        """The ids of the generated parts, for the host's validation of anchors."""
        return {id_ for part in self.parts.values() for id_ in ids(part)}


@dataclass(frozen=True)
class Source:
    """A knowledge base whose pages the site shows."""

    base: Config
    root: Path
    """The folder that its paths are relative to: its own, or the top of the Git repository."""
    repository: Repository
    folder: str = ""
    """Its folder, relative to `root`; empty for the site's own."""

    @classmethod
    def of(cls, member: Member) -> Source:
        """A knowledge base in another folder, with paths from the top of the Git repository."""
        chosen = member.config.settings
        projects = f"{member.folder}/{chosen.projects_dir}"
        repository = Repository(DiskTree(member.top), projects, chosen.required_roles, chosen.severity)
        return cls(member.config, member.top, repository, member.folder)

    @cached_property
    def knowledge(self) -> Knowledge:
        """Its read model."""
        return knowledge.read(self.repository)

    @cached_property
    def dating(self) -> Dating:
        """Dates and authors of its documents; Git is not called if there are no documents."""
        return dating(self.base) if any(self.knowledge.documents) else Dating()

    def dates_of(self, path: str) -> Dates | None:
        """The dates of one of its documents."""
        return self.dating.of(path.removeprefix(f"{self.folder}/") if self.folder else path)

    @property
    def warnings(self) -> Iterator[str]:
        """The problems of its documents."""
        yield from map(str, self.knowledge.unread)
        yield from map(str, self.knowledge.unread_series)
        problems = (problem for document in self.knowledge.documents for problem in document.problems)
        yield from map(str, with_severity(self.repository, problems))


@dataclass(frozen=True)
class Site:
    """The pages of one build."""

    own: Source
    others: tuple[Source, ...]
    knowledge: Knowledge

    @classmethod
    def of(cls, base: Config) -> Site:
        """Read the knowledge base, and those that its settings name.

        Raises:
            ConfigError: one of those is missing, invalid, or not in the same Git repository.
        """
        own = Source(base, base.root, Repository.on_disk(base))
        others = tuple(map(Source.of, members(base)))
        joined = [knowledge.Member(source.folder, source.knowledge) for source in others]
        return cls(own, others, knowledge.joined(own.knowledge, joined))

    @cached_property
    def _sources(self) -> dict[str, Source]:
        """The knowledge bases by what begins their paths; the site's own are the rest."""
        return {f"{source.folder}/": source for source in self.others}

    def _source_of(self, path: str) -> Source:
        return next((source for start, source in self._sources.items() if path.startswith(start)), self.own)

    @property
    def roots(self) -> frozenset[Path]:
        """The folders that the paths of the files are relative to."""
        return frozenset(source.root for source in (self.own, *self.others))

    @property
    def projects_folders(self) -> Iterator[Path]:
        """The folders with the projects."""
        return (source.root / source.repository.projects_dir for source in (self.own, *self.others))

    @property
    def _projects_dir(self) -> str:
        return self.own.repository.projects_dir

    @cached_property
    def generated(self) -> tuple[GeneratedPage, ...]:
        """The pages without a file."""
        return tuple(generated_pages(self.knowledge, self._projects_dir))

    @cached_property
    def _generated_by_path(self) -> dict[str, GeneratedPage]:
        return {page.path: page for page in self.generated}

    @cached_property
    def _stage_pages(self) -> dict[str, StagePage]:
        return {page.document.path: page for page in stage_pages(self.knowledge)}

    @property
    def notes(self) -> Iterator[str]:
        """What is missing or ignored, without stopping a build."""
        for source in (self.own, *self.others):
            yield from filter(None, (*source.knowledge.notices, source.dating.note))

    @property
    def warnings(self) -> Iterator[str]:
        """The problems of the documents. They stop a strict build only."""
        return (warning for source in (self.own, *self.others) for warning in source.warnings)

    def mounted(self, config: MkDocsConfig) -> Iterator[File]:
        """The files of the projects folders, published or excluded from the site."""
        for source in (self.own, *self.others):
            publish_code = source.base.settings.publish_code
            folder = source.repository.projects_dir
            for file in mount.mounted(source.root, folder, config, publish_code=publish_code):
                if kind_of(file.src_uri) is FileKind.DRAWING:
                    self._drawings.add(file.src_uri)
                yield file

    def pages_of_files(self, files: Files) -> dict[str, File]:
        """The pages that show notebooks and exports, by the path of what they show."""
        shown = ((page.file, files.get_file_from_path(page.path)) for page in self._explored.values())
        return {file.path: page for file, page in shown if file and page and page.generated_by is not None}

    def prose(self, file: File) -> str | None:
        """The Markdown of a page of the knowledge base. None for the host's own pages.

        It begins with a blank line, so the host looks for no metadata of any style.
        """
        if file.generated_by is not None:
            return None
        if page := self._stage_pages.get(file.src_uri):
            return f"\n{page.document.body}"
        if not self._is_ours(file):
            return None
        try:
            source = self._read(file)
        except IterataError:
            return "\n"
        return f"\n{source.body}"

    def _read(self, file: File) -> front_matter.Source:
        """The text of a page that is no stage document."""
        tree = self._source_of(file.src_uri).repository.tree
        return front_matter.read(file.src_uri, tree.read(file.src_uri))

    def line_of(self, file: File, offset: int) -> int:
        """The line of a page's file at which a character of its prose is."""
        page = self._stage_pages.get(file.src_uri)
        source = page.document.source if page else self._read(file)
        return source.body_line + f"\n{source.body}".count("\n", 1, max(offset, 1))

    def finish(self, html: str, page: Page, files: Files, code_links: CodeLinks) -> FinishedPage | None:
        """The completed page of the knowledge base. None for the host's own pages."""
        path, url = page.file.src_uri, links_from(page.file, files, code_links)
        explored = self._explored.get(path)
        if explored and (explored.is_written or page.file.generated_by is not None):
            return self._finish_exploration(explored, html, page, url)
        if page.file.generated_by is not None:
            generated = self._generated_by_path.get(path)
            return _finish_generated(generated, url) if generated else None
        if stage_page := self._stage_pages.get(path):
            return self._finish_stage(stage_page, self._clean(html, page.file), clean_contents(page.toc), url)
        if not self._is_ours(page.file):
            return None
        return _finish_other(page.file, self._clean(html, page.file), clean_contents(page.toc))

    def _image_hosts(self, path: str) -> frozenset[str]:
        return frozenset(self._source_of(path).base.settings.image_hosts)

    def _clean(self, html: str, file: File) -> str:
        """The sanitized HTML of a page's prose, with its drawings as images."""
        cleaned = clean(html, self._image_hosts(file.src_uri))
        return with_drawings(cleaned, file.url, self._drawing_at)

    def _drawing_at(self, address: str) -> tuple[Tree, str] | None:
        is_known = address in self._drawings
        return (self._source_of(address).repository.tree, address) if is_known else None

    @cached_property
    def _drawings(self) -> set[str]:
        """The paths of all SVG files, which are also the addresses that pages give them."""
        return set()

    @cached_property
    def _explored(self) -> dict[str, ExplorationPage]:
        return {page.path: page for page in exploration_pages(self.knowledge)}

    @property
    def pages_without_files(self) -> Iterator[tuple[str, bool]]:
        """The path of each page that is generated, and whether it may be in the navigation."""
        yield from ((page.path, page.in_nav) for page in self.generated)
        yield from ((page.path, False) for page in self._explored.values() if not page.is_written)

    def _finish_exploration(self, explored: ExplorationPage, html: str, page: Page, url: Url) -> FinishedPage:
        path = explored.path
        hosts = self._image_hosts(path)
        around = Surroundings(self._source_of(path).repository.tree, page.file, url, hosts)
        shared = shared_context(self.knowledge, self._projects_dir)
        if explored.file is not None:
            template, context = file_context(explored, around)
            part = render(template, {**shared, **context}, url)
            title = escape(explored.file.shows or context.get("heading") or explored.file.name)
            return FinishedPage(placeholder("page", part), {"page": part}, title, contents(part))
        context = {**shared, **index_context(explored, around)}
        prose, links = "", []
        if explored.is_written:
            prose, links = self._clean(html, page.file), clean_contents(page.toc)
        context["has_title"] = bool(links) and links[0].level == 1
        parts = {name: render(f"{name}.html.j2", context, url) for name in ("exploration_top", "exploration")}
        top, listing = (placeholder(name, part) for name, part in parts.items())
        sections = list(contents(parts["exploration"]))
        if context["has_title"]:  # themes list what is below the title
            links[0].children += sections
        toc = TableOfContents(links if context["has_title"] else [*links, *sections])
        return FinishedPage(f"{top}{prose}{listing}", parts, escape(explored.title), toc)

    def _finish_stage(self, page: StagePage, prose: str, links: list[AnchorLink], url: Url) -> FinishedPage:
        shared = shared_context(self.knowledge, self._projects_dir)
        path = page.document.path
        context = {**shared, **page.context, "dates": self._source_of(path).dates_of(path)}
        parts = {name: render(f"{name}.html.j2", context, url) for name in ("card", "record")}
        prose, title_removed = without_title(prose, page.document.title)
        if title_removed and links:
            links = links[0].children + links[1:]
        html = placeholder("card", parts["card"]) + prose + placeholder("record", parts["record"])
        toc = TableOfContents([*links, *contents(parts["record"])])
        return FinishedPage(html, parts, escape(page.document.title), toc)

    def _is_ours(self, file: File) -> bool:
        return file.src_dir in {str(root) for root in self.roots}


def _finish_generated(page: GeneratedPage, url: Url) -> FinishedPage:
    html = render(page.template, page.context, url)
    return FinishedPage(placeholder("page", html), {"page": html}, escape(page.title), contents(html))


def _finish_other(file: File, html: str, links: list[AnchorLink]) -> FinishedPage:
    title = links[0].title if links and links[0].level == 1 else escape(file.name)
    return FinishedPage(html, {}, title, TableOfContents(links))
