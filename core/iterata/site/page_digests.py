"""Digests of what pages depend on, so that a build knows which pages changed.

A page of a project depends on the whole project, and of other projects on what findings say about its own. A
page about several projects depends on the front matter, the results and the next steps of all of them, unless
its template gets nothing but plain values: then it depends on these.
"""

from __future__ import annotations

from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import iterata
from iterata.knowledge.ideas import ideas_of_project
from iterata.knowledge.similar import PLANNING
from iterata.knowledge.views import FindingView
from iterata.repository.noted_tree import NotedTree, noted
from iterata.rules.cache import bytes_of, explored_files, listing
from iterata.site.page_cache import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from iterata.knowledge import IterationView, ProjectView
    from iterata.repository.projects import Project
    from iterata.site.knowledge_site import Site
    from iterata.site.latest import Latest
    from iterata.site.page_cache import PageCache


T = TypeVar("T")


class _Files(NamedTuple):
    """Digests of the files of a project, as they were when the project was read."""

    whole: str
    facts: str
    """Of the front matter and the results."""


class PageDigests:
    """The digests of one build. Everything is read on first use."""

    def __init__(self, site: Site, cache: PageCache, latest: Latest) -> None:
        self._site = site
        self._cache = cache
        self._latest = latest
        self._made: dict[tuple[str, str], Any] = {}
        self._projects = {
            project.path: project for source in site.sources for project in source.repository.projects
        }
        self._views = {view.path: view for view in site.knowledge.projects}
        self._whole: dict[str, str] = {}

    @cached_property
    def renderer(self) -> str:
        """Of iterata's own code and templates, and of the settings."""
        settings = (repr(source.base.settings) for source in self._site.sources)
        return digest([iterata.__version__, *_own_files(), *settings])

    def of(self, path: str) -> str:
        """Of what the page at a path shows, besides its own prose."""
        page = self._site.generated_by_path.get(path)
        if page and page.has_plain_context:
            return digest([repr(page)])
        project = self._site.project_of(path)
        return self.project(project) if project else self.everything

    @cached_property
    def everything(self) -> str:
        """Of what pages about several projects show."""
        errors = map(str, self._site.knowledge.unread)
        states = (f"{key} {state}" for key, state in self._states.items())
        return digest([*map(self._facts, self._views), *states, *errors])

    def project(self, path: str) -> str:
        """Of what the pages of a project show."""
        if path not in self._whole:
            view = self._views[path]
            outside = (text for finding in view.findings for text in self._outside(finding))
            similar = (text for iteration in view.iterations for text in self._similar(path, iteration))
            errors = (str(error) for error in self._site.knowledge.unread)
            files = self._files(path).whole
            self._whole[path] = digest([files, *self._steps(view), *outside, *similar, *errors])
        return self._whole[path]

    def _files(self, path: str) -> _Files:
        return self._once("files", path, lambda _: _files(self._projects[path]))

    def _once(self, kind: str, path: str, make: Callable[[ProjectView], T]) -> T:
        """What is made of a project, as long as it is not read again: then it has the files of that time."""
        made: T | None = self._made.get((kind, path))
        if made is None:
            view = self._views[path]
            known: tuple[ProjectView, T] | None = self._latest.get(kind, path, (id(view),))
            if known is None:
                known = view, make(view)
                self._latest.put(kind, path, (id(view),), known)  # with the view, so that its id stays
            self._made[kind, path] = made = known[1]
        return made

    def _facts(self, path: str) -> str:
        """The front matter, the results, the dates and the next steps of a project.

        And which figures changed: the tables in the prose tell, of which lists show nothing else.
        """
        view = self._views[path]
        changes = (repr(one.changed_figures) for item in view.iterations for one in item.documents)
        return digest([self._files(path).facts, *self._steps(view), *changes])

    def _steps(self, view: ProjectView) -> Iterator[str]:
        """What a project's pages show that its files alone do not determine: dates, and who must act."""
        yield repr(view.next_step)
        yield from (repr(iteration.next_step) for iteration in view.iterations)
        documents = (view.requirements, *(one for item in view.iterations for one in item.documents))
        yield from (repr(self._site.dates_of(document.path)) for document in documents if document)

    @cached_property
    def _states(self) -> dict[str, str]:
        return {key: _plain(state) for key, state in self._site.derived.states.items()}

    def _outside(self, finding: FindingView) -> Iterator[str]:
        """What other projects say about a finding."""
        knowledge = self._site.knowledge
        yield self._states.get(finding.key, "")
        cited_by = self._site.derived.states[finding.key].use.findings
        related = (
            *map(knowledge.finding, cited_by),
            *(knowledge.finding(key) for key in (*finding.supports, *finding.contradicts)),
            *knowledge.supporters(finding),
            *knowledge.critics(finding),
        )
        for other in related:
            yield self._known_by_name(other) if other else "unknown"

    def _known_by_name(self, finding: FindingView) -> str:
        """What a list shows of a finding of another project."""
        card = self._site.library.card(finding)
        return f"{_plain(finding)} {self._states[finding.key]} {card.project.title!r} {card.record.day}"

    @cached_property
    def _ideas(self) -> str:
        return digest(self._once("ideas", path, _ideas) for path in self._views)

    def _similar(self, path: str, iteration: IterationView) -> list[str]:
        """What was tried before an iteration; it takes long to find, so it is remembered, too."""
        planned = self._once("planned", path, _planned)[iteration.ref]
        inputs = (self.renderer, self._ideas, iteration.ref, planned)
        found: list[str] | None = self._latest.get("similar", iteration.path, inputs)
        if found is None:
            key = digest(["similar", *inputs])
            found = self._cache.get(key)
            if found is None:
                found = list(map(_plain, self._site.derived.tried_before.similar_to(iteration)))
                self._cache.put(key, found)
            self._latest.put("similar", iteration.path, inputs, found)
        return found


