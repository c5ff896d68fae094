"""The pages of explorations, and how each is completed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from iterata.errors import IterataError
from iterata.repository.exploration.folder import ExploredFile
from iterata.repository.exploration.kinds import FileKind, kind_of
from iterata.repository.exploration.notebook import NotebookError
from iterata.repository.exploration.notebook import read as read_notebook
from iterata.site.exploration.drawings import Drawings
from iterata.site.exploration.html_text import text_of
from iterata.site.exploration.notebook_page import NotebookPage, write_figures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.knowledge import IterationView, Knowledge, ProjectView
    from iterata.repository.exploration.folder import Exploration
    from iterata.repository.exploration.kinds import Fault
    from iterata.repository.exploration.notebook import Figure
    from iterata.repository.tree import Tree
    from iterata.site.place import Place, Url

_OWN_PAGE = (FileKind.NOTEBOOK, FileKind.EXPORT)
"""The kinds of files that get a page."""


@dataclass(frozen=True)
class ExplorationPage:
    """The page of an exploration, or of one notebook or export in it."""

    path: str
    """Its virtual path, or the path of the Markdown file that describes the exploration."""
    project: ProjectView
    iteration: IterationView | None
    """None for an exploration beside requirements."""
    exploration: Exploration
    file: ExploredFile | None = None
    """The notebook or the export; None for the page of the whole exploration."""

    @property
    def is_written(self) -> bool:
        """Whether it has a Markdown file."""
        return self.path == self.exploration.index_path

    @property
    def index_path(self) -> str:
        """The path of the page of the whole exploration."""
        return page_of(self.exploration)

    @property
    def title(self) -> str:
        """The title that its description gives, or one by its iteration."""
        owner = self.iteration.name if self.iteration else self.project.title
        return self.exploration.title or f"Exploration of {owner}"


def page_of(exploration: Exploration) -> str:
    """The path of the page of an exploration."""
    return exploration.index_path or f"{exploration.path}/index.md"


def own_page(path: str) -> str | None:
    """The path of the page of a file: `look-ipynb.md` of `look.ipynb`; None if it gets none."""
    if kind_of(path) not in _OWN_PAGE:
        return None
    stem, _, suffix = path.rpartition(".")
    return f"{stem}-{suffix.lower()}.md"


def exploration_pages(knowledge: Knowledge) -> Iterator[ExplorationPage]:
    """Every page of every exploration."""
    for project, iteration, exploration in knowledge.explorations:
        yield ExplorationPage(page_of(exploration), project, iteration, exploration)
        for file in exploration.files:
            if path := own_page(file.path):
                yield ExplorationPage(path, project, iteration, exploration, file)


class Surroundings(NamedTuple):
    """What a page needs of the build."""

    tree: Tree
    page: Place
    url: Url
    """The address of a path, relative to the page."""
    image_hosts: frozenset[str]


class ShownFile(NamedTuple):
    """A file of an exploration on its page."""

    file: ExploredFile
    address: str
    """Of the image, or of the page that shows it; empty if there is none."""
    why_not: str
    """Why it is not shown; empty if it is."""
    remedy: str


def index_context(page: ExplorationPage, around: Surroundings) -> dict[str, Any]:
    """The variables of the page of a whole exploration."""
    drawings = Drawings()
    shown = [_shown(file, drawings, around.url) for file in page.exploration.files]
    by_kind = {kind: [item for item in shown if item.file.kind in kinds] for kind, kinds in _SECTIONS.items()}
    return {
        "page": page,
        "sections": {kind: [item for item in items if not item.why_not] for kind, items in by_kind.items()},
        "not_shown": [item for item in shown if item.why_not],
        "more": page.exploration.more,
    }


_SECTIONS = {
    "images": (FileKind.IMAGE, FileKind.DRAWING),
    "pages": (FileKind.NOTEBOOK, FileKind.EXPORT, FileKind.PAGE, FileKind.PAPER),
    "code": (FileKind.CODE,),
}


def _shown(file: ExploredFile, drawings: Drawings, url: Url) -> ShownFile:
    if fault := file.fault:
        return ShownFile(file, "", fault.message, fault.remedy)
    if file.kind is FileKind.DRAWING:
        address = drawings.address_of(file)
        too_many = "" if address else "the page has too many drawings"
        return ShownFile(file, address, too_many, "save some of them as PNG" if too_many else "")
    address = url(own_page(file.path) or file.path)
    if not address and file.kind is not FileKind.CODE:
        return ShownFile(file, "", "is not in this checkout", "build the site from a full checkout")
    return ShownFile(file, address, "", "")


def file_context(page: ExplorationPage, around: Surroundings) -> tuple[str, dict[str, Any]]:
    """The template of the page of a notebook or of an export, and its variables."""
    file = page.file
    if file is None:
        raise ValueError("the page of a whole exploration")
    context: dict[str, Any] = {"page": page, "file": file, "source": around.url(file.path)}
    fault: Fault | NotebookError | IterataError | None = file.fault
    try:
        if fault is None and file.kind is FileKind.EXPORT:
            export = text_of(file.read().decode("utf-8", "replace"))
            return "export.html.j2", {**context, "export": export, "heading": export.title}
        if fault is None:
            return "notebook.html.j2", {**context, **_notebook_context(file, file.read(), around)}
    except (NotebookError, IterataError) as error:
        fault = error
    return "not_shown.html.j2", {**context, "why_not": fault.message, "remedy": fault.remedy}


def _notebook_context(file: ExploredFile, raw: bytes, around: Surroundings) -> dict[str, Any]:
    notebook = read_notebook(raw)
    drawings = Drawings()
    destination = Path(around.page.destination)
    in_folder = destination.name == "index.html"
    folder = destination.parent if in_folder else destination.with_suffix("")
    write_figures(notebook, folder)

    def figure_url(figure: Figure) -> str:
        if figure.is_drawing:
            return drawings.address(figure.content)
        return figure.name if in_folder else f"{folder.name}/{figure.name}"

    def drawing(path: str) -> str:
        if kind_of(path) is not FileKind.DRAWING:
            return ""
        return drawings.address_of(ExploredFile(around.tree, path, path))

    page = NotebookPage(file.path, around.url, drawing, figure_url, around.image_hosts)
    return {"notebook": notebook, "heading": notebook.title, "cells": list(page.cells(notebook))}
