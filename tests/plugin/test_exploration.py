"""Explorations on the site: images, notebooks and exports, none of which can run anything."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any

import pytest
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config

from iterata.site.exploration.html_text import text_of

from .conftest import Site, copy_base

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Html

FOLDER = "projects/newsletter/01-setup/exploration"
PWNED = "window.pwned=1"
SVG = (
    f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20" onload="{PWNED}">'
    f"<script>{PWNED}</script><rect width='40' height='20'/></svg>"
)
GIF = b64decode("R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==")
HOSTILE = f"<script>{PWNED}</script><img src=x onerror={PWNED}>"
NOTEBOOK = {
    "nbformat": 4,
    "metadata": {"kernelspec": {"display_name": HOSTILE}},
    "cells": [
        {
            "cell_type": "markdown",
            "source": [
                f"# Who *reads* {HOSTILE}\n\n",
                "![dot](dot.gif) ![days](days.svg) ![own](attachment:own.gif)\n",
                f"[report](../report.md) [away](../../../../../etc/passwd) [x](javascript:{PWNED})\n\n",
                "```\nopen",
            ],
            "attachments": {"own.gif": {"image/gif": b64encode(GIF).decode()}},
        },
        {
            "cell_type": "code",
            "source": f"print('{HOSTILE}')",
            "outputs": [
                {"output_type": "stream", "text": [f"{HOSTILE}\n"]},
                {
                    "output_type": "display_data",
                    "data": {
                        "text/html": HOSTILE,
                        "image/gif": b64encode(GIF).decode(),
                        "text/plain": f'"{HOSTILE}',
                    },
                },
                {"output_type": "display_data", "data": {"image/svg+xml": SVG}},
            ],
        },
        {"cell_type": "markdown", "source": "## The last cell\n\n<!-- <div> is not closed"},
    ],
}
EXPORT = (
    f"<html><head><title>An export</title><style>p{{}}</style></head><body onload={PWNED}>{HOSTILE}"
    "<h1>Reading habits¶</h1><p>Readers <b>come</b> back &lt;soon&gt;.</p><pre>a  b\n1  2</pre>"
    "<table><tr><th>day</th><td><p>Monday</p></td></tr></table></body></html>"
)
README = """---
title: What readers do
made_by: python look.py
exploration:
  - {file: days.svg, shows: Reads by day of the week.}
  - {file: dot.gif, made_by: by hand}
---
# A look around

![the days](days.svg) and [the notebook](look.ipynb), [the export](export.html).
"""


def explored(base: Path, *, readme: bool = True) -> None:
    """An exploration with a file of each kind."""
    folder = base / FOLDER
    folder.mkdir()
    (folder / "dot.gif").write_bytes(GIF)
    (folder / "days.svg").write_text(SVG, "utf-8")
    (folder / "look.ipynb").write_text(json.dumps(NOTEBOOK), "utf-8")
    (folder / "export.html").write_text(EXPORT, "utf-8")
    (folder / "look.py").write_text("print()\n", "utf-8")
    (folder / "broken.png").write_bytes(GIF)
    if readme:
        (folder / "README.md").write_text(README, "utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The small knowledge base with an exploration, built strictly."""
    base = copy_base(tmp_path_factory.mktemp("explored") / "base")
    explored(base)
    (base / FOLDER / "broken.png").unlink()  # a strict build stops at warnings
    mkdocs_build(load_config(str(base / "mkdocs.yml"), strict=True))
    return Site(base / "site")


def drawings(page: Html) -> list[str]:
    """The drawings in the addresses of a page's images."""
    start = "data:image/svg+xml;base64,"
    sources = (image.attributes["src"] for image in page.all("img"))
    return [b64decode(source.removeprefix(start)).decode() for source in sources if source.startswith(start)]


def test_iteration_lists_its_exploration(site: Site) -> None:
    iteration = site.page("projects/newsletter/01-setup")
    (link,) = iteration.all("a", href="exploration/")
    assert link.text == "What readers do"
    assert "Reads by day of the week." in iteration.text


def test_page_shows_images_with_what_made_them(site: Site) -> None:
    page = site.page(FOLDER)
    assert drawings(page) == [SVG, SVG]  # in the text, and in the list
    figures = {figure.attributes["id"]: figure.text for figure in page.all("figure")}
    assert list(figures) == ["days.svg", "dot.gif"]
    assert "by hand" in figures["dot.gif"]
    assert [image.attributes["alt"] for image in page.all("img")][-2:] == [
        "Reads by day of the week.",
        "dot.gif",
    ]
    assert page.all("a", href="look-ipynb/")[0].text == "the notebook"
    assert page.all("a", href="export-html/")[0].text == "the export"
    assert [heading.text.strip("¶") for heading in page.all("h1")] == ["A look around"]


def test_what_may_run_scripts_is_not_published(site: Site) -> None:
    published = {path.suffix for path in (site.folder / FOLDER).rglob("*") if path.is_file()}
    assert published == {".gif", ".html", ".md"}
    pages = {path.name for path in (site.folder / FOLDER).rglob("*.html")}
    assert pages == {"index.html"}
    for path in (site.folder / FOLDER).rglob("*.html"):
        assert b"<rect" not in path.read_bytes()


