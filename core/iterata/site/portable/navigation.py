"""The navigation of a site: as MkDocs reads it, and as neutral JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from iterata.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.site.knowledge_site import Site
    from iterata.site.portable.addresses import Addresses

_LONGEST = 200


class Entry(NamedTuple):
    """A page of the navigation, with those below it."""

    title: str
    path: str
    """In the knowledge base."""
    children: tuple[Entry, ...] = ()
    is_short: bool = True
    """Whether it is in the navigation of every page, which must not grow with every document."""


def navigation(site: Site, addresses: Addresses) -> tuple[Entry, ...]:
    """The fixed pages, then the projects with their iterations and documents."""
    fixed = (Entry(page.title, page.path) for page in site.generated if page.in_nav)
    return tuple(entry for entry in (*fixed, *_projects(site)) if entry.path in addresses)


def _projects(site: Site) -> Iterator[Entry]:
    for project in site.knowledge.projects:
        own = (project.requirements,) if project.requirements else ()
        documents = (Entry(one.title, one.path, (), is_short=False) for one in own)
        iterations = (
            Entry(
                iteration.title,
                f"{iteration.path}/index.md",
                tuple(Entry(one.title, one.path, (), is_short=False) for one in iteration.documents),
                is_short=False,
            )
            for iteration in project.iterations
        )
        yield Entry(project.title, f"{project.path}/index.md", (*documents, *iterations))


def as_json(entries: Sequence[Entry], addresses: Addresses) -> str:
    """All entries, each with the file that is written for it and its address relative to the site."""

    def shown(entry: Entry) -> dict[str, object]:
        return {
            "title": one_line(entry.title, _LONGEST),
            "file": addresses.file(entry.path),
            "address": addresses.url(entry.path),
            "children": [shown(child) for child in entry.children if child.path in addresses],
        }

    content = {"schema_version": 1, "kind": "navigation", "navigation": [shown(entry) for entry in entries]}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def as_yaml(entries: Sequence[Entry], addresses: Addresses) -> str:
    """The entries that may be on every page, as `nav:` of mkdocs.yml."""
    lines = (
        f"  - {json.dumps(one_line(entry.title, _LONGEST), ensure_ascii=False)}: "
        f"{json.dumps(addresses.file(entry.path), ensure_ascii=False)}"
        for entry in entries
        if entry.is_short
    )
    return "\n".join(("nav:", *lines, ""))
