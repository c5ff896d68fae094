"""Everything that belongs in the folder of a site."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from iterata.errors import IterataError
from iterata.site.code_host import CodeHost
from iterata.site.feeds.entries import About
from iterata.site.feeds.llms import llms_txt
from iterata.site.feeds.machine_files import machine_files
from iterata.site.feeds.markdown_page import markdown
from iterata.site.knowledge_site import FinishedPage, Site
from iterata.site.portable import navigation
from iterata.site.portable.addresses import Addresses
from iterata.site.portable.earlier import redirects
from iterata.site.portable.front_matter import front_matter
from iterata.site.portable.own_pages import own_pages
from iterata.site.portable.pages import Renderer

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.repository.config import Config
    from iterata.site.portable.host_options import HostOptions
    from iterata.site.portable.hosts import Host


class Request(NamedTuple):
    """What is to be built."""

    host: Host
    has_folders: bool
    """Whether `report.md` is at `report/`; else it is at `report.html`."""
    options: HostOptions
    folder: Path
    """Where it will be."""
    docs: Path | None = None
    """A folder of the team's own pages, which become part of the site."""


@dataclass
class Built:
    """A site, in memory and in the files that it copies."""

    content: dict[str, bytes | Path] = field(default_factory=dict)
    """The content of each file, or the file that it is copied from."""
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    pages: int = 0


def build(config: Config, request: Request, scratch: Path) -> Built:
    """The site of a knowledge base. Images of notebooks are written to the empty folder `scratch`.

    Raises:
        IterataError: the folder, or that of the team's pages, cannot be used.
    """
    site, addresses = Site.of(config), Addresses(request.host, request.has_folders)
    built = Built(notes=list(site.notes), warnings=list(site.warnings))
    code_host = CodeHost.of(request.options.repo_url, site.roots)
    renderer = Renderer(site, request.host, addresses, scratch, code_host)
    for path, source in renderer.place_all():
        built.content[addresses.file(path)] = source
    _refuse_folder(request, site, config.root)
    _add_docs(built, request, site, addresses)
    for page in renderer.pages():
        built.content[addresses.file(page.path)] = page.text.encode()
        built.pages += 1
        if config.settings.feeds:
            built.content[addresses.twin(page.path)] = markdown(renderer.twin(page)).encode()
    if config.settings.feeds:
        _add_feeds(built, site, request.options, addresses)
    for path, text in site.texts(addresses.quoted):
        built.content[path] = text.encode()
    for path, text in redirects(site, addresses):
        built.content.setdefault(path, text.encode())
    _add_home(built, site, request, addresses)
    entries = navigation.navigation(site, addresses)
    built.content["navigation.json"] = navigation.as_json(entries, addresses).encode()
    built.content["navigation.yml"] = navigation.as_yaml(entries, addresses).encode()
    images = (file for file in scratch.rglob("*") if file.is_file())
    built.content |= {file.relative_to(scratch).as_posix(): file for file in images}
    built.warnings += renderer.warnings
    return built


def _add_docs(built: Built, request: Request, site: Site, addresses: Addresses) -> None:
    """The team's own pages."""
    if request.docs is None:
        return
    taken = built.content.keys() | {addresses.file(page) for page in addresses.pages}
    for path, source, content in own_pages(request.docs, request.folder, site, addresses):
        if path in taken:
            message = "the knowledge base has a page or file of the same name"
            raise IterataError(message, remedy="rename one of them", where=str(source))
        built.content[path] = content


def _add_feeds(built: Built, site: Site, options: HostOptions, addresses: Addresses) -> None:
    """Files for programs, unless the team has one of the same name."""

    def address(path: str) -> str | None:
        return quote(addresses.url(path)) if path in addresses else None

    def twin(path: str) -> str | None:
        return quote(addresses.twin(path)) if path in addresses else None

    name = options.site_name or "Knowledge base"
    about = About(name, options.site_description, options.site_url, address)
    made = machine_files(site, about)
    content = {**made.content, "llms.txt": llms_txt(site, about, twin)}
    built.content.update((path, text.encode()) for path, text in content.items() if path not in built.content)
    built.notes += made.notes


def _add_home(built: Built, site: Site, request: Request, addresses: Addresses) -> None:
    """A first page with links, if neither the knowledge base nor the team has one."""
    path = request.host.index_name
    if path in built.content:
        return
    name = request.options.site_name or "Knowledge base"
    home = FinishedPage("", {}, escape(name), (), is_indexed=False)
    links = (
        f'<li><a href="{escape(addresses.link(page.path))}">{escape(page.title)}</a></li>'
        for page in site.generated
        if page.in_nav
    )
    title = "" if request.host.prints_title else f"<h1>{escape(name)}</h1>"
    before, after = request.host.fence
    block = f'<div class="it-page">{title}<ul>{"".join(links)}</ul></div>'
    body = "\n".join(filter(None, (before, block, after)))
    built.content[path] = f"{front_matter(home, request.host)}\n{body}\n".encode()


def _refuse_folder(request: Request, site: Site, root: Path) -> None:
    folder = request.folder.resolve()
    for projects in site.projects_folders:
        if folder.is_relative_to(projects.resolve()):
            message = f"is inside {os.path.relpath(projects, root)}, where the documents are"
            raise IterataError(message, remedy="name another folder with --into", where=str(request.folder))
