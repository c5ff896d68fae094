"""The earlier addresses of findings whose project or iteration was renamed.

Git follows a document to its earlier path if it was not edited in the same commit. What it says of one
document of a folder is taken for all of them: people who rename a folder edit references in some documents.
"""

from __future__ import annotations

from html import escape
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from iterata.site.library.addresses import anchor, finding_path
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from iterata.documents import Document
    from iterata.knowledge import ProjectView
    from iterata.site.library.cards import Card, Library

    EarlierPaths: TypeAlias = Callable[[str], tuple[str, ...]]


class Moved(NamedTuple):
    """Findings by where they were."""

    pages: Mapping[str, Card]
    """By the path of an earlier page that is no page now."""
    anchors: Mapping[str, Card]
    """By the anchor that they had when all findings were on one page."""


class _Names(NamedTuple):
    """The earlier names of a project or an iteration, as its documents tell them."""

    projects: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    """Project and iteration, for the documents of iterations."""


def moved(library: Library, earlier_paths: EarlierPaths) -> Moved:
    """Where findings were; `earlier_paths` tells the paths that a document had, in its own knowledge base."""
    live = {card.path for card in library.cards}
    present = {card.project.name for card in library.cards}
    names: dict[int, _Names] = {}
    pages: dict[str, Card] = {}
    anchors: dict[str, Card] = {}
    for card in library.cards:
        base, iteration = card.project.knowledge_base, card.iteration
        if id(card.project) not in names:
            names[id(card.project)] = _names(_documents_of(card.project), base, earlier_paths)
        if iteration is not None and id(iteration) not in names:
            names[id(iteration)] = _names(list(iteration.documents), base, earlier_paths)
        for place in _earlier(card, names, present):
            path = finding_path(*place, card.finding.id)
            if path not in live:
                pages.setdefault(path, card)
                anchors.setdefault(anchor(*place, card.finding.id), card)
    return Moved(pages, anchors)


def _documents_of(project: ProjectView) -> list[Document]:
    own = [project.requirements] if project.requirements else []
    return [*own, *(document for iteration in project.iterations for document in iteration.documents)]


def _names(documents: list[Document], base: str, earlier_paths: EarlierPaths) -> _Names:
    projects, pairs = set(), set()
    for document in documents:
        for path in earlier_paths(document.path):
            folders = PurePosixPath(path).parent.parts
            is_own = document.stage is Stage.REQUIREMENTS
            if len(folders) < (1 if is_own else 2):
                continue
            project = folders[-1] if is_own else folders[-2]
            name = f"{base}/{project}" if base else project
            projects.add(name)
            if not is_own:
                pairs.add((name, folders[-1]))
    return _Names(frozenset(projects), frozenset(pairs))


def _earlier(card: Card, names: Mapping[int, _Names], present: set[str]) -> Iterator[tuple[str, str]]:
    """The earlier names of the project and the iteration of a finding."""
    own = names[id(card.iteration)] if card.iteration else _Names(frozenset(), frozenset())
    project, iteration = card.project.name, card.finding.iteration
    projects = {name for name in names[id(card.project)].projects if name not in present}
    iterations = {iteration, *(name for _, name in own.pairs)} if iteration else {""}
    combined = {(one, other) for one in (project, *projects) for other in iterations}
    yield from sorted((own.pairs | combined) - {(project, iteration)})


def redirect(address: str, title: str) -> str:
    """A page that leads to the new address of a finding."""
    target, name = escape(address), escape(title)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Moved</title>'
        '<meta name="robots" content="noindex"><link rel="icon" href="data:,">'
        f'<link rel="canonical" href="{target}"><meta http-equiv="refresh" content="0; url={target}"></head>'
        f'<body><p>This finding has a new address: <a href="{target}">{name}</a></p></body></html>\n'
    )
