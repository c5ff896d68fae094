"""Other plugins beside ours, as far as their packages are installed; docs/hosts.md says how the others do."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
import yaml
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin

from .conftest import Site, copy_base

if TYPE_CHECKING:
    from pathlib import Path

    from mkdocs.config.base import Config
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page


class PrintSite(BasePlugin):  # type: ignore[type-arg]
    """Keeps the HTML of pages as mkdocs-print-site-plugin does."""

    pages: list[Page]

    def on_page_content(self, html: str, *, page: Page, config: Config, files: Files) -> str:
        page.html = html  # type: ignore[attr-defined]
        self.pages.append(page)
        return html


@pytest.fixture(scope="module")
def print_site() -> PrintSite:
    plugin = PrintSite()
    plugin.pages = []
    return plugin


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory, print_site: PrintSite) -> Site:
    """A strict build with Material's plugins."""
    folder = copy_base(tmp_path_factory.mktemp("companions") / "base")
    settings = yaml.safe_load((folder / "mkdocs.yml").read_text("utf-8"))
    settings["plugins"] = ["search", "tags", "offline", "iterata"]
    settings["site_url"] = "https://kb.example/sub/path/"
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(settings), "utf-8")
    config = load_config(str(folder / "mkdocs.yml"), strict=True)
    config.plugins["print-site"] = print_site
    config.plugins.on_startup(command="build", dirty=False)
    mkdocs_build(config)
    return Site(folder / "site")


def test_findings_have_the_tags_of_material(beside: Site) -> None:
    page = beside.pages["findings/newsletter/01-setup-F2.html"]
    assert {tag.text.strip() for tag in page.all("span", class_="md-tag")} == {"purchases"}


def test_the_search_works_from_the_file_system(beside: Site) -> None:
    assert (beside.folder / "search/search_index.js").is_file()
    assert (beside.folder / "projects/newsletter/01-setup/report.html").is_file()
    assert (beside.folder / "projects/newsletter/01-setup/report.md").is_file()


def test_print_site_gets_whole_pages(beside: Site, print_site: PrintSite) -> None:
    assert beside.folder.is_dir()
    printed = {page.file.src_uri: page.html for page in print_site.pages}  # type: ignore[attr-defined]
    assert len(printed) > 12
    assert not [path for path, html in printed.items() if "<!--iterata" in html]
    assert '<div class="it' in printed["projects/index.md"]


def test_static_i18n_is_refused_with_a_way_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = copy_base(tmp_path / "base")
    config = load_config(str(folder / "mkdocs.yml"))
    config.plugins["i18n"] = BasePlugin()
    caplog.set_level(logging.CRITICAL, logger="mkdocs")
    with pytest.raises(PluginError) as error:
        config.plugins.on_config(config)
    assert "iterata site --for mkdocs" in str(error.value)
