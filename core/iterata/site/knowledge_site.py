"""The site of a knowledge base: its pages, and how each page is completed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from iterata import knowledge
from iterata.documents import front_matter
from iterata.errors import IterataError
from iterata.knowledge import read as read_knowledge
from iterata.knowledge.filled_in import filled_in
from iterata.repository.exploration.kinds import FileKind, kind_of
from iterata.repository.members import members
from iterata.repository.noted_tree import NotedTree
from iterata.repository.projects import Repository
from iterata.site.exploration.drawings import with_drawings
from iterata.site.exploration.pages import Surroundings, exploration_pages, file_context, index_context
from iterata.site.front_pages.embedded import with_board
from iterata.site.front_pages.measurements import folded, parted
from iterata.site.front_pages.project_search import PROJECTS_DATA, has_search, project_data
from iterata.site.intervals import unbroken_intervals
from iterata.site.latest import Latest
from iterata.site.library.data import DATA, library_data
from iterata.site.library.moved import Moved, moved
from iterata.site.page_kinds import generated_pages
from iterata.site.pages import GeneratedPage, board_path, shared_context
from iterata.site.render import contents, forests, ids, render
from iterata.site.sanitize import clean, clean_contents
from iterata.site.search_data import SCRIPT, search_script
from iterata.site.search_text import placeholder
from iterata.site.source import Source
from iterata.site.stage_pages import StagePage, stage_pages, without_title
from iterata.site.stylesheet import STYLESHEET, stylesheet
from iterata.site.tables import scrollable
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from iterata.knowledge import Knowledge
    from iterata.repository.config import Config
    from iterata.repository.history import Dates
    from iterata.repository.tree import Tree
    from iterata.site.derived import Derived
    from iterata.site.exploration.pages import ExplorationPage
    from iterata.site.front_pages.embedded import Embedded
    from iterata.site.library.cards import Library
    from iterata.site.place import Heading, Place, Url


class FinishedPage(NamedTuple):
    """The HTML of a page, and what the host needs to know about it."""

    html: str
    """The prose, with placeholders for the generated parts."""
    parts: Mapping[str, str]
    """The generated parts by the name of their placeholder."""
    title: str
    """As HTML, because themes do not escape it."""
    contents: tuple[Heading, ...]
    tags: tuple[str, ...] = ()
    is_indexed: bool = True
    """Whether the search of the host finds it."""
    description: str = ""

    @property
    def meta(self) -> dict[str, object]:
        """What hosts read in the front matter of a page, as MkDocs and Material name it."""
        shown: dict[str, object] = {"title": self.title}
        if self.description:
            shown["description"] = escape(self.description)
        if self.tags:
            shown["tags"] = list(map(escape, self.tags))
        if not self.is_indexed:
            shown["search"] = {"exclude": True}
        return shown

    @property
    def ids(self) -> set[str]:
        """The ids of the generated parts, for the host's validation of anchors."""
        return {id_ for part in self.parts.values() for id_ in ids(part)}


