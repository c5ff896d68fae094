"""One site over several knowledge bases of a repository, whose projects have the same names."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import yaml
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort, ConfigurationError

from ..helpers.git import Git
from .conftest import Site, copy_base

if TYPE_CHECKING:
    from pathlib import Path

MKDOCS = {
    "site_name": "Every team",
    "theme": {"name": "material", "font": False},
    "plugins": ["search", {"iterata": {"knowledge_bases": ["../teams/a", "../teams/b"]}}],
    "nav": [{"Home": "index.md"}, {"Board": "projects/index.md"}, {"Findings": "findings.md"}],
}


def write_portal(top: Path, **options: object) -> Path:
    """A knowledge base without projects, which shows others; the path of its mkdocs.yml."""
    place = top / "portal"
    (place / "docs").mkdir(parents=True, exist_ok=True)
    (place / "docs/index.md").write_text("# Every team\n", "utf-8")
    plugins = ["search", {"iterata": {"knowledge_bases": ["../teams/a", "../teams/b"], **options}}]
    (place / "mkdocs.yml").write_text(yaml.safe_dump({**MKDOCS, "plugins": plugins}), "utf-8")
    return place / "mkdocs.yml"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("repository")
    for name in ("a", "b"):
        copy_base(top / "teams" / name)
    write_portal(top)
    Git(top).commit()
    return top


@pytest.fixture(scope="module")
def portal(repository: Path) -> Site:
    config = load_config(str(repository / "portal/mkdocs.yml"), strict=True)
    mkdocs_build(config)
    return Site(repository / "portal/site")


def test_board_is_grouped_by_knowledge_base(portal: Site) -> None:
    board = portal.page("projects")
    titles = [element.text.strip() for element in board.all("h2")]
    assert [title for title in titles if title.startswith("teams/")] == ["teams/a", "teams/b"]
    links = {link.attributes["href"] for link in board.all("a", href="/newsletter/01-setup/")}
    assert {"../teams/a/projects/newsletter/01-setup/", "../teams/b/projects/newsletter/01-setup/"} <= links


def test_contents_of_the_board_name_its_sections_and_the_knowledge_bases(portal: Site) -> None:
    board = portal.page("projects")
    listed = [link.text.strip() for link in board.all("a", class_="md-nav__link", href="#")]
    assert {"teams/a", "teams/b"} < set(listed)
    assert len(set(listed)) <= 12
    badges = [element.text for element in board.all("span", class_="it-word")]
    assert not [name for name in listed for badge in badges if name.endswith(f" {badge}")]


def test_commands_are_those_at_the_top_of_the_repository(portal: Site) -> None:
    commands = {element.text for element in portal.page("projects").all("code")}
    assert "iterata -C teams/b move projects/newsletter/02-recency/proposal.md in_review" in commands
    assert not [command for command in commands if command.startswith("iterata move")]


def test_findings_of_all_have_pages_of_their_own(portal: Site) -> None:
    links = [link.attributes["href"] for link in portal.page("findings").all("a", href="-F")]
    assert len(links) == len(set(links)) == 6
    assert len([link for link in links if link.startswith("../findings/teams/a/")]) == 3
    assert {portal.page(link[3:].rstrip("/")).all("h1")[0].text for link in links}
    data = (portal.folder / "assets/findings-data.js").read_text("utf-8")
    assert '["teams/a","teams/a"' in data


def test_pages_of_a_member_are_complete(portal: Site) -> None:
    assert {"teams/a/projects/newsletter/01-setup/report/index.html", "projects/index.html"} <= set(
        portal.pages
    )
    report = portal.page("teams/b/projects/newsletter/01-setup/report")
    assert report.all("span", class_="it-dates")


def test_its_own_settings_apply_to_a_member(repository: Path) -> None:
    settings = repository / "teams/a/mkdocs.yml"
    before = settings.read_text("utf-8")
    assert "- iterata\n" in before
    settings.write_text(before.replace("- iterata\n", "- iterata: {publish_code: true}\n"), "utf-8")
    try:
        mkdocs_build(load_config(str(repository / "portal/mkdocs.yml"), strict=True))
    finally:
        settings.write_text(before, "utf-8")
    published = {path.parts[-3] for path in (repository / "portal/site").rglob("score.py")}
    assert len(list((repository / "portal/site/teams/a").rglob("score.py"))) == 1, published
    assert not list((repository / "portal/site/teams/b").rglob("score.py"))


@pytest.mark.parametrize(
    "names",
    [
        ["../nowhere"],
        ["../docs"],
        ["../.."],
        ["."],
        ["../portal"],
        ["/etc"],
        ["../link"],
        ["../loop"],
        ["../teams/a\0"],
        ["../teams/a", "../teams/../teams/a"],
        [3],
    ],
    ids=str,
)
def test_wrong_folder_is_one_error(
    repository: Path, tmp_path: Path, names: object, caplog: pytest.LogCaptureFixture
) -> None:
    top = tmp_path / "top"
    shutil.copytree(repository / "teams", top / "teams")
    Git(top)
    (top / "docs").mkdir()
    copy_base(tmp_path / "elsewhere")
    (top / "loop").symlink_to("loop")
    (top / "link").symlink_to(tmp_path / "elsewhere")
    path = write_portal(top, knowledge_bases=names)
    with pytest.raises((Abort, ConfigurationError)):
        mkdocs_build(load_config(str(path)))
    (message,) = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] or [""]
    assert "knowledge_bases" in message
