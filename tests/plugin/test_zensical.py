"""Zensical builds what `iterata site` writes: every page, no broken link, no error in the browser."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest

from iterata.repository import config as configuration
from iterata.repository import zensical
from iterata.site.portable.build import Request, build
from iterata.site.portable.host_options import host_options
from iterata.site.portable.hosts import HOSTS
from iterata.site.portable.output import OutputFolder

from ..helpers.command_line import CommandLine
from .conftest import Html, Site, copy_base, rename_project

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def program() -> str:
    """Zensical's program; a missing one is an error in CI; elsewhere the test is skipped."""
    own = Path(__file__).parents[2] / "build/zensical/bin/zensical"
    found = str(own) if own.is_file() else shutil.which("zensical")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("zensical is not installed; .ci/run does that")
        pytest.skip("zensical is not installed: make build/zensical as .ci/run does")
    return found


def without_path() -> dict[str, str]:
    """The environment of a program whose packages are its own."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_base(tmp_path_factory.mktemp("zensical") / "base")
    (folder / "docs/guide").mkdir()
    (folder / "docs/guide/start.md").write_text(
        "# Start\n\n[Board](../projects/index.md) [R](../projects/newsletter/01-setup/report.md)\n", "utf-8"
    )
    text = '[project]\nsite_name = "Base"\ndocs_dir = "site-source"\n[project.theme]\nfont = false\n'
    (folder / zensical.SETTINGS).write_text(text, "utf-8")
    rename_project(folder)
    return folder


@pytest.fixture(scope="module")
def built(base: Path, program: str) -> Site:
    """The knowledge base and the team's own pages, built by Zensical."""
    scratch = base.parent / "scratch"
    scratch.mkdir()
    request = Request(HOSTS["zensical"], True, host_options(base), base / "site-source", base / "docs")
    OutputFolder(request.folder).write(build(configuration.load(base), request, scratch).content)
    ran = subprocess.run(
        [program, "build", "--clean"],
        cwd=base,
        env=without_path(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "does not exist" not in ran.stdout + ran.stderr, ran.stdout
    return Site(base / "site")


def test_it_has_every_page_of_the_plugin(built: Site, site: Site) -> None:
    ours, theirs = shown(site), shown(built)
    assert len(ours) > 12
    moved = {path for path in theirs if path.startswith("findings/letters/")}
    assert {path.replace("README", "readme") for path in ours} == theirs.keys() - moved
    for path, page in ours.items():
        assert cells(page) == cells(theirs[path.replace("README", "readme")])


def cells(page: Html) -> list[str]:
    """The cells of tables, without the days that only a history tells."""
    return ["".join(re.sub(r"(?:since )?\d{4}-\d\d-\d\d", "", cell.text).split()) for cell in page.all("td")]


def shown(site: Site) -> dict[str, Html]:
    """The pages of the knowledge base."""
    return {path: page for path, page in site.pages.items() if path.startswith(("projects/", "findings"))}


def broken_links(site: Site) -> list[tuple[str, str]]:
    pages = site.pages
    ids = {path: {element.attributes.get("id") for element in page.elements} for path, page in pages.items()}
    broken = []
    for path, page in pages.items():
        for element in page.elements:
            target = element.attributes.get("href") or element.attributes.get("src")
            url = urlsplit(target or "#")
            if url.scheme or url.netloc or path == "404.html":
                continue
            file = normpath(join(dirname(path), unquote(url.path))) if url.path else path
            place = site.folder / file
            place = place / "index.html" if place.is_dir() else place
            anchors = ids.get(place.relative_to(site.folder).as_posix(), {url.fragment})
            if not place.is_file() or (url.fragment and unquote(url.fragment) not in anchors):
                broken.append((path, target or ""))
    return broken


def test_no_link_is_broken(built: Site) -> None:
    assert sum(len(page.all("a", href="")) for page in built.pages.values()) > 300
    assert not broken_links(built)


def test_an_earlier_address_leads_on(built: Site) -> None:
    moved = built.page("findings/letters/01-setup-F1")
    (refresh,) = moved.all("meta", content="url=")
    target = join("findings/letters/01-setup-F1", refresh.attributes["content"].partition("url=")[2])
    assert "Habits tell who reads." in built.page(normpath(target)).text


def test_pages_raise_no_error_in_the_browser(
    built: Site, chromium: Browser, served: Callable[[Path], str]
) -> None:
    top, errors = served(built.folder), []
    page = chromium.new_page()
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("response", lambda answer: errors.append(answer.url) if answer.status >= 400 else None)
    for path in ("projects/", "findings/", "projects/newsletter/01-setup/report/"):
        page.goto(f"{top}/{path}", wait_until="networkidle")
        own = page.evaluate("getComputedStyle(document.querySelector('.it')).getPropertyValue('--it-blue')")
        assert own, "our stylesheet is not loaded"
    page.close()
    assert not errors


def test_what_init_writes_is_built_by_the_commands_that_it_names(program: str, tmp_path: Path) -> None:
    done = CommandLine(tmp_path)("init", "base", "--site", "zensical").fine()
    folder, named = tmp_path / "base", re.findall(r"`(iterata .*?)`", done.err)
    for line in named:
        CommandLine(folder)(*shlex.split(line)[1:]).fine()
    assert len(named) == 2
    ran = subprocess.run(
        [program, "build", "--clean", "--strict"],
        cwd=folder,
        env=without_path(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    home = Site(folder / "site").page(".")
    assert home.all("a", href="projects/churn/")
    assert home.all("a", href="findings/")
    assert not broken_links(Site(folder / "site"))


def test_its_folder_is_told_once_it_is_prepared(base: Path, built: Site) -> None:
    assert built.pages
    assert zensical.advice(base) is None