def test_notebook_is_a_page_of_text_and_images(site: Site) -> None:
    page = site.page(f"{FOLDER}/look-ipynb")
    assert HOSTILE in page.text  # of the code, as text
    assert "is not closed" in page.text
    assert [heading.text for heading in page.all("h2")] == ["The last cell"]
    sources = [image.attributes.get("src", "") for image in page.all("img")]
    assert [source for source in sources if not source.startswith("data:")] == [
        f"../../../../../{FOLDER}/dot.gif",
        "figure-1.gif",
        "figure-2.gif",
    ]
    assert (site.folder / FOLDER / "look-ipynb/figure-2.gif").read_bytes() == GIF
    assert drawings(page) == [SVG, SVG]
    assert page.all("a", href="/01-setup/report/")
    assert not page.all("a", href="passwd")


def test_export_is_its_text(site: Site) -> None:
    page = site.page(f"{FOLDER}/export-html")
    assert "Reading habits" in [heading.text for heading in page.all("h2")]
    assert "Readers come back <soon>." in page.text
    assert page.all("pre")[-1].text == "a  b\n1  2"
    assert "day | Monday" in page.text


def test_exploration_is_in_the_search(site: Site) -> None:
    index = json.loads((site.folder / "search/search_index.json").read_text("utf-8"))["docs"]
    texts = {entry["location"].partition("#")[0]: "" for entry in index}
    for entry in index:
        texts[entry["location"].partition("#")[0]] += f"{entry['title']} {entry['text']}"
    assert "Reads by day of the week." in texts[f"{FOLDER}/"]
    assert "The last cell" in texts[f"{FOLDER}/look-ipynb/"]
    assert "come back" in texts[f"{FOLDER}/export-html/"]
    assert "base64" not in "".join(texts.values())


def test_browser_runs_nothing_of_an_exploration(
    site: Site, look: Callable[..., list[dict[str, Any]]]
) -> None:
    pages = [f"{FOLDER}/", f"{FOLDER}/look-ipynb/", f"{FOLDER}/export-html/"]
    for page in look(site, pages):
        assert not page["pwned"], page["path"]
        assert page["overflow"] <= 0, page["path"]
        assert page["contrast"] >= 4.5, page["path"]


def test_exploration_without_readme_has_a_page(base: Path, build: Callable[..., Site]) -> None:
    explored(base, readme=False)
    (base / FOLDER / "look-html.md").write_text("# By hand\n", "utf-8")
    (base / FOLDER / "look.html").write_text(EXPORT, "utf-8")
    (base / FOLDER / "too-large.svg").write_text(f"<svg>{' ' * 1_000_000}</svg>", "utf-8")
    site = build(use_directory_urls=False)
    place = site.folder / FOLDER
    page = (place / "index.html").read_text("utf-8")
    assert "Exploration of 01-setup" in page
    assert f'src="../../../../{FOLDER}/dot.gif"' in page
    for name in ("broken.png", "too-large.svg"):
        assert page.count(name) == 1  # among what is not shown
    assert (place / "look-ipynb/figure-1.gif").is_file()
    assert 'src="look-ipynb/figure-1.gif"' in (place / "look-ipynb.html").read_text("utf-8")
    assert "By hand" in (place / "look-html.html").read_text("utf-8")  # a page of one's own wins
    assert any("EXPL002" in warning for warning in site.warnings) is False


def test_drawing_beside_a_document_is_an_image(base: Path, build: Callable[..., Site]) -> None:
    report = base / "projects/newsletter/01-setup/report.md"
    (report.parent / "days.svg").write_text(SVG, "utf-8")
    (report.parent / "cut.svg").write_text(SVG[:50], "utf-8")
    text = "\n![the days](days.svg) ![the rest](cut.svg) ![gone](https://elsewhere.example/x.svg)\n"
    report.write_text(report.read_text("utf-8") + text, "utf-8")
    page = build().page("projects/newsletter/01-setup/report")
    assert drawings(page) == [SVG]
    assert "the rest (is not complete" in page.text
    assert not list((base / "site").rglob("*.svg"))


@pytest.mark.parametrize(
    ("html", "blocks"),
    [
        ("plain & <b>bold</b>", [("text", "plain & bold")]),
        ("<p>a<br>b</p><h2>c</h2>", [("text", "a b"), ("heading", "c")]),
        ("<ul><li>a<li>b</ul>", [("text", "a"), ("text", "b")]),
        ("<script>x</script><style>y</style><svg><text>z</text></svg>", []),
        ("<pre>\n  a\n    b\n</pre>", [("code", "  a\n    b")]),
        ("<table><tr><td>1<td>2<tr><td>3", [("row", "1 | 2"), ("row", "3")]),
        ("&lt;script&gt;", [("text", "<script>")]),
    ],
)
def test_text_of_html(html: str, blocks: list[tuple[str, str]]) -> None:
    assert [tuple(block) for block in text_of(html).blocks] == blocks


def test_large_html_is_cut() -> None:
    assert text_of("<div>" * 50_000 + "x").blocks[-1].text == "x"
    assert text_of("<p>abc</p>" * 100_000).is_cut
    assert text_of("<!--" * 100_000).blocks == ()