@dataclass(frozen=True)
class Site:
    """The pages of one build."""

    own: Source
    others: tuple[Source, ...]
    knowledge: Knowledge

    @classmethod
    def of(cls, base: Config, read: Callable[[Repository], Knowledge] = read_knowledge) -> Site:
        """Read the knowledge base, and those that its settings name, by `read`.

        Raises:
            ConfigError: one of those is missing, invalid, or not in the same Git repository.
        """
        own = Source(base, base.root, Repository.of(NotedTree(base.root), base), read=read)
        others = tuple(Source.of(member, read) for member in members(base))
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
        return frozenset(source.root for source in self.sources)

    @property
    def projects_folders(self) -> Iterator[Path]:
        """The folders with the projects."""
        return (source.root / source.repository.projects_dir for source in self.sources)

    @property
    def _projects_dir(self) -> str:
        return self.own.repository.projects_dir

    @cached_property
    def generated(self) -> tuple[GeneratedPage, ...]:
        """The pages without a file."""
        return tuple(generated_pages(self.knowledge, self._shared))

    def git_day(self, path: str) -> str:
        """The day of the last change of a document, as YYYY-MM-DD; empty if Git does not know it."""
        dates = self.dates_of(path)
        return dates.changed.day if dates and dates.changed else ""

    @cached_property
    def _shared(self) -> dict[str, Any]:
        return shared_context(self.knowledge, self._projects_dir, self.git_day, self.dates_of)

    @cached_property
    def generated_by_path(self) -> Mapping[str, GeneratedPage]:
        """The same by their paths."""
        return {page.path: page for page in self.generated}

    @cached_property
    def _stage_pages(self) -> dict[str, StagePage]:
        return {page.document.path: page for page in stage_pages(self.knowledge)}

    @property
    def notes(self) -> Iterator[str]:
        """What is missing or ignored, without stopping a build."""
        for source in self.sources:
            yield from filter(None, (*source.knowledge.notices, source.dating.note))

    @property
    def warnings(self) -> Iterator[str]:
        """The problems of the documents. They stop a strict build only."""
        return (warning for source in self.sources for warning in source.warnings)

    @property
    def sources(self) -> tuple[Source, ...]:
        """The site's own knowledge base, and the others that it shows."""
        return (self.own, *self.others)

    @property
    def derived(self) -> Derived:
        """What follows from the knowledge base as a whole."""
        derived: Derived = self._shared["derived"]
        return derived

    def dates_of(self, path: str) -> Dates | None:
        """The dates of a document."""
        return self._source_of(path).dates_of(path)

    def project_of(self, path: str) -> str | None:
        """The path of the project that a page belongs to; None for a page about several projects."""
        page = self.generated_by_path.get(path)
        iteration = page.context.get("iteration") if page else None
        if iteration and not iteration.measured:  # its page names what other projects tried before
            return None
        if page and (project := page.context.get("project")):
            return str(project.path)
        if page and (card := page.context.get("card")):
            return str(card.project.path)
        folder = path.rpartition("/")[0]
        while folder and folder not in self._project_paths:
            folder = folder.rpartition("/")[0]
        return folder or None

    @cached_property
    def _project_paths(self) -> frozenset[str]:
        return frozenset(project.path for project in self.knowledge.projects)

    def kind_of_explored(self, path: str) -> FileKind | None:
        """The kind of the file of an exploration that a page shows; None if it shows none."""
        page = self._explored.get(path)
        return page.file.kind if page and page.file else None

    def explored_pages(self) -> Iterator[tuple[str, str]]:
        """The path of each notebook and export, and of the page that shows it."""
        return ((page.file.path, page.path) for page in self._explored.values() if page.file)

    def prose(self, path: str, latest: Latest | None = None) -> str | None:
        """The Markdown of a document or another page in a file. None if it is not of the knowledge base.

        It begins with a blank line, so a host looks for no metadata of any style.
        """
        if page := self._stage_pages.get(path):
            latest = latest or Latest(0)
            return latest.of("prose", path, (page.document.body,), _filled_in)
        if path in self.generated_by_path or not self._is_ours(path):
            return None
        try:
            source = self._read(path)
        except IterataError:
            return "\n"
        return f"\n{source.body}"

    def _read(self, path: str) -> front_matter.Source:
        """The text of a page that is no stage document."""
        return front_matter.read(path, self._source_of(path).repository.tree.read(path))

    def line_of(self, path: str, offset: int) -> int:
        """The line of a page's file at which a character of its prose is."""
        page = self._stage_pages.get(path)
        source = page.document.source if page else self._read(path)
        return source.body_line + f"\n{source.body}".count("\n", 1, max(offset, 1))

    def finish(self, place: Place, url: Url) -> FinishedPage | None:
        """A page without a file. None for a path that the knowledge base does not generate."""
        if explored := self._explored.get(place.path):
            return self._finish_exploration(explored, "", (), place, url)
        generated = self.generated_by_path.get(place.path)
        return _finish_generated(generated, url) if generated else None

    def complete(
        self, html: str, headings: tuple[Heading, ...], place: Place, url: Url
    ) -> FinishedPage | None:
        """A page with prose: sanitized, with the generated parts around it. None for pages of the host."""
        path = place.path
        explored = self._explored.get(path)
        if explored and explored.is_written:
            return self._finish_exploration(explored, html, headings, place, url)
        if stage_page := self._stage_pages.get(path):
            prose, forests = self._prose_of(stage_page, html, place)
            return self._finish_stage(stage_page, prose, forests, clean_contents(headings), url)
        if not self._is_ours(path):
            return None
        return _finish_other(place, self._clean(html, place), clean_contents(headings))

    def with_board(self, html: str, headings: tuple[Heading, ...], url: Url) -> Embedded | None:
        """A page of the host with the board where it asks for it; None if it does not."""
        board = self.generated_by_path[board_path(self._projects_dir)]
        return with_board(board, html, headings, url)

    def image_hosts(self, path: str) -> frozenset[str]:
        """The hosts whose images a page may show."""
        return frozenset(self._source_of(path).base.settings.image_hosts)

    def _clean(self, html: str, place: Place) -> str:
        """The sanitized HTML of a page's prose, with its drawings as images."""
        cleaned = clean(html, self.image_hosts(place.path))
        return with_drawings(scrollable(cleaned), place.url, self._drawing_at)

    def _drawing_at(self, address: str) -> tuple[Tree, str] | None:
        is_known = kind_of(address) is FileKind.DRAWING and address in self._files
        return (self._source_of(address).repository.tree, address) if is_known else None

    @cached_property
    def _files(self) -> frozenset[str]:
        """The paths of the projects' files that pages link to, published or not."""
        return frozenset(file.path for source in self.sources for file in source.files)

    @cached_property
    def _explored(self) -> dict[str, ExplorationPage]:
        return {page.path: page for page in exploration_pages(self.knowledge)}

    def metadata(self, path: str) -> dict[str, object]:
        """What hosts look for in the front matter of a page without a file, before it is rendered."""
        page = self.generated_by_path.get(path)
        if page is None:
            return {}
        return FinishedPage("", {}, escape(page.title), (), page.tags, page.is_indexed, page.description).meta

    @property
    def loaded(self) -> tuple[str, ...]:
        """The paths of the files that pages load."""
        searched = (PROJECTS_DATA,) if has_search(self.knowledge) else ()
        return STYLESHEET, SCRIPT, DATA, *searched

    def texts(self, address: Url) -> Iterator[tuple[str, str]]:
        """The path and the text of each file that pages load; `address` is relative to the site."""
        yield STYLESHEET, stylesheet()
        yield SCRIPT, search_script()
        yield DATA, library_data(self.library, self.moved.anchors, address)
        if has_search(self.knowledge):
            yield PROJECTS_DATA, project_data(self.derived, self.git_day, address)

    @cached_property
    def moved(self) -> Moved:
        """Where findings were before their folders were renamed."""
        return moved(self.library, lambda path: self._source_of(path).earlier_paths(path))

    @property
    def library(self) -> Library:
        """All findings, as the pages show them."""
        library: Library = self._shared["library"]
        return library

    @property
    def pages_without_files(self) -> Iterator[tuple[str, bool]]:
        """The path of each page that is generated, and whether it may be in the navigation."""
        yield from ((page.path, page.in_nav) for page in self.generated)
        yield from ((page.path, False) for page in self._explored.values() if not page.is_written)

    def _finish_exploration(
        self, explored: ExplorationPage, html: str, headings: tuple[Heading, ...], place: Place, url: Url
    ) -> FinishedPage:
        path = explored.path
        hosts = self.image_hosts(path)
        around = Surroundings(self._source_of(path).repository.tree, place, url, hosts)
        shared = self._shared
        if explored.file is not None:
            template, context = file_context(explored, around)
            part = render(template, {**shared, **context}, url)
            title = escape(str(explored.file.shows or context.get("heading") or explored.file.name))
            return FinishedPage(placeholder("page", part), {"page": part}, title, contents(part))
        context = {**shared, **index_context(explored, around)}
        prose, entries = (
            (self._clean(html, place), clean_contents(headings)) if explored.is_written else ("", ())
        )
        has_title = bool(entries) and entries[0].level == 1
        context["has_title"] = has_title
        parts = {name: render(f"{name}.html.j2", context, url) for name in ("exploration_top", "exploration")}
        top, listing = (placeholder(name, part) for name, part in parts.items())
        sections = contents(parts["exploration"])
        if has_title:  # themes list what is below the title
            toc = (replace(entries[0], children=(*entries[0].children, *sections)), *entries[1:])
        else:
            toc = (*entries, *sections)
        return FinishedPage(f"{top}{prose}{listing}", parts, escape(explored.title), toc)

    def _prose_of(self, page: StagePage, html: str, place: Place) -> tuple[str, dict[str, str]]:
        """The sanitized prose with its generated tables folded, those of a report with their forest plots."""
        html = unbroken_intervals(html)
        pieces = parted(html) if page.view.stage in (Stage.REPORT, Stage.DEPLOYMENT) else None
        if pieces is None:
            return self._clean(html, place), {}
        before, block, after = (self._clean(piece, place) for piece in pieces)
        if page.view.stage is Stage.DEPLOYMENT:
            return before + folded(block, {}, "What the newest result says") + after, {}
        result = page.iteration.experiment if page.iteration else None
        drawn = forests(result) if result else {}
        marks = {kind: placeholder(f"forest_{kind}", "") for kind in drawn}
        parts = {f"forest_{kind}": part for kind, part in drawn.items()}
        return before + folded(block, marks) + after, parts

    def _finish_stage(
        self,
        page: StagePage,
        prose: str,
        forests: Mapping[str, str],
        entries: tuple[Heading, ...],
        url: Url,
    ) -> FinishedPage:
        shared = self._shared
        path = page.document.path
        context = {**shared, **page.context, "dates": self.dates_of(path)}
        parts = {name: render(f"{name}.html.j2", context, url) for name in ("card", "record")}
        prose, title_removed = without_title(prose, page.document.title)
        if title_removed and entries:
            entries = (*entries[0].children, *entries[1:])
        html = placeholder("card", parts["card"]) + prose + placeholder("record", parts["record"])
        sections = (*entries, *contents(parts["record"]))
        return FinishedPage(html, {**parts, **forests}, escape(page.document.title), sections)

    def _is_ours(self, path: str) -> bool:
        return path in self._files


def _filled_in(body: str) -> str:
    return f"\n{filled_in(body)}"


def _finish_generated(page: GeneratedPage, url: Url) -> FinishedPage:
    html = render(page.template, page.context, url)
    searched = placeholder("page", html if page.is_indexed else "")
    about = (page.tags, page.is_indexed, page.description)
    return FinishedPage(searched, {"page": html}, escape(page.title), contents(html), *about)


def _finish_other(place: Place, html: str, entries: tuple[Heading, ...]) -> FinishedPage:
    name = PurePosixPath(place.path).stem
    title = entries[0].title if entries and entries[0].level == 1 else escape(name)
    return FinishedPage(html, {}, title, entries)