def _ideas(view: ProjectView) -> str:
    """Of the ideas of a project."""
    return digest(map(_plain, ideas_of_project(view)))


def _planned(view: ProjectView) -> Mapping[str, str]:
    """Of what each iteration is about to try."""
    return {
        iteration.ref: digest([str(iteration.follows), *_planning_texts(iteration)])
        for iteration in view.iterations
    }


def _planning_texts(iteration: IterationView) -> Iterator[str]:
    documents = (stage.document for stage in iteration.stages if stage.stage in PLANNING)
    return (document.source.text for document in documents if document)


@cache
def _own_files() -> tuple[str, ...]:
    """Iterata's own code and templates with their times, which do not change while a process runs."""
    package = Path(iterata.__file__).parent
    files = (path for suffix in ("py", "j2") for path in package.rglob(f"*.{suffix}"))
    return tuple(sorted(f"{path} {path.stat().st_mtime_ns}" for path in files))


def _files(project: Project) -> _Files:
    tree = project.repository.tree
    noted_before = tree.noted if isinstance(tree, NotedTree) else _nothing
    whole: list[str] = []
    facts: list[str] = []
    for path, content in listing(project):
        found = noted(path, content) if content is not None else noted_before(path)
        found = found or noted(path, bytes_of(project, path))
        whole.append(f"{path} {found.whole}")
        facts.append(f"{path} {found.front_matter}")
    explored = (f"{path} {noted(path, content).whole}" for path, content in explored_files(project))
    return _Files(digest([*whole, *explored]), digest(facts))


def _nothing(path: str) -> None:
    del path


def _plain(value: object) -> str:
    """A value of the read model as text, without the documents that it refers to."""
    match value:
        case str() | None:
            return repr(value)
        case tuple() | list() | frozenset():
            return f"({', '.join(map(_plain, value))})"
        case FindingView():
            said = (value.key, value.statement, *value.tags, *value.broken_guardrails)
            return _plain((*said, str(value.kind), str(value.verdict), str(value.document.status)))
    return str(value)
