"""The site of a knowledge base: which pages it has, and how each is finished."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from mkdocs.structure.toc import TableOfContents

from iterata import knowledge
from iterata.documents import front_matter
from iterata.errors import IterataError
from iterata.repository.projects import Repository
from iterata.rules.check import tuned
from mkdocs_iterata import mount
from mkdocs_iterata.dates import Dating, dating
from mkdocs_iterata.pages import GeneratedPage, generated_pages, shared_context
from mkdocs_iterata.render import contents, ids, links_from, render
from mkdocs_iterata.sanitise import clean, clean_contents
from mkdocs_iterata.searchable import stand_in
from mkdocs_iterata.stagepages import StagePage, stage_pages, without_title

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import File, Files
    from mkdocs.structure.pages import Page
    from mkdocs.structure.toc import AnchorLink

    from iterata.knowledge import Knowledge
    from iterata.repository.config import Config
    from mkdocs_iterata.render import Url


class Finished(NamedTuple):
    """A page's HTML and what the host must know of it."""

    html: str
    """The prose, with stand-ins for what is ours."""
    parts: Mapping[str, str]
    """What the stand-ins stand for, by name."""
    title: str
    """As HTML: the themes do not escape it."""
    contents: TableOfContents

    @property
    def ids(self) -> set[str]:
        """The ids of what is ours, for the host's check of anchors."""
        return {id_ for part in self.parts.values() for id_ in ids(part)}


@dataclass(frozen=True)
class Site:
    """One build's pages."""

    base: Config
    repository: Repository
    knowledge: Knowledge

    @classmethod
    def of(cls, base: Config) -> Site:
        """Read the knowledge base."""
        repository = Repository.on_disk(base)
        return cls(base, repository, knowledge.read(repository))

    @cached_property
    def generated(self) -> tuple[GeneratedPage, ...]:
        """The pages that no file holds."""
        return tuple(generated_pages(self.knowledge, self.repository.projects_dir))

    @cached_property
    def _generated_by_path(self) -> dict[str, GeneratedPage]:
        return {page.path: page for page in self.generated}

    @cached_property
    def _stage_pages(self) -> dict[str, StagePage]:
        return {page.document.path: page for page in stage_pages(self.knowledge)}

    @cached_property
    def dating(self) -> Dating:
        """When the documents were written, and by whom; nobody is asked where there are none."""
        return dating(self.base) if self._stage_pages else Dating()

    @property
    def warnings(self) -> Iterator[str]:
        """What is wrong with the documents; it stops a strict build and no other."""
        yield from (str(error) for error in self.knowledge.unread)
        found = (problem for document in self.knowledge.documents for problem in document.problems)
        yield from map(str, tuned(self.repository, found))

    def mounted(self, config: MkDocsConfig) -> Iterator[File]:
        """The files of the projects folder that join the site."""
        return mount.mounted(self.base.root, self.repository.projects_dir, config)

    def prose(self, file: File) -> str | None:
        """The Markdown of a page of ours; none for the host's own pages.

        It begins with a blank line, by which the host knows that no metadata follows, of whatever style.
        """
        if file.generated_by is not None:
            return None
        if page := self._stage_pages.get(file.src_uri):
            return f"\n{page.document.body}"
        if not self._is_ours(file):
            return None
        try:
            source = front_matter.read(file.src_uri, self.repository.tree.read(file.src_uri))
        except IterataError:
            return "\n"
        return f"\n{source.body}"

    def finish(self, html: str, page: Page, files: Files) -> Finished | None:
        """A page of ours made complete; none for the host's own pages."""
        path, url = page.file.src_uri, links_from(page.file, files)
        if page.file.generated_by is not None:
            made = self._generated_by_path.get(path)
            return _finish_generated(made, url) if made else None
        if stage_page := self._stage_pages.get(path):
            return self._finish_stage(stage_page, html, clean_contents(page.toc), url)
        return _finish_other(page.file, html, clean_contents(page.toc)) if self._is_ours(page.file) else None

    def _finish_stage(self, page: StagePage, html: str, links: list[AnchorLink], url: Url) -> Finished:
        shared = shared_context(self.knowledge, self.repository.projects_dir)
        context = {**shared, **page.context, "dates": self.dating.of(page.document.path)}
        parts = {name: render(f"{name}.html.j2", context, url) for name in ("card", "record")}
        prose, had_title = without_title(clean(html), page.document.title)
        if had_title and links:
            links = links[0].children + links[1:]
        whole = stand_in("card", parts["card"]) + prose + stand_in("record", parts["record"])
        toc = TableOfContents([*links, *contents(parts["record"])])
        return Finished(whole, parts, escape(page.document.title), toc)

    def _is_ours(self, file: File) -> bool:
        return file.src_dir == str(self.base.root)


def _finish_generated(page: GeneratedPage, url: Url) -> Finished:
    html = render(page.template, page.context, url)
    return Finished(stand_in("page", html), {"page": html}, escape(page.title), contents(html))


def _finish_other(file: File, html: str, links: list[AnchorLink]) -> Finished:
    title = links[0].title if links and links[0].level == 1 else escape(file.name)
    return Finished(clean(html), {}, title, TableOfContents(links))
